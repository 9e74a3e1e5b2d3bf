"""Confirmation proofs: that a transaction lies in a block which its signers signed (Postchain)."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Final

from indexer.postchain import gtv
from indexer.postchain.block import (
    Header,
    HeaderError,
    WitnessError,
    decode_header,
    decode_witness,
    header_rid,
    witness_fault,
)
from indexer.postchain.gtv import Gtv
from indexer.postchain.gtx import GtxError, Transaction, first_bad_signature
from indexer.postchain.gtx import decode as decode_transaction
from indexer.postchain.merkle import ARRAY_PREFIX, INNER_PREFIX, UnknownMerkleVersion, leaf_hash

# Kinds of node in a merkle proof tree (Postchain, GtvMerkleProofTree).
HASHED: Final = 100
VALUE: Final = 101
INNER: Final = 102
ARRAY_HEAD: Final = 103
_MAX_MOVES: Final = 64


class ProofError(ValueError):
    """Bytes from which no confirmation proof can be read."""


class ProofNotGtv(ProofError):
    """The bytes are no GTV at all; the cause is a `GtvError`."""


class NotAProof(ProofError):
    """GTV of another shape than a confirmation proof."""


class ProofStep(StrEnum):
    """Where a proof can fail, in the order in which it is checked."""

    HEADER = "header"
    TRANSACTION = "transaction"
    SIGNATURE = "signature"
    HASH = "hash"
    ROOT = "root"
    INDEX = "index"
    WITNESS = "witness"


@dataclass(frozen=True, slots=True)
class ConfirmationProof:
    """A proof as a node gives it; `hash` is the transaction hash, `index` its place in the block."""

    header: bytes
    hash: bytes
    tree: Gtv
    index: int
    witness: bytes


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a proof holds; where not, the `ProofStep` at which it fails. `why` says it in words."""

    holds: bool
    step: str | None
    why: str


class _Fails(Exception):
    def __init__(self, step: ProofStep, why: str) -> None:
        super().__init__(step, why)
        self.step = step
        self.why = why


def decode(data: bytes) -> ConfirmationProof:
    """The proof in these bytes (GTV). Raises a `ProofError`."""
    try:
        value = gtv.decode(data)
    except gtv.GtvError as error:
        raise ProofNotGtv(f"the proof's {len(data)} bytes are no GTV: {error}") from error
    if not isinstance(value, dict):
        raise NotAProof(f"a confirmation proof is a dict; these bytes hold {type(value).__name__}")
    header, digest, witness = value.get("blockHeader"), value.get("hash"), value.get("witness")
    index = value.get("txIndex")
    if not isinstance(header, bytes) or not isinstance(digest, bytes) or not isinstance(witness, bytes):
        raise NotAProof(
            "blockHeader, hash and witness of a confirmation proof should be byte arrays and not all are"
        )
    if not gtv.is_integer(index):
        raise NotAProof("txIndex of a confirmation proof should be an integer and is none")
    return ConfirmationProof(header, digest, value.get("merkleProofTree"), index, witness)


def encode(proof: ConfirmationProof) -> bytes:
    """The canonical bytes of a proof."""
    return gtv.encode(
        {
            "blockHeader": proof.header,
            "hash": proof.hash,
            "merkleProofTree": proof.tree,
            "txIndex": proof.index,
            "witness": proof.witness,
        }
    )


def verify(proof: ConfirmationProof, *, brid: bytes, transaction: bytes, signers: Sequence[bytes]) -> Verdict:
    """Whether the proof shows `transaction` (raw bytes) in a block of chain `brid` that `signers` signed.

    `signers` are those of the configuration in force at the header's height. The index holds for the number
    of transactions that the proof states, which no hash covers. That the block lies on the chain is the
    caller's to know.
    """
    try:
        header = _header(proof.header, brid)
        sent = _transaction(transaction, brid, header.merkle_version)
        if sent.hash != proof.hash:
            raise _Fails(
                ProofStep.HASH, "the proof is for another transaction: its hash is not that of these bytes"
            )
        _check_tree(proof, header)
        _check_witness(proof.witness, header, signers)
    except _Fails as failure:
        return Verdict(False, failure.step, failure.why)
    return Verdict(
        True, None, f"transaction {_hex(sent.rid)} is in block {header.height}, {_hex(header_rid(header))}"
    )


def _header(raw: bytes, brid: bytes) -> Header:
    try:
        header = decode_header(raw)
    except (HeaderError, UnknownMerkleVersion) as error:
        raise _Fails(ProofStep.HEADER, f"the block header cannot be read: {error}") from error
    if header.brid != brid:
        raise _Fails(ProofStep.HEADER, f"the block is of chain {_hex(header.brid)}, not of {_hex(brid)}")
    return header


