"""GTV, the value format of Postchain, and its DER encoding (gtv_messages.asn in Postchain's sources).

Python values stand for GTV as follows: None for null, bytes for byteArray, str for string, int for integer
(signed 64 bit), `BigInteger` for bigInteger, list for array, dict for dict. A value is an explicit context
tag around one universal element; a dict is a sequence of (key, value) sequences in UTF-16 order of keys.

Reading and writing keep their own stacks: depth costs no recursion, beyond `MAX_DEPTH` it gives `TooDeep`.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias, TypeGuard

Gtv: TypeAlias = bytes | str | int | list["Gtv"] | dict[str, "Gtv"] | None
Encodable: TypeAlias = bytes | str | int | Sequence["Encodable"] | Mapping[str, "Encodable"] | None

MAX_DEPTH: Final = 1000
INT64_MIN: Final = -(2**63)
INT64_MAX: Final = 2**63 - 1

NULL_TAG: Final = 0xA0
BYTES_TAG: Final = 0xA1
STRING_TAG: Final = 0xA2
INTEGER_TAG: Final = 0xA3
DICT_TAG: Final = 0xA4
ARRAY_TAG: Final = 0xA5
BIG_INTEGER_TAG: Final = 0xA6

_SEQUENCE: Final = 0x30
_UTF8_STRING: Final = 0x0C
_CONTENT_TAGS: Final = {
    NULL_TAG: 0x05,
    BYTES_TAG: 0x04,
    STRING_TAG: _UTF8_STRING,
    INTEGER_TAG: 0x02,
    DICT_TAG: _SEQUENCE,
    ARRAY_TAG: _SEQUENCE,
    BIG_INTEGER_TAG: 0x02,
}
_MAX_LENGTH_OCTETS: Final = 4
_SURROGATE_IN_UTF8: Final = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]?")
_REPLACEMENT_IN_UTF8: Final = "\N{REPLACEMENT CHARACTER}".encode()


class GtvError(ValueError):
    """Bytes that are no GTV, or a value that GTV cannot hold."""


class Truncated(GtvError):
    """The bytes end before the value does."""


class UnknownTag(GtvError):
    """A tag that GTV does not have, or not in this place."""


class BadLength(GtvError):
    """A length that contradicts what it encloses, or a form of length that Postchain refuses."""


class IntegerTooLarge(GtvError):
    """An integer outside the signed 64 bits of a GTV integer."""


class TooDeep(GtvError):
    """More than `MAX_DEPTH` collections inside each other."""


class TrailingBytes(GtvError):
    """Bytes after the value, where none were allowed."""


class NotEncodable(GtvError):
    """A Python value for which GTV has no type."""


class BigInteger(int):
    """A GTV bigInteger: any size, and another type than integer even where the number is small."""

    __slots__ = ()

    def __repr__(self) -> str:
        # Python refuses to write very long numbers in decimal, not in hexadecimal.
        return f"BigInteger({hex(self) if self.bit_length() > 4096 else int(self)})"


def is_integer(value: object) -> TypeGuard[int]:
    """Whether the value is a GTV integer, so of 64 bits: a BigInteger is another type and has no bound."""
    return isinstance(value, int) and not isinstance(value, BigInteger)


def utf16_order(key: str) -> bytes:
    """Sort key for dict keys: Java compares strings by UTF-16 code units, Python by code points."""
    return key.encode("utf-16-be", "surrogatepass")


# Decoding


@dataclass(slots=True)
class _Open:
    """A collection that is being read: where it ends, what it holds so far, the end of its present entry."""

    end: int
    is_dict: bool
    items: list[Gtv] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    entry_end: int = -1

    def value(self) -> Gtv:
        """The finished collection: dict keys in UTF-16 order, of equal keys the last one."""
        if not self.is_dict:
            return self.items
        entries = dict(zip(self.keys, self.items, strict=True))
        return {key: entries[key] for key in sorted(entries, key=utf16_order)}


def decode(data: bytes, *, trailing: bool = True) -> Gtv:
    """The value that `data` starts with, read as leniently as Postchain reads it.

    The wrapper's length is read but not enforced and may be indefinite; lengths and integers need not be
    minimal; invalid UTF-8 is replaced as Java replaces it; of equal dict keys the last wins. Bytes after
    the value are ignored unless `trailing` is False (`TrailingBytes`). Raises a `GtvError` for everything
    else (Postchain, GtvDecoder).
    """
    value, end = _decode_from(data)
    if not trailing and end != len(data):
        raise TrailingBytes(
            f"{len(data) - end} bytes follow the value, which ends at byte {end}; cut them off"
        )
    return value


def _decode_from(data: bytes) -> tuple[Gtv, int]:
    opened: list[_Open] = []
    position = 0
    while True:
        if opened and opened[-1].is_dict:
            position = _open_entry(data, position, within=opened[-1])
        tag, start, end = _value_header(data, position)
        value: Gtv
        if tag in (ARRAY_TAG, DICT_TAG):
            opened.append(_Open(end, tag == DICT_TAG))
            _refuse_depth(len(opened), position)
            position = start
            if position < end:
                continue
            value = opened.pop().value()
        else:
            value = _primitive(data, tag, start, end)
            position = end
        value = _close_finished(opened, value, position)
        if not opened:
            return value, position


def _close_finished(opened: list[_Open], value: Gtv, position: int) -> Gtv:
    """Put `value`, which ends at `position`, into its collection, and so on while that ends there too."""
    while opened:
        collection = opened[-1]
        if collection.is_dict and position != collection.entry_end:
            raise BadLength(
                f"a dict entry should end at byte {collection.entry_end}, its value at {position}"
            )
        if position > collection.end:
            raise BadLength(f"a collection should end at byte {collection.end}, an element at {position}")
        collection.items.append(value)
        if position < collection.end:
            break
        opened.pop()
        value = collection.value()
    return value


def _refuse_depth(depth: int, position: int) -> None:
    if depth > MAX_DEPTH:
        raise TooDeep(f"more than {MAX_DEPTH} collections inside each other at byte {position}; refuse it")


def _open_entry(data: bytes, position: int, *, within: _Open) -> int:
    """Read the head and key of a dict entry; gives where its value starts."""
    start, within.entry_end = _content(data, position, _SEQUENCE)
    key_start, key_end = _content(data, start, _UTF8_STRING)
    within.keys.append(_text(data[key_start:key_end]))
    return key_end


def _value_header(data: bytes, position: int) -> tuple[int, int, int]:
    """Tag of the value at `position`, and where its content (inside the inner element) starts and ends."""
    try:
        tag = data[position]
        content_tag = _CONTENT_TAGS[tag]
        first = data[position + 1]
    except IndexError:
        raise Truncated(f"the GTV ends at byte {len(data)}, a value should be at byte {position}") from None
    except KeyError:
        raise UnknownTag(f"tag {tag:02X} at byte {position} is no GTV type (A0 to A6)") from None
    inner = position + 2
    if first > 0x80:
        inner += first & 0x7F
        if first & 0x7F > _MAX_LENGTH_OCTETS:
            raise BadLength(f"a length of {first & 0x7F} octets at byte {position + 1}; nodes read at most 4")
    start, end = _content(data, inner, content_tag)
    return tag, start, end


def _content(data: bytes, position: int, tag: int) -> tuple[int, int]:
    """Start and end of the content of the universal element at `position`, which must have this tag."""
    try:
        found = data[position]
        length = data[position + 1]
    except IndexError:
        raise Truncated(f"the GTV ends at byte {len(data)}, tag {tag:02X} should be at {position}") from None
    if found != tag:
        raise UnknownTag(f"tag {found:02X} at byte {position} where {tag:02X} belongs")
    start = position + 2
    if length >= 0x80:
        octets = length & 0x7F
        if not 1 <= octets <= _MAX_LENGTH_OCTETS:
            raise BadLength(
                f"length form {length:02X} at byte {position + 1}: only definite ones of up to 4 octets"
            )
        start += octets
        length = int.from_bytes(data[position + 2 : start], "big")
    if start + length > len(data):
        raise Truncated(f"{length} bytes are announced at byte {position}, {max(0, len(data) - start)} left")
    return start, start + length


def _primitive(data: bytes, tag: int, start: int, end: int) -> Gtv:
    content = data[start:end]
    if tag == BYTES_TAG:
        return content
    if tag == STRING_TAG:
        return _text(content)
    if tag == NULL_TAG:
        if content:
            raise BadLength(f"a null with {len(content)} bytes of content at byte {start}")
        return None
    if not content:
        raise BadLength(f"an integer without content at byte {start}")
    number = int.from_bytes(content, "big", signed=True)
    if tag == BIG_INTEGER_TAG:
        return BigInteger(number)
    if not INT64_MIN <= number <= INT64_MAX:
        raise IntegerTooLarge(f"an integer of {len(content)} bytes at byte {start} does not fit 64 bits")
    return number


def _text(raw: bytes) -> str:
    """UTF-8, invalid bytes replaced as java.lang.String does: a whole encoded surrogate gives one."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return _SURROGATE_IN_UTF8.sub(_REPLACEMENT_IN_UTF8, raw).decode(errors="replace")


