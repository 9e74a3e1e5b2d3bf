"""Which ``system_fingerprint`` records have: what a provider reports of the configuration that made a result.

It is that of a record as first written. The text itself stands in the chain's bytes alone; kept is the head
of its hash, and what is withheld counts for nothing: see ``indexer.models.FingerprintRecord``.
"""

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db.backends.utils import CursorWrapper

from indexer.dapp.completion import fingerprint_of
from indexer.dapp.replay import height_of
from indexer.derive.derivation import Derivation, PositionRange, Withdrawn
from indexer.models import DerivationCheckpoint, Fingerprint, FingerprintRecord, Presence
from indexer.store import suppression
from indexer.store.read import BrokenBody, read_arguments
from indexer.store.suppression import Gate

logger = logging.getLogger(__name__)

BATCH = 1_000  # operations: whoever hides a text waits for a step
_RESULT = 2  # which argument of an add it is

# The revisions are found first: see groups.
_IN_RANGE = """
    SELECT chain_id, generation, prompt_id, position FROM indexer_revision
    WHERE chain_id = %(chain)s AND generation = %(generation)s
      AND position >= %(first)s AND position < %(end)s AND kind = 1
"""
_OF_OPERATIONS = """
    SELECT v.* FROM unnest(%(positions)s::bigint[]) AS w (position) CROSS JOIN LATERAL (
        SELECT chain_id, generation, prompt_id, position FROM indexer_revision
        WHERE chain_id = %(chain)s AND generation = %(generation)s AND position = w.position AND kind = 1
        OFFSET 0) v
"""
_ADDED = """
    WITH revised AS MATERIALIZED ({})
    SELECT v.position, r.model_id, r.provider_id, o.answer, o.result_normal, o.said, t.rid
    FROM revised v
    JOIN indexer_record r
      ON r.chain_id = v.chain_id AND r.generation = v.generation AND r.prompt_id = v.prompt_id
    JOIN indexer_operation o ON o.chain_id = v.chain_id AND o.position = v.position
    JOIN indexer_transaction t
      ON t.chain_id = v.chain_id AND t.height = v.position >> 20 AND t.ordinal = o.transaction
    WHERE t."offset" IS NOT NULL ORDER BY v.position
"""
_WRITE = f"""
    WITH found AS MATERIALIZED (
        SELECT * FROM unnest(%(positions)s::int8[], %(models)s::int4[], %(providers)s::int4[],
                             %(fingerprints)s::uuid[]) AS f (position, model_id, provider_id, fingerprint)
    ), kept AS (
        INSERT INTO indexer_fingerprintrecord
            (chain_id, generation, position, model_id, provider_id, fingerprint)
        SELECT %(chain)s, %(generation)s, position, model_id, provider_id, fingerprint
        FROM found ORDER BY position
    )
    INSERT INTO indexer_fingerprint AS t (chain_id, generation, of, key, fingerprint, records, first, last)
    SELECT %(chain)s, %(generation)s, n.of, n.key, f.fingerprint, count(*), min(f.position), max(f.position)
    FROM found f CROSS JOIN LATERAL (VALUES
        ({Presence.Of.MODEL.value}, f.model_id::bigint),
        ({Presence.Of.PROVIDER.value}, f.provider_id::bigint)) AS n (of, key)
    GROUP BY n.of, n.key, f.fingerprint ORDER BY n.of, n.key, f.fingerprint
    ON CONFLICT (chain_id, generation, of, key, fingerprint) DO UPDATE SET
        records = t.records + excluded.records, first = least(t.first, excluded.first),
        last = greatest(t.last, excluded.last)
"""
_FORGET = """
    DELETE FROM indexer_fingerprintrecord
    WHERE chain_id = %(chain)s AND generation = %(generation)s AND position = ANY(%(positions)s)
    RETURNING model_id, provider_id, fingerprint
"""
# The first and last of those that are left, by the index of a fingerprint.
_LEFT = """
    UPDATE indexer_fingerprint f SET records = f.records - %(count)s,
        first = coalesce((
            SELECT r.position FROM indexer_fingerprintrecord r
            WHERE r.fingerprint = f.fingerprint AND r.chain_id = f.chain_id AND r.generation = f.generation
              AND r.{column} = f.key ORDER BY r.position LIMIT 1), f.first),
        last = coalesce((
            SELECT r.position FROM indexer_fingerprintrecord r
            WHERE r.fingerprint = f.fingerprint AND r.chain_id = f.chain_id AND r.generation = f.generation
              AND r.{column} = f.key ORDER BY r.position DESC LIMIT 1), f.last)
    WHERE f.chain_id = %(chain)s AND f.generation = %(generation)s AND f.of = %(of)s AND f.key = %(key)s
      AND f.fingerprint = %(fingerprint)s
"""
_SWEEP = """
    DELETE FROM indexer_fingerprint
    WHERE chain_id = %(chain)s AND generation = %(generation)s AND of = %(of)s AND key = %(key)s
      AND fingerprint = %(fingerprint)s AND records = 0
"""


