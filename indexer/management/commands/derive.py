"""``manage.py derive``: derive what is folded where no worker does it, or one thing from the beginning."""

from argparse import ArgumentParser
from typing import Any

from indexer import derive
from indexer.derive import registry
from indexer.management.chain_argument import chosen
from indexer.records import withdrawing
from indexer.trust.index_status import lags_of
from local.supervision.command import StateCommand


class Command(StateCommand):
    """One line for each derivation of each chain."""

    help = "Derive what follows from the records up to where they are folded."

    def add_arguments(self, parser: ArgumentParser) -> None:
        names = [each.name for each in registry.derivations()]
        parser.add_argument("--chain", default="", help="RID of the chain; by default every one")
        parser.add_argument(
            "--anew", choices=names, help="derive this from the first block on: readers miss it meanwhile"
        )

    def run(self, **options: Any) -> None:
        withdrawing.carry_out_all()
        for chain in chosen(options["chain"]):
            for each in registry.derivations():
                if each.name == options["anew"]:
                    derive.start_anew(each, chain, chain.generation)
            derive.catch_up(chain)
            for lag in lags_of(chain.id):
                brid = bytes(chain.brid).hex().upper()
                self.stdout.write(f"{brid}: {lag.name} to height {lag.height}")
