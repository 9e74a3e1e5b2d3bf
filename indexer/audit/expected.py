"""What a node's own queries must answer after a block, from the records: to compare with, nothing is shown.

Every statement reads the generation that readers see and its rows at once, so no fold and no switch shows.
Texts are compared by hash; no text is read.
"""

from dataclasses import dataclass
from typing import Any

from django.db import connection

from indexer.dapp.replay import position_of
from indexer.models import Chain
from indexer.models.chain import GENERATION
from indexer.store import names

_COUNT = f"""
    SELECT c.live - count(*) FILTER (WHERE v.kind = 1) + count(*) FILTER (WHERE v.kind > 2)
    FROM indexer_checkpoint c
    LEFT JOIN indexer_revision v
      ON v.chain_id = c.chain_id AND v.generation = c.generation AND v.position >= %(end)s
    WHERE c.chain_id = %(chain)s AND c.generation = {GENERATION} GROUP BY c.live
"""
# Live now and there by then, or deleted only since; the newest time, of these the lowest id.
_LATEST = f"""
    SELECT prompt_id FROM (
        (SELECT created_at, prompt_id FROM indexer_record
         WHERE chain_id = %(chain)s AND generation = {GENERATION} AND status <> 3 AND position < %(end)s
         ORDER BY created_at DESC, prompt_id LIMIT 1)
        UNION ALL
        SELECT r.created_at, r.prompt_id
        FROM indexer_revision v JOIN indexer_record r USING (chain_id, generation, prompt_id)
        WHERE chain_id = %(chain)s AND generation = {GENERATION} AND v.position >= %(end)s AND v.kind > 2
          AND r.position < %(end)s
    ) AS found ORDER BY created_at DESC, prompt_id LIMIT 1
"""
_OWNER = f"""
    SELECT key FROM indexer_owner
    WHERE chain_id = %(chain)s AND generation = {GENERATION} AND position < %(end)s
    ORDER BY position DESC LIMIT 1
"""
_RECORD = f"""
    WITH r AS MATERIALIZED (
        SELECT * FROM indexer_record
        WHERE chain_id = %(chain)s AND generation = {GENERATION} AND prompt_id = %(prompt_id)s
    ), v AS (
        SELECT position, w.kind
        FROM r JOIN indexer_revision w USING (chain_id, generation, position, prompt_id)
        WHERE position < %(end)s
        UNION ALL
        SELECT later.* FROM r CROSS JOIN LATERAL (
            SELECT w.position, w.kind FROM indexer_revision w
            WHERE w.chain_id = r.chain_id AND w.generation = r.generation AND w.prompt_id = r.prompt_id
              AND w.kind > 1 AND w.position < %(end)s
            ORDER BY w.position DESC LIMIT 1) later
    ), newest AS MATERIALIZED (
        SELECT * FROM v ORDER BY position DESC LIMIT 1
    )
    SELECT r.scout, r.created_at, r.seed, r.model_id, r.provider_id, r.prompt, o.result_normal, newest.kind
    FROM r CROSS JOIN newest
    JOIN indexer_operation o ON o.chain_id = r.chain_id AND o.position = newest.position
"""
_IDS = f"""
    (SELECT prompt_id FROM indexer_record
     WHERE chain_id = %(chain)s AND generation = {GENERATION} ORDER BY position DESC LIMIT %(newest)s)
    UNION
    (SELECT prompt_id FROM indexer_record
     WHERE chain_id = %(chain)s AND generation = {GENERATION} AND status = 3
     ORDER BY position DESC LIMIT %(deleted)s)
"""


@dataclass(frozen=True, slots=True)
class Inference:
    """A live record. ``messages`` and ``result`` are the SHA-256 of the Rell-normal texts."""

    uid: int
    created_at: int
    seed: int
    model: str
    provider: str
    messages: bytes
    result: bytes


def count(chain: Chain, height: int) -> int:
    """How many records were live after the block at ``height``, which must be folded."""
    found = _first(_COUNT, chain, height)
    return 0 if found is None else int(found[0])


def latest(chain: Chain, height: int) -> int:
    """What ``latest_prompt_id`` gives: the lowest id of the newest block that added live records, else 0."""
    found = _first(_LATEST, chain, height)
    return 0 if found is None else int(found[0])


def owner(chain: Chain, height: int) -> bytes | None:
    """The key that might write after the block at ``height``; None where it is unknown."""
    found = _first(_OWNER, chain, height)
    return None if found is None or found[0] is None else bytes(found[0])


def inference(chain: Chain, height: int, prompt_id: int) -> Inference | None:
    """The record with that id after the block at ``height``, if it was live."""
    found = _first(_RECORD, chain, height, prompt_id=prompt_id)
    if found is None or found[-1] > 2:
        return None
    uid, created_at, seed, model, provider, prompt, result, _ = found
    return Inference(
        uid=uid,
        created_at=created_at,
        seed=seed,
        model=str(names.MODELS.values([model])[model]),
        provider=str(names.PROVIDERS.values([provider])[provider]),
        messages=bytes(prompt),
        result=bytes(result),
    )


def ids(chain: Chain, *, newest: int, deleted: int) -> list[int]:
    """The ids of the newest records, and of the newest of those that were deleted."""
    with connection.cursor() as cursor:
        cursor.execute(_IDS, {"chain": chain.id, "newest": newest, "deleted": deleted})
        return [row[0] for row in cursor.fetchall()]


def _first(statement: str, chain: Chain, height: int, **more: int) -> Any:
    """The first row, or None."""
    with connection.cursor() as cursor:
        cursor.execute(statement, {"chain": chain.id, "end": position_of(height + 1, 0), **more})
        return cursor.fetchone()
