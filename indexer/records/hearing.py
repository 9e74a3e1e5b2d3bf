"""What was said, read from the bytes of an index that was made before its operations kept it, or by a version
that read results otherwise.

What is written now has it from the start; what was erased keeps the key that it has. What was hidden by a key
of then is hidden by that of today before that is kept. It goes on where it was interrupted.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from indexer.dapp import completion, halves, operations, rell_json
from indexer.dapp.completion import Heard
from indexer.models import Chain, Suppression
from indexer.postchain import gtx
from indexer.records import erase
from indexer.store import body, locks
from indexer.store.body import ByteRange

logger = logging.getLogger(__name__)

_MOST_BLOCKS = 500  # in a step
_MOST_BYTES = 32 << 20  # of its bodies, but for the first one

_BODIES = """
    SELECT y.height, y.body, y.length, ARRAY(
        SELECT ARRAY[t."offset", t.length] FROM indexer_transaction t
        WHERE t.chain_id = y.chain_id AND t.height = y.height ORDER BY t.ordinal)
    FROM (
        SELECT chain_id, height, length, body, sum(length) OVER (ORDER BY height) AS total
        FROM (
            SELECT * FROM indexer_blockbody WHERE chain_id = %s AND height > %s AND body IS NOT NULL
            ORDER BY height LIMIT %s
        ) AS next
    ) AS y WHERE y.total - y.length < %s ORDER BY y.height
"""
_PLACES = """
    SELECT position >> 20, transaction, position FROM indexer_operation
    WHERE chain_id = %s AND position >= %s AND position < %s ORDER BY position
"""
_KEEP = """
    UPDATE indexer_operation o SET said = v.said, noted = v.noted, halved = v.halved
    FROM unnest(%s::bigint[], %s::bytea[], %s::boolean[], %s::boolean[])
        AS v (position, said, noted, halved)
    WHERE o.chain_id = %s AND o.position = v.position
      AND (o.said, o.noted, o.halved) IS DISTINCT FROM (v.said, v.noted, v.halved)
"""
_CARRIED = """
    SELECT DISTINCT coalesce(v.said, o.answer), s.mode, s.reason, s.by
    FROM unnest(%s::bigint[], %s::bytea[]) AS v (position, said)
    JOIN indexer_operation o ON o.chain_id = %s AND o.position = v.position
    JOIN indexer_suppression s ON s.subject = 'content' AND s.hash = o.said
    WHERE o.said IS DISTINCT FROM v.said AND NOT EXISTS (
        SELECT FROM indexer_suppression t
        WHERE t.subject = 'content' AND t.hash = coalesce(v.said, o.answer))
"""
_TO_ERASE = """
    SELECT s.hash, s.reason, s.by FROM indexer_suppression s
    WHERE s.subject = 'content' AND s.mode = 'erase' AND EXISTS (
        SELECT FROM indexer_operation o WHERE substr(o.said, 1, 6) = substr(s.hash, 1, 6) AND o.said = s.hash)
