"""The missing-id map: each id that was given out and is not in the chain's table now, with what took it away.

Ids count the adds and are never used twice, so a hole is a record that was deleted, maybe in the block that
wrote it, or the id of an add whose arguments cannot be read: whether the table holds that one is not known.
Holes go in the order of their ids, which is that of the adds; a page looks at a bounded number of them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from hashlib import sha256
from itertools import groupby
from typing import Any

from explorer.queries.chain.chains import ChainView
from explorer.queries.db import sql
from explorer.queries.db.kinds import LARGEST
from explorer.queries.db.pagination import BELOW_ALL, Key, Order, Page, PageRequest
from explorer.queries.db.sql import GENERATION
from explorer.queries.db.values import keys_of
from indexer.dapp import operations
from indexer.dapp.replay import height_of
from indexer.models import Name, Operation, Revision
from indexer.postchain.times import moment

MOST = 2_000
"""Ids that one page looks at."""

_DOWNWARDS = {"beyond": "<", "direction": "DESC", "back": ">", "way_back": "ASC"}
_UPWARDS = {"beyond": ">", "direction": "ASC", "back": "<", "way_back": "DESC"}
_NOT_READ = Operation.Reading.UNKNOWN_ARGUMENTS.value
_KINDS = {Revision.Kind.DELETE.value: "delete", Revision.Kind.BATCH_DELETE.value: "batch-delete"}

# In the order of the adds, which is that of the ids.
_DELETED = f"""
    SELECT r.prompt_id, r.position, v.kind, r.revised_position, o.transaction
    FROM (
        SELECT * FROM indexer_record r WHERE r.chain_id = %(chain)s AND r.generation = {GENERATION}
          AND r.status = 3 AND r.position {{beyond}} %(position)s
        ORDER BY r.position {{direction}} LIMIT {{most}}
    ) r
    LEFT JOIN indexer_revision v
        ON v.chain_id = r.chain_id AND v.generation = r.generation AND v.position = r.revised_position
        AND v.prompt_id = r.prompt_id
    LEFT JOIN indexer_operation o ON o.chain_id = r.chain_id AND o.position = r.revised_position
    ORDER BY r.position {{direction}}
"""
# Each with the nearest record on the side from which it is come to, from which ids are counted.
_UNREAD = f"""
    SELECT o.position, o.transaction, p.position, p.prompt_id
    FROM (
        SELECT position, transaction FROM indexer_operation
        WHERE chain_id = %(chain)s AND reading = {_NOT_READ} AND name_id = (
            SELECT id FROM indexer_name WHERE kind = {Name.Kind.OPERATION.value} AND hash = %(add)s)
          AND position {{beyond}} %(position)s AND position < (%(last)s + 1) << 20
        ORDER BY position {{direction}} LIMIT {{most}}
    ) o
    LEFT JOIN LATERAL (
        SELECT position, prompt_id FROM indexer_record r
        WHERE r.chain_id = %(chain)s AND r.generation = {GENERATION} AND r.position {{back}} o.position
        ORDER BY r.position {{way_back}} LIMIT 1
    ) p ON true
    ORDER BY o.position {{direction}}
"""
_TRANSACTIONS = """
    SELECT t.height, t.ordinal, t.rid, s.raw, b.timestamp
    FROM unnest(%(heights)s::bigint[], %(ordinals)s::int[]) AS w (height, ordinal)
    JOIN indexer_transaction t
        ON t.chain_id = %(chain)s AND t.height = w.height AND t.ordinal = w.ordinal
    JOIN indexer_name s ON s.id = t.signers_id
    JOIN indexer_block b ON b.chain_id = t.chain_id AND b.height = t.height
"""


class Why(Enum):
    """What took an id out of the table: an operation that deleted it, or many; an add that is not understood;
    or nothing that is known here.
    """

    DELETE = "delete"
    BATCH_DELETE = "batch-delete"
    NOT_UNDERSTOOD = "not-understood"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Hole:
    """Ids that follow each other and that one transaction took away, ``first`` to ``last``, both included.

    ``position`` is that of the operation that took the first of them. ``is_of_same_block`` is whether the
    block that wrote them deleted them. Without a ``transaction`` it is not known what took them.
    """

    first: int
    last: int
    why: Why
    position: int | None
    height: int | None
    at: datetime | None
    transaction: bytes | None
    signers: Sequence[bytes]
    is_of_same_block: bool

    @property
    def count(self) -> int:
        """How many ids it has."""
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class Missing(Page[Hole]):
    """A page of holes. ``total`` is how many ids are missing in all, of ``given`` ones."""

    total: int
    given: int


@dataclass(frozen=True, slots=True)
class _Id:
    """A missing id: where its add is, and the operation that took it away, with its transaction's ordinal."""

    number: int
    position: int
    why: Why
    by: int
    ordinal: int | None

    @property
    def key(self) -> Key:
        return self.position, self.number

    @property
    def transaction(self) -> tuple[int, int] | None:
        return None if self.ordinal is None else (height_of(self.by), self.ordinal)

    @property
    def is_of_same_block(self) -> bool:
        return self.why is not Why.NOT_UNDERSTOOD and height_of(self.by) == height_of(self.position)


