"""Facts as rows say them: operations, blocks, the texts of a window; and an operation's columns both ways."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from msgspec import Struct

from indexer.dapp import operations, rell_json
from indexer.dapp.operations import AddPrompt, BatchDelete, ChangeOwner, DeletePrompt, Unknown, UpdatePrompt
from indexer.models import Operation
from indexer.postchain import gtx
from indexer.postchain.block import Header
from indexer.store.body import Body

Reading = Operation.Reading


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
    said: bytes | None = None
    noted: bool | None = None
    halved: bool | None = None

    @property
    def keys(self) -> set[bytes | None]:
        """The content keys by which its texts are hidden or erased."""
        return {self.prompt, self.answer, self.result_normal, self.said}


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

    def content_key(self, content: str) -> bytes:
        """The key of the content string of an answer."""
        key = self._content_keys.get(content)
        if key is None:
            key = self._content_keys[content] = operations.signed_hash(rell_json.quote(content))
        return key


def _normal(messages: str) -> str:
    try:
        return rell_json.normalise(messages)
    except rell_json.NotJson:
        return messages


def columns_of(effect: operations.Effect) -> dict[str, Any]:
    """The columns of ``Operation`` that hold what an effect says, without texts; ``effect_of`` reads them."""
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


def effect_of(row: OperationFacts) -> operations.Effect:
    """The effect that ``columns_of`` wrote. Columns that an effect needs are never null in its rows."""
    if row.reading != Reading.UNDERSTOOD:
        known_name = row.reading == Reading.UNKNOWN_ARGUMENTS
        return Unknown(row.name, known_name=known_name, why="not understood when it was stored")
    said = cast(Any, row)
    match row.name:
        case operations.ADD:
            return AddPrompt(said.first, said.second, said.model, said.provider, said.messages, said.result)
        case operations.UPDATE:
            return UpdatePrompt(said.first, said.result)
        case operations.DELETE:
            return DeletePrompt(said.first)
        case operations.BATCH_DELETE:
            return BatchDelete(said.first, said.second)
        case operations.CHANGE_OWNER:
            return ChangeOwner(said.key)
    return operations.NoEffect()
