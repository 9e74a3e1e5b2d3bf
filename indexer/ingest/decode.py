"""A verified block becomes rows: what its operations say, typed, and the texts that they hold."""

from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from typing import Any

import zstandard
from msgspec import Struct

from indexer.dapp import operations, rell_json
from indexer.dapp.operations import (
    AddPrompt,
    BatchDelete,
    ChangeOwner,
    DeletePrompt,
    Unknown,
    UpdatePrompt,
)
from indexer.dapp.replay import POSITIONS_A_BLOCK, position_of
from indexer.models import Operation
from indexer.postchain import block as blocks
from indexer.postchain import gtv, gtx
from indexer.postchain.block import Header
from indexer.postchain.verify import Refusal, Step, VerifiedBlock
from indexer.store.suppression import Suppressed

Reading = Operation.Reading
_REASONS = {each.label: each.value for each in Operation.AnswerReason if each.value}


class OperationFacts(Struct, frozen=True, gc=False):
    """A row of ``Operation``, its names not yet interned."""

    position: int
    transaction: int
    name: str
    reading: int = Operation.Reading.UNDERSTOOD
    first: int | None = None
    second: int | None = None
    model: str | None = None
    provider: str | None = None
    key: bytes | None = None
    messages: bytes | None = None
    prompt: bytes | None = None
    result: bytes | None = None
    result_normal: bytes | None = None
    answer: bytes | None = None
    answer_reason: int | None = None


@dataclass(frozen=True, slots=True)
class Body:
    """The transactions' bytes, one after the other, as one zstd frame.

    ``spans`` has one entry a transaction; ``length`` is the size before compression, in bytes.
    """

    frame: bytes
    length: int
    spans: Sequence["Span"]


class Span(Struct, frozen=True, gc=False):
    """Where a transaction's bytes are in the uncompressed body; ``offset`` is None once they were erased."""

    offset: int | None
    length: int


@dataclass(frozen=True, slots=True)
class BlockFacts:
    """One block as it will be written.

    ``raw_header`` is None where the block is empty and its header can be rebuilt; ``witness`` where the block
    is empty and the witness was checked; ``unchecked`` says why it was not.
    """

    rid: bytes
    header: Header
    header_end: bytes
    raw_header: bytes | None
    witness: bytes | None
    unchecked: str | None
    transactions: Sequence[gtx.Transaction]
    body: Body | None
    operations: Sequence[OperationFacts]


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts of a window by content key. They repeat from scout to scout: each is hashed once."""

    prompts: dict[bytes, str] = field(default_factory=dict)
    answers: dict[bytes, str] = field(default_factory=dict)
    _prompt_keys: dict[str, bytes] = field(default_factory=dict)
    _content_keys: dict[str, bytes] = field(default_factory=dict)

    def keep_prompt(self, messages: str) -> bytes:
        """Keep messages in their Rell-normal form, as they are where they are no JSON; gives their key."""
        key = self._prompt_keys.get(messages)
        if key is None:
            normal = _normal(messages)
            key = self._prompt_keys[messages] = operations.signed_hash(normal)
            self.prompts[key] = normal
        return key

    def keep_content(self, content: str) -> bytes:
        """Keep the content string of an answer; gives its key."""
        key = self._content_keys.get(content)
        if key is None:
            key = self._content_keys[content] = operations.signed_hash(rell_json.quote(content))
            self.answers[key] = content
        return key


def _normal(messages: str) -> str:
    try:
        return rell_json.normalise(messages)
    except rell_json.NotJson:
        return messages


def facts_of(block: VerifiedBlock, texts: Texts, *, unchecked: str | None, erased: Suppressed) -> BlockFacts:
    """The facts of a verified block; its texts are added to ``texts``.

    ``unchecked`` says why the witness was not checked, None if it was. What was erased is left out: the bytes
    of a transaction, and those of each one that holds an erased text.
    """
    header = block.header
    rebuilt = blocks.encode_header(header) == block.raw_header
    full = bool(block.transactions)
    said = operations_of(block.transactions, height=header.height, texts=texts, erased=erased)
    gone = {
        each.transaction for each in said if {each.prompt, each.answer, each.result_normal} & erased.contents
    }
    gone |= {at for at, each in enumerate(block.transactions) if each.rid in erased.transactions}
    return BlockFacts(
        rid=block.rid,
        header=header,
        header_end=header_end(header),
        raw_header=block.raw_header if full or not rebuilt else None,
        witness=block.witness if full or unchecked is not None else None,
        unchecked=unchecked,
        transactions=block.transactions,
        body=body_of(block.raw_transactions, gone) if full else None,
        operations=said,
    )


def body_of(raw: Sequence[bytes | None], gone: Container[int] = ()) -> Body:
    """One frame of the transactions' bytes, without those whose ordinal is in ``gone`` or whose bytes are
    gone.
    """
    kept: list[bytes] = []
    spans: list[Span] = []
    offset = 0
    for ordinal, data in enumerate(raw):
        if data is None or ordinal in gone:
            spans.append(Span(offset=None, length=len(data or b"")))
            continue
        spans.append(Span(offset=offset, length=len(data)))
        kept.append(data)
        offset += len(data)
    frame = zstandard.ZstdCompressor(level=3).compress(b"".join(kept))
    return Body(frame=frame, length=offset, spans=spans)


def header_end(header: Header) -> bytes:
    """What repeats in a chain's headers: GTV [dependencies, extra]."""
    return gtv.encode([header.dependencies, header.extra])


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
            found.append(operation_facts(operation, position=position, transaction=ordinal, texts=kept))
    return found


def operation_facts(
    operation: gtx.Operation, *, position: int, transaction: int, texts: Texts
) -> OperationFacts:
    """One operation as its row will say it; its texts are added to ``texts``."""
    reading = operations.read(operation.name, operation.arguments)
    said = _texts_of(reading, texts) | _typed(reading.effect)
    return OperationFacts(position=position, transaction=transaction, name=operation.name, **said)


def _typed(effect: operations.Effect) -> dict[str, Any]:
    """The columns that hold what is not text."""
    match effect:
        case AddPrompt(uid, seed, model, provider, messages, result):
            return {
                "first": uid,
                "second": seed,
                "model": model,
                "provider": provider,
                "messages": messages,
                "result": result,
            }
        case UpdatePrompt(prompt_id, result):
            return {"first": prompt_id, "result": result}
        case DeletePrompt(prompt_id):
            return {"first": prompt_id}
        case BatchDelete(start, end):
            return {"first": start, "second": end}
        case ChangeOwner(key):
            return {"key": key}
        case Unknown(known_name=known_name):
            return {"reading": Reading.UNKNOWN_ARGUMENTS if known_name else Reading.UNKNOWN_NAME}
    return {}


def _texts_of(reading: operations.Reading, texts: Texts) -> dict[str, Any]:
    """The columns of content keys; the texts themselves go to ``texts``."""
    columns: dict[str, Any] = {}
    if reading.messages is not None:
        columns["prompt"] = texts.keep_prompt(reading.messages)
    if reading.result is not None:
        columns |= _keep_answer(reading.result, texts)
    return columns


def _keep_answer(result: str, texts: Texts) -> dict[str, Any]:
    answer = rell_json.content_of(result)
    normal_key = operations.signed_hash(answer.normal)
    if answer.content is None:
        texts.answers[normal_key] = answer.normal
    return {
        "result_normal": normal_key,
        "answer": normal_key if answer.content is None else texts.keep_content(answer.content),
        "answer_reason": _REASONS[answer.reason] if answer.reason else Operation.AnswerReason.CONTENT,
    }
