"""The protocol read a second time, as plainly as it is written down and with nothing of the package.

Recursive, slow and without any care for hostile input: what the package is compared with.
"""

from hashlib import sha256
from typing import Any

EMPTY = bytes(32)


class Big:
    """A GTV bigInteger."""

    def __init__(self, number: int) -> None:
        self.number = number


def encode(value: Any) -> bytes:
    """DER of a value, each by the definition of its type."""
    match value:
        case None:
            return _tlv(0xA0, _tlv(0x05, b""))
        case bytes():
            return _tlv(0xA1, _tlv(0x04, value))
        case str():
            return _tlv(0xA2, _tlv(0x0C, value.encode()))
        case Big():
            return _tlv(0xA6, _tlv(0x02, _two_complement(value.number)))
        case int():
            return _tlv(0xA3, _tlv(0x02, _two_complement(value)))
        case dict():
            entries = [_tlv(0x30, _tlv(0x0C, key.encode()) + encode(value[key])) for key in _ordered(value)]
            return _tlv(0xA4, _tlv(0x30, b"".join(entries)))
        case _:
            return _tlv(0xA5, _tlv(0x30, b"".join(encode(each) for each in value)))


def _ordered(keys: Any) -> list[str]:
    return sorted(keys, key=lambda key: key.encode("utf-16-be"))


def _tlv(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 128:
        return bytes([tag, size]) + content
    octets = b""
    while size:
        octets = bytes([size % 256]) + octets
        size //= 256
    return bytes([tag, 128 + len(octets)]) + octets + content


def _two_complement(number: int) -> bytes:
    size = 1
    while not -(1 << (8 * size - 1)) <= number < 1 << (8 * size - 1):
        size += 1
    return (number % (1 << (8 * size))).to_bytes(size, "big")


def merkle_hash(value: Any, version: int) -> bytes:
    """The hash of the binary tree that Postchain builds of a value."""
    return _hash(_tree(value, version))


def _tree(value: Any, version: int) -> Any:
    """A leaf (bytes), or (prefix, left, right); None is an empty place."""
    if isinstance(value, dict):
        row = [_tree(part, version) for key in _ordered(value) for part in (key, value[key])]
        return _head(8, row, steals_from_collections=False)
    if isinstance(value, list | tuple):
        return _head(7, [_tree(each, version) for each in value], steals_from_collections=version == 1)
    return encode(value)


def _head(prefix: int, row: list[Any], *, steals_from_collections: bool) -> Any:
    if not row:
        return prefix, None, None
    while len(row) > 1:
        paired: list[Any] = [(0, *row[at : at + 2]) for at in range(0, len(row) - 1, 2)]
        row = paired + row[len(paired) * 2 :]
    top = row[0]
    if isinstance(top, tuple) and (top[0] == 0 or steals_from_collections):
        return prefix, top[1], top[2]
    return prefix, top, None


def _hash(node: Any) -> bytes:
    if node is None:
        return EMPTY
    if isinstance(node, bytes):
        return sha256(b"\x01" + node).digest()
    prefix, left, right = node
    return sha256(bytes([prefix]) + _hash(left) + _hash(right)).digest()
