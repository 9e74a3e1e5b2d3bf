"""Prompts as rows of a list: how many records answer the same messages, and how far they agree, from figures
that are kept (``indexer.models.Asked``). One row for each chain that has it.

Each chain is walked in the order of the list by an index, and the chains are merged: the newest by the times
of their blocks, else by the number that the list is sorted by. A cursor holds a place in each chain.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from explorer.queries.chain.chains import ChainView, CountedTo
from explorer.queries.db import sql
from explorer.queries.db.errors import BadQuestion
from explorer.queries.db.filters import Filter, declared
from explorer.queries.db.kinds import LARGEST, Hex
from explorer.queries.db.pagination import BELOW_ALL, Key, Order, Page, PageRequest, within
from explorer.queries.records.row import Place, RecordRow
from explorer.queries.records.rows import read_rows
from indexer.models import DerivationCheckpoint

ORDERS_OF_PROMPTS = ("newest", "answers", "disagreement")
"""Words for the order of a list of prompts; the first one goes without saying."""

_COLUMNS = {"newest": "newest", "answers": "answers", "disagreement": "differing"}

FIGURES = """a.prompt, a.number, a.newest, a.records, a.live, a.edited, a.answers, a.answers_now,
    a.answers_ever, a.cohorts, a.paired, a.differing"""
"""The columns of ``Figures``, of a prompt ``a``."""

_LISTED = f"""
    SELECT a.chain_id, a.{{column}}, coalesce(b.timestamp, 0), {FIGURES}
    FROM (
        SELECT * FROM indexer_asked
        WHERE chain_id = {{chain}}
          AND generation = (SELECT generation FROM indexer_chain WHERE id = {{chain}}) {{beyond}}
        ORDER BY {{column}} {{direction}}, number {{direction}} LIMIT {{most}}
    ) a LEFT JOIN indexer_block b ON b.chain_id = a.chain_id AND b.height = a.newest >> 20
"""
_REACHED = f"""
    SELECT h.id, d.height FROM indexer_chain h JOIN indexer_derivationcheckpoint d
        ON d.chain_id = h.id AND d.generation = h.generation
        AND d.name = '{DerivationCheckpoint.Of.PROMPTS.value}'
    WHERE h.id = ANY(%(chains)s)
"""


@dataclass(frozen=True, slots=True)
class PromptFilter(Filter):
    """The filters of a list of prompts."""

    chain: bytes | None = field(
        default=None,
        metadata=declared(
            Hex(32, 32),
            label="Chain",
            about="Only the prompts of the chain with this blockchain RID.",
            reads=lambda rid: f"chain {rid.hex().upper()[:8]}…",
        ),
    )


@dataclass(frozen=True, slots=True)
class Figures:
    """How many records of a chain answer a prompt, and how far they agree: see ``indexer.models.Asked``."""

    prompt: bytes
    number: int  # the prompt id of its first record
    newest: int  # the position of its newest record
    records: int  # ever written
    live: int
    edited: int
    answers: int  # that differ, as first written
    answers_now: int  # that differ among the live records
    answers_ever: int  # that differ, in all revisions
    cohorts: int
    paired: int  # records in cohorts of two or more
    differing: int  # of these: those that first gave another answer than their cohort's commonest

    @property
    def deleted(self) -> int:
        """Records that the chain's table has no more."""
        return self.records - self.live

    @property
    def agreeing(self) -> int:
        """Records in cohorts of two or more that first gave the commonest answer of theirs."""
        return self.paired - self.differing


@dataclass(frozen=True, slots=True)
class PromptRow:
    """A prompt of one chain in a list. ``newest`` is its newest record, which has the words of the prompt."""

    chain: ChainView
    figures: Figures
    newest: RecordRow


@dataclass(frozen=True, slots=True)
class Prompts(Page[PromptRow]):
    """A page of prompts. ``of`` are the chains that are in the list, ``later`` those that are followed since
    its first page was asked for. ``counted_to`` is each chain of which newer records are not in the numbers
    yet.
    """

    of: Sequence[ChainView] = ()
    later: Sequence[ChainView] = ()
    counted_to: Sequence[CountedTo] = ()


@dataclass(frozen=True, slots=True)
class _Found:
    """A row before its texts. ``rank`` is what chains are merged by."""

    chain_id: int
    key: Key
    rank: Key
    figures: Figures


def page(chains: Sequence[ChainView], wanted: PromptFilter, request: PageRequest | None = None) -> Prompts:
    """A page of the prompts of these chains, or of the one that is wanted, in the order that is asked for.

    Raises ``BadQuestion`` for a cursor of another list. Six queries at most.
    """
    request = request or PageRequest()
    of_all = [each for each in chains if wanted.chain in (None, each.brid)]
    column = _COLUMNS[request.order]
    only = "" if wanted.chain is None else wanted.chain.hex()
    by = Order((), of=f"prompts\0{only}", each=("chain", column, "number"))
    starts = _starts(of_all, request, by)
    of = [each for each in of_all if each.id in starts]
    downwards = request.is_downwards
    found = _merged(_walked(starts, column, downwards, most=request.limit + 1), downwards=downwards)
    shown = found[: request.limit]
    has_behind = request.both_ways and _has_behind(starts, column, downwards)
    further = _places(starts, shown, downwards, at=lambda keys: keys[-1])
    behind = _places(starts, shown, downwards, at=lambda keys: keys[0], is_back=True)
    onwards = request.going_on(further, by=by, is_downwards=downwards) if len(found) > len(shown) else None
    back = request.going_on(behind, by=by, is_downwards=not downwards) if has_behind else None
    return Prompts(
        rows=_rows(of, shown if downwards else shown[::-1]),
        newer=back if downwards else onwards,
        older=onwards if downwards else back,
        of=of,
        later=[each for each in of_all if each.id not in starts],
        counted_to=counted_to(of),
    )


