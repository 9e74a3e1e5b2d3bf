"""Rell-normal JSON: what a query returns for a `json` argument, worked out from the text that was signed.

A `json` argument of a Rell operation is read by Jackson, printed compactly, stored as PostgreSQL JSONB,
printed by PostgreSQL, then read and printed by Jackson again (Rell, `Rt_JsonValue`). So keys come back in
another order, duplicates collapse, numbers with a point or an exponent are doubles as Java 19 and later
print them, and what follows the first value is gone. This module says what is left, without a database.

Limits of single versions of Jackson and PostgreSQL (1,000 levels, 1,000 digits, no NUL) are not applied:
such a text is on a chain only where its nodes had no such limit, and is normalised like any other. NUL
stays an escape.

Two ways lead to the same text: a quick one through msgspec, and `rell_json_exact` for what msgspec refuses.
"""

from enum import StrEnum

import msgspec
from msgspec import Struct

from indexer.dapp import rell_json_exact as exact
from indexer.dapp.java_text import double, jsonb_rank, quote, respell, upper_escapes
from indexer.dapp.rell_json_exact import NotJson

__all__ = ["Answer", "NotJson", "Reason", "content_of", "normalise", "quote", "respell"]


class Reason(StrEnum):
    """Why a result has no `choices[0].message.content` that is text."""

    NOT_JSON = "not-json"
    NOT_AN_OBJECT = "not-an-object"
    NO_CHOICES = "no-choices"
    NO_MESSAGE = "no-message"
    NO_CONTENT = "no-content"
    CONTENT_IS_NOT_TEXT = "content-is-not-text"


class Answer(Struct, frozen=True, gc=False):
    """A result as it comes back: the whole, and the content of its first choice or the reason for none."""

    normal: str
    content: str | None
    reason: Reason | None


def normalise(text: str) -> str:
    """Return exactly what a query returns for a `json` argument that was signed as `text`. Raises NotJson."""
    return _read(text)[1]


def content_of(text: str) -> Answer:
    """Return a signed result as a query returns it, and the content of its first choice.

    A text that is no JSON is its own `normal`, with the reason `not-json`; nothing is raised.
    """
    try:
        value, normal = _read(text)
    except NotJson:
        return Answer(text, None, Reason.NOT_JSON)
    content = _content(value)
    if isinstance(content, Reason):
        return Answer(normal, None, content)
    return Answer(normal, content, None)


def _content(value: object) -> str | Reason:
    if not isinstance(value, dict):
        return Reason.NOT_AN_OBJECT
    choices = value.get("choices")
    if not isinstance(choices, list) or not choices:
        return Reason.NO_CHOICES
    message = choices[0].get("message") if isinstance(choices[0], dict) else None
    if not isinstance(message, dict):
        return Reason.NO_MESSAGE
    content = message.get("content")
    if content is None:
        return Reason.NO_CONTENT
    return content if type(content) is str else Reason.CONTENT_IS_NOT_TEXT


_DECODER = msgspec.json.Decoder(float_hook=double)
_ENCODER = msgspec.json.Encoder()


def _read(text: str) -> tuple[object, str]:
    """Return the value, ordered, and its text."""
    try:
        value = _in_order(_DECODER.decode(text))
        return value, upper_escapes(_ENCODER.encode(value))
    except (msgspec.MsgspecError, ValueError, OverflowError, RecursionError):
        value = exact.read(text)
        return value, exact.write(value)


def _in_order(value: object) -> object:
    """Return the value with the keys of every object in the order of JSONB. Lists are changed in place."""
    if type(value) is dict:
        return _object_in_order(value)
    if type(value) is list:
        for index, item in enumerate(value):
            if type(item) is dict or type(item) is list:
                value[index] = _in_order(item)
    return value


def _object_in_order(value: dict[str, object]) -> dict[str, object]:
    keys = tuple(value)
    ordered = {}
    for key in _orders.get(keys) or _order(keys):
        item = value[key]
        if type(item) is dict:
            item = _object_in_order(item)
        elif type(item) is list:
            _in_order(item)
        ordered[key] = item
    return ordered


# Records repeat their sets of keys, so orders are remembered: few of them, and only of small sets.
_ROOM = 4_096
_MOST_KEYS = 64
_MOST_LETTERS = 2_000
_orders: dict[tuple[str, ...], tuple[str, ...]] = {}


def _order(keys: tuple[str, ...]) -> tuple[str, ...]:
    order = tuple(sorted(keys, key=jsonb_rank))
    if len(keys) <= _MOST_KEYS and sum(map(len, keys)) <= _MOST_LETTERS:
        if len(_orders) >= _ROOM:
            _orders.clear()
        _orders[keys] = order
    return order
