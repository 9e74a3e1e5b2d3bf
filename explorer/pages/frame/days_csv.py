"""The days behind a chart as CSV: the numbers of its table, oldest first."""

import csv
from collections.abc import Sequence
from http import HTTPStatus
from io import StringIO

from django.http import HttpResponse

from explorer.queries.groups.days import Day
from explorer.query_parameters import QueryParameters

CSV = "csv"
FORMAT = "format"
"""The parameter that asks for it."""

HEADER = ("day_utc", "written", "edits", "deletions", "with_peers", "agreeing")


def is_wanted(asked: QueryParameters) -> bool:
    """Whether the query asks for it. Raises ``BadParameters`` where it asks for anything else."""
    wanted = asked.choice(FORMAT, {CSV: True})
    asked.check()
    return bool(wanted)


def response(days: Sequence[Day]) -> HttpResponse:
    """A file of at most so many lines as there are days, and the header. Days and numbers alone stand in it,
    no text of a stranger, so no cell is a formula.
    """
    lines = StringIO()
    writer = csv.writer(lines)
    writer.writerow(HEADER)
    for each in days:
        numbers = (each.written, each.edits, each.deletions, each.compared, each.agreeing)
        writer.writerow((each.day.isoformat(), *numbers))
    return HttpResponse(
        lines.getvalue(),
        status=HTTPStatus.OK,
        content_type="text/csv; charset=utf-8; header=present",
        headers={
            "Content-Disposition": 'attachment; filename="days.csv"',
            "Cache-Control": "public, max-age=60",
            "X-Robots-Tag": "noindex",
        },
    )
