"""The exact way from a signed JSON text to the text that a query returns: for any text, without recursion.

It is slow. `rell_json` takes it for what msgspec refuses: text after the first value, lone surrogates,
integers of many digits, deep nesting, and what is no JSON at all. The grammar is Jackson's, with its
defaults.
"""

import json
import re
from collections.abc import Iterator
from unicodedata import category

import msgspec

from indexer.dapp.java_text import double, jsonb_rank, quote, without_lone_surrogates

Container = list[object] | dict[str, object]
Open = list[tuple[Container, list[str]]]


class NotJson(ValueError):
    """The text is no JSON to Jackson, so no confirmed operation took it as its `json` argument."""

    def __init__(self, at: int, why: str) -> None:
        super().__init__(f"not JSON to the dapp: {why} at character {at}; keep the text as it was signed")


class _Piece(str):
    """A piece of JSON text that is written as it is: a number, a truth value, a bracket."""

    __slots__ = ()


_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)((?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)")
_WORD = re.compile(r"true|false|null")
_SPACE = re.compile(r"[ \t\n\r]*")
_STRING = json.JSONDecoder()
_CLOSERS = {list: "]", dict: "}"}
# What Java calls part of an identifier: a word with one of these after it is another word.
_IDENTIFIER_PARTS = frozenset(("Lu", "Ll", "Lt", "Lm", "Lo", "Nl", "Nd", "Mn", "Mc", "Pc", "Sc", "Cf", "Cc"))


def read(text: str) -> object:
    """Read the first value, with strings and keys as they come back and objects in the order of JSONB.

    Numbers and truth values are pieces of text for `write`, which no plain `str` is. Raises NotJson.
    """
    open_: Open = []
    at = 0
    while True:
        value, at = _begin(text, at)
        if isinstance(value, list | dict):
            at = _skip(text, at)
            if not text.startswith(_CLOSERS[type(value)], at):
                at = _enter(text, at, value=value, open_=open_)
                continue
            at += 1
        value, at = _end(text, at, value=value, open_=open_)
        if not open_:
            _check_root_ends(text, at)
            return value


def write(root: object) -> str:
    """Write a value that `read` gave."""
    pieces: list[str] = []
    pending = [root]
    while pending:
        value = pending.pop()
        if isinstance(value, _Piece):
            pieces.append(value)
        elif isinstance(value, str):
            pieces.append(quote(value))
        elif isinstance(value, list | dict):
            pending.extend(reversed(list(_parts(value))))
        else:
            pieces.append("null")
    return "".join(pieces)


def _parts(container: Container) -> Iterator[object]:
    """Yield what a container is written as: pieces, strings, and values to be written in their turn."""
    if isinstance(container, list):
        yield _Piece("[")
        for index, item in enumerate(container):
            if index:
                yield _Piece(",")
            yield item
        yield _Piece("]")
    else:
        yield _Piece("{")
        for index, (key, item) in enumerate(container.items()):
            if index:
                yield _Piece(",")
            yield from (key, _Piece(":"), item)
        yield _Piece("}")


def _begin(text: str, at: int) -> tuple[object, int]:
    """Read a scalar, or the opening bracket of a container; return it and where it ends."""
    at = _skip(text, at)
    match text[at : at + 1]:
        case "{":
            return {}, at + 1
        case "[":
            return [], at + 1
        case '"':
            string, at = _string(text, at)
            return without_lone_surrogates(string), at
    if found := _WORD.match(text, at):
        return None if found[0] == "null" else _Piece(found[0]), found.end()
    if found := _NUMBER.match(text, at):
        return _number(found), found.end()
    raise NotJson(at, "no value begins")


def _number(found: re.Match[str]) -> str:
    if not found[1]:
        return _Piece("0" if found[0] == "-0" else found[0])
    number = double(found[0])
    if isinstance(number, str):
        return number
    return _Piece(bytes(number).decode() if isinstance(number, msgspec.Raw) else repr(number))


def _enter(text: str, at: int, *, value: Container, open_: Open) -> int:
    """Note that a container is open, read an object's first key, and return where the first value begins."""
    keys: list[str] = []
    open_.append((value, keys))
    return _next_key(text, at, keys=keys) if isinstance(value, dict) else at


def _end(text: str, at: int, *, value: object, open_: Open) -> tuple[object, int]:
    """Put a finished value where it belongs, and close the containers that end with it.

    Returns the last one closed, and where the next value begins or the root ends.
    """
    while open_:
        container, keys = open_[-1]
        if isinstance(container, dict):
            container[keys.pop()] = value
        else:
            container.append(value)
        at = _skip(text, at)
        if text.startswith(",", at):
            return value, _next_key(text, at + 1, keys=keys) if isinstance(container, dict) else at + 1
        if not text.startswith(_CLOSERS[type(container)], at):
            raise NotJson(at, "a comma or a closing bracket is missing")
        open_.pop()
        value = _in_order(container)
        at += 1
    return value, at


def _in_order(container: Container) -> Container:
    """Sort an object. Of keys that became equal on the way to PostgreSQL, the last one wins."""
    if isinstance(container, list):
        return container
    sent = {without_lone_surrogates(key): value for key, value in container.items()}
    return {key: sent[key] for key in sorted(sent, key=jsonb_rank)}


def _next_key(text: str, at: int, *, keys: list[str]) -> int:
    at = _skip(text, at)
    if not text.startswith('"', at):
        raise NotJson(at, "a key in double quotes is missing")
    key, at = _string(text, at)
    at = _skip(text, at)
    if not text.startswith(":", at):
        raise NotJson(at, "a colon is missing")
    keys.append(key)
    return at + 1


def _string(text: str, at: int) -> tuple[str, int]:
    try:
        found: tuple[str, int] = _STRING.raw_decode(text, at)
    except json.JSONDecodeError as error:
        raise NotJson(error.pos, "a string is broken") from error
    return found


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _check_root_ends(text: str, at: int) -> None:
    """Refuse a number or word at the root that runs on into what follows, as Jackson does."""
    last, following = text[at - 1], text[at : at + 1]
    if last.isdigit() and following not in ("", " ", "\t", "\n", "\r"):
        raise NotJson(at, "a number runs on")
    if last in "el" and "0" <= following <= "\uffff" and category(following) in _IDENTIFIER_PARTS:
        raise NotJson(at, "a word runs on")
