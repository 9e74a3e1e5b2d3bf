"""What a peer of a record said first, which was asked the same: by it a reader sees how alike honest answers
are that should be the same.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from explorer.queries.compare.sides import Side
from explorer.queries.db import sql
from explorer.queries.db.stored_text import value_of
from explorer.queries.records.rows import IS_NOTED
from indexer.store.suppression import gate

LONGEST = 30_000
"""Characters of an answer that is read for it."""

# The first of them whose answer is words alone.
_PEER = f"""
    SELECT p.prompt_id, p.answer, p.result_normal, p.said, p.rid, p.text, p.raw
    FROM indexer_chain h JOIN indexer_record r
        ON r.chain_id = h.id AND r.generation = h.generation AND r.prompt_id = %(prompt_id)s
    CROSS JOIN LATERAL (
        SELECT q.prompt_id, o.answer, o.result_normal, o.said, t.rid, a.text, a.raw
        FROM indexer_record q
        JOIN (SELECT *, {IS_NOTED} AS is_noted FROM indexer_operation) o
            ON o.chain_id = q.chain_id AND o.position = q.position AND o.is_noted IS NOT TRUE
        JOIN indexer_transaction t
            ON t.chain_id = o.chain_id AND t.height = o.position >> 20 AND t.ordinal = o.transaction
        JOIN indexer_answer a ON a.hash = o.answer AND a.length <= {LONGEST}
        WHERE q.chain_id = r.chain_id AND q.generation = r.generation
          AND substr(q.prompt, 1, 6) = substr(r.prompt, 1, 6) AND q.prompt = r.prompt AND q.seed = r.seed
          AND q.model_id = r.model_id AND q.provider_id = r.provider_id AND q.prompt_id <> ALL(%(but)s)
        ORDER BY q.position LIMIT 1) p
    WHERE h.id = %(chain)s
"""


@dataclass(frozen=True, slots=True)
class Peer:
    """Another record with the same messages, seed, model and provider, and what it said first."""

    prompt_id: int
    text: str


def peer_of(side: Side, *, but: Collection[int]) -> Peer | None:
    """The first peer of a record, other than those with these prompt ids; None where there is none, where its
    answer is more than words or very long, or where it is withheld. Two queries at most.
    """
    if side.chain is None or side.facts is None:
        return None
    asked: dict[str, Any] = {"chain": side.chain.id, "prompt_id": side.facts.prompt_id, "but": list(but)}
    row = sql.row(_PEER, asked)
    if row is None:
        return None
    prompt_id, answer, normal, said, rid, text, raw = row
    value = value_of(text, raw)
    held = gate(contents=[answer, normal, said], transactions=[rid]).hold(
        answer, normal, said, transaction=rid
    )
    return None if value is None or held is not None else Peer(prompt_id, value)
