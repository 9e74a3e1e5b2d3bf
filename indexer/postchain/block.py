"""Block headers and witnesses (Postchain, BlockHeaderData, BaseBlockWitness, BFT).

A block's RID is the merkle hash of the header's seven elements, under the version that its own `extra`
names. The witness, signatures over the RID, is no part of it: honest nodes keep different ones for the same
block.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from indexer.postchain import gtv, secp256k1
from indexer.postchain.gtv import Gtv
from indexer.postchain.merkle import check_version, merkle_hash, root_of_hashes

RID_SIZE: Final = 32
ELEMENTS: Final = 7
_RID_NAMES: Final = ("blockchain RID", "previous block RID", "transactions root")
EMPTY_ROOT: Final = root_of_hashes((), version=1)
_MERKLE_VERSION_KEY: Final = "merkle_hash_version"
_CONFIGURATION_HASH_KEY: Final = "config_hash"


class HeaderError(ValueError):
    """Bytes from which no block header can be read."""


class HeaderNotGtv(HeaderError):
    """The bytes are no GTV at all; the cause is a `GtvError`."""


class NotAHeader(HeaderError):
    """GTV of another shape than a block header."""


class WitnessError(ValueError):
    """Bytes from which no witness can be read."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a block RID commits to. `timestamp` is in ms since the epoch, `height` 0 for the first block.

    `dependencies` is None or block RIDs of other chains (None where there is none yet); `extra` an open dict.
    """

    brid: bytes
    previous_rid: bytes
    transactions_root: bytes
    timestamp: int
    height: int
    dependencies: tuple[bytes | None, ...] | None = None
    extra: dict[str, Gtv] = field(default_factory=dict)

    @property
    def merkle_version(self) -> int:
        """The version of the merkle hash in force at this block: 1 where the header names none."""
        version = self.extra.get(_MERKLE_VERSION_KEY, 1)
        return version if gtv.is_integer(version) else 0

    @property
    def configuration_hash(self) -> bytes | None:
        """The hash of the configuration in force, where the chain names it in its headers."""
        named = self.extra.get(_CONFIGURATION_HASH_KEY)
        return named if isinstance(named, bytes) else None


@dataclass(frozen=True, slots=True)
class WitnessSignature:
    """One validator's signature over a block RID; `subject` is its public key."""

    subject: bytes
    signature: bytes


def decode_header(data: bytes) -> Header:
    """The header in these bytes. Elements after the seventh are dropped, as nodes do before they hash.

    Raises `HeaderNotGtv` or `NotAHeader`, and `UnknownMerkleVersion` where it names one that is neither 1
    nor 2.
    """
    try:
        value = gtv.decode(data)
    except gtv.GtvError as error:
        raise HeaderNotGtv(f"the header's {len(data)} bytes are no GTV: {error}") from error
    if not isinstance(value, list) or len(value) < ELEMENTS:
        raise NotAHeader(
            f"a block header is an array of {ELEMENTS} elements; these bytes hold something else"
        )
    brid, previous_rid, root = [_rid(each, name) for each, name in zip(value, _RID_NAMES, strict=False)]
    timestamp, height = _integer(value[3], "timestamp"), _integer(value[4], "height")
    header = Header(brid, previous_rid, root, timestamp, height, _dependencies(value[5]), _extra(value[6]))
    check_version(header.merkle_version)
    return header


def _rid(value: Gtv, name: str) -> bytes:
    if not isinstance(value, bytes) or len(value) != RID_SIZE:
        raise NotAHeader(f"the header's {name} should be 32 bytes and is {_kind(value)}")
    return value


def _integer(value: Gtv, name: str) -> int:
    if not gtv.is_integer(value):
        raise NotAHeader(f"the header's {name} should be an integer and is {_kind(value)}")
    return value


def _dependencies(value: Gtv) -> tuple[bytes | None, ...] | None:
    if value is None:
        return None
    if not isinstance(value, list):
        raise NotAHeader(f"the header's dependencies should be null or an array and are {_kind(value)}")
    return tuple(None if each is None else _rid(each, "dependency") for each in value)


def _extra(value: Gtv) -> dict[str, Gtv]:
    if not isinstance(value, dict):
        raise NotAHeader(f"the header's extra should be a dict and is {_kind(value)}")
    return value


def _kind(value: Gtv) -> str:
    return f"{len(value)} bytes" if isinstance(value, bytes) else type(value).__name__


def encode_header(header: Header) -> bytes:
    """The canonical bytes of a header."""
    return gtv.encode(_elements(header))


def header_rid(header: Header) -> bytes:
    """The block RID: the merkle hash of the header under its own version."""
    return merkle_hash(_elements(header), version=header.merkle_version)


def _elements(header: Header) -> tuple[gtv.Encodable, ...]:
    return (
        header.brid,
        header.previous_rid,
        header.transactions_root,
        header.timestamp,
        header.height,
        header.dependencies,
        header.extra,
    )


def threshold(signers: int) -> int:
    """How many of so many signers a witness needs: more than two thirds (Postchain, BFT.kt)."""
    return signers - (signers - 1) // 3


def decode_witness(data: bytes) -> tuple[WitnessSignature, ...]:
    """The signatures of a witness: a 32-bit count, then length and bytes of each key and signature.

    Bytes after the last signature are ignored, as nodes do. Raises `WitnessError`.
    """
    count, position = _length_at(data, 0), 4
    signatures = []
    for _ in range(count):
        subject, position = _counted_bytes(data, position)
        signature, position = _counted_bytes(data, position)
        signatures.append(WitnessSignature(subject, signature))
    return tuple(signatures)


def _counted_bytes(data: bytes, position: int) -> tuple[bytes, int]:
    start = position + 4
    end = start + _length_at(data, position)
    if end > len(data):
        raise WitnessError(
            f"the witness ends at byte {len(data)}, a key or signature should end at byte {end}"
        )
    return data[start:end], end


def _length_at(data: bytes, position: int) -> int:
    if position + 4 > len(data):
        raise WitnessError(f"the witness ends at byte {len(data)}, a length should be at byte {position}")
    return int.from_bytes(data[position : position + 4], "big")


def encode_witness(signatures: Sequence[WitnessSignature]) -> bytes:
    """The bytes of a witness with these signatures, in this order."""
    parts = [len(signatures).to_bytes(4, "big")]
    for each in signatures:
        for counted in (each.subject, each.signature):
            parts += (len(counted).to_bytes(4, "big"), counted)
    return b"".join(parts)


def witness_fault(witness: Sequence[WitnessSignature], *, rid: bytes, signers: Sequence[bytes]) -> str | None:
    """Why this witness does not carry the block, in one clause; None where it does.

    As nodes do when they accept a block: a signature by no signer or a wrong one spoils it, however many
    are right; one signer counts once.
    """
    members = frozenset(signers)
    seen = set()
    for each in witness:
        if each.subject not in members:
            return (
                f"{each.subject.hex().upper()} signed it and is none of the {len(members)} signers in force"
            )
        if not secp256k1.verify(rid, signature=each.signature, key=each.subject):
            return f"the signature by {each.subject.hex().upper()} is not one over this block RID"
        seen.add(each.subject)
    needed = threshold(len(members))
    if len(seen) < needed:
        return f"{len(seen)} of {len(members)} signers signed it and {needed} must"
    return None
