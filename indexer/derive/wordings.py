"""Whether each edit changed what is said, or left the words as they were.

A row for each edit, which no later operation changes. A generation of rules that did not tell all that a
result says has none: readers compare there themselves.
"""

from django.db.backends.utils import CursorWrapper

from indexer.dapp.replay import SAID_SINCE
from indexer.derive.derivation import Derivation, PositionRange
from indexer.models import DerivationCheckpoint, EditWording, Revision
from indexer.store.wording import IS_SAME

# The edits are found first: see groups.
_ADD = f"""
    WITH edited AS MATERIALIZED (
        SELECT chain_id, generation, prompt_id, position FROM indexer_revision
        WHERE chain_id = %(chain)s AND generation = %(generation)s
          AND position >= %(first)s AND position < %(end)s
          AND kind > 1 AND kind = {Revision.Kind.UPDATE.value}
    ), told AS MATERIALIZED (
        SELECT r.*, {IS_SAME} AS is_same
        FROM edited r JOIN indexer_generation g ON g.chain_id = r.chain_id AND g.generation = r.generation
        WHERE g.rules >= {SAID_SINCE}
    )
    INSERT INTO indexer_editwording (chain_id, generation, prompt_id, position, is_same)
    SELECT chain_id, generation, prompt_id, position, is_same FROM told WHERE is_same IS NOT NULL
    ORDER BY position
"""


def step(cursor: CursorWrapper, positions: PositionRange) -> None:
    """Add the edits of a range."""
    if positions.first < positions.end:
        cursor.execute(_ADD, positions.named)


DERIVATION = Derivation(
    name=DerivationCheckpoint.Of.WORDINGS.value, lock=9, tables=(EditWording,), step=step, remake=None
)
