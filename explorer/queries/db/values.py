"""GTV values as a reader reads them, of any depth and size."""

from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from indexer.dapp.rell_json import quote
from indexer.postchain import gtv
from indexer.postchain.gtv import Gtv

_MOST_BITS = 4_096  # Python writes no longer integers in decimal


class _Mark(str):
    """A piece of punctuation, which no value is."""

    __slots__ = ()


def shown(value: Gtv) -> str:
    """A text as it is, bytes in upper-case hex, integers in decimal (hex where they are enormous), null as
    ``null``, arrays and dicts as JSON of these.
    """
    return _as_json(value) if isinstance(value, list | dict) else _scalar(value)


def keys_of(raw: bytes) -> Sequence[bytes]:
    """The keys of an interned set of signers (GTV)."""
    return cast(list[bytes], gtv.decode(raw))


def named(values: Mapping[str, Gtv]) -> list[tuple[str, str]]:
    """Each name with its value as ``shown``."""
    return [(name, shown(value)) for name, value in values.items()]


def _as_json(root: list[Gtv] | dict[str, Gtv]) -> str:
    """JSON without recursion: nodes take up to a thousand levels."""
    pieces: list[str] = []
    pending: list[Gtv] = [root]
    while pending:
        value = pending.pop()
        if isinstance(value, _Mark):
            pieces.append(value)
        elif isinstance(value, list | dict):
            pending.extend(reversed(list(_parts(value))))
        else:
            text = _scalar(value)
            is_text = isinstance(value, str | bytes) or text.startswith(("0x", "-0x"))
            pieces.append(quote(text) if is_text else text)
    return "".join(pieces)


def _scalar(value: bytes | str | int | None) -> str:
    if value is None:
        return "null"
    if isinstance(value, bytes):
        return value.hex().upper()
    if isinstance(value, str):
        return value
    return hex(value) if value.bit_length() > _MOST_BITS else str(int(value))


def _parts(value: list[Gtv] | dict[str, Gtv]) -> Iterator[Gtv]:
    """What a collection is written as: marks, and values to be written in their turn."""
    yield _Mark("[" if isinstance(value, list) else "{")
    if isinstance(value, list):
        for index, each in enumerate(value):
            if index:
                yield _Mark(",")
            yield each
    else:
        for index, (key, each) in enumerate(value.items()):
            yield _Mark(f"{',' if index else ''}{quote(key)}:")
            yield each
    yield _Mark("]" if isinstance(value, list) else "}")
