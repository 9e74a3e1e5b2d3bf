"""``manage.py forget``: remove a chain and all that is here of it."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from indexer.follow import forgetting
from indexer.management.chain_argument import chosen
from indexer.records.totals import totals_of
from local.supervision.command import StateCommand


class Command(StateCommand):
    """Nothing of it can be had back but from its nodes."""

    help = "Remove a chain: its blocks, records, texts. Nobody is asked about it any more."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--chain", required=True, help="RID of the chain")

    def run(self, **options: Any) -> None:
        if not options["chain"]:
            raise CommandError("CHAIN must name the chain to forget: its RID of 64 hexadecimal digits.")
        (chain,) = chosen(options["chain"])
        before = totals_of(chain)
        brid = bytes(chain.brid).hex().upper()
        try:
            forgetting.forget(chain)
        except forgetting.AtWork as error:
            raise CommandError(f"{brid}: {error}") from error
        self.stdout.write(
            f"{brid}: forgotten, with {before.blocks} blocks and {before.records} records. "
            f"`make sync NODE=… BRID={brid}` begins it anew."
        )
