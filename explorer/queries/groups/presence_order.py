"""The order of lists of models, providers and scouts: which of them stand where, by indexes.

Each chain is read in the order of the list, from any place on, either way. What is on several chains stands
where the first of them has it; by records that is the one with most of them, for sums over chains no index
has. Names that are ``Together`` stand in one place of such a list.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from explorer.queries.chain.chains import ChainView
from explorer.queries.db import sql
from explorer.queries.db.pagination import NEWEST, OLDEST, Key, within
from indexer.dapp.model_names import families
from indexer.models import Name, Presence
from indexer.store.names import hash_of

ORDERS = (NEWEST, OLDEST, "seen", "records", "name")
"""Words for the order of such a list: by when they were seen first, by when they were seen last, by how many
records name them (on the chain that has most), by name. By no share of records: nobody is ranked.
"""

SEEN, RECORDS, NAMED = ORDERS[2:]
_COLUMNS = {NEWEST: "first_at", OLDEST: "first_at", SEEN: "last_at", RECORDS: "records"}


class Kind(StrEnum):
    """What a record names."""

    MODEL = "model"
    PROVIDER = "provider"
    SCOUT = "scout"


OF = {
    Kind.MODEL: Presence.Of.MODEL.value,
    Kind.PROVIDER: Presence.Of.PROVIDER.value,
    Kind.SCOUT: Presence.Of.SCOUT.value,
}
NAMES_OF = {Kind.MODEL: Name.Kind.MODEL.value, Kind.PROVIDER: Name.Kind.PROVIDER.value}
KEPT = """
    FROM indexer_chain h JOIN indexer_presence p
        ON p.chain_id = h.id AND p.generation = h.generation AND p.of = %(of)s
"""
_ON_CHAIN = """
    SELECT p.chain_id, p.key, p.{column} AS sorted FROM indexer_presence p
    WHERE p.chain_id = {chain} AND p.generation = (SELECT generation FROM indexer_chain WHERE id = {chain})
      AND p.of = %(of)s AND p.key <> ALL(%(passed)s) {beyond} {elsewhere}
    ORDER BY p.{column} {direction}, p.key {direction} LIMIT %(most)s
"""
# Not where another chain has it earlier in the order: there it stands. One by one, by the key: as EXISTS it
# would be joined, and all names read for that.
_ELSEWHERE = """
    AND (
        SELECT true FROM indexer_chain o
        JOIN indexer_presence q ON q.chain_id = o.id AND q.generation = o.generation
        WHERE o.id = ANY(%(chains)s) AND o.id <> p.chain_id AND q.of = p.of AND q.key = p.key
          AND (q.{column}, o.id) {first} (p.{column}, p.chain_id) LIMIT 1) IS NULL
"""
_LETTERS = "lower(left(coalesce(n.text, ''), 200) COLLATE \"C\")"  # as the index has them
_BY_NAME = f"""
    SELECT NULL::int, n.id, 0 FROM indexer_name n
    WHERE n.kind = {{kind}} AND n.id <> ALL(%(passed)s) {{beyond}}
      AND (SELECT true {KEPT} WHERE h.id = ANY(%(chains)s) AND p.key = n.id LIMIT 1)
    ORDER BY {_LETTERS} {{direction}}, n.id {{direction}} LIMIT %(most)s
"""
_BEYOND_NAME = f"""
    AND ({_LETTERS}, n.id) {{comparison}} (SELECT {_LETTERS}, n.id FROM indexer_name n WHERE n.id = {{key}})
"""
_TOGETHER = """
    SELECT n.hash, p.key, p.chain_id, {value} FROM indexer_name n CROSS JOIN indexer_chain h
    JOIN indexer_presence p
        ON p.chain_id = h.id AND p.generation = h.generation AND p.of = %(of)s AND p.key = n.id
    WHERE n.kind = %(kind)s AND n.hash = ANY(%(hashes)s) AND h.id = ANY(%(chains)s)
"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in a list: by what it is sorted, of scouts on which chain, and its key."""

    chain_id: int | None
    sorted: int
    key: int
    rank: int  # of its chain, the lower the later; of what is the same over all chains 0

    def at(self) -> Key:
        """As a cursor has it."""
        return (self.rank, self.sorted, self.key)


@dataclass(frozen=True, slots=True)
class Together:
    """Names of one model by their keys, and the one place of them all: by times where the first of them has
    it, by name where that of the first letters has it, by records where their sum belongs.
    """

    keys: Sequence[int]
    place: Place


