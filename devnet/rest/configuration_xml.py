"""A configuration as XML, in the form that a node writes (Postchain, GtvML with JAXB)."""

from collections.abc import Iterator
from xml.sax.saxutils import escape

from indexer.postchain.gtv import BigInteger, Gtv

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_STEP = "    "


def write(configuration: Gtv) -> str:
    """The XML of a value, with a line for each element."""
    return _HEAD + "".join(f"{line}\n" for line in _lines(configuration, ""))


def _lines(value: Gtv, margin: str) -> Iterator[str]:
    match value:
        case None:
            yield f"{margin}<null/>"
        case str():
            yield f"{margin}<string>{escape(value, {chr(13): '&#13;'})}</string>"
        case bytes():
            yield f"{margin}<bytea>{value.hex().upper()}</bytea>"
        case BigInteger():
            yield f"{margin}<bigint>{int(value)}</bigint>"
        case int():
            yield f"{margin}<int>{value}</int>"
        case []:
            yield f"{margin}<array/>"
        case list():
            yield f"{margin}<array>"
            for each in value:
                yield from _lines(each, margin + _STEP)
            yield f"{margin}</array>"
        case dict() if not value:
            yield f"{margin}<dict/>"
        case dict():
            yield from _entries(value, margin)


def _entries(value: dict[str, Gtv], margin: str) -> Iterator[str]:
    inner = margin + _STEP
    yield f"{margin}<dict>"
    for key, each in value.items():
        yield f'{inner}<entry key="{escape(key, {chr(34): "&quot;"})}">'
        yield from _lines(each, inner + _STEP)
        yield f"{inner}</entry>"
    yield f"{margin}</dict>"
