"""Records that answer the same messages with the same seed, and which of their answers are equal."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, product
from string import ascii_uppercase
from typing import Any

from explorer.queries.db import sql
from explorer.queries.db.sql import GENERATION
from explorer.queries.records.rows import DELETED

MOST = 60
"""Peers that are listed."""

COUNTED = 10_000
"""Peers that are counted at most."""

LARGEST = 12
"""Answers that are counted one by one, where there are more peers than are listed."""

# The record and the oldest of the others, by the index of the head of the prompt's key, the seed and the
# position: "+ 0" keeps the planner from an index by chain and generation, in which all records are.
_ALIKE = f"""
    WITH alike AS MATERIALIZED (
        SELECT position, prompt_id, scout, status, answer FROM indexer_record
        WHERE chain_id = %(chain)s AND generation = {GENERATION} AND prompt_id = %(prompt_id)s
        UNION ALL
        (SELECT position, prompt_id, scout, status, answer FROM indexer_record
         WHERE substr(prompt, 1, 6) = %(head)s AND seed = %(seed)s AND prompt = %(prompt)s
           AND chain_id + 0 = %(chain)s AND generation + 0 = {GENERATION} AND prompt_id <> %(prompt_id)s
         ORDER BY position LIMIT %(others)s)
    )
"""
_PEERS = f"""
    {_ALIKE}
    SELECT p.prompt_id, p.scout, p.status, p.answer, o.answer, (SELECT count(*) FROM alike)
    FROM (
        SELECT * FROM alike ORDER BY prompt_id <> %(prompt_id)s, prompt_id LIMIT {MOST}
    ) p LEFT JOIN indexer_operation o ON o.chain_id = %(chain)s AND o.position = p.position
    ORDER BY p.prompt_id
"""
_SHARED = f"""
    {_ALIKE}
    SELECT coalesce(o.answer, p.answer), CASE WHEN p.status <> {DELETED} THEN p.answer END, count(*),
           min(p.prompt_id), bool_or(p.prompt_id = %(prompt_id)s)
    FROM alike p LEFT JOIN indexer_operation o ON o.chain_id = %(chain)s AND o.position = p.position
    GROUP BY 1, 2 ORDER BY 4
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
    ``COUNTED``, the oldest and the one that was asked for.

    ``tallies`` are of all that are counted, as first written and as it stands; None where all are listed.
    """

    listed: Sequence[Peer]
    count: int
    is_exact: bool
    tallies: tuple[Tally, Tally] | None


@dataclass(frozen=True, slots=True)
class _Share:
    """Records that wrote the same first and stand by the same now."""

    first: bytes
    now: bytes | None
    count: int
    prompt_id: int
    has_this: bool


@dataclass(frozen=True, slots=True)
class _Answers:
    """What a peer said, by content key; ``now`` is None where it was deleted."""

    prompt_id: int
    scout: int
    first: bytes
    now: bytes | None

    def share(self, count: int) -> _Share:
        """It among the others, counted so often."""
        return _Share(self.first, self.now, count, self.prompt_id, has_this=False)


def peers_of(chain_id: int, *, prompt_id: int, prompt: bytes, seed: int) -> Peers:
    """The peers of a record, itself among them; one query, two where not all of them are listed."""
    parameters: dict[str, Any] = {
        "chain": chain_id,
        "head": prompt[:6],
        "prompt": prompt,
        "seed": seed,
        "prompt_id": prompt_id,
    }
    rows = sql.rows(_PEERS, {**parameters, "others": COUNTED})
    found = [_answers(*row[:5]) for row in rows]
    if rows and rows[0][5] > len(rows):
        return _tallied(found, _shares({**parameters, "others": COUNTED - 1}), count=rows[0][5])
    return Peers(
        _listed(found, _letters(each.share(1) for each in found)), len(found), is_exact=True, tallies=None
    )


def _shares(parameters: Mapping[str, Any]) -> Sequence[_Share]:
    return [_Share(*row) for row in sql.rows(_SHARED, parameters)]


def _tallied(found: Sequence[_Answers], shares: Sequence[_Share], *, count: int) -> Peers:
    # A record may be changed between the two queries.
    letters = _letters([*shares, *(each.share(0) for each in found)])
    return Peers(
        listed=_listed(found, letters),
        count=min(count, COUNTED),
        is_exact=count <= COUNTED,
        tallies=(
            _tally(((each.first, each) for each in shares), letters),
            _tally(((each.now, each) for each in shares), letters),
        ),
    )


def _tally(said: Iterable[tuple[bytes | None, _Share]], letters: Mapping[bytes, str]) -> Tally:
    by_letter: dict[str, list[_Share]] = {}
    deleted = 0
    for answer, share in said:
        if answer is None:
            deleted += share.count
        else:
            by_letter.setdefault(letters[answer], []).append(share)
    every = [_cluster(letter, shares) for letter, shares in by_letter.items()]
    every.sort(key=lambda each: (-each.count, each.prompt_id))
    kept = [each for rank, each in enumerate(every) if rank < LARGEST or each.has_this]
    return Tally(kept, sum(each.count for each in every) - sum(each.count for each in kept), deleted)


def _cluster(letter: str, shares: Sequence[_Share]) -> Cluster:
    return Cluster(
        letter,
        sum(each.count for each in shares),
        min(each.prompt_id for each in shares),
        any(each.has_this for each in shares),
    )


def _listed(found: Iterable[_Answers], letters: Mapping[bytes, str]) -> Sequence[Peer]:
    return [
        Peer(each.prompt_id, each.scout, letters[each.first], None if each.now is None else letters[each.now])
        for each in found
    ]


def _answers(prompt_id: int, scout: int, status: int, now: bytes, first: bytes | None) -> _Answers:
    return _Answers(prompt_id, scout, now if first is None else first, None if status == DELETED else now)


def _letters(shares: Iterable[_Share]) -> Mapping[bytes, str]:
    """A letter for each answer: by how many wrote it first, then by how many stand by it, then by order."""
    first: Counter[bytes] = Counter()
    now: Counter[bytes] = Counter()
    order: dict[bytes, None] = {}
    later: dict[bytes, None] = {}
    for each in shares:
        first[each.first] += each.count
        order[each.first] = None
        if each.now is not None:
            now[each.now] += each.count
            later[each.now] = None
    order |= later
    largest = sorted(order, key=lambda key: (-first[key], -now[key]))
    return dict(zip(largest, _names(), strict=False))


def _names() -> Iterator[str]:
    """A to Z, then AA, AB and so on."""
    for length in count(1):
        yield from ("".join(each) for each in product(ascii_uppercase, repeat=length))
