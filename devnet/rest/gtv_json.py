"""GTV as JSON and back, as the routes `/query` have it (Postchain, GtvJson): bytes are uppercase hex, and a
JSON number must be an integer of 64 bits.
"""

import json
from typing import Any

from indexer.postchain.gtv import BigInteger, Encodable, Gtv, utf16_order

_DEEPEST = 500


class NotInGtv(ValueError):
    """JSON that no GTV stands for."""


class NotInJson(ValueError):
    """GTV that Postchain 3.15 does not write as JSON; the text is a node's (500)."""


def from_json(text: str) -> Gtv:
    """GTV for a JSON text; truth values become 1 and 0. Raises NotInGtv."""
    try:
        return _from_json(json.loads(text, parse_constant=_refuse), depth=0)
    except (ValueError, RecursionError) as error:
        raise NotInGtv(f"no JSON that GTV could hold: {error}") from error


def _refuse(word: str) -> None:
    raise NotInGtv(f"{word} is no number")


def _from_json(value: Any, *, depth: int) -> Gtv:
    if depth > _DEEPEST:
        raise NotInGtv("too deep")
    match value:
        case bool():
            return int(value)
        case None | str():
            return value
        case int() if -(2**63) <= value < 2**63:
            return value
        case list():
            return [_from_json(each, depth=depth + 1) for each in value]
        case dict():
            return {key: _from_json(each, depth=depth + 1) for key, each in value.items()}
    raise NotInGtv("a number is no integer of 64 bits")


def to_json(value: Encodable) -> Any:
    """What `json` writes for a value, keys in Java's order. Raises NotInJson."""
    match value:
        case BigInteger():
            raise NotInJson("big_integer cannot be serialized as JSON")
        case bytes():
            return value.hex().upper()
        case list() | tuple():
            return [to_json(each) for each in value]
        case dict():
            return {key: to_json(value[key]) for key in sorted(value, key=utf16_order)}
    return value