# Encoding


@dataclass(frozen=True, slots=True)
class _Close:
    """While writing backwards: all that lies inside a collection or a dict entry is written now."""

    tag: int
    key: str = ""


_ARRAY_CLOSE: Final = _Close(ARRAY_TAG)
_DICT_CLOSE: Final = _Close(DICT_TAG)
_ENTRY_OPEN: Final = object()


def encode(value: Encodable) -> bytes:
    """The canonical DER of `value`: minimal lengths and integers, dict keys in UTF-16 order.

    Tuples are arrays. Raises `NotEncodable` for types that GTV does not have (bool and float among them),
    `IntegerTooLarge`, `TooDeep`.
    """
    # Written from the last byte to the first: when a head is due, the length of what it encloses is known.
    pieces: list[bytes] = []
    size = 0
    depth = 0
    marks: list[int] = []
    pending: list[object] = [value]
    while pending:
        item = pending.pop()
        if item is _ENTRY_OPEN:
            marks.append(size)
            continue
        if isinstance(item, _Close):
            piece = _close_piece(item, size - marks.pop())
            depth -= item.tag != _SEQUENCE
        elif isinstance(item, (list, tuple, dict)):
            depth += 1
            if depth > MAX_DEPTH:
                raise TooDeep(f"more than {MAX_DEPTH} collections inside each other; flatten the value")
            marks.append(size)
            _push_collection(pending, item)
            continue
        else:
            piece = encode_primitive(item)
        pieces.append(piece)
        size += len(piece)
    pieces.reverse()
    return b"".join(pieces)


