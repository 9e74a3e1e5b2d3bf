"""JSON laid out over lines, with every token as it was written: numbers, escapes and repeated names stay."""

import json
import re
from collections.abc import Iterable, Iterator

_INDENT = "  "
_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[][{},:]|[^][{},:\s"]+', re.DOTALL)
_OPENING, _CLOSING = ("[", "{"), ("]", "}")


def laid_out(text: str, *, most: int) -> str | None:
    """The same JSON over lines; None where it is none, too deep to be read, or longer than ``most``."""
    if len(text) > most or not _is_json(text):
        return None
    written, length = [], 0
    for piece in _pieces(_TOKEN.findall(text)):
        written.append(piece)
        length += len(piece)
        if length > most:
            return None
    return "".join(written)


def _pieces(tokens: Iterable[str]) -> Iterator[str]:
    depth, previous = 0, ""
    for token in tokens:
        if token in _CLOSING:
            depth -= 1
        if (token in _CLOSING and previous not in _OPENING) or (
            token not in _CLOSING and previous in (*_OPENING, ",")
        ):
            yield f"\n{_INDENT * depth}"
        yield f"{token} " if token == ":" else token
        if token in _OPENING:
            depth += 1
        previous = token


def _is_json(text: str) -> bool:
    try:
        # Numbers of any length are numbers; NaN is none.
        json.loads(text, parse_int=str, parse_float=str, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return False
    return True


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")
