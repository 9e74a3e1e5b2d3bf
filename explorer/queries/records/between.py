"""What a record said in between, where its last revision says what the first one said."""

from explorer.queries.db import sql
from explorer.queries.db.sql import GENERATION
from indexer.models import Revision

_UPDATE = Revision.Kind.UPDATE.value

OTHER = f"""
    SELECT v.position FROM indexer_revision v JOIN indexer_operation s
        ON s.chain_id = v.chain_id AND s.position = v.position
    WHERE v.chain_id = r.chain_id AND v.generation = r.generation AND v.prompt_id = r.prompt_id
      AND v.kind > 1 AND v.kind = {_UPDATE}
      AND coalesce(s.said, s.answer) IS DISTINCT FROM coalesce(o.said, o.answer)
    ORDER BY v.position DESC LIMIT 1
"""
"""SQL: where the newest edit of the record ``r`` is that says something else than its add ``o``."""

_NUMBER = f"""
    SELECT count(*) + 1 FROM indexer_revision w JOIN (
        SELECT r.chain_id, r.generation, r.prompt_id, ({OTHER}) AS position
        FROM indexer_record r JOIN indexer_operation o
            ON o.chain_id = r.chain_id AND o.position = r.position
        WHERE r.chain_id = %(chain)s AND r.generation = {GENERATION} AND r.prompt_id = %(prompt_id)s
    ) b ON w.chain_id = b.chain_id AND w.generation = b.generation AND w.prompt_id = b.prompt_id
        AND w.kind > 1 AND w.position <= b.position
    HAVING count(*) > 0
"""


def newest_other(chain_id: int, prompt_id: int) -> int | None:
    """The number of the newest revision that says something else than the first one; None where none does."""
    found = sql.rows(_NUMBER, {"chain": chain_id, "prompt_id": prompt_id})
    return found[0][0] if found else None
