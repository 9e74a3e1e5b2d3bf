"""``manage.py reports``: what people told the operator, newest first; and what the operator does with it."""

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from explorer.challenges import reports
from explorer.challenges.models import Report
from explorer.desk.models import OutboxEntry
from explorer.pages.rendering.sanitize import line
from explorer.queries.site.private import private_records
from local.supervision.command import StateCommand

_LONGEST_LINE = 4_000


class Command(StateCommand):
    """Prints texts of strangers as one line each, without a character that a terminal would obey."""

    help = "List the reports that are not dealt with, newest first; with a number, show one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("number", nargs="?", type=int, help="show this report whole")
        parser.add_argument("--all", action="store_true", help="list those that are dealt with too")
        parser.add_argument("--json", action="store_true", help="one JSON object a line, whole")
        parser.add_argument(
            "--private",
            action="store_true",
            help="list the records in whose texts secrets or personal data were found, in place of reports",
        )
        act = parser.add_mutually_exclusive_group()
        act.add_argument("--done", action="store_true", help="note that report NUMBER is dealt with")
        act.add_argument(
            "--erase", action="store_true", help="take out all that was written in report NUMBER"
        )

    def run(self, **options: Any) -> None:
        if options["private"]:
            self._list_private(as_json=options["json"])
            return
        number = options["number"]
        if options["done"] or options["erase"]:
            self._act(number, is_erased=options["erase"])
        found = Report.objects.order_by("-number")
        if number is not None:
            found = found.filter(number=number)
        elif not options["all"]:
            found = found.filter(done_at=None)
        if number is not None and not found.exists():
            raise CommandError(f"There is no report {number}.")
        for report in found.iterator():
            told = [_as_json(report)] if options["json"] else _told(report, is_whole=number is not None)
            for each in told:
                self.stdout.write(each)
        if number is None and not options["json"]:
            self._tell_of_the_rest()

    def _list_private(self, *, as_json: bool) -> None:
        """What was found by itself, not what it says: whoever looks goes to the record, and may hide it."""
        for each in private_records():
            told = {"chain": each.chain.rid, "prompt_id": each.prompt_id, "kinds": each.kinds}
            page = f"/chains/{each.chain.rid}/records/{each.prompt_id}"
            self.stdout.write(json.dumps(told) if as_json else f"{page}  {', '.join(each.kinds)}")

    def _act(self, number: int | None, *, is_erased: bool) -> None:
        if number is None:
            raise CommandError("Say which report: manage.py reports NUMBER --done, or --erase.")
        act = reports.erase if is_erased else reports.finish
        if act(number, now=timezone.now()) and is_erased:
            self.stderr.write("Run purge to take it out of the database's files too.")

    def _tell_of_the_rest(self) -> None:
        if not Report.objects.filter(done_at=None).exists():
            self.stdout.write("No report waits. --all lists those that are dealt with.")
        failed = OutboxEntry.objects.filter(done_at=None).exclude(failure="").order_by("created_at")
        for entry in failed:
            goes_on = "it is tried again" if entry.due_at else "it is not tried again"
            self.stdout.write(
                f"{entry.name} {json.dumps(entry.arguments)} failed {entry.attempts} times, {goes_on}: "
                f"{line(entry.failure)}"
            )


def _told(report: Report, *, is_whole: bool) -> Iterator[str]:
    kind = "" if report.kind == Report.Kind.PAGE else f"  {Report.Kind(report.kind).label}"
    state = "erased" if report.erased_at else "done" if report.done_at else "waits"
    yield f"Report {report.number}  {report.filed_at:%Y-%m-%d %H:%M} UTC  {state}  {line(report.page)}{kind}"
    if is_whole and report.contact:
        yield f"    From {line(report.contact, limit=_LONGEST_LINE)}"
    if is_whole:
        yield from (f"    {line(each, limit=_LONGEST_LINE)}" for each in report.text.splitlines())
    elif report.text:
        yield f"    {line(report.text)}"


def _as_json(report: Report) -> str:
    """In ASCII, as `json` writes it: nothing of it is obeyed by a terminal."""
    times = {name: getattr(report, name) for name in ("filed_at", "done_at", "erased_at")}
    told = {name: getattr(report, name) for name in ("number", "kind", "page", "text", "contact")}
    return json.dumps(told | {name: at and at.isoformat() for name, at in times.items()})
