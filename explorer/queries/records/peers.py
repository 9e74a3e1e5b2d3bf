"""Records that answer the same messages with the same seed, and which of their answers are equal: those that
say the same, in words, calls, refusal and media of all choices.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, product
from string import ascii_uppercase
from typing import Any

from explorer.queries.db import sql
from explorer.queries.db.prepared import Prepared
from explorer.queries.db.sql import GENERATION
from explorer.queries.records.states import DELETED
from indexer.dapp.replay import SAID_SINCE
from indexer.models import DerivationCheckpoint

MOST = 60
"""Peers that are listed."""

COUNTED = 10_000
"""Peers that are counted one by one at most."""

LOOKED_AT = 1_000
"""The oldest peers, in which each answer of a group is looked for whose figures are kept."""

LARGEST = 12
"""Answers that are counted one by one, where there are more peers than are listed."""

# The record's group, where its figures are of the height that is folded: else there is no row. The record and
# the oldest of the others are found by the index of the head of the prompt's key, the seed and the position:
# "IS TRUE" keeps the planner from an index by chain and generation, in which all records are, and lets it
# estimate from statistics how many are alike, so that it takes the first of many by the index.
_ALIKE = f"""
    WITH kept AS MATERIALIZED (
        SELECT g.* FROM indexer_group g
        JOIN indexer_checkpoint c ON c.chain_id = g.chain_id AND c.generation = g.generation
        JOIN indexer_derivationcheckpoint d ON d.chain_id = g.chain_id AND d.generation = g.generation
        WHERE g.chain_id = %(chain)s AND g.generation = {GENERATION} AND g.prompt = %(prompt)s
          AND g.seed = %(seed)s AND d.name = '{DerivationCheckpoint.Of.GROUPS.value}' AND d.height >= c.height
    ), alike AS MATERIALIZED (
        SELECT position, prompt_id, scout, status, coalesce(said, answer) AS answer FROM indexer_record
        WHERE chain_id = %(chain)s AND generation = {GENERATION} AND prompt_id = %(prompt_id)s
        UNION ALL
        (SELECT position, prompt_id, scout, status, coalesce(said, answer) FROM indexer_record
         WHERE substr(prompt, 1, 6) = %(head)s AND seed = %(seed)s AND prompt = %(prompt)s
           AND (chain_id = %(chain)s) IS TRUE AND (generation = {GENERATION}) IS TRUE
           AND prompt_id <> %(prompt_id)s
         ORDER BY position LIMIT {{others}})
    )
"""
# What is live stands as it was first written: only of others is the first answer looked up, each by its key:
# LIMIT keeps the planner from reading all operations of the chain where statistics say that they are few.
# A generation of older rules knows answers by their first content alone, whatever operations know by now.
FIRST_SAID = f"""
    LEFT JOIN LATERAL (
        SELECT CASE WHEN (
                   SELECT rules FROM indexer_generation
                   WHERE chain_id = %(chain)s AND generation = {GENERATION}) >= {SAID_SINCE}
               THEN coalesce(said, answer) ELSE answer END AS answer
        FROM indexer_operation
        WHERE p.status > 1 AND chain_id = %(chain)s AND position = p.position LIMIT 1
    ) o ON true
"""
"""SQL: ``o.answer`` is what a record ``p`` first said, where it is not what it says now."""

_ALIKE_TYPES = {
    "chain": "smallint",
    "prompt_id": "bigint",
    "prompt": "bytea",
    "head": "bytea",
    "seed": "bigint",
}
_PEERS = Prepared(
    f"""
    {_ALIKE.format(others=f"coalesce((SELECT {MOST} FROM kept), {COUNTED})")}
    SELECT p.prompt_id, p.scout, p.status, p.answer, o.answer,
           coalesce((SELECT records FROM kept), (SELECT count(*) FROM alike)),
           kept.number, kept.records, kept.live, kept.answers, kept.answers_now
    FROM (
        SELECT * FROM alike ORDER BY prompt_id <> %(prompt_id)s, prompt_id LIMIT {MOST}
    ) p LEFT JOIN kept ON true {FIRST_SAID}
    ORDER BY p.prompt_id
""",
    _ALIKE_TYPES,
)
_SHARED = Prepared(
    f"""
    {_ALIKE.format(others="%(others)s")}
    SELECT coalesce(o.answer, p.answer), CASE WHEN p.status <> {DELETED} THEN p.answer END, count(*),
           min(p.prompt_id), bool_or(p.prompt_id = %(prompt_id)s)
    FROM alike p {FIRST_SAID}
    GROUP BY 1, 2 ORDER BY 4
