"""``manage.py reindex``: fold a chain again from its facts, and switch to the result."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from indexer.dapp.replay import RULES
from indexer.management.chain_argument import chosen
from indexer.records import generations
from indexer.store.rules import rules_of
from indexer.trust import incidents
from local.supervision.command import StateCommand


class Command(StateCommand):
    """Readers see the present generation until the new one is complete."""

    help = "Fold again from the stored facts into a new generation, and switch to it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--chain", default="", help="RID of the chain; by default every one")

    def run(self, **options: Any) -> None:
        for chain in chosen(options["chain"]):
            brid = bytes(chain.brid).hex().upper()
            before = rules_of(chain.id)
            try:
                done = generations.rebuild(chain)
            except generations.OtherDigest as error:
                incidents.record(chain.id, "other-digest", str(error), height=error.height)
                raise CommandError(f"{brid}: {error}") from error
            except (generations.AlreadyBuilding, *generations.UNMAKEABLE) as error:
                raise CommandError(f"{brid}: {error}") from error
            if before.differ:
                made = "" if before.folded_by is None else f", until now by rules {before.folded_by}"
                self.stdout.write(f"{brid}: made by rules {RULES}{made}")
            if done.first_difference is not None:
                self.stdout.write(f"{brid}: the new rules differ first at height {done.first_difference}")
            self.stdout.write(
                f"{brid}: generation {done.generation} to height {done.height}, "
                f"digest {done.digest.hex().upper()}"
            )
