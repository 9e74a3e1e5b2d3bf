"""Records that say a text which was hidden, erased or shown again, until all that was made from it is made
anew (``indexer.models.Withdrawal``): no word finds them meanwhile, and what checks say is not known.
"""

from collections.abc import Sequence

from explorer.queries.chain.chains import ChainView
from explorer.queries.db import sql
from explorer.queries.db.filters import Condition
from explorer.queries.db.sql import GENERATION
from indexer.models import Revision
from indexer.words.lexemes import query_of_keys

_OF = "ARRAY(SELECT hash FROM indexer_withdrawal WHERE subject = '{}')"
_KEYS, _RIDS = map(_OF.format, ("content", "transaction"))
_NAMED = " OR ".join(f"o.{each} = ANY({_KEYS})" for each in ("prompt", "answer", "result_normal", "said"))
_SAYS = f"""EXISTS (
    SELECT FROM (
        SELECT r.position AS at
        UNION ALL
        SELECT v.position FROM indexer_revision v
        WHERE v.chain_id = r.chain_id AND v.generation = r.generation AND v.prompt_id = r.prompt_id
          AND v.kind > 1 AND v.kind = {Revision.Kind.UPDATE.value}) v
    CROSS JOIN LATERAL (
        SELECT * FROM indexer_operation WHERE chain_id = r.chain_id AND position = v.at OFFSET 0) o
    WHERE {_NAMED} OR EXISTS (
        SELECT FROM indexer_transaction t
        WHERE t.chain_id = r.chain_id AND t.height = v.at >> 20 AND t.ordinal = o.transaction
          AND t.rid = ANY({_RIDS})))"""
_HOLDS = """EXISTS (
    SELECT FROM indexer_searchrecord x JOIN indexer_searchunit y ON y.id = ANY(ARRAY[x.ever, x.first, x.now])
    WHERE x.chain_id = r.chain_id AND x.generation = r.generation AND x.position = r.position
      AND y.words @@ %(withdrawn)s::tsquery)"""

_NOTHING = "(SELECT count(*) FROM indexer_withdrawal) = 0"
SETTLED = f"({_NOTHING} OR NOT {_SAYS})"
"""SQL: that nothing is to be made anew of the record ``r``; without a look at it where nothing is at all."""

SETTLED_BY_ID = f"""({_NOTHING} OR EXISTS (
    SELECT FROM indexer_record r
    WHERE r.chain_id = f.chain_id AND r.generation = f.generation AND r.prompt_id = f.prompt_id
      AND NOT {_SAYS}))"""
"""SQL: the same of the record with the id of ``f``."""

_KEYS_LEFT = "SELECT hash FROM indexer_withdrawal WHERE subject = 'content'"
_IS_SETTLED = f"""
    SELECT {SETTLED} FROM indexer_record r
    WHERE r.chain_id = %(chain)s AND r.generation = {GENERATION} AND r.prompt_id = %(prompt_id)s
"""


def settled(chain: ChainView) -> Sequence[Condition]:
    """That the words of ``r`` are those that it may be found by: nothing where those of all are. A query
    where there is something.
    """
    if not chain.withdraws:
        return ()
    keys = [bytes(key) for (key,) in sql.rows(_KEYS_LEFT, {})]
    conditions = [Condition(SETTLED)]
    if keys:
        conditions.append(Condition(f"NOT {_HOLDS}", {"withdrawn": query_of_keys(keys)}))
    return conditions


def is_settled(chain: ChainView, prompt_id: int) -> bool:
    """Whether nothing is to be made anew of a record. A query where there may be."""
    if not chain.withdraws:
        return True
    row = sql.row(_IS_SETTLED, {"chain": chain.id, "prompt_id": prompt_id})
    return row is None or bool(row[0])