@dataclass(frozen=True, slots=True)
class _Add:
    """A record as it was written, and by what its result may be withheld."""

    position: int
    model_id: int
    provider_id: int
    answer: bytes | None
    result: bytes | None
    said: bytes | None
    rid: bytes

    def is_held(self, gate: Gate) -> bool:
        return gate.hold(self.answer, self.result, self.said, transaction=self.rid) is not None


def named(fingerprint: str) -> UUID:
    """What stands for a fingerprint in the tables."""
    return UUID(bytes=sha256(fingerprint.encode("utf-8", "surrogatepass")).digest()[:16])


def step(cursor: CursorWrapper, positions: PositionRange) -> None:
    """Add the fingerprints of what a range writes."""
    if positions.first < positions.end:
        cursor.execute(_ADDED.format(_IN_RANGE), positions.named)
        _count(cursor, positions, [_Add(*row) for row in cursor.fetchall()])


def remake(cursor: CursorWrapper, withdrawn: Withdrawn) -> None:
    """Count the results anew that these operations wrote."""
    of = withdrawn.named
    cursor.execute(_FORGET, of)
    gone: Counter[tuple[int, int, UUID]] = Counter()
    for model_id, provider_id, fingerprint in cursor.fetchall():
        gone[Presence.Of.MODEL.value, model_id, fingerprint] += 1
        gone[Presence.Of.PROVIDER.value, provider_id, fingerprint] += 1
    for (kind, key, fingerprint), count in sorted(gone.items()):
        column = "model_id" if kind == Presence.Of.MODEL else "provider_id"
        row: dict[str, Any] = {**withdrawn.range.named, "of": kind, "key": key, "fingerprint": fingerprint}
        cursor.execute(_LEFT.format(column=column), {**row, "count": count})
        cursor.execute(_SWEEP, row)
    cursor.execute(_ADDED.format(_OF_OPERATIONS), of)
    _count(cursor, withdrawn.range, [_Add(*row) for row in cursor.fetchall()])


def _count(cursor: CursorWrapper, positions: PositionRange, added: Sequence[_Add]) -> None:
    """Count these, but for what is withheld."""
    gate = suppression.whole_gate()
    adds = [each for each in added if not each.is_held(gate)]
    found = [
        (each, fingerprint)
        for height, of_block in groupby(adds, key=lambda each: height_of(each.position))
        for each, fingerprint in _read(positions.chain_id, height, list(of_block))
    ]
    if found:
        cursor.execute(
            _WRITE,
            {
                **positions.named,
                "positions": [each.position for each, _ in found],
                "models": [each.model_id for each, _ in found],
                "providers": [each.provider_id for each, _ in found],
                "fingerprints": [named(fingerprint) for _, fingerprint in found],
            },
        )


def _read(chain_id: int, height: int, adds: Sequence[_Add]) -> Iterator[tuple[_Add, str]]:
    """The fingerprints in a block; none where it is damaged, of which fsck tells."""
    try:
        said = read_arguments(chain_id, height=height)
    except (BrokenBody, ValueError) as error:
        logger.warning("the fingerprints of block %d are not read: %s", height, error)
        return
    for each in adds:
        arguments = said.get(each.position)
        result = None if arguments is None else arguments[_RESULT]
        fingerprint = fingerprint_of(result) if isinstance(result, str) else ""
        if fingerprint:
            yield each, fingerprint


DERIVATION = Derivation(
    name=DerivationCheckpoint.Of.FINGERPRINTS.value,
    lock=7,
    tables=(FingerprintRecord, Fingerprint),
    step=step,
    batch=BATCH,
    remake=remake,
)