""",
    {**_ALIKE_TYPES, "others": "bigint"},
)
_GIVEN = f"""
    SELECT answer, first, now FROM indexer_groupanswer
    WHERE chain_id = %(chain)s AND generation = {GENERATION} AND number = %(number)s
"""


@dataclass(frozen=True, slots=True)
class Peer:
    """A record that answers the same messages with the same seed. Answers that are equal share a letter.

    ``first`` is the letter of what was first written, ``now`` of what stands; None where it was deleted.
    A, B and C are the largest groups; an answer that no other record gives has a letter of its own.
    """

    prompt_id: int
    scout: int
    first: str
    now: str | None


@dataclass(frozen=True, slots=True)
class Cluster:
    """Records that give one answer. ``prompt_id`` is the lowest; ``has_this`` is whether the one that was
    asked for is among them.
    """

    letter: str
    count: int
    prompt_id: int
    has_this: bool


@dataclass(frozen=True, slots=True)
class Tally:
    """How often each answer was given: the largest clusters, and that of the record that was asked for.

    ``others`` counts records of clusters that are left out, ``deleted`` those that say nothing any more.
    """

    clusters: Sequence[Cluster]
    others: int
    deleted: int


@dataclass(frozen=True, slots=True)
class Peers:
    """The peers that are listed, by prompt id, and how many are counted: all where ``is_exact``, else
    ``COUNTED``, the oldest and the one that was asked for; but ``LOOKED_AT`` where there are more different
    answers than that, for each costs as much as all that are the same.

    More than ``COUNTED`` are all counted where the figures of their group are kept (``indexer.models.Group``)
    up to the height that is folded, and each of their answers is among those of the oldest ``LOOKED_AT``.

    ``tallies`` are of all that are counted, as first written and as it stands; None where all are listed.
    """

    listed: Sequence[Peer]
    count: int
    is_exact: bool
    tallies: tuple[Tally, Tally] | None


@dataclass(frozen=True, slots=True)
class _Group:
    """The figures of a group that are kept: see ``indexer.models.Group``."""

    number: int
    records: int
    live: int
    answers: int
    answers_now: int


@dataclass(frozen=True, slots=True)
class _Share:
    """Records that wrote the same first and stand by the same now."""

    first: bytes
    now: bytes | None
    count: int
    prompt_id: int
    has_this: bool


@dataclass(frozen=True, slots=True)
class _Said:
    """One of the two answers of a share."""

    answer: bytes
    share: _Share


@dataclass(frozen=True, slots=True)
class _Answers:
    """What a peer said, by the key of that; ``now`` is None where it was deleted."""

    prompt_id: int
    scout: int
    first: bytes
    now: bytes | None

    def share(self, count: int) -> _Share:
        """It among the others, counted so often."""
        return _Share(self.first, self.now, count, self.prompt_id, has_this=False)


@dataclass(frozen=True, slots=True)
class _Counts:
    """How many records first wrote each answer, and how many stand by it; ``deleted`` stand by none."""

    first: Mapping[bytes, int]
    now: Mapping[bytes, int]
    deleted: int


def peers_of(chain_id: int, *, prompt_id: int, prompt: bytes, seed: int) -> Peers:
    """The peers of a record, itself among them: one query, and where not all of them are listed one more, or
    up to three where they are more than ``LOOKED_AT``.
    """
    parameters: dict[str, Any] = {
        "chain": chain_id,
        "head": prompt[:6],
        "prompt": prompt,
        "seed": seed,
        "prompt_id": prompt_id,
    }
    rows = _PEERS.rows(parameters)
    found = [_answers(*row[:5]) for row in rows]
    if not rows or rows[0][5] <= len(rows):
        every = [each.share(1) for each in found]
        letters = _letters(every, _counted(every))
        return Peers(_listed(found, letters), len(found), is_exact=True, tallies=None)
    group = None if rows[0][6] is None else _Group(*rows[0][6:])
    is_scattered = group is not None and group.answers > LOOKED_AT
    if group is not None and group.records > LOOKED_AT and not is_scattered:
        kept = _kept(group, parameters)
        if kept is not None:
            return _tallied(found, *kept, is_exact=True)
    most = LOOKED_AT if is_scattered else COUNTED
    shares = _shares(parameters, most)
    return _tallied(found, shares, _counted(shares), is_exact=rows[0][5] <= most)


def _shares(parameters: Mapping[str, Any], most: int) -> Sequence[_Share]:
    """What the oldest records and the one that was asked for said, by the lowest prompt id of each share."""
    return [_Share(*row) for row in _SHARED.rows({**parameters, "others": most - 1})]


def _kept(group: _Group, parameters: Mapping[str, Any]) -> tuple[Sequence[_Share], _Counts] | None:
    """Shares in which every answer of the group has its lowest prompt id, and the counts that are kept. None
    where the oldest do not say all that any of them says.
    """
    shares = _shares(parameters, LOOKED_AT)
    said = _counted(shares)
    if (len(said.first), len(said.now)) != (group.answers, group.answers_now):
        return None
    rows = sql.rows(_GIVEN, {**parameters, "number": group.number})
    counts = _Counts(
        first={answer: first for answer, first, _ in rows if first},
        now={answer: now for answer, _, now in rows if now},
        deleted=group.records - group.live,
    )
    this = parameters["prompt_id"]
    settled = (_settled(_first(shares), counts.first, this), _settled(_now(shares), counts.now, this))
    return (shares, counts) if settled == (counts.first.keys(), counts.now.keys()) else None


def _settled(said: Iterable[_Said], counts: Mapping[bytes, int], this: int) -> Collection[bytes]:
    """The answers whose lowest prompt id is found. Where this record alone gives one among those that were
    looked at, older ones that were not may give it too, unless nobody else does.
    """
    return {
        each.answer
        for each in said
        if each.share.prompt_id != this or each.share.count > 1 or counts.get(each.answer) == 1
    }


def _first(shares: Iterable[_Share]) -> Iterator[_Said]:
    return (_Said(each.first, each) for each in shares)


def _now(shares: Iterable[_Share]) -> Iterator[_Said]:
    return (_Said(each.now, each) for each in shares if each.now is not None)


def _counted(shares: Sequence[_Share]) -> _Counts:
    first: Counter[bytes] = Counter()
    now: Counter[bytes] = Counter()
    for said, counts in ((_first(shares), first), (_now(shares), now)):
        for each in said:
            counts[each.answer] += each.share.count
    return _Counts(first, now, first.total() - now.total())


def _tallied(
    found: Sequence[_Answers], shares: Sequence[_Share], counts: _Counts, *, is_exact: bool
) -> Peers:
    # A record may be changed between the queries.
    letters = _letters([*shares, *(each.share(0) for each in found)], counts)
    return Peers(
        listed=_listed(found, letters),
        count=sum(counts.first.values()),
        is_exact=is_exact,
        tallies=(
            _tally(_first(shares), counts.first, letters, deleted=0),
            _tally(_now(shares), counts.now, letters, deleted=counts.deleted),
        ),
    )


def _tally(
    said: Iterable[_Said], counts: Mapping[bytes, int], letters: Mapping[bytes, str], *, deleted: int
) -> Tally:
    lowest: dict[bytes, int] = {}
    this: set[bytes] = set()
    for each in said:  # lowest prompt id first
        lowest.setdefault(each.answer, each.share.prompt_id)
        this |= {each.answer} if each.share.has_this else set()
    ranked = sorted(counts, key=lambda key: (-counts[key], lowest[key]))
    kept = [
        Cluster(letters[key], counts[key], lowest[key], key in this)
        for rank, key in enumerate(ranked)
        if rank < LARGEST or key in this
    ]
    return Tally(kept, sum(counts.values()) - sum(each.count for each in kept), deleted)


def _listed(found: Iterable[_Answers], letters: Mapping[bytes, str]) -> Sequence[Peer]:
    return [
        Peer(each.prompt_id, each.scout, letters[each.first], None if each.now is None else letters[each.now])
        for each in found
    ]


def _answers(prompt_id: int, scout: int, status: int, now: bytes, first: bytes | None) -> _Answers:
    return _Answers(prompt_id, scout, now if first is None else first, None if status == DELETED else now)


def _letters(shares: Sequence[_Share], counts: _Counts) -> Mapping[bytes, str]:
    """A letter for each answer: by how many wrote it first, then by how many stand by it, then by order."""
    order = dict.fromkeys(each.answer for each in (*_first(shares), *_now(shares)))
    largest = sorted(order, key=lambda key: (-counts.first.get(key, 0), -counts.now.get(key, 0)))
    return dict(zip(largest, letters_in_order(), strict=False))


def letters_in_order() -> Iterator[str]:
    """A to Z, then AA, AB and so on."""
    for length in count(1):
        yield from ("".join(each) for each in product(ascii_uppercase, repeat=length))
