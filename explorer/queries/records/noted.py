"""What a list reads from transactions, a page at once: results that say more than their answer's text, and
messages that hold half a character, for which their text has a question mark.

Nothing here asks the gate: whoever shows something of it asks for each text in it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from explorer.queries.db import stored_text, transaction_bytes
from explorer.queries.db.transaction_bytes import Place, TransactionBytes
from explorer.queries.records.said import Completion
from indexer.dapp import operations
from indexer.dapp.completion import completion_of
from indexer.dapp.replay import height_of
from indexer.models import Operation

MOST_BYTES = 8 << 20
"""Of unpacked blocks, for one page of a list."""


@dataclass(frozen=True, slots=True)
class Signed:
    """Where an argument is: its operation, and that one's index in its transaction."""

    position: int
    ordinal: int
    index: int

    @property
    def place(self) -> Place:
        """Its transaction."""
        return Place(height_of(self.position), self.ordinal)


@dataclass(frozen=True, slots=True)
class Noted(Signed):
    """Where a result is, and the key of its answer, with why that is the whole result (a value of
    ``Operation.AnswerReason``).
    """

    answer: bytes
    reason: int

    @property
    def is_whole(self) -> bool:
        """Whether its answer is all of the result."""
        return self.reason != Operation.AnswerReason.CONTENT


def index_of(operation: str) -> str:
    """SQL: the index of this operation, a row of its table, in its transaction. Positions of a block count
    its operations, and those of a transaction stand together: behind the last one of an earlier transaction.
    """
    block = f"({operation}.position >> 20) << 20"
    return f"""({operation}.position - 1 - coalesce((
        SELECT p.position FROM indexer_operation p
        WHERE p.chain_id = {operation}.chain_id AND p.position < {operation}.position
          AND p.position >= {block} AND p.transaction < {operation}.transaction
        ORDER BY p.position DESC LIMIT 1), ({block}) - 1))"""


def read(chain_id: int, asked: Sequence[Noted]) -> Mapping[int, Completion | None]:
    """Results as they are read, by position, None where one is no chat completion; those that are not here,
    or too much, are left out. No query where none is asked for, else one, and one more where bytes were
    erased.
    """
    said = transaction_bytes.read(chain_id, (each.place for each in asked), most=MOST_BYTES)
    kept = stored_text.read(each.answer for each in asked if each.is_whole and _is_erased(said[each.place]))
    found: dict[int, Completion | None] = {}
    for each in asked:
        result = result_of(each, said[each.place])
        if result is None and each.is_whole and each.answer in kept:
            result = kept[each.answer].value
        if result is not None:
            found[each.position] = completion_of(result)
    return found


def messages(chain_id: int, asked: Sequence[Signed]) -> Mapping[int, str]:
    """Messages as they were signed, by position; those that are not here, or too much, are left out. No query
    where none are asked for, else one.
    """
    said = transaction_bytes.read(chain_id, (each.place for each in asked), most=MOST_BYTES)
    found = {each.position: _arguments(each, said[each.place]) for each in asked}
    return {at: each.messages for at, each in found.items() if each is not None and each.messages is not None}


def _is_erased(transaction: TransactionBytes) -> bool:
    return transaction.data is None and not transaction.fault


def result_of(signed: Signed, transaction: TransactionBytes) -> str | None:
    """The result as it was signed there; None where its bytes are not here."""
    read = _arguments(signed, transaction)
    return None if read is None else read.result


def _arguments(signed: Signed, transaction: TransactionBytes) -> operations.Reading | None:
    said = transaction.operations()
    if not said:
        return None
    operation = said[signed.index]
    return operations.read(operation.name, operation.arguments)