def _transaction(raw: bytes, brid: bytes, version: int) -> Transaction:
    try:
        sent = decode_transaction(raw, version=version)
    except GtxError as error:
        raise _Fails(ProofStep.TRANSACTION, f"the transaction cannot be read: {error}") from error
    if sent.brid != brid:
        raise _Fails(
            ProofStep.TRANSACTION, f"the transaction is for chain {_hex(sent.brid)}, not for {_hex(brid)}"
        )
    bad = first_bad_signature(sent)
    if bad is not None:
        raise _Fails(
            ProofStep.SIGNATURE, f"signature {bad} of transaction {_hex(sent.rid)} is missing or wrong"
        )
    return sent


@dataclass(frozen=True, slots=True)
class _Path:
    """From the head of a proof tree to its value: moves (0 left, 1 right) and the hashes passed by."""

    size: int
    moves: tuple[int, ...]
    others: tuple[bytes, ...]
    position: int
    value: bytes

    def root(self) -> bytes:
        """The transactions root that follows from the value and the hashes beside its path."""
        digest = leaf_hash(gtv.encode_primitive(self.value))
        for depth in range(len(self.moves) - 1, -1, -1):
            other = self.others[depth]
            pair = other + digest if self.moves[depth] else digest + other
            digest = sha256((INNER_PREFIX if depth else ARRAY_PREFIX) + pair).digest()
        return digest


def _check_tree(proof: ConfirmationProof, header: Header) -> None:
    path = _path(proof.tree)
    if path.value != proof.hash:
        raise _Fails(ProofStep.ROOT, "the proof's tree holds another value than the transaction's hash")
    if path.root() != header.transactions_root:
        raise _Fails(ProofStep.ROOT, "the proof's tree does not lead to the transactions root of the header")
    index = index_on_path(path.size, path.moves)
    if not index == path.position == proof.index:
        raise _Fails(
            ProofStep.INDEX, f"stated index {proof.index}, place in the tree {path.position}, path {index}"
        )


def _path(tree: Gtv) -> _Path:
    """Follow the one branch of a proof tree that is not cut off as a hash."""
    if not isinstance(tree, list) or len(tree) != 5 or tree[0] != ARRAY_HEAD or not gtv.is_integer(tree[1]):
        raise _Fails(ProofStep.ROOT, "the proof's tree does not start with the head of an array")
    size, (left, right) = tree[1], tree[3:]
    moves: list[int] = []
    others: list[bytes] = []
    while len(moves) < _MAX_MOVES:
        move, other = (1, _hashed(left)) if _hashed(left) is not None else (0, _hashed(right))
        node = right if move else left
        if other is None or not isinstance(node, list):
            raise _Fails(ProofStep.ROOT, "a node of the proof's tree has no side that is a hash")
        moves.append(move)
        others.append(other)
        match node:
            case [int(kind), int(position), bytes(value)] if kind == VALUE and gtv.is_integer(position):
                return _Path(size, tuple(moves), tuple(others), position, value)
            case [int(kind), list(left), list(right)] if kind == INNER:
                continue
        raise _Fails(
            ProofStep.ROOT, "a node of the proof's tree is neither a value, a hash nor an inner node"
        )
    raise _Fails(ProofStep.ROOT, f"the proof's tree is deeper than {_MAX_MOVES}")


def _hashed(node: Gtv) -> bytes | None:
    match node:
        case [int(kind), bytes(digest)] if kind == HASHED and len(digest) == 32:
            return digest
    return None


def index_on_path(size: int, moves: Sequence[int]) -> int | None:
    """The index, in an array of `size` elements, to which these moves (0 left, 1 right) lead from the head.

    None where there is no such path: a row is paired from the left and an odd last element moves up as it is.
    """
    if not moves:
        return None
    rows = [size]
    while rows[-1] > 2:
        rows.append((rows[-1] + 1) // 2)
    left_over = list(reversed(moves))
    index = left_over.pop()
    if index >= rows.pop():
        return None
    for row in reversed(rows):
        index *= 2
        if index + 1 < row:
            if not left_over:
                return None
            index += left_over.pop()
    return None if left_over else index


def _check_witness(raw: bytes, header: Header, signers: Sequence[bytes]) -> None:
    try:
        witness = decode_witness(raw)
    except WitnessError as error:
        raise _Fails(ProofStep.WITNESS, str(error)) from error
    fault = witness_fault(witness, rid=header_rid(header), signers=signers)
    if fault is not None:
        raise _Fails(ProofStep.WITNESS, f"the block is not signed by enough of the signers: {fault}")


def _hex(rid: bytes) -> str:
    return rid.hex().upper()
