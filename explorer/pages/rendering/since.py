"""What edits of a record changed, as its page shows it: the first words and the last ones, side by side."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from explorer.pages.rendering import comparing
from explorer.pages.rendering.comparing import Shown
from explorer.queries.compare import edits
from explorer.queries.compare.edits import Since
from explorer.queries.records.edit import Edit
from explorer.queries.records.record import Record

LONGEST = 6_000
"""Characters of both texts together, above which those that are mostly different are not shown twice."""

MOST_ROWS, MOST_OPEN = 6, 1_200
"""Rows of two texts side by side, and characters of both, that stand open."""


@dataclass(frozen=True, slots=True)
class Edits:
    """``by_revision`` is what each edit changed, ``all`` what all of them did together, None where nothing is
    told of them. ``shown`` is None where the words stayed, or are other words and too long to stand here.
    ``between`` is the revision that it shows beside the first one, where the first words came back.
    """

    by_revision: Mapping[int, Edit]
    all: Edit | None = None
    shown: Shown | None = None
    between: int | None = None

    @property
    def is_long(self) -> bool:
        """Whether what is shown is more than some lines, and is folded."""
        rows = () if self.shown is None else self.shown.rows
        runs = [run for row in rows for run in (*row.a, *row.b)]
        return len(rows) > MOST_ROWS or sum(len(part.text) for run in runs for part in run.parts) > MOST_OPEN


def edits_of(record: Record) -> Edits:
    """What is told of the edits of a record."""
    by_revision = edits.by_revision(record.revisions)
    since = edits.since_first(record.revisions)
    if since is None:
        return Edits(by_revision)
    if record.between is not None and since.between is None:  # it is not among those that are listed
        return Edits(by_revision, replace(since.edit, beside=(), came_back=True), between=record.between)
    return Edits(by_revision, since.edit, _shown(since), since.between)


def _shown(since: Since) -> Shown | None:
    found, told = since.difference, since.edit.told
    if found is None or told is None:
        return None
    if not told.is_mostly_different:
        return comparing.side_by_side("answer", found)
    length = sum(len(each.a) + len(each.b) for each in found.operations)
    return comparing.plainly("answer", found) if length <= LONGEST else None
