"""``manage.py fsck``: derive everything again from what is stored, and tell what does not hold."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from indexer.audit.fsck import check, erased
from indexer.management.chain_argument import chosen
from indexer.models import ConfigurationStanding
from indexer.trust import configuration_trust
from local.supervision.command import StateCommand


class Command(StateCommand):
    """One finding a line; exit status 1 where there is any."""

    help = "Derive every root, link, count and digest again from the stored facts, and compare."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--chain", default="", help="RID of the chain; by default every one")

    def run(self, **options: Any) -> None:
        findings = of_rules = 0
        for chain in chosen(options["chain"]):
            brid = bytes(chain.brid).hex().upper()
            # A run that was killed between its last rows and its end leaves this to the next one.
            configuration_trust.assess(chain, None, only=ConfigurationStanding.Standing.PENDING)
            for finding in check(chain):
                findings += 1
                of_rules += finding.is_of_rules
                self.stdout.write(f"{brid}: {finding}")
            if count := erased(chain):
                self.stdout.write(
                    f"{brid}: {count} transactions are erased, hash only: their bytes were not checked"
                )
            self.stdout.write(f"{brid}: checked")
        if findings and findings == of_rules:
            raise CommandError(f"{findings} findings, which `manage.py reindex` mends: what is stored holds.")
        if findings:
            raise CommandError(
                f"{findings} findings. Facts that do not hold are not mended here: `manage.py refetch` "
                "fetches blocks again, or sync into a fresh STATE and compare."
            )
