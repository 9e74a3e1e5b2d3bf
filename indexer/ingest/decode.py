"""A verified block becomes rows: what its operations say, typed, and the texts that they hold."""

from collections.abc import Container, Sequence
from typing import Any

from indexer.dapp import completion, halves, operations, rell_json
from indexer.dapp.replay import POSITIONS_A_BLOCK, position_of
from indexer.models import Operation
from indexer.postchain import block as blocks
from indexer.postchain import gtx
from indexer.postchain.verify import Refusal, Step, VerifiedBlock
from indexer.store import body
from indexer.store.facts import BlockFacts, OperationFacts, Texts, columns_of
from indexer.store.header_end import encode_header_end
from indexer.store.suppression import Suppressed

_REASONS = {each.label: each.value for each in Operation.AnswerReason if each.value}


def facts_of(block: VerifiedBlock, texts: Texts, *, unchecked: str | None, erased: Suppressed) -> BlockFacts:
    """The facts of a verified block; its texts are added to ``texts``.

    ``unchecked`` says why the witness was not checked, None if it was. What was erased is left out: the bytes
    of a transaction, and those of each one that holds an erased text.
    """
    header = block.header
    rebuilt = blocks.encode_header(header) == block.raw_header
    full = bool(block.transactions)
    said = operations_of(block.transactions, height=header.height, texts=texts, erased=erased)
    gone = {each.transaction for each in said if each.keys & erased.contents}
    gone |= {at for at, each in enumerate(block.transactions) if each.rid in erased.transactions}
    return BlockFacts(
        rid=block.rid,
        header=header,
        header_end=encode_header_end(header),
        raw_header=block.raw_header if full or not rebuilt else None,
        witness=block.witness if full or unchecked is not None else None,
        unchecked=unchecked,
        transactions=block.transactions,
        body=body.pack(block.raw_transactions, gone) if full else None,
        operations=said,
    )


def operations_of(
    transactions: Sequence[gtx.Transaction], *, height: int, texts: Texts, erased: Suppressed
) -> list[OperationFacts]:
    """The operations of a block in their order. The texts of an erased transaction go nowhere."""
    found: list[OperationFacts] = []
    for ordinal, transaction in enumerate(transactions):
        kept = Texts() if transaction.rid in erased.transactions else texts
        for operation in transaction.operations:
            if len(found) >= POSITIONS_A_BLOCK:
                why = "it has more than 2^20 operations, more than a position can number"
                raise Refusal(Step.TRANSACTION, height=height, why=why)
            position = position_of(height, len(found))
            found.append(
                operation_facts(
                    operation, position=position, transaction=ordinal, texts=kept, erased=erased.contents
                )
            )
    return found


def operation_facts(
    operation: gtx.Operation,
    *,
    position: int,
    transaction: int,
    texts: Texts,
    erased: Container[bytes] = (),
) -> OperationFacts:
    """One operation as its row will say it; its texts are added to ``texts``, but for the answer where what
    it says was ``erased``.
    """
    reading = operations.read(operation.name, operation.arguments)
    said = _texts_of(reading, texts, erased) | columns_of(reading.effect)
    return OperationFacts(position=position, transaction=transaction, name=operation.name, **said)


def _texts_of(reading: operations.Reading, texts: Texts, erased: Container[bytes]) -> dict[str, Any]:
    """The columns of content keys; the texts themselves go to ``texts``."""
    columns: dict[str, Any] = {}
    if reading.messages is not None:
        columns["prompt"] = texts.keep_prompt(reading.messages)
        columns["halved"] = halves.are_in(reading.messages) or None
    if reading.result is not None:
        columns |= _keep_answer(reading.result, texts, erased)
    return columns


def _keep_answer(result: str, texts: Texts, erased: Container[bytes]) -> dict[str, Any]:
    answer = rell_json.content_of(result)
    normal_key = operations.signed_hash(answer.normal)
    key = normal_key if answer.content is None else texts.content_key(answer.content)
    heard = completion.heard(result, content=answer.content)
    if heard.said not in erased:
        texts.answers[key] = answer.normal if answer.content is None else answer.content
    return {
        "result_normal": normal_key,
        "answer": key,
        "answer_reason": _REASONS[answer.reason] if answer.reason else Operation.AnswerReason.CONTENT,
        "said": heard.said,
        "noted": heard.noted,
    }
