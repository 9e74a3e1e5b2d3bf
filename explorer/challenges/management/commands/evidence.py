"""``manage.py evidence``: the files of a challenge, for whoever looks them through before they are shown."""

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from explorer.challenges.models import EvidenceFile
from explorer.queries.db.errors import Damaged
from explorer.queries.site.challenge_files import stored_bytes
from explorer.rules import naming
from local.supervision.command import StateCommand


class Command(StateCommand):
    """Gives files of strangers: texts and pictures, under names of letters, and none that can be run."""

    help = "Write the files of a challenge into a folder, also those that are not shown yet."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("number", help="as C-2026-000123")
        parser.add_argument("--into", type=Path, required=True, help="a folder that is new, or empty")

    def run(self, **options: Any) -> None:
        try:
            number = naming.key_named(options["number"].upper())
        except ValueError as error:
            raise CommandError("Give the number of a challenge, as C-2026-000123.") from error
        found = EvidenceFile.objects.filter(challenge=number).exclude(event=None).select_related("event")
        if not found:
            self.stdout.write(f"There are no files with {naming.name_of(number)}.")
            return
        _make(options["into"])
        outcomes = [self._write(each, options["into"]) for each in found.order_by("number")]
        if (missing := outcomes.count(False)) > 0:
            raise CommandError(f"{missing} of {len(outcomes)} files were not written: see above.")

    def _write(self, file: EvidenceFile, folder: Path) -> bool:
        """Whether it is there now, or was erased."""
        ordinal = file.event.ordinal if file.event else 0
        told = f"{file.number}. event {ordinal}, {file.type}, {file.size} bytes"
        if not file.stored or file.salt is None:
            self.stdout.write(f"{told}: erased")
            return True
        place = folder / f"{file.number}-{file.name}"
        try:
            data = stored_bytes(file.stored, salt=bytes(file.salt), salted_sha256=bytes(file.salted_sha256))
            with open(place, "xb", opener=_own) as out:
                out.write(data)
        except (Damaged, OSError) as error:
            self.stderr.write(f"{told}: {error}")
            return False
        self.stdout.write(f"{told}: {place}")
        return True


def _make(folder: Path) -> None:
    """A folder of one's own, with nothing in it that a file may be taken for or follow."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        is_used = any(folder.iterdir())
    except OSError as error:
        raise CommandError(f"Files cannot be written to {folder}: {error}") from error
    if is_used:
        raise CommandError(f"There is something in {folder}: name a folder that is new, or empty.")


def _own(path: str, flags: int) -> int:
    """Opened for nobody else, whatever the umask is."""
    return os.open(path, flags, 0o600)
