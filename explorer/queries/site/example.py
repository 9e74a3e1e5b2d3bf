"""A record to explain records by."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from explorer.queries.chain.chains import ChainView
from explorer.queries.db.texts import Snippet
from explorer.queries.ledger.edited import since_first
from explorer.queries.records.row import RecordRow


@dataclass(frozen=True, slots=True)
class Example:
    """A record. ``first`` begins as it did at first, where it was edited and that is other."""

    row: RecordRow
    first: Snippet | None


def example(chain: ChainView, latest: Iterable[RecordRow], edited: Iterable[RecordRow]) -> Example | None:
    """A record that says most: of those that were edited last one that said something else at first, else any
    of these and of the newest.

    Of none are words withheld; of one that was edited it is told what changed. Three queries at most. None
    where there is no such record.
    """
    edited = _shown(edited)
    for row, first in since_first(edited, [chain]):
        if first is not None and first.said.text and first.said != row.answer:
            return Example(replace(row, edit=first.edit), first.said)
    return next((Example(row, None) for row in (*edited, *_shown(latest))), None)


def _shown(rows: Iterable[RecordRow]) -> Sequence[RecordRow]:
    """Those whose words can be shown; edits that left them the same explain nothing."""
    return [each for each in rows if each.prompt.text and each.answer.text and not each.same_words]
