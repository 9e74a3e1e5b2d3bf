"""The statements by which matches are found in one chain, from a position on, newest or oldest first.

**A walk** looks at so many records in order. **Contents first** asks the index of words which units can hold
a match, and goes from these to their records; where they are too many it says so and does nothing.
**Counting** goes the same way in no order, and ends where enough is counted. Every part that must be done
first, or once, is fenced (``MATERIALIZED``, ``OFFSET 0``): the planner, who keeps no statistics of words,
would walk all records for a word that is in none.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from explorer.queries.db.sql import GENERATION
from explorer.queries.lists.search.asked import Asked
from explorer.search.tree import Said
from indexer.models import CheckSlice
from indexer.words.lexemes import SLICE

_RECORD = f"r.chain_id = %(chain)s AND r.generation = {GENERATION}"
_SEARCHED = f"s.generation = {GENERATION}"  # a unit is of one chain


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

    def within(self, column: str, last: str = "%(end)s") -> str:
        """SQL: that a position lies on the way, up to the last one."""
        if self.is_downwards:
            return f"{column} < %(start)s AND {column} >= {last}"
        return f"{column} > %(start)s AND {column} <= {last}"


_SOON = 1_000
"""Records of units that are looked at before their lanes are."""

_LANE = 25_000
"""Records of lanes that are gone through to leave out what lies in none."""

_UNITS = """
        c AS MATERIALIZED (
            SELECT u.id FROM indexer_searchunit u WHERE u.words @@ %(loose)s::tsquery LIMIT %(units)s + 1),
        n AS MATERIALIZED (SELECT count(*) AS units FROM c)"""
"""The units ``c`` that fit, at most one more than are gone through, and how many these are."""

_NUMBER = "(SELECT units FROM n)"


def walk(asked: Asked, way: Way, lanes: Sequence[str] = ("true",)) -> str:
    """``%(looked)s`` records on the way, of the lanes alone, which part them and which indexes answer: how
    many there were, the last position, and the first ``%(rows)s`` positions that match.
    """
    walked, only = _walked(asked, way, lanes, "r.*"), asked.only(lanes)
    if not asked.has_words:
        return f"""
            WITH w AS MATERIALIZED ({walked})
            SELECT {_looked(way)}, ARRAY(
                SELECT r.position FROM w r WHERE {_all(only)}
                ORDER BY r.position {way.direction} LIMIT %(rows)s)
        """
    return f"""
        WITH w AS MATERIALIZED ({walked}),
        p AS MATERIALIZED (
            SELECT r.*, s.unit FROM w r CROSS JOIN LATERAL ({_unit_of(asked, "r.position")}) s
            WHERE {_all(only)}),
        {_unpacked(asked, "p")}
        SELECT {_looked(way)}, ARRAY(
            SELECT r.position FROM p r JOIN t ON t.unit = r.unit WHERE {_all(asked.of_unit, asked.of_both)}
            ORDER BY r.position {way.direction} LIMIT %(rows)s)
    """


def walk_by_words(asked: Asked, way: Way, lanes: Sequence[str] = ("true",)) -> str:
    """As ``walk``, where words are asked for: the index of words is asked first which units fit
    ``%(loose)s``. From few of them it is shortest to their records, which are then looked for among those
    that are walked by; where they are more, but no more than ``%(units)s``, the records that are walked by
    are looked up, and no other unit is unpacked, which is what a walk takes longest for.
    """
    units, few, only = _NUMBER, "%(looked)s / 2", asked.only(lanes)
    last = f"(SELECT {way.farthest}(position) FROM w)"
    of_units = _records(asked, way, "c.id", "", last=last)
    told = f"{units} <= %(units)s OR" if asked.is_exact and not asked.of_both else ""
    record = _record_at("x.position") if only or asked.of_both else ""
    return f"""
        WITH w AS MATERIALIZED ({_walked(asked, way, lanes, "r.position")}),
        {_UNITS},
        x AS MATERIALIZED (
            SELECT s.position, c.id AS unit FROM c CROSS JOIN LATERAL ({of_units}) s WHERE {units} <= {few}
            UNION ALL
            SELECT w.position, s.unit FROM w CROSS JOIN LATERAL ({_unit_of(asked, "w.position")}) s
            WHERE {units} > {few} AND ({units} > %(units)s OR s.unit IN (SELECT c.id FROM c))),
        p AS MATERIALIZED (
            SELECT {"r.*" if record else "x.position"}, x.unit FROM x
            {f"CROSS JOIN LATERAL ({record}) r" if record else ""}
            WHERE (x.position IN (SELECT w.position FROM w)) IS TRUE AND {_all(only)}),
        {_unpacked(asked, f"p WHERE {units} > %(units)s" if told else "p")}
        SELECT {_looked(way)}, ARRAY(
            SELECT r.position FROM p r LEFT JOIN t ON t.unit = r.unit
            WHERE {told} ({_all(asked.of_unit, asked.of_both)})
            ORDER BY r.position {way.direction} LIMIT %(rows)s)
    """


def _looked(way: Way) -> str:
    """SQL: how many records ``w`` were walked by, and the last position of these."""
    return f"(SELECT count(*) FROM w), (SELECT {way.farthest}(position) FROM w)"


def _unpacked(asked: Asked, records: str) -> str:
    """SQL: the units ``t`` of these records, each looked at once."""
    return f"""t AS MATERIALIZED (
        SELECT d.unit, y.* FROM (SELECT DISTINCT unit FROM {records}) d
        CROSS JOIN LATERAL ({asked.fitting("d.unit")}) y)"""


def _walked(asked: Asked, way: Way, lanes: Sequence[str], columns: str, most: str = "%(looked)s") -> str:
    """SQL: the first records of these lanes on the way; where it is known among which all are, of these."""
    if tuple(lanes) == ("true",) and (asked.ids or asked.slices):
        return (_of_ids if asked.ids else _of_slices)(asked, way, columns, most)
    lane = f"""SELECT {columns} FROM indexer_record r WHERE {_RECORD} AND {{}} AND {way.within("r.position")}
        {asked.bounded("r.position")} ORDER BY r.position {way.direction} LIMIT {most}"""
    looked = " UNION ALL ".join(f"({lane.format(each)})" for each in lanes)
    if len(lanes) == 1:
        return looked
    return f"SELECT {columns} FROM ({looked}) r ORDER BY r.position {way.direction} LIMIT {most}"


def _of_slices(asked: Asked, way: Way, columns: str, most: str) -> str:
    """SQL: the first records on the way that are in the slices. Prompt ids rise with positions, so slices and
    what they hold are gone through in order, and nothing between them is read.
    """
    slices = f"""{asked.slices} AND s.slice
        BETWEEN {_id_at("ASC", asked, way)} >> {CheckSlice.BITS}
            AND {_id_at("DESC", asked, way)} >> {CheckSlice.BITS}"""
    return f"""
        SELECT {columns} FROM ({slices} ORDER BY s.slice {way.direction} LIMIT {most}) s CROSS JOIN LATERAL (
            SELECT r.* FROM indexer_record r WHERE {_RECORD} AND {way.within("r.position")}
              AND r.prompt_id >= s.slice << {CheckSlice.BITS}
              AND r.prompt_id < (s.slice + 1) << {CheckSlice.BITS}
            ORDER BY r.prompt_id {way.direction} OFFSET 0) r
        LIMIT {most}"""


def _of_ids(asked: Asked, way: Way, columns: str, most: str) -> str:
    """SQL: the first records on the way with these ids, each looked up by its id."""
    ids = f"{asked.ids} AND f.prompt_id BETWEEN {_id_at('ASC', asked, way)} AND {_id_at('DESC', asked, way)}"
    return f"""
        SELECT {columns} FROM ({ids} ORDER BY f.prompt_id {way.direction} LIMIT {most}) f CROSS JOIN LATERAL (
            SELECT r.* FROM indexer_record r WHERE {_RECORD} AND r.prompt_id = f.prompt_id OFFSET 0) r"""


def _id_at(direction: str, asked: Asked, way: Way) -> str:
    """SQL: the first prompt id on the way, within all bounds, in this order of positions; null where there is
    none.
    """
    return f"""(SELECT r.prompt_id FROM indexer_record r
        WHERE {_RECORD} AND {way.within("r.position")} {asked.bounded("r.position")}
        ORDER BY r.position {direction} LIMIT 1)"""


def _unit_of(asked: Asked, position: str) -> str:
    """SQL: the unit that counts of the record there."""
    return f"""SELECT {asked.unit} AS unit FROM indexer_searchrecord s
        WHERE s.chain_id = %(chain)s AND s.generation = {GENERATION} AND s.position = {position} OFFSET 0"""


def _record_at(position: str) -> str:
    """SQL: the record there."""
    return f"SELECT r.* FROM indexer_record r WHERE {_RECORD} AND r.position = {position} OFFSET 0"


def contents_first(asked: Asked, way: Way, lanes: Sequence[str] = ("true",)) -> str:
    """How many units fit ``%(loose)s``, at most one more than ``%(units)s``; where they are no more than
    that, the first ``%(rows)s`` positions on the way that match, all of which lie in the lanes.
    """
    is_told = not asked.beside and not asked.of_both
    found = _by_units(asked, way) if is_told else _by_records(asked, way, lanes)
    return f"""
        WITH {_UNITS},
        few AS MATERIALIZED (SELECT c.id FROM c WHERE {_NUMBER} <= %(units)s),
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
        SELECT {_NUMBER}, ARRAY(
            SELECT s.position FROM fitting
            CROSS JOIN LATERAL ({_records(asked, way, "fitting.id", "LIMIT %(rows)s")}) s
            ORDER BY s.position {way.direction} LIMIT %(rows)s)
    """


def _looked_at(asked: Asked, unit: str) -> str:
    if asked.is_exact or not asked.of_unit:
        return ""
    return f"CROSS JOIN LATERAL ({asked.fitting(unit)}) t WHERE {asked.of_unit}"


def _by_records(asked: Asked, way: Way, lanes: Sequence[str]) -> str:
    """All records of the units that fit, looked at in order one by one until so many fit. The words of units
    are unpacked only where the index has not told all that is asked of them. Where there are more records
    than are soon looked at, those that lie in no lane are left out by the lanes' indexes.
    """
    of_unit = "" if asked.is_exact else asked.of_unit
    columns = "".join(f", t.q{number}" for number in _columns(asked)) if of_unit or asked.of_both else ""
    return f"""
        t AS MATERIALIZED (
            SELECT few.id{columns} FROM few
            {f"CROSS JOIN LATERAL ({asked.fitting('few.id')}) t" if columns else ""}
            WHERE {_all(of_unit)}),
        a AS MATERIALIZED (
            SELECT t.*, s.position FROM t CROSS JOIN LATERAL ({_records(asked, way, "t.id", "")}) s),
        {_lane(asked, way, lanes)}
        p AS MATERIALIZED (
            SELECT t.* FROM a t
            WHERE (SELECT count(*) FROM a) <= {_SOON} OR {_in_lane("t.position", lanes)})
        SELECT {_NUMBER}, ARRAY(
            SELECT t.position FROM (SELECT * FROM p ORDER BY position {way.direction} OFFSET 0) t
            CROSS JOIN LATERAL (
                SELECT FROM indexer_record r WHERE {_RECORD} AND r.position = t.position
                AND {_all(asked.untold(()), asked.of_both)} OFFSET 0) r
            LIMIT %(rows)s)
    """


def _lane(asked: Asked, way: Way, lanes: Sequence[str]) -> str:
    """SQL: the positions ``l`` in these lanes, or one more than are gone through."""
    if tuple(lanes) == ("true",):
        return ""
    return f"l AS MATERIALIZED ({_walked(asked, way, lanes, 'r.position', f'{_LANE + 1}')}),"


def _in_lane(position: str, lanes: Sequence[str]) -> str:
    """SQL: whether a position is one of ``l``; true where these are too many to say."""
    if tuple(lanes) == ("true",):
        return "true"
    return f"((SELECT count(*) FROM l) > {_LANE} OR {position} IN (SELECT l.position FROM l))"


def count(asked: Asked, way: Way, lanes: Sequence[str] = ("true",)) -> str:
    """How many records on the way match, up to ``%(rows)s``, and whether those are all but for this bound.

    They are those of the units that fit ``%(loose)s``, in no order, until so many are found; where something
    else is asked of records, those in the lanes alone, and of too many lanes the first ones on the way.
    """
    unit = "" if asked.is_exact and not asked.of_both else asked.fitting("c.id")
    of_record = asked.untold(lanes) or asked.of_both
    in_lane = bool(asked.beside) and tuple(lanes) != ("true",)
    fits = _all(
        asked.of_unit if unit else "",
        "(s.position IN (SELECT l.position FROM l)) IS TRUE" if in_lane else "",
        asked.untold(lanes),
        asked.of_both,
    )
    return f"""
        {f"WITH {_lane(asked, way, lanes).removesuffix(',')}" if in_lane else ""}
        SELECT count(*), {f"(SELECT count(*) FROM l) <= {_LANE}" if in_lane else "true"} FROM (
            SELECT FROM (SELECT u.id FROM indexer_searchunit u WHERE u.words @@ %(loose)s::tsquery OFFSET 0) c
            {f"CROSS JOIN LATERAL ({unit}) t" if unit else ""}
            CROSS JOIN LATERAL ({_records(asked, way, "c.id", "", is_ordered=False)}) s
            {f"CROSS JOIN LATERAL ({_record_at('s.position')}) r" if of_record else ""}
            WHERE {fits}
            LIMIT %(rows)s) m
    """


def _columns(asked: Asked) -> range:
    return range(len(asked.words))


def _records(
    asked: Asked, way: Way, unit: str, cut: str, *, last: str = "%(end)s", is_ordered: bool = True
) -> str:
    """SQL: the positions on the way, up to the last one, of the records that say what the unit holds."""
    column = {Said.NOW: "now", Said.FIRST: "first"}.get(asked.said)
    of_unit = f"""SELECT s.position FROM indexer_searchrecord s
        WHERE s.{{}} = {unit} AND {_SEARCHED} AND {way.within("s.position", last)}
        {asked.bounded("s.position")}"""
    ordered = f"{f' ORDER BY s.position {way.direction}' if is_ordered else ''} {cut or 'OFFSET 0'}"
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
