"""``manage.py evidence``: the files of a challenge, for whoever looks them through before they are shown."""

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
        parser.add_argument("--into", type=Path, required=True, help="a folder, which is made where need be")

    def run(self, **options: Any) -> None:
        try:
            number = naming.key_named(options["number"].upper())
        except ValueError as error:
            raise CommandError("Give the number of a challenge, as C-2026-000123.") from error
        found = EvidenceFile.objects.filter(challenge=number).exclude(event=None).select_related("event")
        for each in found.order_by("number"):
            self._write(each, options["into"])
        if not found:
            self.stdout.write(f"There are no files with {naming.name_of(number)}.")

    def _write(self, file: EvidenceFile, folder: Path) -> None:
        told = (
            f"{file.number}. event {file.event.ordinal if file.event else 0}, {file.type}, {file.size} bytes"
        )
        if not file.stored or file.salt is None:
            self.stdout.write(f"{told}: erased")
            return
        place = folder / f"{file.number}-{file.name}"
        try:
            data = stored_bytes(file.stored, salt=bytes(file.salt), salted_sha256=bytes(file.salted_sha256))
            folder.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
        except (Damaged, OSError) as error:
            raise CommandError(f"{told}: {error}") from error
        self.stdout.write(f"{told}: {place}")
