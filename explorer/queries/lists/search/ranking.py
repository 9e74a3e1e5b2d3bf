"""The best of the newest matches: how well each fits, by what PostgreSQL counts in the unit of its words.

For each word or phrase that is asked for counts how often it stands in what the record says, the more the
less else is said, and ever less the more often it stands; where several are asked for, also how close
together they stand in the messages, and in the answers. What is withheld is no part of a unit, so it counts
nowhere. Matches that fit alike come newest first.
"""

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from django.db import OperationalError
from psycopg.errors import QueryCanceled

from explorer.queries.db.pagination import Key
from explorer.queries.db.sql import GENERATION
from explorer.queries.lists.lanes import BY_POSITION, Way
from explorer.queries.lists.search import tsqueries, walking
from explorer.queries.lists.search.asked import Asked
from explorer.queries.lists.search.deadline import Bounded, Deadline, OutOfTime, bounded
from explorer.queries.lists.search.walking import Line, SearchTrail, Starts
from explorer.queries.lists.walk import SECONDS, Clock, Found, Walk
from explorer.queries.records.row import Place
from explorer.search.hits import sought

MOST = 1_000
"""Matches that are compared: the newest."""

SOON = 0.3
"""Seconds after which no further step is begun once something is found: who asks for the best waits longer
than who asks for the newest.
"""

_AT_ONCE = 250  # matches that are compared in one statement
_SHARE = 0.75  # of the time, to find them
_MOST_TERMS = 8  # words or phrases that count
_FEW = 2  # queries for which a unit is unpacked as often as it is asked

# By the logarithm of the length (1), and so that it stays below 1 however often a word stands (32).
_NORMALIZED = 1 | 32
_UNIT = 1_000_000  # a score is a whole number of millionths
_WEIGHTS = "'{1,1,1,1}'"


@dataclass(frozen=True, slots=True, order=True)
class Ranked:
    """A match by what it is sorted by: how well it fits, then how new it is."""

    score: int
    timestamp: int
    chain_id: int
    position: int

    @property
    def key(self) -> Key:
        """The same as numbers."""
        return self.score, self.timestamp, self.chain_id, self.position

    @property
    def place(self) -> Place:
        """Where the record is."""
        return Place(self.chain_id, self.position)


@dataclass(frozen=True, slots=True)
class Best:
    """Matches, the best first. ``walk`` is that through them, the newest first, as far as they are compared;
    ``is_all`` is whether there are no others, ``is_late`` whether time was up before those that were found
    were compared.
    """

    ranked: Sequence[Ranked]
    walk: Walk
    is_all: bool
    is_late: bool


def best(
    starts: Starts,
    line: Line,
    *,
    most: int = MOST,
    soon: float | None = None,
    clock: Clock = time.monotonic,
) -> Best:
    """The best of so many newest matches beyond a key of each chain; of fewer where time is up before, or
    some are found and ``soon`` is over.

    Raises ``OperationalError``, as a statement that takes too long does, where none could be compared.
    """
    until = Deadline.within(SECONDS, clock)
    way = Way(BY_POSITION, is_downwards=True, rows=most + 1, looks_back=False)
    to_find = Deadline.within(SECONDS * _SHARE, clock, soon=math.inf if soon is None else soon)
    found = walking.walk(starts, line, way, until=to_find)
    asked = {each.chain.id: each.searched.asked for each in found.trails if isinstance(each, SearchTrail)}
    ranked = [each for some in _ranked(found.found, asked, line, until) for each in some]
    if found.found and not ranked:
        raise OperationalError("no match could be compared in time") from QueryCanceled()
    is_late = len(ranked) < len(found.found)
    if is_late:
        found = replace(found, found=found.found[: len(ranked)], is_cut=True, stopped=())
    is_all = not found.is_cut and not found.stopped
    return Best(sorted(ranked, reverse=True), found, is_all, is_late)


def _ranked(
    found: Sequence[Found], asked: Mapping[int, Asked], line: Line, until: Deadline
) -> Iterator[Sequence[Ranked]]:
    """Matches in their order, some at a time, as long as there is time."""
    queries = queries_of(line)
    with bounded(until) as statements:
        for begun in range(0, len(found), _AT_ONCE):
            some = found[begun : begun + _AT_ONCE]
            scores: dict[Place, int] = {}
            try:
                for chain_id, of_chain in groupby(
                    sorted(some, key=lambda each: each.chain_id), key=lambda each: each.chain_id
                ):
                    positions = [each.key[0] for each in of_chain]
                    scores |= _scores(asked[chain_id], positions, queries, statements)
            except OutOfTime:
                return
            yield [
                Ranked(scores.get(each.place, 0), each.timestamp, each.chain_id, each.key[0]) for each in some
            ]


def queries_of(line: Line) -> Sequence[str]:
    """Text-search queries, whose ranks added up are how well a unit fits: of the first terms of the line."""
    terms = list(dict.fromkeys(sought(line.tree)))[:_MOST_TERMS]
    return [*map(tsqueries.strict, terms), *tsqueries.together(terms)]


def _scores(
    asked: Asked, positions: Sequence[int], queries: Sequence[str], statements: Bounded
) -> Mapping[Place, int]:
    """How well records fit; those that have no words are left out."""
    parameters = {
        "chain": asked.chain.id,
        "positions": list(positions),
        **{f"rank{number}": each for number, each in enumerate(queries)},
    }
    ranked, scores = statements.row(statement(asked, len(queries)), parameters)
    return {Place(asked.chain.id, at): score for at, score in zip(ranked, scores, strict=True)}


def statement(asked: Asked, queries: int) -> str:
    """The scores of records at ``%(positions)s`` as two arrays. Each unit is looked at once, and unpacked
    once where many queries are asked of it.
    """
    score = " + ".join(
        f"ts_rank_cd({_WEIGHTS}, u.words, %(rank{number})s::tsquery, {_NORMALIZED})"
        for number in range(queries)
    )
    words = "u.words" if queries <= _FEW else "u.words || ''::tsvector AS words"
    return f"""
        WITH w AS MATERIALIZED (
            SELECT x.position, s.unit FROM unnest(%(positions)s::bigint[]) AS x (position)
            CROSS JOIN LATERAL (
                SELECT {asked.unit} AS unit FROM indexer_searchrecord s
                WHERE s.chain_id = %(chain)s AND s.generation = {GENERATION} AND s.position = x.position
                OFFSET 0) s),
        t AS MATERIALIZED (
            SELECT d.unit, round({_UNIT} * ({score}))::bigint AS score
            FROM (SELECT DISTINCT unit FROM w) d
            CROSS JOIN LATERAL (
                SELECT {words} FROM indexer_searchunit u WHERE u.id = d.unit OFFSET 0) u)
        SELECT coalesce(array_agg(w.position), '{{}}'), coalesce(array_agg(t.score), '{{}}')
        FROM w JOIN t ON t.unit = w.unit
    """
