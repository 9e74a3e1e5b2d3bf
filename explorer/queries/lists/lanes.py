"""What of each chain a walk looks at: the lanes that part what a list holds, each along an index, or the few
records that a filter leaves.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from explorer.queries.chain.chains import ChainView
from explorer.queries.db import sql
from explorer.queries.db.filters import FEW, Condition
from explorer.queries.db.pagination import Key, within
from explorer.queries.db.sql import GENERATION
from explorer.queries.records.states import DELETED, EDITED


@dataclass(frozen=True, slots=True)
class Sort:
    """What a list is sorted by: the columns that name a row in its chain, the first of which holds the block
    that dates it, of a record the last one the position of its add. ``lanes`` are conditions that part what
    the list holds, each answered by an index in that order. ``tables`` are where its rows are, each as ``r``,
    which no two of them share; ``by_change`` is whether records are dated by their newest change.
    """

    columns: tuple[str, ...]
    lanes: tuple[str, ...]
    tables: tuple[str, ...] = ("indexer_record r",)
    by_change: bool = False


BY_POSITION = Sort(("position",), ("true",))
_CHANGED = frozenset(f"r.status = {each}" for each in (EDITED, DELETED))


def by_change(statuses: Iterable[int] = (EDITED, DELETED)) -> Sort:
    """By their newest change, those of these statuses that have any."""
    kept = tuple(f"r.status = {each}" for each in statuses if each in (EDITED, DELETED))
    return Sort(("revised_position", "position"), kept or ("false",), by_change=True)


@dataclass(frozen=True, slots=True)
class Way:
    """Which way a list is walked, for how many records, and whether it is asked what lies behind."""

    sort: Sort
    is_downwards: bool
    rows: int
    looks_back: bool = True

    @property
    def columns(self) -> str:
        """SQL: what names a record."""
        return ", ".join(f"r.{each}" for each in self.sort.columns)

    @property
    def back(self) -> "Way":
        """The other way, to the nearest record."""
        return Way(self.sort, not self.is_downwards, 1)

    @property
    def ordered(self) -> str:
        """SQL: the order of this way."""
        direction = "DESC" if self.is_downwards else "ASC"
        return f"ORDER BY {', '.join(f'r.{each} {direction}' for each in self.sort.columns)}"

    def beyond(self, key: Key | None, *, itself: bool = False) -> str:
        """SQL: what lies beyond a key; ``itself`` too."""
        if key is None:
            return ""
        comparison = f"{'<' if self.is_downwards else '>'}{'=' if itself else ''}"
        numbers = ", ".join(f"CAST('{within(each)}' AS bigint)" for each in key)
        return f" AND ({self.columns}) {comparison} ({numbers})"


@dataclass(frozen=True, slots=True)
class Lanes:
    """The records of one chain that are looked at: ``lanes`` part them, ``tested`` says which of them fit,
    empty where all do. ``are_few`` is whether one step looks at all of them. ``fit`` is how many fit, exactly
    or up to one more than few; None where that is not known.
    """

    lanes: Sequence[str]
    bounds: str
    tested: str
    are_few: bool = False
    fit: int | None = None

    def looked_at(self, way: Way, beyond: str, *, most: int, columns: str = "r.*", skipped: int = 0) -> str:
        """SQL: so many of them in order, without the first ones that are skipped."""
        lanes = [
            f"SELECT {{columns}} FROM {table} WHERE r.chain_id = %(chain)s "
            f"AND r.generation = {GENERATION} AND {lane}{self.bounds}{beyond} {way.ordered}"
            for table in way.sort.tables
            for lane in self.lanes
        ]
        cut = f"OFFSET {skipped} LIMIT {most - skipped}"
        if len(lanes) == 1:
            return f"{lanes[0].format(columns=columns)} {cut}"
        every = " UNION ALL ".join(f"({lane.format(columns='r.*')} LIMIT {most})" for lane in lanes)
        return f"SELECT {columns} FROM ({every}) r {way.ordered} {cut}"

    def fitting(self, way: Way, beyond: str, *, most: int, columns: str) -> str:
        """SQL: those of so many that fit, as many as are wanted; where all do, so many of them."""
        if not self.tested:
            return self.looked_at(way, beyond, most=way.rows, columns=columns)
        looked_at = self.looked_at(way, beyond, most=most)
        return f"SELECT {columns} FROM ({looked_at}) r WHERE {self.tested} {way.ordered} LIMIT {way.rows}"


def lanes_of(
    chains: Sequence[ChainView], conditions: Sequence[Condition], sort: Sort, *, is_probed: bool = False
) -> Mapping[int, Lanes]:
    """Of each chain what is to be looked at, by its id: what leaves few records, else what an index gives in
    order. ``is_probed`` is whether one is told of few also where no other lanes could be taken.
    """
    if sort.by_change:
        return _by_change(chains, conditions, sort)
    narrow = [each for each in conditions if each.lanes or each.few]
    plain = lanes_by_position(None, sort.lanes, conditions)
    if not narrow:
        return {each.id: plain for each in chains}
    if len(conditions) == 1 and not narrow[0].few and not is_probed:
        lanes = lanes_by_position(narrow[0], narrow[0].lanes, conditions)
        return {each.id: lanes for each in chains}
    numbers = _probed(chains, narrow, conditions, sort)
    of_each = {each.id: _narrowest(numbers[each.id], narrow, conditions) or plain for each in chains}
    if len(conditions) == 1 and conditions[0].number:
        return {of: replace(each, fit=numbers[of][-1]) for of, each in of_each.items()}
    return of_each


def _narrowest(
    numbers: Sequence[int], narrow: Sequence[Condition], conditions: Sequence[Condition]
) -> Lanes | None:
    least, which = min((number, at) for at, number in enumerate(numbers[: len(narrow)]))
    if least <= FEW:
        chosen = narrow[which]
        of_few = _few(chosen, [each.sql for each in conditions if each.sql in _CHANGED])
        return lanes_by_position(chosen, of_few, conditions, are_few=True)
    in_order = [each for each in narrow if each.lanes]
    return lanes_by_position(in_order[-1], in_order[-1].lanes, conditions) if in_order else None


def _few(chosen: Condition, statuses: Sequence[str]) -> Sequence[str]:
    """What finds few, of these statuses alone where an index has both: of no other one the row is read."""
    lanes = chosen.few or chosen.lanes
    if not (chosen.has_changed and statuses):
        return lanes
    return [f"{lane} AND ({' OR '.join(statuses)})" for lane in lanes]


def _by_change(
    chains: Sequence[ChainView], conditions: Sequence[Condition], sort: Sort
) -> Mapping[int, Lanes]:
    bounds = "".join(f" AND {each.bounds_of_change}" for each in conditions if each.bounds_of_change)
    is_one = len(sort.lanes) == 1
    tested = [each.sql for each in conditions if not (is_one and tuple(each.lanes) == sort.lanes)]
    changed = Lanes(sort.lanes, bounds, " AND ".join(tested))
    narrow = [
        each for each in conditions if each.is_whole and (each.few or each.lanes) and each.sql in tested
    ]
    if not narrow:
        return {each.id: changed for each in chains}
    numbers = _probed(chains, narrow, (), sort)
    found = {}
    for chain in chains:
        least, which = min((number, at) for at, number in enumerate(numbers[chain.id]))
        of_few = _few(narrow[which], sort.lanes)
        tests = " AND ".join([f"({' OR '.join(sort.lanes)})", *(each.sql for each in conditions)])
        found[chain.id] = Lanes(of_few, "", tests, are_few=True) if least <= FEW else changed
    return found


def lanes_by_position(
    chosen: Condition | None,
    lanes: Sequence[str],
    conditions: Sequence[Condition],
    *,
    are_few: bool = False,
) -> Lanes:
    """By position: what follows for that is in the lanes, what they do not say is tested."""
    bounds = "".join(f" AND {each.bounds}" for each in conditions if each.bounds)
    said = chosen if chosen is not None and lanes == (chosen.few or chosen.lanes) else None
    tested = [each.sql for each in conditions if not (each.is_whole and (each is said or each.bounds))]
    return Lanes(lanes, bounds, " AND ".join(tested), are_few)


def _probed(
    chains: Sequence[ChainView], narrow: Sequence[Condition], conditions: Sequence[Condition], sort: Sort
) -> Mapping[int, Sequence[int]]:
    """Of each chain how many records each of these conditions leaves, counted up to one more than few; behind
    these the numbers that are known besides what few are found among.

    Only lanes are counted within the bounds of other conditions: what finds few is cut where they are many,
    and those of a part that lie within bounds tell nothing of the rest.
    """
    bounds = "".join(f" AND {each.bounds}" for each in conditions if each.bounds)
    counted = [number_of(each, sort, "" if each.few else bounds) for each in narrow]
    known = [f"({each.number})" for each in narrow if each.number and each.few_of]
    numbers = ", ".join([*counted, *known])
    statement = " UNION ALL ".join(of_chain(chain, f"SELECT {chain.id}, {numbers}") for chain in chains)
    rows = sql.rows(statement, parameters_of([*narrow, *conditions]))
    return {chain_id: list(counted) for chain_id, *counted in rows}


def number_of(condition: Condition, sort: Sort, bounds: str = "") -> str:
    """SQL: how many records it leaves within bounds, or what these are found by, counted up to one more than
    few in each lane.
    """
    if condition.few_of:
        return f"(SELECT count(*) FROM ({condition.few_of}) c)"
    if condition.number:
        return f"({condition.number})"
    counted = " UNION ALL ".join(
        f"(SELECT FROM {table} WHERE r.chain_id = %(chain)s AND r.generation = {GENERATION} "
        f"AND {lane}{bounds} LIMIT {FEW + 1})"
        for table in sort.tables
        for lane in condition.few or condition.lanes
    )
    return f"(SELECT count(*) FROM ({counted}) c)"


def of_chain(chain: ChainView, statement: str) -> str:
    """SQL of one chain, where others stand beside it."""
    return statement.replace("%(chain)s", str(int(chain.id)))


def parameters_of(conditions: Iterable[Condition]) -> Mapping[str, Any]:
    """Those of all conditions."""
    return {name: value for each in conditions for name, value in each.parameters.items()}
