"""Operations of Chasm's dapp (``chasm-opml-db``, Rell 0.13.5), read from positional GTV arguments.

As the node reads them: an integer may be signed as a GTV big integer, a key as hex text. What cannot be read
is kept as ``Unknown`` with the reason, never dropped.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from msgspec import Struct

from indexer.postchain.gtv import Gtv

ADD = "add_prompt_history"
UPDATE = "update_prompt_history"
DELETE = "delete_prompt_history"
BATCH_DELETE = "batch_delete_prompt_histories"
CHANGE_OWNER = "change_owner"
WITHOUT_EFFECT = frozenset(
    {"validate_user_with_no_operation", "nop", "__nop", "timeb", "__begin_block", "__end_block"}
)


class AddPrompt(Struct, frozen=True, gc=False):
    """A new record. ``messages`` and ``result`` are SHA-256 of the arguments as signed."""

    uid: int
    seed: int
    model: str
    provider: str
    messages: bytes
    result: bytes


class UpdatePrompt(Struct, frozen=True, gc=False):
    """Another result for a record. ``result`` is SHA-256 of the argument as signed."""

    prompt_id: int
    result: bytes


class DeletePrompt(Struct, frozen=True, gc=False):
    """One record less."""

    prompt_id: int


class BatchDelete(Struct, frozen=True, gc=False):
    """At most 100 records less, of those with start < created_at < end (ms)."""

    start: int
    end: int


class ChangeOwner(Struct, frozen=True, gc=False):
    """Another key that may write."""

    key: bytes


class NoEffect(Struct, frozen=True, gc=False):
    """Nothing for the records: the dapp's check of its user, and Postchain's built-in operations."""


class Unknown(Struct, frozen=True, gc=False):
    """A name that the dapp does not have, or arguments that it does not take."""

    name: str
    known_name: bool
    why: str


Effect = AddPrompt | UpdatePrompt | DeletePrompt | BatchDelete | ChangeOwner | NoEffect | Unknown


class Reading(Struct, frozen=True, gc=False):
    """What an operation does, and its texts as they were signed (JSON)."""

    effect: Effect
    messages: str | None = None
    result: str | None = None


class _NotAsDeclared(ValueError):
    """An argument of another type than the operation declares."""


def read(name: str, arguments: Sequence[Gtv]) -> Reading:
    """Read one operation. Never raises: what is not understood comes back as ``Unknown``."""
    if name in WITHOUT_EFFECT:
        return Reading(NoEffect())
    declared = _DECLARED.get(name)
    if declared is None:
        return Reading(Unknown(name, known_name=False, why=f"the dapp has no operation {name[:80]!r}"))
    if len(arguments) != declared.arity:
        why = f"{name} takes {declared.arity} arguments, not {len(arguments)}"
        return Reading(Unknown(name, known_name=True, why=why))
    try:
        return declared.reader(*arguments)
    except _NotAsDeclared as error:
        return Reading(Unknown(name, known_name=True, why=f"{name}: {error}"))


def signed_hash(text: str) -> bytes:
    """SHA-256 over the UTF-8 of a text argument as it was signed."""
    return sha256(text.encode("utf-8", "surrogatepass")).digest()


def _integer(value: Gtv) -> int:
    if not isinstance(value, int) or not -(2**63) <= value < 2**63:
        raise _NotAsDeclared("an integer of 64 bits was expected")
    return int(value)


def _text(value: Gtv) -> str:
    if not isinstance(value, str):
        raise _NotAsDeclared("a text was expected")
    return value


def _key(value: Gtv) -> bytes:
    if isinstance(value, bytes):
        return value
    try:
        return bytes.fromhex(_text(value))
    except ValueError:
        raise _NotAsDeclared("a key was expected, as bytes or hex text") from None


def _add(uid: Gtv, messages: Gtv, result: Gtv, seed: Gtv, model: Gtv, provider: Gtv) -> Reading:
    asked, answered = _text(messages), _text(result)
    effect = AddPrompt(
        uid=_integer(uid),
        seed=_integer(seed),
        model=_text(model),
        provider=_text(provider),
        messages=signed_hash(asked),
        result=signed_hash(answered),
    )
    return Reading(effect, messages=asked, result=answered)


def _update(prompt_id: Gtv, result: Gtv) -> Reading:
    answered = _text(result)
    return Reading(UpdatePrompt(_integer(prompt_id), signed_hash(answered)), result=answered)


def _delete(prompt_id: Gtv) -> Reading:
    return Reading(DeletePrompt(_integer(prompt_id)))


def _batch_delete(start: Gtv, end: Gtv) -> Reading:
    return Reading(BatchDelete(_integer(start), _integer(end)))


def _change_owner(key: Gtv) -> Reading:
    return Reading(ChangeOwner(_key(key)))


@dataclass(frozen=True, slots=True)
class _Declared:
    """How many arguments an operation takes, and how they are read."""

    arity: int
    reader: Callable[..., Reading]


_DECLARED = {
    ADD: _Declared(6, _add),
    UPDATE: _Declared(2, _update),
    DELETE: _Declared(1, _delete),
    BATCH_DELETE: _Declared(2, _batch_delete),
    CHANGE_OWNER: _Declared(1, _change_owner),
}
