"""What the edits of one record changed. The work is bounded: see ``comparison.at_once``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from explorer.diff import texts
from explorer.diff.effort import Effort, TookTooLong
from explorer.diff.texts import Difference
from explorer.queries.compare import comparison
from explorer.queries.records.edit import Edit, beside, between
from explorer.queries.records.parts import parts_of, text_of
from explorer.queries.records.revisions import Revision

SECONDS = 0.25
"""For all that the page of a record tells of its edits."""

LISTED_SECONDS = 0.1
"""For all that a list tells of edits, of which there may be 50 that rewrote everything. What was compared is
remembered, so whoever asks next is told of more.
"""


@dataclass(frozen=True, slots=True)
class Since:
    """What all edits of a record together changed, from what was first written to what it says last; where
    the first words came back, to what revision ``between`` said.

    ``difference`` is None where the words stayed, or it is not told which changed.
    """

    edit: Edit
    difference: Difference | None
    between: int | None = None


@dataclass(frozen=True, slots=True)
class _Told:
    """A revision, and what it says otherwise than the first one."""

    revision: Revision
    edit: Edit | None


def changes(revisions: Sequence[Revision]) -> Sequence[Revision]:
    """The same revisions, each with what it changed of the one before it, where that can be told."""
    told = by_revision(revisions)
    return [replace(each, edit=told.get(each.number)) for each in revisions]


def by_revision(revisions: Sequence[Revision]) -> Mapping[int, Edit]:
    """What each of these changed of the one before it, by its number; those left out of which that cannot be
    told.
    """
    with comparison.at_once(SECONDS) as effort:
        found = (
            (after.number, _of_pair(before, after, effort))
            for before, after in pairwise(revisions)
            if after.number == before.number + 1
        )
        return {number: edit for number, edit in found if edit is not None}


def since_first(revisions: Sequence[Revision]) -> Since | None:
    """What became of the first revision by the newest one that says anything, and where that says the same,
    by what was said in between. None where there is but one, either is withheld, or it would take too long.
    """
    said = [each for each in revisions if each.result is not None]
    first, last = said[0], said[-1]
    if first is last:
        return None
    with comparison.at_once(SECONDS) as effort:
        edit = _of_pair(first, last, effort)
        if edit is None:
            return None
        between = _between(said, edit, effort)
        if between is None:
            return _since(first, last, replace(edit, edits=last.number - 1), effort)
        came_back = replace(between.edit or Edit(None), edits=last.number - 1, came_back=True)
        return _since(first, between.revision, came_back, effort)


def _between(said: Sequence[Revision], ends: Edit, effort: Effort) -> _Told | None:
    """The newest revision in between that says something else than first and last, which say the same but
    for white space: other words, where there are any.
    """
    first, last = said[0], said[-1]
    if ends.told is not None and not ends.is_white_space:
        return None
    others = [each for each in reversed(said[1:-1]) if not (each.says_as(first) or each.says_as(last))]
    told = (_Told(each, _of_pair(first, each, effort)) for each in others)
    found = next((each for each in told if each.edit is None or not each.edit.is_white_space), None)
    if found is not None or not others or ends.told is not None:
        return found
    return _Told(others[0], _of_pair(first, others[0], effort))


def _since(first: Revision, other: Revision, edit: Edit, effort: Effort) -> Since | None:
    between = other.number if edit.came_back else None
    if edit.told is None:
        return Since(edit, None, between)
    try:
        found = texts.compared(*(text_of(parts_of(each)) for each in (first, other)), effort=effort)
    except TookTooLong:
        return None
    return Since(edit, found, between)


def _of_pair(before: Revision, after: Revision, effort: Effort) -> Edit | None:
    results = [None if each.result is None else each.result.value for each in (before, after)]
    if None in results or any(each is None or each.value is None for each in (before.answer, after.answer)):
        return None
    if after.says_as(before):
        return beside(*results)
    return between(text_of(parts_of(before)), text_of(parts_of(after)), effort)