@dataclass(frozen=True, slots=True)
class Listed:
    """A list in an order, as it can be read from any place in it, either way.

    Downwards is the way that the list goes on, but for the oldest first, which is the newest first read
    upwards. Of names the first letters are the highest. What is ``together`` has one place in it.
    """

    chains: Sequence[ChainView]
    kind: Kind
    order: str
    together: Sequence[Together] = ()

    def read(self, start: Key | None, *, downwards: bool, most: int, itself: bool = False) -> Sequence[Place]:
        """So many places beyond one, the nearest first, with the place ``itself`` where that is wanted."""
        reads = self._scouts if self.kind is Kind.SCOUT else self._names
        return reads(start, downwards, most, itself)

    def _names(self, start: Key | None, downwards: bool, most: int, itself: bool) -> Sequence[Place]:
        if self.order == NAMED:
            return self._by_name(start, downwards, most, itself)
        beyond = None if start is None else start[1:]
        column = _COLUMNS[self.order]
        elsewhere = _ELSEWHERE.format(column=column, first="<" if column == "first_at" else ">")
        statements = [
            self._on_chain(each, beyond, downwards, itself, elsewhere if len(self.chains) > 1 else "")
            for each in self.chains
        ]
        rows = self._rows(" UNION ALL ".join(f"({each})" for each in statements), most) if statements else []
        found = [Place(None, value, key, 0) for _, key, value in rows]
        places = [each.place for each in self.together]
        found += [each for each in places if _is_beyond(each, beyond, downwards, itself)]
        return sorted(found, key=Place.at, reverse=downwards)[:most]

    def _scouts(self, start: Key | None, downwards: bool, most: int, itself: bool) -> Sequence[Place]:
        """Chain by chain: those beyond the place within its own chain, then those of the next chains."""
        found: list[Place] = []
        ranked = [(-at, each) for at, each in enumerate(self.chains)]
        for rank, chain in ranked if downwards else ranked[::-1]:
            is_passed = start is not None and (rank > start[0] if downwards else rank < start[0])
            if len(found) < most and not is_passed:
                beyond = start[1:] if start is not None and rank == start[0] else None
                statement = self._on_chain(chain, beyond, downwards, itself, "")
                rows = self._rows(statement, most - len(found))
                found += [Place(chain_id, value, key, rank) for chain_id, key, value in rows]
        return found

    def _on_chain(
        self, chain: ChainView, beyond: Key | None, downwards: bool, itself: bool, elsewhere: str
    ) -> str:
        """Of scouts the name is a number: the lowest ones first."""
        is_up = downwards is (self.order == NAMED)
        column = "key" if self.order == NAMED else _COLUMNS[self.order]
        return _ON_CHAIN.format(
            chain=int(chain.id),
            column=column,
            direction=_direction(not is_up),
            beyond=_beyond(f"(p.{column}, p.key)", beyond, not is_up, itself),
            elsewhere=elsewhere,
        )

    def _by_name(self, start: Key | None, downwards: bool, most: int, itself: bool) -> Sequence[Place]:
        beyond = ""
        if start is not None:
            comparison = f"{'>' if downwards else '<'}{'=' if itself else ''}"
            beyond = _BEYOND_NAME.format(comparison=comparison, key=int(start[2]))
        statement = _BY_NAME.format(
            kind=NAMES_OF[self.kind], beyond=beyond, direction=_direction(not downwards)
        )
        return [Place(None, 0, key, 0) for _, key, _ in self._rows(statement, most)]

    def _rows(self, statement: str, most: int) -> Sequence[sql.Row]:
        passed = [
            key for each in self.together for key in each.keys if self.order != NAMED or key != each.place.key
        ]
        chains = [each.id for each in self.chains]
        asked = {"chains": chains, "of": OF[self.kind], "most": most, "passed": passed}
        return sql.rows(statement, asked)


def together(chains: Sequence[ChainView], order: str) -> Sequence[Together]:
    """The models that records of these chains name by two names or more, for such a list; one query."""
    by_hash = {hash_of(model): family.name for model, family in families().by_model.items()}
    asked = {
        "chains": [each.id for each in chains],
        "hashes": list(by_hash),
        "of": OF[Kind.MODEL],
        "kind": NAMES_OF[Kind.MODEL],
    }
    value = _LETTERS if order == NAMED else f"p.{_COLUMNS[order]}"
    found: dict[str, list[_Valued]] = {}
    for said, *valued in sql.rows(_TOGETHER.format(value=value), asked):
        found.setdefault(by_hash[bytes(said)], []).append(_Valued(*valued))
    return [_together(each, order) for each in found.values() if len({one.key for one in each}) > 1]


@dataclass(frozen=True, slots=True)
class _Valued:
    """A name on a chain, and by what the list is sorted: a number, or its letters."""

    key: int
    chain_id: int
    value: Any


def _together(found: Sequence[_Valued], order: str) -> Together:
    keys = sorted({each.key for each in found})
    if order == NAMED:
        first = min(found, key=lambda each: (each.value, each.key))
        return Together(keys, Place(None, 0, first.key, 0))
    return Together(keys, Place(None, _value(found, order), keys[0], 0))


def _value(found: Sequence[_Valued], order: str) -> int:
    if order == RECORDS:
        on_chains: Counter[int] = Counter()
        for each in found:
            on_chains[each.chain_id] += each.value
        return max(on_chains.values())
    values = [each.value for each in found]
    return int(max(values) if order == SEEN else min(values))


def _is_beyond(place: Place, start: Key | None, downwards: bool, itself: bool) -> bool:
    """As ``_beyond`` has it."""
    here = (place.sorted, place.key)
    return start is None or (itself and here == start) or (here < start if downwards else here > start)


def _beyond(columns: str, key: Key | None, downwards: bool, itself: bool) -> str:
    if key is None:
        return ""
    numbers = ", ".join(f"CAST('{within(each)}' AS bigint)" for each in key)
    return f"AND {columns} {'<' if downwards else '>'}{'=' if itself else ''} ({numbers})"


def _direction(downwards: bool) -> str:
    return "DESC" if downwards else "ASC"