"""


@dataclass(frozen=True, slots=True)
class _Operation:
    """What is kept of one that adds or updates. ``halved`` is as its row has it."""

    heard: Heard
    halved: bool | None


_UNKNOWN = _Operation(Heard(None, noted=True), None)


@dataclass(frozen=True, slots=True)
class _Found:
    """Where an operation is, and what is kept of it."""

    position: int
    operation: _Operation


@dataclass(frozen=True, slots=True)
class _Order:
    """That what a key names be withheld."""

    key: bytes
    mode: Suppression.Mode
    reason: str
    by: str

    def carry_out(self) -> None:
        """Withhold it."""
        erase.suppress(Suppression.Subject.CONTENT, self.key, mode=self.mode, reason=self.reason, by=self.by)


@dataclass(frozen=True, slots=True)
class _Block:
    """A stored block. ``spans`` has one entry a transaction."""

    height: int
    frame: bytes
    length: int
    spans: Sequence[ByteRange]


def hear(chain: Chain) -> None:
    """Read what is left to be read of a chain. Call it while nobody else builds a generation of it.

    What was to be erased by the key of what it says, and could not be found by it before, is erased then.
    """
    chain.refresh_from_db(fields=["heard_to"])
    if chain.heard_to is None:
        return
    reached: int | None = chain.heard_to
    while reached is not None:
        reached = _step(chain.id, reached)
    _erase_found()
    chain.heard_to = None
    chain.save(update_fields=["heard_to"])


def _step(chain_id: int, height: int) -> int | None:
    """Read the next blocks; gives the height that is reached, None where there was none left."""
    with transaction.atomic(), connection.cursor() as cursor:
        locks.share_suppression(cursor)  # erasing writes bodies, and where transactions are in them, again
        blocks = _next(cursor, chain_id, height)
        if not blocks:
            return None
        reached = blocks[-1].height
        found = _found(cursor, chain_id, blocks)
        carried = _carried(cursor, chain_id, found)
        if not carried:
            _keep(cursor, chain_id, found)
            logger.info("read what was said in blocks %d to %d", height + 1, reached)
            Chain.objects.filter(id=chain_id).update(heard_to=reached)
    for each in carried:
        each.carry_out()
    return height if carried else reached


def _carried(cursor: CursorWrapper, chain_id: int, found: Sequence[_Found]) -> list[_Order]:
    """What withholds these by a key that they will have no more, for the key that takes its place."""
    positions: list[Any] = [each.position for each in found]
    said: list[Any] = [each.operation.heard.said for each in found]
    cursor.execute(_CARRIED, [positions, said, chain_id])
    return [_Order(bytes(key), Suppression.Mode(mode), *why) for key, mode, *why in cursor.fetchall()]


def _erase_found() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_TO_ERASE)
        orders = [_Order(bytes(key), Suppression.Mode.ERASE, *why) for key, *why in cursor.fetchall()]
    for each in orders:
        each.carry_out()


def _next(cursor: CursorWrapper, chain_id: int, height: int) -> list[_Block]:
    cursor.execute(_BODIES, [chain_id, height, _MOST_BLOCKS, _MOST_BYTES])
    return [
        _Block(at, bytes(frame), length, [ByteRange(*span) for span in spans])
        for at, frame, length, spans in cursor.fetchall()
    ]


def _found(cursor: CursorWrapper, chain_id: int, blocks: Sequence[_Block]) -> list[_Found]:
    first, last = blocks[0].height, blocks[-1].height
    cursor.execute(_PLACES, [chain_id, first << 20, (last + 1) << 20])
    places: dict[tuple[int, int], list[int]] = {}
    for height, ordinal, position in cursor.fetchall():
        places.setdefault((height, ordinal), []).append(position)
    return [
        _Found(position, each)
        for block in blocks
        for ordinal, said in _heard(block)
        for position, each in zip(places.get((block.height, ordinal), []), said, strict=False)
        if each is not None
    ]


def _keep(cursor: CursorWrapper, chain_id: int, found: Sequence[_Found]) -> None:
    columns: list[list[Any]] = [
        [each.position for each in found],
        [each.operation.heard.said for each in found],
        [each.operation.heard.noted for each in found],
        [each.operation.halved for each in found],
    ]
    cursor.execute(_KEEP, [*columns, chain_id])


def _heard(block: _Block) -> Iterator[tuple[int, Iterable[_Operation | None]]]:
    """What each operation of a transaction says, by the transaction's ordinal. In a damaged body, which fsck
    tells of, any may say more than is known.
    """
    kept = [(ordinal, span) for ordinal, span in enumerate(block.spans) if span.offset is not None]
    try:
        unpacked = body.unpack(block.frame, block.length)
        said = [(ordinal, _said_in(body.cut(unpacked, span, ordinal=ordinal))) for ordinal, span in kept]
    except ValueError as error:
        logger.warning("block %d cannot be read, see fsck: %s", block.height, error)
        yield from ((ordinal, repeat(_UNKNOWN)) for ordinal, _ in kept)
    else:
        yield from said


def _said_in(data: bytes | None) -> list[_Operation | None]:
    return [] if data is None else [_said(each) for each in gtx.operations_in(data)]


def _said(operation: gtx.Operation) -> _Operation | None:
    read = operations.read(operation.name, operation.arguments)
    if read.result is None:
        return None
    heard = completion.heard(read.result, content=rell_json.content_of(read.result).content)
    is_halved = read.messages is not None and halves.are_in(read.messages)
    return _Operation(heard, is_halved or None)
