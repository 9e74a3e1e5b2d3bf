"""Chasm's dapp as a node runs it: what it refuses, what its operations do, what its queries answer.

State is held in memory; a node that starts replays its blocks into a new `Dapp`. Words of refusals are those
of Postchain 3.15 with Rell 0.13.12 as recorded. This does not share the fold of `indexer.dapp`, so that each
can be checked against the other.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from devnet.dapp import built_in, sql_errors
from devnet.dapp.built_in import BUILT_IN
from devnet.dapp.parameters import (
    BYTE_ARRAY,
    DECIMAL,
    INTEGER,
    JSON,
    TEXT,
    Misfit,
    Parameter,
    list_of,
    map_from_text,
    nullable,
)
from devnet.dapp.queries import LastBlock, Queries, QueryRefused, untyped
from devnet.dapp.state import Inference, Note, State
from indexer.dapp.owner import first_owner
from indexer.dapp.rell_json import normalise
from indexer.postchain import gtv
from indexer.postchain.configuration import Configuration
from indexer.postchain.gtx import Operation, Transaction

__all__ = ["Dapp", "LastBlock", "NoOwner", "QueryRefused", "Refused", "Rejected", "UnknownOperation"]

_BATCH = 100


class NoOwner(ValueError):
    """A configuration whose source names no first owner, so that nobody could write."""


class Refused(ValueError):
    """What `POST /tx` refuses with 400; a node says `Transaction … is not correct: ` before the text."""


class UnknownOperation(Refused):
    """An operation that the code does not have: said without those words, and before signatures are read."""


class Rejected(ValueError):
    """Why a transaction that was accepted is in no block: its `rejectReason`."""


@dataclass(frozen=True, slots=True)
class _Context:
    """What an operation knows of its transaction and block; times in ms."""

    signers: Sequence[bytes]
    created_at: int
    last_block_time: int


@dataclass(frozen=True, slots=True)
class _Operation:
    """An operation of the dapp: its Rell module, its parameters, and what does it."""

    module: str
    parameters: tuple[Parameter, ...]
    apply: "Callable[[Dapp, _Context, Sequence[Any]], None]"


class _Failed(Exception):
    """A failure in the dapp's code, at a place in its source."""

    def __init__(self, at: str, why: str) -> None:
        super().__init__(why)
        self.at = at


