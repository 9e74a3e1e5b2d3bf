"""Which rows a list holds, records or what changed, found by walking: each chain in its own order, in steps
of so many of them, and the chains merged by the time of their blocks.

A step looks at a bounded number of records along one index, and tests the rest of what is asked on each.
Where a filter leaves few records, one step looks at all of them. Steps grow as long as there is time: what is
not found by then is not said to be missing, but how far was looked.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from explorer.queries.chain.chains import ChainView
from explorer.queries.db import sql
from explorer.queries.db.filters import FEW, Condition
from explorer.queries.db.pagination import Key
from explorer.queries.lists.lanes import (
    BY_POSITION,
    Lanes,
    Sort,
    Way,
    lanes_by_position,
    lanes_of,
    number_of,
    of_chain,
    parameters_of,
)
from explorer.queries.records.row import Place

SECONDS = 1.0
"""As long as further steps are begun, where nothing is found."""

SOON = 0.08
"""Seconds after which no further step is begun where something is."""

STEP = 2_500
"""Records that the first step looks at."""

COUNTED = 1_000
"""Records that are counted one by one."""

LOOKED_AT = 10_000
"""Records that are looked at to count those that fit."""

_GROWTH = 10
_SHARE = 0.7  # of the time that is left, for one more step
_FITS, _EDGE, _OTHER_SIDE = range(3)

Clock = Callable[[], float]
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Found:
    """A record that fits, or the last one that was looked at: its chain, its key, and the time (ms) of the
    block that dates it.
    """

    chain_id: int
    key: Key
    timestamp: int

    @property
    def place(self) -> Place:
        """Where the record is."""
        return Place(self.chain_id, self.key[-1])

    @property
    def rank(self) -> tuple[int, int, Key]:
        """What chains are merged by."""
        return self.timestamp, self.chain_id, self.key


@dataclass(slots=True)
class Trail:
    """How far one chain was walked: what was ``found`` in order, beyond ``key`` (None: from an end).

    ``edge`` is the last record that was looked at, None where there is none beyond. ``has_behind`` is whether
    a record that fits lies on the other side of the key, or may. Where nothing was looked at, nor is there a
    record to begin beyond, it is not begun: its edge lies before all records of all chains.
    """

    chain: ChainView
    lanes: Lanes
    key: Key | None
    found: list[Found] = field(default_factory=list)
    edge: Found | None = None
    has_behind: bool = False
    is_begun: bool = True


@dataclass(frozen=True, slots=True)
class Walk:
    """Records in the order of the walk, chains merged; ``is_cut`` where there are more. ``stopped`` is where
    time ran out: to which record each chain is shown that was not looked through.
    """

    trails: Sequence[Trail]
    found: Sequence[Found]
    is_cut: bool
    stopped: Sequence[Found]


def walk(
    chains: Sequence[tuple[ChainView, Key | None]],
    conditions: Sequence[Condition],
    way: Way,
    *,
    clock: Clock = time.monotonic,
) -> Walk:
    """The records of these chains that fulfil all conditions, beyond a key of each."""
    begun = clock()
    parameters = parameters_of(conditions)
    lanes = lanes_of([each for each, _ in chains], conditions, way.sort)
    trails = [Trail(chain, lanes[chain.id], key) for chain, key in chains]
    is_first, most = True, STEP
    open_trails = trails
    while True:
        before = clock()
        _step(open_trails, way, parameters, most=most, looks_back=is_first and way.looks_back)
        found, is_stuck = merged(trails, way)
        if not is_stuck:
            return Walk(trails, found[: way.rows - 1], len(found) >= way.rows, ())
        open_trails = [each for each in trails if each.edge is not None and len(each.found) < way.rows]
        seconds = SOON if found else SECONDS
        most = _next(most, took=clock() - before, left=seconds - (clock() - begun))
        if not most:
            return Walk(trails, found[: way.rows - 1], False, stopped(trails, way, found))
        is_first = False


def count(
    chains: Sequence[ChainView], conditions: Sequence[Condition], sort: Sort = BY_POSITION
) -> tuple[int, bool]:
    """How many records fulfil all conditions, up to one more than ``COUNTED``, and whether that is all of
    them.
    """
    if sort == BY_POSITION and len(conditions) == 1 and conditions[0].few:
        (only,) = conditions
        lanes = {each.id: lanes_by_position(only, only.few, conditions) for each in chains}
        total, is_exact = _counted(chains, conditions, sort, lanes, is_cut=f"{number_of(only, sort)} > {FEW}")
        if is_exact or total >= COUNTED:
            return total, is_exact
    return _counted(chains, conditions, sort, lanes_of(chains, conditions, sort))


def _counted(
    chains: Sequence[ChainView],
    conditions: Sequence[Condition],
    sort: Sort,
    lanes: Mapping[int, Lanes],
    *,
    is_cut: str = "false",
) -> tuple[int, bool]:
    """How many of these lanes fit; ``is_cut`` is SQL for whether the lanes do not hold all of them."""
    way = Way(sort, True, COUNTED + 1)
    statements = []
    for chain in chains:
        these = lanes[chain.id]
        fits = these.fitting(way, "", most=LOOKED_AT, columns=way.columns)
        more = these.looked_at(way, "", most=LOOKED_AT + 1, columns=way.columns, skipped=LOOKED_AT)
        is_more = f"EXISTS ({more}) OR {is_cut}" if these.tested else is_cut
        statements.append(of_chain(chain, f"SELECT (SELECT count(*) FROM ({fits}) c), {is_more}"))
    rows = sql.rows(" UNION ALL ".join(statements), parameters_of(conditions)) if statements else []
    total = sum(fits for fits, _ in rows)
    return min(total, COUNTED + 1), total <= COUNTED and not any(is_more for _, is_more in rows)


def _step(
    trails: Sequence[Trail], way: Way, parameters: Mapping[str, Any], *, most: int, looks_back: bool
) -> None:
    """Go on with each of these, in one query."""
    statements = [
        of_chain(each.chain, each_step)
        for each in trails
        for each_step in _steps(each, way, most, looks_back)
    ]
    rows = sql.rows(" UNION ALL ".join(f"({each})" for each in statements), parameters) if statements else []
    for trail in trails:
        trail.edge = None
        for chain_id, kind, timestamp, *key in rows:
            if chain_id == trail.chain.id:
                _note(trail, kind, Found(chain_id, tuple(key), timestamp))
        trail.found.sort(key=lambda each: each.key, reverse=way.is_downwards)


def _note(trail: Trail, kind: int, found: Found) -> None:
    if kind == _FITS:
        trail.found.append(found)
    elif kind == _EDGE:
        trail.edge = found
    else:
        trail.has_behind = True


def _steps(trail: Trail, way: Way, most: int, looks_back: bool) -> Iterable[str]:
    """The statements of one step: what fits, the last that is looked at, and what lies behind."""
    lanes, beyond = trail.lanes, way.beyond(trail.edge.key if trail.edge else trail.key)
    looked = FEW + 1 if lanes.are_few else most
    columns = f"r.chain_id, {way.columns}"
    yield _dated(_FITS, lanes.fitting(way, beyond, most=looked, columns=columns), way)
    if lanes.tested and not lanes.are_few:
        last = lanes.looked_at(way, beyond, most=looked, columns=columns, skipped=looked - 1)
        yield _dated(_EDGE, last, way)
    if looks_back and trail.key is not None:
        behind = way.back.beyond(trail.key, itself=True)
        yield _dated(_OTHER_SIDE, lanes.fitting(way.back, behind, most=STEP, columns=columns), way)
        if lanes.tested and not lanes.are_few:
            further = lanes.looked_at(way.back, behind, most=STEP, columns=columns, skipped=STEP - 1)
            yield _dated(_OTHER_SIDE, further, way)


def _dated(kind: int, records: str, way: Way) -> str:
    """Each with its key and the time of the block that dates it."""
    at = way.sort.columns[0]
    return (
        f"SELECT r.chain_id, {kind}, coalesce(b.timestamp, 0), {way.columns} FROM ({records}) r "
        f"LEFT JOIN indexer_block b ON b.chain_id = r.chain_id AND b.height = r.{at} >> 20"
    )


def merged(trails: Sequence[Trail], way: Way) -> tuple[list[Found], bool]:
    """As many as are wanted in the order of all chains; whether fewer, as one was not looked through."""
    best = max if way.is_downwards else min
    queues = {at: [*each.found] for at, each in enumerate(trails)}
    merged: list[Found] = []
    while len(merged) < way.rows:
        heads = {
            at: queue[0] if queue else edge
            for at, queue in queues.items()
            if (edge := trails[at].edge) is not None or queue
        }
        if not heads:
            return merged, False
        at = best(heads, key=lambda each: heads[each].rank)  # type: ignore[union-attr]
        if not queues[at]:
            return merged, True
        merged.append(queues[at].pop(0))
    return merged, False


def stopped(trails: Sequence[Trail], way: Way, shown: Sequence[Found]) -> Sequence[Found]:
    """How far those are shown that have fewer than are wanted, and may have more: to the first that must wait
    for another chain, else to the last that was looked at.
    """
    numbers = Counter(each.chain_id for each in shown)
    return [
        [*each.found, each.edge][numbers[each.chain.id]]
        for each in trails
        if each.edge is not None and len(each.found) < way.rows
    ]


def _next(most: int, *, took: float, left: float) -> int:
    """How many records the next step looks at, by how long this one took; 0 where time is up."""
    if left <= 0:
        return 0
    affordable = int(most / max(took, 1e-6) * left * _SHARE)
    return min(most * _GROWTH, affordable) if affordable >= STEP else 0
