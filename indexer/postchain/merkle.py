"""The merkle hash of a GTV value (Postchain, GtvMerkleHashCalculator), versions 1 and 2.

A leaf hashes as SHA-256(01 ‖ DER), an inner node as SHA-256(00 ‖ left ‖ right), the head of an array with
07, of a dict with 08 in front. A row of hashes is paired from the left until two are left, an odd last one
moving up as it is; those two go under the head. Missing ones are 32 zero bytes. Version 1 has a fault that
is part of the protocol: the head of an array whose only element is a collection takes over that element's
two children instead of its hash.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Final

from indexer.postchain import gtv

EMPTY: Final = bytes(32)
INNER_PREFIX: Final = b"\x00"
LEAF_PREFIX: Final = b"\x01"
ARRAY_PREFIX: Final = b"\x07"
DICT_PREFIX: Final = b"\x08"

_BYTES32_LEAF: Final = LEAF_PREFIX + b"\xa1\x22\x04\x20"


class UnknownMerkleVersion(ValueError):
    """A version of the merkle hash that is neither 1 nor 2."""


def merkle_hash(value: gtv.Encodable, *, version: int) -> bytes:
    """The 32 bytes that stand for `value` under this version. Raises what `gtv.encode` raises for it."""
    check_version(version)
    if not isinstance(value, (list, tuple, dict)):
        return leaf_hash(gtv.encode_primitive(value))
    opened = [_Node(value)]
    while True:
        node = opened[-1]
        inner = node.next_collection()
        if inner is not None:
            opened.append(_Node(inner))
            if len(opened) > gtv.MAX_DEPTH:
                raise gtv.TooDeep(
                    f"more than {gtv.MAX_DEPTH} collections inside each other; flatten the value"
                )
            continue
        opened.pop()
        pair = node.pair(version)
        digest = sha256(node.prefix + pair).digest()
        if not opened:
            return digest
        opened[-1].row.append(digest)
        opened[-1].last_pair = pair


def leaf_hash(encoded: bytes) -> bytes:
    """The hash of a leaf, given its canonical DER."""
    return sha256(LEAF_PREFIX + encoded).digest()


def root_of_hashes(hashes: Sequence[bytes], *, version: int) -> bytes:
    """The merkle hash of a GTV array of these byte strings: a block's root from its transaction hashes."""
    check_version(version)
    row = [
        sha256(_BYTES32_LEAF + each).digest() if len(each) == 32 else leaf_hash(gtv.encode_primitive(each))
        for each in hashes
    ]
    return sha256(ARRAY_PREFIX + children(row)).digest()


def children(row: list[bytes]) -> bytes:
    """The two hashes under a head, 64 bytes together, from the row of hashes of its elements."""
    size = len(row)
    while size > 2:
        paired = [sha256(b"\0" + row[i] + row[i + 1]).digest() for i in range(0, size - 1, 2)]
        if size & 1:
            paired.append(row[-1])
        row = paired
        size = len(row)
    if size == 2:
        return row[0] + row[1]
    return row[0] + EMPTY if row else EMPTY + EMPTY


def check_version(version: int) -> None:
    """Raises `UnknownMerkleVersion` unless the version is 1 or 2."""
    if version not in (1, 2):
        raise UnknownMerkleVersion(
            f"merkle hash version {version!r} is not known here (1 and 2 are); upgrade"
        )


class _Node:
    """A collection that is being hashed: its elements to come and the hashes of those before."""

    __slots__ = ("items", "last_pair", "prefix", "row")

    def __init__(self, collection: Iterable[object]) -> None:
        self.prefix = DICT_PREFIX if isinstance(collection, dict) else ARRAY_PREFIX
        self.items = iter(_parts(collection))
        self.row: list[bytes] = []
        self.last_pair = b""

    def next_collection(self) -> Iterable[object] | None:
        """Hash leaves up to the next element that is itself a collection; None when there is none."""
        for item in self.items:
            if isinstance(item, (list, tuple, dict)):
                return item
            self.row.append(leaf_hash(gtv.encode_primitive(item)))
        return None

    def pair(self, version: int) -> bytes:
        takes_over = version == 1 and self.prefix == ARRAY_PREFIX and len(self.row) == 1 and self.last_pair
        return takes_over or children(self.row)


def _parts(collection: Iterable[object]) -> Iterable[object]:
    """What hashes under a head: the elements of an array, keys and values in turn of a dict."""
    if not isinstance(collection, dict):
        return collection
    return [part for key in gtv.sorted_keys(collection) for part in (key, collection[key])]
