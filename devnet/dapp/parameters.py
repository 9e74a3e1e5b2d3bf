"""Parameters of Rell operations and queries: how a node reads GTV arguments, and its words where they do not
fit (Rell, gtx_conversion.kt).

An integer may come as a big integer, a byte array as hex text, a decimal as text or a number.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation, localcontext
from typing import Any

from indexer.dapp.rell_json import NotJson, normalise
from indexer.postchain.gtv import BigInteger, Gtv

_DECIMAL_PLACES = Decimal(1).scaleb(-20)
_DECIMAL_DIGITS = 1_000


class Misfit(ValueError):
    """An argument that does not fit its parameter, in a node's words without the parameter's name."""


@dataclass(frozen=True, slots=True)
class Type:
    """A Rell type by its name, and how a value of it is read from GTV (raises Misfit)."""

    name: str
    read: Callable[[Gtv], Any]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of an operation or query."""

    name: str
    type: Type

    def read(self, argument: Gtv) -> Any:
        """The argument's value; raises Misfit, which names the parameter."""
        try:
            return self.type.read(argument)
        except Misfit as error:
            raise Misfit(f"{error} (parameter: {self.name})") from None


def read_all(parameters: Sequence[Parameter], arguments: Mapping[str, Gtv]) -> list[Any]:
    """The values of a query's arguments, in the order of its parameters; raises Misfit."""
    names = [parameter.name for parameter in parameters]
    if set(names) != arguments.keys():
        given, expected = ", ".join(sorted(arguments)), ", ".join(names)
        raise Misfit(f"Wrong arguments: [{given}] instead of [{expected}]")
    return [parameter.read(arguments[parameter.name]) for parameter in parameters]


def kind_of(value: Gtv) -> str:
    """The name of a value's GTV type in a node's messages."""
    match value:
        case None:
            return "NULL"
        case bytes():
            return "BYTEARRAY"
        case str():
            return "STRING"
        case BigInteger():
            return "BIGINTEGER"
        case int():
            return "INTEGER"
        case list():
            return "ARRAY"
    return "DICT"


def bytes_of(value: Gtv) -> bytes | None:
    """Bytes, also from hex text; None where there are none."""
    if isinstance(value, str):
        try:
            return bytes.fromhex(value) if " " not in value else None
        except ValueError:
            return None
    return value if isinstance(value, bytes) else None


def _decoding(name: str, why: str) -> Misfit:
    return Misfit(f"Decoding type '{name}': {why}")


def _unexpected(name: str, expected: str, value: Gtv) -> Misfit:
    return _decoding(name, f"expected {expected}, actual {kind_of(value)}")


def _integer(value: Gtv) -> int:
    if not isinstance(value, int):
        raise _unexpected("integer", "INTEGER", value)
    if not -(2**63) <= value < 2**63:
        raise _decoding("integer", f"value out of range: {int(value)}")
    return int(value)


def _text(value: Gtv) -> str:
    if not isinstance(value, str):
        raise _unexpected("text", "STRING", value)
    return value


def _json(value: Gtv) -> str:
    if not isinstance(value, str):
        raise _unexpected("json", "STRING", value)
    try:
        normalise(value)
    except NotJson:
        raise _decoding("json", value) from None
    return value


def _byte_array(value: Gtv) -> bytes:
    found = bytes_of(value)
    if found is None:
        raise _unexpected("byte_array", "BYTEARRAY", value)
    return found


def _decimal(value: Gtv) -> Decimal:
    if isinstance(value, int):
        return Decimal(value)
    if not isinstance(value, str):
        raise _unexpected("decimal", "STRING", value)
    try:
        with localcontext(prec=2 * _DECIMAL_DIGITS):
            return Decimal(value).quantize(_DECIMAL_PLACES, ROUND_HALF_UP)
    except InvalidOperation:
        raise Misfit(f"Invalid decimal value: '{value}'") from None


INTEGER = Type("integer", _integer)
TEXT = Type("text", _text)
JSON = Type("json", _json)
BYTE_ARRAY = Type("byte_array", _byte_array)
DECIMAL = Type("decimal", _decimal)


def list_of(element: Type) -> Type:
    """A list of one type."""
    name = f"list<{element.name}>"

    def read(value: Gtv) -> list[Any]:
        if not isinstance(value, list):
            raise _unexpected(name, "ARRAY", value)
        return [element.read(each) for each in value]

    return Type(name, read)


def map_from_text(element: Type) -> Type:
    """A map from text to one type."""
    name = f"map<text,{element.name}>"

    def read(value: Gtv) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise _unexpected(name, "DICT", value)
        return {key: element.read(each) for key, each in value.items()}

    return Type(name, read)


def nullable(inner: Type) -> Type:
    """A value of a type, or null."""
    return Type(f"{inner.name}?", lambda value: None if value is None else inner.read(value))
