"""Records that answer the same messages with the same seed, and which of their answers are equal."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, product
from string import ascii_uppercase
from typing import Any

from django.db import connection

from explorer.queries.rows import GENERATION, STATUSES, Status

MOST = 60
"""Peers that are listed."""

COUNTED = 10_000
"""Peers that are counted at most."""

# By the head of the prompt's key and the seed, which are indexed, in a step of its own: the planner would
# rather take an index by chain and generation, in which all of them are.
_PEERS = f"""
    WITH same AS MATERIALIZED (
        SELECT chain_id, generation, position, prompt_id, scout, status, answer FROM indexer_record
        WHERE substr(prompt, 1, 6) = %(head)s AND seed = %(seed)s AND prompt = %(prompt)s
        LIMIT {COUNTED}
    ), alike AS MATERIALIZED (
        SELECT position, prompt_id, scout, status, answer FROM indexer_record
        WHERE chain_id = %(chain)s AND generation = {GENERATION} AND prompt_id = %(prompt_id)s
        UNION ALL
        SELECT position, prompt_id, scout, status, answer FROM same
        WHERE chain_id = %(chain)s AND generation = {GENERATION} AND prompt_id <> %(prompt_id)s
    )
    SELECT p.prompt_id, p.scout, p.status, p.answer, o.answer, (SELECT count(*) FROM alike)
    FROM (
        SELECT * FROM alike ORDER BY prompt_id <> %(prompt_id)s, prompt_id LIMIT {MOST}
    ) p LEFT JOIN indexer_operation o ON o.chain_id = %(chain)s AND o.position = p.position
    ORDER BY p.prompt_id
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
class Peers:
    """The peers that are listed, by prompt id, and how many there are (counted up to ``COUNTED``)."""

    listed: Sequence[Peer]
    count: int


@dataclass(frozen=True, slots=True)
class _Answers:
    """What a peer said, by content key; ``now`` is None where it was deleted."""

    prompt_id: int
    scout: int
    first: bytes
    now: bytes | None


def peers_of(chain_id: int, *, prompt_id: int, prompt: bytes, seed: int) -> Peers:
    """The peers of a record, itself among them; one query."""
    parameters: dict[str, Any] = {
        "chain": chain_id,
        "head": prompt[:6],
        "prompt": prompt,
        "seed": seed,
        "prompt_id": prompt_id,
    }
    with connection.cursor() as cursor:
        cursor.execute(_PEERS, parameters)
        rows = cursor.fetchall()
    found = [_answers(*row[:5]) for row in rows]
    letters = _letters(found)
    listed = [
        Peer(each.prompt_id, each.scout, letters[each.first], None if each.now is None else letters[each.now])
        for each in found
    ]
    return Peers(listed, rows[0][5] if rows else 0)


def _answers(prompt_id: int, scout: int, status: int, answer: Any, first: Any) -> _Answers:
    now = bytes(answer)
    is_deleted = STATUSES[status] is Status.DELETED
    return _Answers(prompt_id, scout, now if first is None else bytes(first), None if is_deleted else now)


def _letters(found: Sequence[_Answers]) -> Mapping[bytes, str]:
    """A letter for each answer: by how many wrote it first, then by how many stand by it, then by order."""
    first = Counter(each.first for each in found)
    now = Counter(each.now for each in found if each.now is not None)
    order = dict.fromkeys([each.first for each in found] + [each.now for each in found if each.now])
    largest = sorted(order, key=lambda key: (-first[key], -now[key]))
    return dict(zip(largest, _names(), strict=False))


def _names() -> Iterator[str]:
    """A to Z, then AA, AB and so on."""
    for length in count(1):
        yield from ("".join(each) for each in product(ascii_uppercase, repeat=length))