def _push_collection(pending: list[object], collection: Iterable[object]) -> None:
    if not isinstance(collection, dict):
        pending.append(_ARRAY_CLOSE)
        pending.extend(collection)
        return
    pending.append(_DICT_CLOSE)
    for key in sorted_keys(collection):
        pending += (_Close(_SEQUENCE, key), collection[key], _ENTRY_OPEN)


def sorted_keys(collection: Mapping[str, object]) -> list[str]:
    """The keys of a dict in Postchain's order; `NotEncodable` where one is no string."""
    for key in collection:
        if not isinstance(key, str):
            raise NotEncodable(f"a dict key of type {type(key).__name__}; GTV keys are strings")
    return sorted(collection, key=utf16_order)


def _close_piece(closed: _Close, length: int) -> bytes:
    if closed.tag == _SEQUENCE:
        key = _utf8_element(closed.key)
        return _head(_SEQUENCE, length + len(key)) + key
    inner = _head(_SEQUENCE, length)
    return _head(closed.tag, length + len(inner)) + inner


def encode_primitive(value: object) -> bytes:
    """The canonical DER of a value that is no collection."""
    if isinstance(value, bytes):
        return _wrapped(BYTES_TAG, value)
    if isinstance(value, str):
        element = _utf8_element(value)
        return _head(STRING_TAG, len(element)) + element
    if value is None:
        return b"\xa0\x02\x05\x00"
    if not isinstance(value, int) or isinstance(value, bool):
        raise NotEncodable(
            f"GTV has no type for {type(value).__name__}; give None, bytes, str, int, list or dict"
        )
    if isinstance(value, BigInteger):
        return _wrapped(BIG_INTEGER_TAG, _integer_content(value))
    if not INT64_MIN <= value <= INT64_MAX:
        raise IntegerTooLarge(
            "the integer does not fit 64 bits; give a BigInteger where the operation takes one"
        )
    return _wrapped(INTEGER_TAG, _integer_content(value))


def _integer_content(number: int) -> bytes:
    bits = (number if number >= 0 else ~number).bit_length()
    return int(number).to_bytes(bits // 8 + 1, "big", signed=True)


def _utf8_element(text: str) -> bytes:
    try:
        content = text.encode()
    except UnicodeEncodeError as error:
        raise NotEncodable(
            f"a lone surrogate at character {error.start} of a string; UTF-8 has no form for it"
        ) from None
    return _head(_UTF8_STRING, len(content)) + content


def _wrapped(tag: int, content: bytes) -> bytes:
    inner = _head(_CONTENT_TAGS[tag], len(content))
    return _head(tag, len(inner) + len(content)) + inner + content


def _head(tag: int, length: int) -> bytes:
    if length < 0x80:
        return bytes((tag, length))
    octets = (length.bit_length() + 7) // 8
    return bytes((tag, 0x80 | octets)) + length.to_bytes(octets, "big")
