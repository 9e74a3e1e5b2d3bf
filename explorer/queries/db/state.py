"""The state of the tables, as far as it changes what readers are shown."""

from explorer.queries.db import sql

_STATE = """
    SELECT concat_ws(' ',
        (SELECT string_agg(concat_ws(',', chain_id, generation, height), ';' ORDER BY chain_id, generation)
         FROM indexer_checkpoint),
        (SELECT string_agg(concat_ws(',', chain_id, generation, name, height), ';'
                           ORDER BY chain_id, generation, name)
         FROM indexer_derivationcheckpoint),
        (SELECT string_agg(concat_ws(',', id, generation), ';' ORDER BY id) FROM indexer_chain),
        (SELECT concat_ws(',', count(*), max(id)) FROM indexer_suppression),
        (SELECT last FROM desk_public.challenge_history),
        (SELECT concat_ws(',', count(*), max(id)) FROM indexer_withdrawal))
"""


def state() -> str:
    """What differs after a block, a step of a derivation, a new generation, an event of a challenge, after
    something was hidden, erased or shown again, and once what follows from that is done. A few rows are read.
    """
    ((found,),) = sql.rows(_STATE, {})
    return str(found)
