"""The statements by which matches are found in one chain, from a position on, newest or oldest first.

**A walk** looks at so many records in order. **Contents first** asks the index of words which units can hold
a match, and goes from these to their records; where they are too many it says so and does nothing. Every
part that must be done first, or once, is fenced (``MATERIALIZED``, ``OFFSET 0``): the planner, who keeps no
statistics of words, would walk all records for a word that is in none.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from explorer.queries.db.sql import GENERATION
from explorer.queries.records.search.asked import Asked
from explorer.search.tree import Said
from indexer.words.lexemes import SLICE

_RECORD = f"r.chain_id = %(chain)s AND r.generation = {GENERATION}"
# "IS TRUE" keeps the planner from the key, by which all records of the chain would be looked through.
_SEARCHED = f"(s.chain_id = %(chain)s) IS TRUE AND s.generation = {GENERATION}"


@dataclass(frozen=True, slots=True)
class Way:
    """Which way is walked. Positions lie beyond ``%(start)s``, up to and including ``%(end)s``."""

    is_downwards: bool

    @property
    def direction(self) -> str:
        """SQL: the order of positions."""
        return "DESC" if self.is_downwards else "ASC"

    @property
    def farthest(self) -> str:
        """SQL: the aggregate of the position that is reached last."""
        return "min" if self.is_downwards else "max"

    def within(self, column: str) -> str:
        """SQL: that a position lies on the way."""
        if self.is_downwards:
            return f"{column} < %(start)s AND {column} >= %(end)s"
        return f"{column} > %(start)s AND {column} <= %(end)s"


_UNITS = """
    SELECT u.id FROM indexer_searchunit u WHERE u.words @@ %(loose)s::tsquery LIMIT %(units)s + 1"""
"""The units that fit, at most one more than are gone through."""


def walk(asked: Asked, way: Way, lanes: Sequence[str] = ("true",), *, by_index: bool = False) -> str:
    """``%(looked)s`` records on the way, of the lanes alone, which part them and which indexes answer: how
    many there were, the last position, and the first ``%(rows)s`` positions that match.

    ``by_index`` asks the index of words first which units fit ``%(loose)s``: where these are no more than
    ``%(units)s``, no other is unpacked, which is what a walk takes longest for.
    """
    lane = f"""SELECT r.* FROM indexer_record r WHERE {_RECORD} AND {{}} AND {way.within("r.position")}
        {asked.bounded("r.position")} ORDER BY r.position {way.direction} LIMIT %(looked)s"""
    looked = " UNION ALL ".join(f"({lane.format(each)})" for each in lanes)
    if len(lanes) > 1:
        looked = f"SELECT r.* FROM ({looked}) r ORDER BY r.position {way.direction} LIMIT %(looked)s"
    return f"""
        WITH w AS MATERIALIZED ({looked}),
        {_tested(asked, by_index=by_index)}
        SELECT (SELECT count(*) FROM w), (SELECT {way.farthest}(position) FROM w), ARRAY(
            SELECT r.position FROM p r {"JOIN t ON t.unit = r.unit" if asked.has_words else ""}
            WHERE {_all(asked.of_unit, asked.of_both)}
            ORDER BY r.position {way.direction} LIMIT %(rows)s)
    """


def _tested(asked: Asked, *, by_index: bool) -> str:
    """SQL: the records ``p`` of ``w`` that fit by themselves, and their units ``t``, each looked at once."""
    if not asked.has_words:
        return f"p AS MATERIALIZED (SELECT r.* FROM w r WHERE {_all(asked.only)})"
    fits = "((SELECT count(*) FROM c) > %(units)s OR s.unit IN (SELECT c.id FROM c))" if by_index else ""
    return f"""
        {f"c AS MATERIALIZED ({_UNITS})," if by_index else ""}
        p AS MATERIALIZED (
            SELECT r.*, s.unit FROM w r CROSS JOIN LATERAL (
                SELECT {asked.unit} AS unit FROM indexer_searchrecord s
                WHERE s.chain_id = r.chain_id AND s.generation = r.generation AND s.position = r.position
                OFFSET 0) s
            WHERE {_all(asked.only, fits)}),
        t AS MATERIALIZED (
            SELECT x.unit, y.* FROM (SELECT DISTINCT unit FROM p) x
            CROSS JOIN LATERAL ({asked.fitting("x.unit")}) y)
    """


def contents_first(asked: Asked, way: Way) -> str:
    """How many units fit ``%(loose)s``, at most one more than ``%(units)s``; where they are no more than
    that, the first ``%(rows)s`` positions on the way that match.
    """
    found = _by_records(asked, way) if asked.only or asked.of_both else _by_units(asked, way)
    return f"""
        WITH c AS MATERIALIZED ({_UNITS}),
        few AS MATERIALIZED (SELECT c.id FROM c WHERE (SELECT count(*) FROM c) <= %(units)s),
        {found}
    """


def _by_units(asked: Asked, way: Way) -> str:
    """The nearest record of each unit; then units in that order, looked at one by one until so many fit: the
    first records of all are among those of the first units.
    """
    return f"""
        nearest AS MATERIALIZED (
            SELECT few.id, n.position FROM few
            CROSS JOIN LATERAL ({_records(asked, way, "few.id", "LIMIT 1")}) n),
        fitting AS MATERIALIZED (
            SELECT n.id FROM (SELECT * FROM nearest ORDER BY position {way.direction} OFFSET 0) n
            {_looked_at(asked, "n.id")} LIMIT %(rows)s)
        SELECT (SELECT count(*) FROM c), ARRAY(
            SELECT s.position FROM fitting
            CROSS JOIN LATERAL ({_records(asked, way, "fitting.id", "LIMIT %(rows)s")}) s
            ORDER BY s.position {way.direction} LIMIT %(rows)s)
    """


def _looked_at(asked: Asked, unit: str) -> str:
    if asked.is_exact or not asked.of_unit:
        return ""
    return f"CROSS JOIN LATERAL ({asked.fitting(unit)}) t WHERE {asked.of_unit}"


def _by_records(asked: Asked, way: Way) -> str:
    """All records of the units that fit, looked at in order one by one until so many fit. The words of units
    are unpacked only where the index has not told all that is asked of them.
    """
    of_unit = "" if asked.is_exact else asked.of_unit
    columns = "".join(f", t.q{number}" for number in _columns(asked)) if of_unit or asked.of_both else ""
    return f"""
        t AS MATERIALIZED (
            SELECT few.id{columns} FROM few
            {f"CROSS JOIN LATERAL ({asked.fitting('few.id')}) t" if columns else ""}
            WHERE {_all(of_unit)}),
        p AS MATERIALIZED (
            SELECT t.*, s.position FROM t CROSS JOIN LATERAL ({_records(asked, way, "t.id", "")}) s)
        SELECT (SELECT count(*) FROM c), ARRAY(
            SELECT t.position FROM (SELECT * FROM p ORDER BY position {way.direction} OFFSET 0) t
            CROSS JOIN LATERAL (
                SELECT FROM indexer_record r WHERE {_RECORD} AND r.position = t.position
                AND {_all(asked.only, asked.of_both)} OFFSET 0) r
            LIMIT %(rows)s)
    """


def _columns(asked: Asked) -> range:
    return range(len(asked.words))


def _records(asked: Asked, way: Way, unit: str, cut: str) -> str:
    """SQL: the positions on the way of the records that say what the unit holds."""
    column = {Said.NOW: "now", Said.FIRST: "first"}.get(asked.said)
    of_unit = f"""SELECT s.position FROM indexer_searchrecord s
        WHERE s.{{}} = {unit} AND {_SEARCHED} AND {way.within("s.position")}
        {asked.bounded("s.position")}"""
    ordered = f" ORDER BY s.position {way.direction} {cut or 'OFFSET 0'}"
    if column is None:
        return of_unit.format("ever") + ordered
    same, other = f"{of_unit.format('ever')} AND s.{column} IS NULL", of_unit.format(column)
    return f"SELECT s.position FROM (({same}{ordered}) UNION ALL ({other}{ordered})) s{ordered}"


def _all(*conditions: str) -> str:
    return " AND ".join(each for each in conditions if each) or "true"


def slices(asked: Asked, way: Way) -> str:
    """The slices of the nearest and of the farthest record on the way; of neither where there is none."""
    one = f"""(SELECT r.prompt_id >> {SLICE} FROM indexer_record r WHERE {_RECORD}
        AND {way.within("r.position")}{asked.bounded("r.position")} ORDER BY r.position {{}} LIMIT 1)"""
    other = "ASC" if way.is_downwards else "DESC"
    return f"SELECT {one.format(way.direction)}, {one.format(other)}"


def next_slice(way: Way) -> str:
    """The first slice from ``%(slice)s`` to ``%(last_slice)s`` with a unit that fits ``%(loose)s``;
    ``%(slices)s`` is how the lexemes of the chain's slices begin.
    """
    fitting = "concat('(', %(loose)s, ') & ', quote_literal(%(slices)s || k))::tsquery"
    return f"""
        SELECT (
            SELECT k FROM generate_series(
                %(slice)s::bigint, %(last_slice)s::bigint, {"-1" if way.is_downwards else "1"}) k
            WHERE EXISTS (SELECT FROM indexer_searchunit u WHERE u.words @@ {fitting} OFFSET 0) LIMIT 1)
    """


def bounds_of_slice() -> str:
    """The first and the last position of slice ``%(slice)s``."""
    one = f"""(SELECT r.position FROM indexer_record r WHERE {_RECORD} AND r.prompt_id {{}}
        ORDER BY r.prompt_id {{}} LIMIT 1)"""
    first = one.format(f">= %(slice)s::bigint << {SLICE}", "ASC")
    last = one.format(f"< (%(slice)s::bigint + 1) << {SLICE}", "DESC")
    return f"SELECT {first}, {last}"
