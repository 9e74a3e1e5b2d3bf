"""Operations argument by argument, each past the gate."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from explorer.queries.chain.chains import ChainView
from explorer.queries.db import sql, values
from explorer.queries.db.texts import Text, text_of
from indexer.dapp import completion, rell_json
from indexer.dapp import operations as dapp
from indexer.dapp.declarations import Declarations, declarations
from indexer.models import Operation as OperationRow
from indexer.postchain import configuration, gtx
from indexer.postchain.gtv import BigInteger, Gtv
from indexer.store.suppression import Gate

NAMES: Mapping[str, Sequence[str]] = {
    dapp.ADD: ("UID", "messages", "result", "seed", "model", "provider"),
    dapp.UPDATE: ("prompt_id", "result"),
    dapp.DELETE: ("prompt_id",),
    dapp.BATCH_DELETE: ("start_time", "end_time"),
    dapp.CHANGE_OWNER: ("new_address",),
    "timeb": ("from", "until"),
    "__begin_block": ("height",),
    "__end_block": ("height",),
}
"""Names of arguments as the dapp and Postchain declare them."""

_MESSAGES = {(dapp.ADD, 1)}
_RESULTS = {(dapp.ADD, 2), (dapp.UPDATE, 1)}
_READING = OperationRow.Reading
_NOTES = {
    _READING.UNDERSTOOD: "",
    _READING.UNKNOWN_NAME: "Not understood: the dapp, as it is known here, has no operation of this name.",
    _READING.UNKNOWN_ARGUMENTS: "Not understood: these are not the arguments that the dapp takes.",
}
_DECLARED = "Not understood: the code at this height declares it; what it does to records is not known here."

_IN_FORCE = """
    SELECT raw FROM indexer_configurationinforce
    WHERE chain_id = %(chain)s AND height <= %(height)s AND (last IS NULL OR last >= %(height)s)
"""


class Kind(Enum):
    """The type of an argument's value, in GTV's words."""

    INTEGER = "integer"
    BIG_INTEGER = "big integer"
    STRING = "string"
    BYTE_ARRAY = "byte array"
    ARRAY = "array"
    DICT = "dict"
    NULL = "null"


_KINDS = {
    BigInteger: Kind.BIG_INTEGER,
    int: Kind.INTEGER,
    str: Kind.STRING,
    bytes: Kind.BYTE_ARRAY,
    list: Kind.ARRAY,
    dict: Kind.DICT,
    type(None): Kind.NULL,
}


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument. ``name`` is the dapp's own, or that of the chain's code where it is another operation;
    empty where no declaration is known.

    ``shown`` is the value as text (hex for byte arrays, JSON for arrays and dicts) or why it is withheld.
    """

    name: str
    kind: Kind
    shown: Text


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation. ``arguments`` is None where the transaction was erased or is hidden.

    ``note`` says in a sentence what was not understood, empty where all was. ``records`` are the prompt ids
    that it wrote, changed or removed.
    """

    index: int  # in its transaction
    position: int
    name: str
    arguments: Sequence[Argument] | None
    note: str
    records: Sequence[int]


@dataclass(frozen=True, slots=True)
class Stored:
    """An operation's row: the content keys of its messages, of its answer, of its result as a whole, and of
    all that it says where that is another than the answer's.
    """

    position: int
    name: str
    reading: int
    prompt: bytes | None
    answer: bytes | None
    result: bytes | None
    said: bytes | None
    records: Sequence[int]

    @property
    def is_understood(self) -> bool:
        """Whether it is an operation of the dapp as it is known here."""
        return self.reading == _READING.UNDERSTOOD

    @property
    def keys(self) -> Sequence[bytes]:
        """Its content keys."""
        return [each for each in (self.prompt, self.answer, self.result, self.said) if each is not None]


def declared_at(chain: ChainView, height: int) -> Declarations:
    """What the code of the configuration in force at a height declares, as far as it is here; one query."""
    row = sql.row(_IN_FORCE, {"chain": chain.id, "height": height})
    raw = row[0] if row else None
    return declarations({}) if raw is None else _declared(bytes(raw))


@lru_cache(maxsize=8)
def _declared(raw: bytes) -> Declarations:
    """What a configuration's code declares: the same for every page of a transaction."""
    return declarations(configuration.decode(raw).sources)