class Dapp:
    """The dapp's code and state from block 0 on; `configuration` is the chain's first. Raises NoOwner."""

    def __init__(self, configuration: Configuration) -> None:
        owner = first_owner(configuration.sources)
        if owner is None:
            raise NoOwner(
                "the configuration's Rell source names no owner: it needs `object owner` with an `address`"
            )
        self.upgraded = False
        self._state = State(owner)
        self._heights: dict[bytes, int] = {}
        self.adopt(configuration)

    @property
    def owner(self) -> bytes:
        """The key that may write now."""
        return self._state.owner

    @property
    def last_prompt_id(self) -> int:
        """The id given out last, 0 before the first."""
        return self._state.last_prompt_id

    def created_at(self, prompt_id: int) -> int | None:
        """When the inference with this id was added (ms), while it is there."""
        found = self._state.get(prompt_id)
        return None if found is None else found.created_at

    def adopt(self, configuration: Configuration) -> None:
        """Run another configuration's code from now on; the state stays."""
        self.upgraded = "extra.rell" in configuration.sources

    def check(self, operation: Operation) -> None:
        """Raise Refused for an operation that the code does not have or whose arguments do not fit."""
        try:
            if operation.name in BUILT_IN:
                built_in.check(operation.name, operation.arguments)
            else:
                self._read(self._declared(operation.name), operation)
        except (built_in.Unfit, Misfit) as error:
            raise Refused(str(error)) from None

    def check_all(self, operations: Sequence[Operation]) -> None:
        """`check` each, and a transaction's own rules: a built-in operation once, and another beside it."""
        for operation in operations:
            if operation.name not in BUILT_IN:
                self._declared(operation.name)
        seen: set[str] = set()
        for operation in operations:
            if operation.name in BUILT_IN and operation.name in seen:
                raise Refused(f"contains more than one '{operation.name}'")
            seen.add(operation.name)
            self.check(operation)
        if seen <= BUILT_IN.keys():
            raise Refused("contains no normal operation")

    def execute(self, transaction: Transaction, *, height: int, last_block_time: int) -> None:
        """Apply a transaction in the block at this height, wholly; `last_block_time` is that of the block
        before it (ms; -1 for block 0). Raises Rejected, and then nothing has changed.
        """
        created_at = last_block_time if height > 0 else 0
        context = _Context(transaction.signers, created_at, last_block_time)
        with self._state.attempt():
            for operation in transaction.operations:
                self._apply(operation, context)
        self._heights[transaction.rid] = height

    def query(
        self, name: str, arguments: Mapping[str, gtv.Gtv], *, last_block: LastBlock | None
    ) -> gtv.Encodable:
        """Answer a query (arguments as GTV, also those of a JSON body). Raises QueryRefused."""
        queries = Queries(self._state, self._heights, last_block, self.upgraded)
        return queries.answer(name, arguments)

    def query_untyped(
        self, name: str, arguments: Mapping[str, str], *, last_block: LastBlock | None
    ) -> gtv.Encodable:
        """Answer `GET /query`, whose arguments are text. Raises QueryRefused."""
        return self.query(name, untyped(arguments), last_block=last_block)

    def _declared(self, name: str) -> _Operation:
        found = _OPERATIONS.get(name)
        if found is None or (found.module == "extra" and not self.upgraded):
            raise UnknownOperation(f"Unknown operation: {name}")
        return found

    def _read(self, declared: _Operation, operation: Operation) -> list[Any]:
        expected, given = len(declared.parameters), len(operation.arguments)
        failed = f"Operation '{declared.module}:{operation.name}' failed: "
        if given != expected:
            raise Misfit(f"{failed}Wrong argument count: {given} instead of {expected}")
        try:
            pairs = zip(declared.parameters, operation.arguments, strict=True)
            return [parameter.read(argument) for parameter, argument in pairs]
        except Misfit as error:
            raise Misfit(f"{failed}{error}") from None

    def _apply(self, operation: Operation, context: _Context) -> None:
        if operation.name in BUILT_IN:
            self._apply_built_in(operation, context)
            return
        try:
            declared = self._declared(operation.name)
            declared.apply(self, context, self._read(declared, operation))
        except (UnknownOperation, Misfit) as error:
            raise Rejected(str(error)) from None
        except _Failed as error:
            why = f"Operation '{declared.module}:{operation.name}' failed: {error}"
            raise Rejected(f"[{error.at}] {why}") from None

    def _apply_built_in(self, operation: Operation, context: _Context) -> None:
        if operation.name != "timeb":
            return
        if not built_in.is_time_for(operation.arguments, last_block_time=context.last_block_time):
            raise Rejected("Operation failed")

    # The dapp's own code; the places are those of its source.

    def _only_owner(self, context: _Context) -> None:
        if self._state.owner not in context.signers:
            raise _Failed("main:only_owner(main.rell:34)", "The owner has to sign")

    def _must_exist(self, prompt_id: int) -> Inference:
        found = self._state.get(prompt_id)
        if found is None:
            raise _Failed("main:must_exist(main.rell:38)", f"No inference has the id {prompt_id}")
        return found

    def _add(self, context: _Context, arguments: Sequence[Any]) -> None:
        self._only_owner(context)
        uid, messages, result, seed, model, provider = arguments
        _check_stored(
            "main:add_prompt_history(main.rell:49)",
            sql_errors.about_json(messages),
            sql_errors.about_json(result),
            sql_errors.about_text(model, number=4),
            sql_errors.about_text(provider, number=5),
        )
        self._state.last_prompt_id += 1
        added = Inference(
            prompt_id=self._state.last_prompt_id,
            uid=uid,
            messages=normalise(messages),
            result=normalise(result),
            seed=seed,
            model=model,
            provider=provider,
            created_at=context.created_at,
        )
        self._state.put(added)

    def _update(self, context: _Context, arguments: Sequence[Any]) -> None:
        self._only_owner(context)
        prompt_id, result = arguments
        found = self._must_exist(prompt_id)
        _check_stored("main:update_prompt_history(main.rell:55)", sql_errors.about_json(result))
        self._state.put(replace(found, result=normalise(result)))

    def _delete(self, context: _Context, arguments: Sequence[Any]) -> None:
        self._only_owner(context)
        self._state.remove(self._must_exist(arguments[0]).prompt_id)

    def _batch_delete(self, context: _Context, arguments: Sequence[Any]) -> None:
        self._only_owner(context)
        start, end = arguments
        for found in self._state.between(start, end, offset=0, limit=_BATCH):
            self._state.remove(found.prompt_id)

    def _change_owner(self, context: _Context, arguments: Sequence[Any]) -> None:
        self._only_owner(context)
        if arguments[0] not in context.signers:
            raise _Failed("main:change_owner(main.rell:72)", "The next owner has to sign as well")
        self._state.owner = arguments[0]

    def _validate_user(self, context: _Context, arguments: Sequence[Any]) -> None:
        self._only_owner(context)

    def _note(self, context: _Context, arguments: Sequence[Any]) -> None:
        prompt_id, note, weight, *_ = arguments
        _check_stored("extra:note_prompt(extra.rell:11)", sql_errors.about_text(note, number=2))
        self._state.notes.append(Note(prompt_id, note, Decimal(weight)))


def _check_stored(at: str, *errors: str | None) -> None:
    for error in errors:
        if error is not None:
            raise _Failed(at, error)


_PROMPT_ID = Parameter("prompt_id", INTEGER)

_OPERATIONS = {
    "add_prompt_history": _Operation(
        "main",
        (
            Parameter("UID", INTEGER),
            Parameter("messages", JSON),
            Parameter("result", JSON),
            Parameter("seed", INTEGER),
            Parameter("model", TEXT),
            Parameter("provider", TEXT),
        ),
        Dapp._add,
    ),
    "update_prompt_history": _Operation("main", (_PROMPT_ID, Parameter("result", JSON)), Dapp._update),
    "delete_prompt_history": _Operation("main", (_PROMPT_ID,), Dapp._delete),
    "batch_delete_prompt_histories": _Operation(
        "main", (Parameter("start_time", INTEGER), Parameter("end_time", INTEGER)), Dapp._batch_delete
    ),
    "change_owner": _Operation("main", (Parameter("new_address", BYTE_ARRAY),), Dapp._change_owner),
    "validate_user_with_no_operation": _Operation("main", (), Dapp._validate_user),
    "note_prompt": _Operation(
        "extra",
        (
            _PROMPT_ID,
            Parameter("note", TEXT),
            Parameter("weight", DECIMAL),
            Parameter("tags", list_of(TEXT)),
            Parameter("detail", map_from_text(INTEGER)),
            Parameter("blob", BYTE_ARRAY),
            Parameter("maybe", nullable(TEXT)),
        ),
        Dapp._note,
    ),
}
