"""What derivations that compare answers read of the revisions of a range, as parts of their statements.

The revisions are found first, and everything is joined by columns of what was found, never by constants
beside them: without statistics, which a young table has none of, PostgreSQL takes the constants for selective
and walks whole tables.
"""

from indexer.dapp.replay import SAID_SINCE

PLACED = """
    revised AS MATERIALIZED (
        SELECT chain_id, generation, prompt_id, position, kind FROM indexer_revision
        WHERE chain_id = %(chain)s AND generation = %(generation)s
          AND position >= %(first)s AND position < %(end)s
    ), placed AS MATERIALIZED (
        SELECT v.*, r.prompt, r.seed, r.model_id, r.provider_id, r.scout, r.position AS added,
               CASE WHEN v.kind > 1 THEN (
                   SELECT w.position FROM indexer_revision w
                   WHERE w.chain_id = v.chain_id AND w.generation = v.generation
                     AND w.prompt_id = v.prompt_id AND w.position < v.position AND w.kind > 1
                   ORDER BY w.position DESC LIMIT 1) END AS edited_at
        FROM revised v
        JOIN indexer_record r
          ON r.chain_id = v.chain_id AND r.generation = v.generation AND r.prompt_id = v.prompt_id
    )"""
"""Common table expressions: ``placed`` has each revision with its record's facts, where that was added, and
the edit before this one, null where there is none.
"""

SAID = f"coalesce(CASE WHEN g.rules >= {SAID_SINCE} THEN o.said END, o.answer, '')"
"""The key of all that an operation ``o`` says, by the rules of a generation ``g``."""

DAY_OF = "floor(b.timestamp / 86400000.0)::bigint"
"""The UTC day of a block ``b``, as its builder states its time, in days since 1970."""
