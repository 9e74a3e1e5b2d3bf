"""``manage.py suppress``: hide or erase a text or a transaction, here and in every later sync."""

import re
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from indexer.models import Suppression
from indexer.records.erase import suppress
from indexer.store.read import BrokenBody
from local.supervision.command import StateCommand


class Command(StateCommand):
    """Exactly one of --content and --transaction."""

    help = "Hide or erase a text (by its content key) or a transaction (by its RID). Hashes stay."

    def add_arguments(self, parser: ArgumentParser) -> None:
        subject = parser.add_mutually_exclusive_group(required=True)
        subject.add_argument("--content", default="", help="content key: 64 hexadecimal digits")
        subject.add_argument("--transaction", default="", help="transaction RID: 64 hexadecimal digits")
        parser.add_argument("--mode", choices=Suppression.Mode.values, required=True)
        parser.add_argument("--reason", required=True, help="what readers are told")
        parser.add_argument("--by", required=True, help="who decided")

    def run(self, **options: Any) -> None:
        subject = Suppression.Subject.CONTENT if options["content"] else Suppression.Subject.TRANSACTION
        try:
            done = suppress(
                subject,
                _hash(options["content"] or options["transaction"]),
                mode=Suppression.Mode(options["mode"]),
                reason=options["reason"],
                by=options["by"],
            )
        except BrokenBody as error:
            raise CommandError(f"Nothing was changed. {error}") from error
        self.stdout.write(f"{options['mode']}: {done.transactions} transactions lost their bytes")
        if options["mode"] == Suppression.Mode.ERASE:
            self.stdout.write("Run purge to take them out of the files; backups are yours to clean.")


def _hash(text: str) -> bytes:
    if not re.fullmatch(r"[0-9a-fA-F]{64}", text):
        raise CommandError(f"A hash of 64 hexadecimal digits was expected, not {text[:80]!r}.")
    return bytes.fromhex(text)