def operation_of(
    stored: Stored, said: gtx.Operation | None, gate: Gate, *, index: int, declared: Declarations
) -> Operation:
    """An operation as it is shown; ``said`` is what its bytes say, None where they must not be shown.
    ``declared`` names the arguments of those that are not understood.
    """
    arguments = names = None
    if said is not None:
        if not stored.is_understood:
            names = declared.parameters(said.name, count=len(said.arguments))
        arguments = [
            _argument(value, stored, gate, name=name, at=at)
            for at, (name, value) in enumerate(
                zip(_names(said) if names is None else names, said.arguments, strict=True)
            )
        ]
    return Operation(
        index=index,
        position=stored.position,
        name=stored.name,
        arguments=arguments,
        note=_note(stored, said, is_declared=names is not None),
        records=stored.records,
    )


def unlisted_keys(operations: Iterable[gtx.Operation]) -> Iterator[bytes]:
    """The content keys of texts in operations that their rows do not list: what a result says and each text
    in it, and of operations that were not understood any text, for the same words may be a content elsewhere.
    """
    for each in operations:
        reading = dapp.read(each.name, each.arguments)
        if isinstance(reading.effect, dapp.Unknown | dapp.NoEffect):
            for value in each.arguments:
                yield from _keys_in(value)
        elif reading.result is not None:
            yield from completion.keys_in(reading.result)


def _keys_in(value: Gtv) -> Iterator[bytes]:
    """The content keys of a text, or of every text in a collection."""
    pending = [value]
    while pending:
        each = pending.pop()
        if isinstance(each, str):
            yield from _keys_of_text(each)
        elif isinstance(each, list | dict):
            pending.extend([*each, *each.values()] if isinstance(each, dict) else each)


def _keys_of_text(text: str) -> Iterator[bytes]:
    """The key that it has as messages, as a whole result, as an answer, and as a result with that answer or
    with what it says.
    """
    answer = rell_json.content_of(text)
    yield dapp.signed_hash(answer.normal)
    yield dapp.signed_hash(rell_json.quote(text))
    if answer.content is not None:
        yield dapp.signed_hash(rell_json.quote(answer.content))
    yield from completion.keys_in(text)


def _names(said: gtx.Operation) -> Sequence[str]:
    names = NAMES.get(said.name, ())
    return names if len(names) == len(said.arguments) else [""] * len(said.arguments)


def _argument(value: Gtv, stored: Stored, gate: Gate, *, name: str, at: int) -> Argument:
    shown = values.shown(value)
    return Argument(
        name,
        _KINDS[type(value)],
        text_of(shown, hash=dapp.signed_hash(shown), hold=gate.hold(*_keys_of(value, stored, at))),
    )


def _keys_of(value: Gtv, stored: Stored, at: int) -> Iterable[bytes | None]:
    """The content keys of an argument that is a text."""
    if stored.reading != _READING.UNDERSTOOD or stored.name in dapp.WITHOUT_EFFECT:
        return _keys_in(value)
    if (stored.name, at) in _MESSAGES:
        return (stored.prompt,)
    if (stored.name, at) in _RESULTS and isinstance(value, str):
        return (stored.answer, stored.result, stored.said, *completion.keys_in(value))
    return ()


def _note(stored: Stored, said: gtx.Operation | None, *, is_declared: bool) -> str:
    if is_declared and stored.reading == _READING.UNKNOWN_NAME:
        return _DECLARED
    if said is not None and stored.reading == _READING.UNKNOWN_ARGUMENTS:
        effect = dapp.read(said.name, said.arguments).effect
        if isinstance(effect, dapp.Unknown):
            return f"Not understood: {effect.why}."
    return _NOTES[_READING(stored.reading)]