def counted_to(chains: Sequence[ChainView]) -> Sequence[CountedTo]:
    """The chains of which newer records are not counted yet, each with the height to which they are."""
    reached: Mapping[int, int] = dict(sql.rows(_REACHED, {"chains": [each.id for each in chains]}))
    return [
        CountedTo(each, height)
        for each in chains
        if (height := max(reached.get(each.id, -1), -1)) < each.freshness.height
    ]


def figures_of(columns: Sequence[Any]) -> Figures:
    """The figures in ``FIGURES``."""
    prompt, *numbers = columns
    return Figures(bytes(prompt), *numbers)


def _starts(chains: Sequence[ChainView], request: PageRequest, by: Order) -> Mapping[int, Key | None]:
    """Where each chain begins; those alone of which a cursor holds a place, where there is one."""
    key = request.key(by)
    if key is None:
        return {each.id: None for each in chains}
    parts = by.parts(key)
    found = {each.id: parts[each.id] for each in chains if each.id in parts}
    if not found:
        raise BadQuestion("No chain of this cursor is here any more: begin at the first page.")
    return found


def _walked(
    starts: Mapping[int, Key | None], column: str, downwards: bool, *, most: int, itself: bool = False
) -> Sequence[_Found]:
    """So many of each chain beyond where it begins, or from there on; in one query."""
    comparison = f"{'<' if downwards else '>'}{'=' if itself else ''}"
    statements = [
        _LISTED.format(
            chain=int(chain_id),
            column=column,
            direction="DESC" if downwards else "ASC",
            most=most,
            beyond="" if key is None else f"AND ({column}, number) {comparison} ({_numbers(key)})",
        )
        for chain_id, key in starts.items()
    ]
    rows = sql.rows(" UNION ALL ".join(f"({each})" for each in statements), {}) if statements else []
    return [_found(row, is_dated=column == "newest") for row in rows]


def _numbers(key: Key) -> str:
    return ", ".join(f"CAST('{within(each)}' AS bigint)" for each in key)


def _found(row: Sequence[Any], *, is_dated: bool) -> _Found:
    chain_id, value, timestamp, *columns = row
    figures = figures_of(columns)
    key = (value, figures.number)
    return _Found(chain_id, key, (timestamp if is_dated else value, chain_id, *key), figures)


def _merged(found: Sequence[_Found], *, downwards: bool) -> Sequence[_Found]:
    """The chains' rows, each chain in its own order, merged by what comes next in each."""
    queues: dict[int, list[_Found]] = {}
    for each in sorted(found, key=lambda each: each.key, reverse=downwards):
        queues.setdefault(each.chain_id, []).append(each)
    best: Callable[..., list[_Found]] = max if downwards else min
    merged: list[_Found] = []
    while heads := [each for each in queues.values() if each]:
        merged.append(best(heads, key=lambda queue: queue[0].rank).pop(0))
    return merged


def _has_behind(starts: Mapping[int, Key | None], column: str, downwards: bool) -> bool:
    """Whether any chain has a row on the side from which the page was come to."""
    begun = {chain_id: key for chain_id, key in starts.items() if key is not None}
    return bool(_walked(begun, column, not downwards, most=1, itself=True))


def _places(
    starts: Mapping[int, Key | None],
    shown: Sequence[_Found],
    downwards: bool,
    *,
    at: Callable[[Sequence[Key]], Key],
    is_back: bool = False,
) -> Key:
    """Beyond what of each chain another page begins: one of the rows that are shown, or where this one
    began."""
    places: list[int] = []
    for chain_id, start in starts.items():
        keys = [each.key for each in shown if each.chain_id == chain_id]
        places += [chain_id, *(at(keys) if keys else _start(start, downwards, is_back=is_back))]
    return tuple(places)


def _start(start: Key | None, downwards: bool, *, is_back: bool) -> Key:
    if start is None:
        return (LARGEST, LARGEST) if downwards else (BELOW_ALL, BELOW_ALL)
    value, number = start
    return (value, number + (-1 if downwards else 1)) if is_back else start


def _rows(chains: Sequence[ChainView], shown: Sequence[_Found]) -> Sequence[PromptRow]:
    views = {each.id: each for each in chains}
    ids = {each.brid: each.id for each in chains}
    read = read_rows([Place(each.chain_id, each.figures.newest) for each in shown])
    rows = {Place(ids[row.chain], row.position): row for row in read}
    return [
        PromptRow(views[each.chain_id], each.figures, rows[place])
        for each in shown
        if (place := Place(each.chain_id, each.figures.newest)) in rows
    ]