def page(chain: ChainView, request: PageRequest | None = None) -> Missing:
    """A page of the holes in the ids of a chain, the highest ids first unless it is asked otherwise; three
    queries, four where it does not begin at an end. A hole of very many ids may go on on the next page.
    """
    request = request or PageRequest()
    by = Order(("position", "prompt_id"), of=f"missing\0{chain.rid}")
    downwards = request.is_downwards
    begin = request.key(by) or _end(chain, is_downwards=downwards)
    found, is_cut = _ids(chain, begin, is_downwards=downwards, most=MOST)
    runs = _runs(found, is_downwards=downwards)
    shown = runs[: request.limit]
    onwards = shown[-1][-1].key if shown else begin
    back = shown[0][0].key if shown else begin
    further = None
    if is_cut or len(runs) > len(shown):
        further = request.going_on(onwards, by=by, is_downwards=downwards)
    behind = None
    if request.words and request.both_ways and _is_any_behind(chain, begin, is_downwards=downwards):
        behind = request.going_on(back, by=by, is_downwards=not downwards)
    rows = _holes(chain, shown)
    return Missing(
        rows=rows if downwards != request.oldest_first else rows[::-1],
        newer=behind if downwards else further,
        older=further if downwards else behind,
        total=chain.records - chain.live,
        given=chain.records,
    )


def _end(chain: ChainView, *, is_downwards: bool) -> Key:
    return (LARGEST, chain.records + 1) if is_downwards else (BELOW_ALL, 0)


def _ids(chain: ChainView, begin: Key, *, is_downwards: bool, most: int) -> tuple[list[_Id], bool]:
    """The next missing ids beyond a place, so many at most, and whether there are more."""
    deleted = [_deleted(*row) for row in _asked(_DELETED, chain, begin, is_downwards, most + 1)]
    unread = _unread(_asked(_UNREAD, chain, begin, is_downwards, most + 1), begin, is_downwards)
    found = sorted([*deleted, *unread], key=lambda each: each.position, reverse=is_downwards)
    return found[:most], len(found) > most


def _asked(statement: str, chain: ChainView, begin: Key, is_downwards: bool, most: int) -> Sequence[sql.Row]:
    way = _DOWNWARDS if is_downwards else _UPWARDS
    return sql.rows(
        statement.format(**way, most=most),
        {
            "chain": chain.id,
            "position": begin[0],
            "last": chain.freshness.height,
            "add": sha256(operations.ADD.encode()).digest(),
        },
    )


def _deleted(number: int, position: int, kind: int | None, by: int, ordinal: int | None) -> _Id:
    is_known = kind in _KINDS and ordinal is not None
    why = Why(_KINDS[kind]) if is_known and kind is not None else Why.UNKNOWN
    return _Id(number, position, why, by, ordinal if is_known else None)


def _unread(rows: Iterable[sql.Row], begin: Key, is_downwards: bool) -> Sequence[_Id]:
    """The ids of adds that are not understood, counted from the nearest id that is known."""
    step = -1 if is_downwards else 1
    found: list[_Id] = []
    anchor: Key | None = None
    for position, ordinal, near, prompt_id in rows:
        is_near = near is not None and (near < begin[0] if is_downwards else near > begin[0])
        nearest = (near, prompt_id) if is_near else begin
        number = found[-1].number + step if anchor == nearest else nearest[1] + step
        anchor = nearest
        found.append(_Id(number, position, Why.NOT_UNDERSTOOD, position, ordinal))
    return found


def _runs(found: Sequence[_Id], *, is_downwards: bool) -> Sequence[Sequence[_Id]]:
    """Ids that follow each other and have the same story."""
    step = -1 if is_downwards else 1
    runs = groupby(enumerate(found), key=lambda each: _story(each[1], each[1].number - step * each[0]))
    return [[each for _, each in run] for _, run in runs]


def _story(found: _Id, run: int) -> tuple[object, ...]:
    return run, found.why, found.transaction, found.is_of_same_block


def _is_any_behind(chain: ChainView, begin: Key, *, is_downwards: bool) -> bool:
    """Whether an id is missing on the side from which a page was come to, or at the place itself."""
    beside = begin[0] - 1 if is_downwards else begin[0] + 1
    found, _ = _ids(chain, (beside, begin[1]), is_downwards=not is_downwards, most=1)
    return bool(found)


def _holes(chain: ChainView, runs: Sequence[Sequence[_Id]]) -> Sequence[Hole]:
    places = sorted({each.transaction for run in runs for each in run[:1] if each.transaction is not None})
    asked = {
        "chain": chain.id,
        "heights": [height for height, _ in places],
        "ordinals": [ordinal for _, ordinal in places],
    }
    rows = sql.rows(_TRANSACTIONS, asked) if places else []
    signed = {(height, ordinal): rest for height, ordinal, *rest in rows}
    return [_hole(sorted(run, key=lambda each: each.number), signed) for run in runs]


def _hole(ids: Sequence[_Id], signed: Mapping[tuple[int, int], Sequence[Any]]) -> Hole:
    first, last = ids[0], ids[-1]
    found = signed.get(first.transaction) if first.transaction is not None else None
    if found is None:
        return Hole(first.number, last.number, Why.UNKNOWN, None, None, None, None, (), False)
    rid, signers, timestamp = found
    return Hole(
        first=first.number,
        last=last.number,
        why=first.why,
        position=first.by,
        height=height_of(first.by),
        at=moment(timestamp),
        transaction=rid,
        signers=keys_of(signers),
        is_of_same_block=first.is_of_same_block,
    )
