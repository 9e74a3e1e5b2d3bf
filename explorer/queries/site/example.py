"""A record to explain records by."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from explorer.queries.chain.chains import ChainView
from explorer.queries.chain.evidence import Evidence, evidence_at
from explorer.queries.db.texts import Snippet
from explorer.queries.ledger.edited import First, since_first
from explorer.queries.records.row import RecordRow


@dataclass(frozen=True, slots=True)
class Example:
    """A record. ``first`` begins as it did at first, where it was edited and that is other; ``evidence`` is
    that of the block that wrote it.
    """

    row: RecordRow
    first: Snippet | None
    evidence: Evidence


def example(chain: ChainView, latest: Iterable[RecordRow], edited: Iterable[RecordRow]) -> Example | None:
    """A record that says most: of those that were edited last one that said other words at first, else any of
    these and of the newest, first those whose edits are not of white space alone or taken back.

    Of none are words withheld; of one that was edited it is told what changed. Four queries at most. None
    where there is no such record.
    """
    found = _chosen(chain, latest, edited)
    return None if found is None else Example(*found, evidence_at(chain.id, found[0].height))


def _chosen(
    chain: ChainView, latest: Iterable[RecordRow], edited: Iterable[RecordRow]
) -> tuple[RecordRow, Snippet | None] | None:
    edited = _shown(edited)
    told = since_first(edited, [chain])
    unmoved = {row.prompt_id for row, first in told if first is not None and _is_unmoved(first)}
    for row, first in told:
        if first is None or row.prompt_id in unmoved or first.said == row.answer:
            continue
        if first.said.text:
            return replace(row, edit=first.edit), first.said
    rest = sorted((*edited, *_shown(latest)), key=lambda row: row.prompt_id in unmoved)
    return (rest[0], None) if rest else None


def _is_unmoved(first: First) -> bool:
    """Whether it says what it said at first, or differs from that in white space alone."""
    return first.edit is not None and (first.edit.came_back or first.edit.is_white_space)


def _shown(rows: Iterable[RecordRow]) -> Sequence[RecordRow]:
    """Those whose words can be shown; edits that left them the same explain nothing."""
    return [each for each in rows if each.prompt.text and each.answer.text and not each.same_words]
