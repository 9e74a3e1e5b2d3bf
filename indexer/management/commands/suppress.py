"""``manage.py suppress``: hide or erase a text or a transaction, here and in every later sync; or show
again what was hidden.
"""

import re
from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandError

from indexer.models import Suppression
from indexer.records.erase import NotUndone, suppress, take_back
from indexer.store.read import BrokenBody
from local.supervision.command import StateCommand

_DECISION = ("mode", "reason", "by")
_USAGE = 2


class Command(StateCommand):
    """Exactly one of --content and --transaction."""

    help = "Hide or erase a text (by its content key) or a transaction (by its RID). Hashes stay."

    def add_arguments(self, parser: ArgumentParser) -> None:
        subject = parser.add_mutually_exclusive_group(required=True)
        subject.add_argument("--content", default="", help="content key: 64 hexadecimal digits")
        subject.add_argument("--transaction", default="", help="transaction RID: 64 hexadecimal digits")
        parser.add_argument("--mode", choices=Suppression.Mode.values)
        parser.add_argument("--reason", default="", help="what readers are told")
        parser.add_argument("--by", default="", help="who decided")
        parser.add_argument("--undo", action="store_true", help="show again what was hidden")

    def run(self, **options: Any) -> None:
        subject = Suppression.Subject.CONTENT if options["content"] else Suppression.Subject.TRANSACTION
        key = _hash(options["content"] or options["transaction"])
        if options["undo"]:
            self._take_back(subject, key, options)
        else:
            self._suppress(subject, key, options)

    def _suppress(self, subject: Suppression.Subject, key: bytes, options: Mapping[str, Any]) -> None:
        if missing := [f"--{name}" for name in _DECISION if not options[name]]:
            raise CommandError(f"Give {', '.join(missing)} too.", returncode=_USAGE)
        try:
            done = suppress(
                subject,
                key,
                mode=Suppression.Mode(options["mode"]),
                reason=options["reason"],
                by=options["by"],
            )
        except BrokenBody as error:
            raise CommandError(f"{_left(subject, key)} {error}") from error
        self.stdout.write(f"{options['mode']}: {done.transactions} transactions lost their bytes")
        if options["mode"] == Suppression.Mode.ERASE:
            self.stdout.write("Run purge to take them out of the files; backups are yours to clean.")

    def _take_back(self, subject: Suppression.Subject, key: bytes, options: Mapping[str, Any]) -> None:
        if given := [f"--{name}" for name in _DECISION if options[name]]:
            raise CommandError(f"--undo goes without {', '.join(given)}.", returncode=_USAGE)
        try:
            take_back(subject, key)
        except NotUndone as error:
            raise CommandError(str(error)) from error
        self.stdout.write("It is hidden no more, and search finds it again.")


def _left(subject: Suppression.Subject, key: bytes) -> str:
    """What a block that is damaged left as it was."""
    if not Suppression.objects.filter(subject=subject, hash=key, mode=Suppression.Mode.ERASE).exists():
        return "Nothing was changed."
    return (
        "Nothing of it is shown any more, but not all of its bytes are erased: a worker goes on with that "
        "every minute, and so does `python3 manage.py derive`."
    )


def _hash(text: str) -> bytes:
    if not re.fullmatch(r"[0-9a-fA-F]{64}", text):
        raise CommandError(f"A hash of 64 hexadecimal digits was expected, not {text[:80]!r}.")
    return bytes.fromhex(text)
