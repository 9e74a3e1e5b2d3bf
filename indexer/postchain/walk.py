"""One walk over canonical bytes gives a GTV value and its merkle hash: the indexer's hot path.

A leaf's hash is taken from its own slice of the bytes, so nothing is encoded again. That is right only
where the bytes are canonical, which is checked on the way; for anything else the answer is None and the
caller goes through `gtv.decode` and `merkle_hash`, which also name the error if there is one.
"""

from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from indexer.postchain import gtv
from indexer.postchain.gtv import ARRAY_TAG, DICT_TAG, Gtv
from indexer.postchain.merkle import (
    ARRAY_PREFIX,
    DICT_PREFIX,
    LEAF_PREFIX,
    check_version,
    children,
    leaf_hash,
)

# Names, keys and small numbers repeat in every transaction: value and hash by encoded leaf. Signatures are
# larger.
_SMALL: Final = 40
_KNOWN_LEAVES: Final = 8192
_known: dict[bytes, tuple[Gtv, bytes]] = {}


class _NotCanonical(Exception):
    """The bytes are not what `gtv.encode` would give."""


@dataclass(frozen=True, slots=True)
class Hashed:
    """A value and its hash; `row` has the hashes of its elements, of a dict keys and values in turn."""

    value: Gtv
    hash: bytes
    row: list[bytes]


@dataclass(slots=True)
class _Entries:
    """Of a dict that is being read: its keys so far, and where the present entry ends."""

    keys: list[str] = field(default_factory=list)
    end: int = -1


def hashed(data: bytes, *, version: int) -> Hashed | None:
    """Value and hash of `data` under this merkle version, or None where it is not canonical GTV."""
    check_version(version)
    try:
        return _walk(data, version)
    except (_NotCanonical, IndexError, UnicodeDecodeError):
        return None


def _walk(data: bytes, version: int) -> Hashed:
    # One loop over plain tuples: a call or an object for each value would take half as long again.
    stack: list[tuple[list[Gtv], list[bytes], int, _Entries | None]] = []
    values: list[Gtv] = []
    row: list[bytes] = []
    entries: _Entries | None = None
    inner_row: list[bytes] = []  # of the collection closed last, as is its pair
    pair = b""
    position, end = 0, len(data)
    value: Gtv
    while True:
        if entries is not None:
            position = _open_entry(data, position, entries, row)
        tag = data[position]
        length = data[position + 1]
        inner = position + 2
        if length >= 0x80:
            inner, length = _long_length(data, position + 1)
        stop = inner + length
        if stop > end:
            raise _NotCanonical
        if tag in (ARRAY_TAG, DICT_TAG):
            stack.append((values, row, end, entries))
            position = _sequence_start(data, inner, stop, len(stack))
            values, row, end = [], [], stop
            entries = _Entries() if tag == DICT_TAG else None
        else:
            raw = data[position:stop]
            if length <= _SMALL:
                value, digest = _known.get(raw) or _remember(raw)
            else:
                value, digest = _leaf(raw, inner - position), sha256(LEAF_PREFIX + raw).digest()
            values.append(value)
            row.append(digest)
            position = stop
        while position == end:
            if not stack:
                if len(values) != 1:
                    raise _NotCanonical
                return Hashed(values[0], row[0], inner_row)
            inner_row = row
            # Version 1: over a sole collection, the pair stays that collection's own.
            if version == 2 or len(row) != 1 or not isinstance(values[0], (list, dict)):
                pair = children(row)
            digest = sha256((ARRAY_PREFIX if entries is None else DICT_PREFIX) + pair).digest()
            value = values if entries is None else _close_dict(entries, values, end)
            values, row, end, entries = stack.pop()
            values.append(value)
            row.append(digest)


def _sequence_start(data: bytes, position: int, stop: int, depth: int) -> int:
    """Where the elements of a collection start, whose sequence is at `position` and must fill its wrapper."""
    if depth > gtv.MAX_DEPTH or data[position] != 0x30:
        raise _NotCanonical
    length = data[position + 1]
    start = position + 2
    if length >= 0x80:
        start, length = _long_length(data, position + 1)
    if start + length != stop:
        raise _NotCanonical
    return start


def _long_length(data: bytes, position: int) -> tuple[int, int]:
    """Where the content starts and how long it is, for a minimal long-form length at `position`."""
    octets = data[position] & 0x7F
    start = position + 1 + octets
    length = int.from_bytes(data[position + 1 : start], "big")
    if not 1 <= octets <= 4 or length < 0x80 or length >> (8 * (octets - 1)) == 0:
        raise _NotCanonical
    return start, length


def _open_entry(data: bytes, position: int, entries: _Entries, row: list[bytes]) -> int:
    """Read the head and key of a dict entry; gives where its value starts."""
    if entries.keys and position != entries.end:
        raise _NotCanonical
    start = position + 2
    length = data[position + 1]
    if length >= 0x80:
        start, length = _long_length(data, position + 1)
    entries.end = start + length
    key_start = start + 2
    key_length = data[start + 1]
    if key_length >= 0x80:
        key_start, key_length = _long_length(data, start + 1)
    key_end = key_start + key_length
    if data[position] != 0x30 or data[start] != 0x0C or key_end > entries.end:
        raise _NotCanonical
    key = data[key_start:key_end].decode()
    if entries.keys and gtv.utf16_order(entries.keys[-1]) >= gtv.utf16_order(key):
        raise _NotCanonical
    entries.keys.append(key)
    row.append(leaf_hash(gtv.encode_primitive(key)))
    return key_end


def _close_dict(entries: _Entries, values: list[Gtv], end: int) -> dict[str, Gtv]:
    if entries.keys and entries.end != end:
        raise _NotCanonical
    return dict(zip(entries.keys, values, strict=True))


def _remember(raw: bytes) -> tuple[Gtv, bytes]:
    known = _leaf(raw, 2), sha256(LEAF_PREFIX + raw).digest()
    if len(_known) >= _KNOWN_LEAVES:
        _known.clear()
    _known[raw] = known
    return known


def _leaf(raw: bytes, inner: int) -> Gtv:
    """The value of a primitive whose wrapper is all of `raw` and whose element starts at `inner`."""
    start = inner + 2
    length = raw[inner + 1]
    if length >= 0x80:
        start, length = _long_length(raw, inner + 1)
    if start + length != len(raw):
        raise _NotCanonical
    tag, content_tag = raw[0], raw[inner]
    if tag == 0xA2 and content_tag == 0x0C:
        return raw[start:].decode()
    if tag == 0xA1 and content_tag == 0x04:
        return raw[start:]
    if tag == 0xA3 and content_tag == 0x02:
        return _integer(raw[start:], 8)
    if tag == 0xA6 and content_tag == 0x02:
        return gtv.BigInteger(_integer(raw[start:], length))
    if tag == 0xA0 and content_tag == 0x05 and length == 0:
        return None
    raise _NotCanonical


def _integer(content: bytes, at_most: int) -> int:
    if not content or len(content) > at_most:
        raise _NotCanonical
    if len(content) > 1 and content[0] in (0x00, 0xFF) and (content[0] ^ content[1]) < 0x80:
        raise _NotCanonical
    return int.from_bytes(content, "big", signed=True)
