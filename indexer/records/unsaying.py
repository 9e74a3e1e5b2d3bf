"""Transactions that lose their bytes: the bodies of their blocks are written again without them."""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.backends.utils import CursorWrapper

from indexer.models import BlockBody
from indexer.store import body
from indexer.store.read import read_transactions

_PLACES = """
    UPDATE indexer_transaction t SET "offset" = s."offset"
    FROM unnest(%(chains)s::int2[], %(heights)s::int8[], %(ordinals)s::int4[], %(offsets)s::int4[])
        AS s (chain_id, height, ordinal, "offset")
    WHERE t.chain_id = s.chain_id AND t.height = s.height AND t.ordinal = s.ordinal
      AND t."offset" IS DISTINCT FROM s."offset"
"""
# Both looked up by their indexes: of what is said by this key alone, the text that its answer has. What was
# erased before says nothing any more.
_SAID = """
    DELETE FROM indexer_answer a WHERE a.reason <> 3 AND a.hash IN (
        SELECT o.answer FROM indexer_operation o WHERE substr(o.said, 1, 6) = %(head)s AND o.said = %(key)s)
      AND NOT EXISTS (
        SELECT FROM indexer_operation p JOIN indexer_transaction t
          ON t.chain_id = p.chain_id AND t.height = p.position >> 20 AND t.ordinal = p.transaction
        WHERE substr(p.answer, 1, 6) = substr(a.hash, 1, 6) AND p.answer = a.hash
          AND p.said IS DISTINCT FROM %(key)s AND t."offset" IS NOT NULL AND NOT EXISTS (
            SELECT FROM indexer_suppression s
            WHERE s.subject = 'transaction' AND s.mode = 'erase' AND s.hash = t.rid) OFFSET 0)
"""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a transaction is."""

    chain_id: int
    height: int
    ordinal: int


@dataclass(frozen=True, slots=True)
class _Packed:
    """Where a transaction's bytes are in its block's body; ``offset`` is None once they were erased."""

    place: Place
    offset: int | None


def drop_answers(cursor: CursorWrapper, key: bytes) -> None:
    """Remove the texts of answers that only results say which say all together what the key names."""
    cursor.execute(_SAID, {"key": key, "head": key[:6]})


def unsay(cursor: CursorWrapper, transactions: Sequence[Place]) -> None:
    """Remove the bytes of these. Called under the suppression lock. Raises ``BrokenBody``."""
    gone: dict[tuple[int, int], set[int]] = {}
    for one in transactions:
        gone.setdefault((one.chain_id, one.height), set()).add(one.ordinal)
    packed = [each for (chain, height), ordinals in gone.items() for each in _packed(chain, height, ordinals)]
    of: dict[str, Any] = {
        "chains": [each.place.chain_id for each in packed],
        "heights": [each.place.height for each in packed],
        "ordinals": [each.place.ordinal for each in packed],
        "offsets": [each.offset for each in packed],
    }
    cursor.execute(_PLACES, of)


def _packed(chain_id: int, height: int, gone: Container[int]) -> Iterator[_Packed]:
    """Pack a block's body again, and say where each transaction is in it now."""
    stored = read_transactions(chain_id, height=height)
    packed = body.pack([each.data for each in stored], gone)
    BlockBody.objects.filter(chain_id=chain_id, height=height).update(body=packed.frame, length=packed.length)
    for each, span in zip(stored, packed.spans, strict=True):
        yield _Packed(Place(chain_id, height, each.ordinal), span.offset)
