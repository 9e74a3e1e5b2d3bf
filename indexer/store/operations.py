"""Operations back from the facts, in chain order: as rows say them, and as the fold applies them."""

from collections.abc import Sequence
from typing import Any

from django.db import connection
from msgspec import Struct

from indexer.dapp import operations as ops
from indexer.dapp.replay import Placed, height_of, position_of
from indexer.store import names
from indexer.store.facts import OperationFacts, effect_of
from indexer.store.read import signer_keys

_ROWS = """
    SELECT position, transaction, name_id, reading, first, second, model_id, provider_id, key, messages,
           prompt, result, result_normal, answer, answer_reason, said, noted, halved
    FROM indexer_operation WHERE chain_id = %s AND position >= %s AND position < %s ORDER BY position
"""
_SIGNERS = """
    SELECT height, ordinal, signers_id FROM indexer_transaction
    WHERE chain_id = %s AND height BETWEEN %s AND %s
"""


class StoredOperation(Struct, frozen=True, gc=False):
    """An operation at its place, and the content keys of its texts (empty where it has none). ``said`` is the
    key of what it says, None where that is the answer's.
    """

    placed: Placed
    prompt: bytes
    answer: bytes
    said: bytes | None

    @property
    def refers_to(self) -> int | None:
        """The id of the record that it names, if any."""
        effect = self.placed.effect
        return effect.prompt_id if isinstance(effect, ops.UpdatePrompt | ops.DeletePrompt) else None


def read_rows(chain_id: int, *, first: int, last: int) -> list[OperationFacts]:
    """The operations of the blocks from height ``first`` to ``last``, in chain order."""
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, [chain_id, position_of(first, 0), position_of(last + 1, 0)])
        rows = cursor.fetchall()
    operations = _texts(names.OPERATIONS, rows, 2)
    models = _texts(names.MODELS, rows, 6)
    providers = _texts(names.PROVIDERS, rows, 7)
    return [
        OperationFacts(
            position,
            transaction,
            operations[name],
            reading,
            one,
            two,
            models[model],
            providers[provider],
            *rest,
        )
        for position, transaction, name, reading, one, two, model, provider, *rest in rows
    ]


def read_operations(chain_id: int, *, first: int, last: int) -> list[StoredOperation]:
    """As ``read_rows``, with the keys that signed and the effect that each operation has."""
    with connection.cursor() as cursor:
        cursor.execute(_SIGNERS, [chain_id, first, last])
        signed = {(height, ordinal): signers for height, ordinal, signers in cursor.fetchall()}
    keys = signer_keys(set(signed.values()))
    return [
        StoredOperation(
            Placed(row.position, keys[signed[height_of(row.position), row.transaction]], effect_of(row)),
            prompt=row.prompt or b"",
            answer=row.answer or b"",
            said=row.said,
        )
        for row in read_rows(chain_id, first=first, last=last)
    ]


def _texts(kind: names.Names, rows: Sequence[Sequence[Any]], column: int) -> dict[int | None, Any]:
    known = kind.values(row[column] for row in rows if row[column] is not None)
    return {None: None} | dict[int | None, Any](known.items())
