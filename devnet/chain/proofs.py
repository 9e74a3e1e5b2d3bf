"""Confirmation proofs as a node makes them: the way from a transaction's hash to its block's root
(Postchain, GtvMerkleProofTree, ConfirmationProofSerializer).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from devnet.rest.view import Transaction
from indexer.postchain import gtv
from indexer.postchain.gtv import Gtv
from indexer.postchain.merkle import EMPTY, INNER_PREFIX, leaf_hash
from indexer.postchain.proof import ARRAY_HEAD, HASHED, INNER, VALUE, ConfirmationProof, encode

_NO_POSITION = -10


@dataclass(frozen=True, slots=True)
class _Node:
    """A node of the merkle tree; `proof` is its part of the proof tree where it holds the proven value."""

    digest: bytes
    proof: list[Gtv] | None = None

    def side(self) -> list[Gtv]:
        """The node as it stands in the proof tree."""
        return self.proof or [HASHED, self.digest]


def of(transaction: Transaction) -> bytes:
    """The confirmation proof of a transaction (GTV)."""
    stated = transaction.block.stated
    rids = [tx["rid"] for tx in stated["transactions"]]
    index = rids.index(transaction.rid)
    hashes = [bytes.fromhex(tx["hash"]) for tx in stated["transactions"]]
    return encode(
        ConfirmationProof(
            header=bytes.fromhex(stated["header"]),
            hash=hashes[index],
            tree=tree(hashes, index=index),
            index=index,
            witness=bytes.fromhex(stated["witness"]),
        )
    )


def tree(hashes: Sequence[bytes], *, index: int) -> list[Gtv]:
    """The proof tree of one of a block's transaction hashes."""
    row = [_Node(leaf_hash(gtv.encode_primitive(each))) for each in hashes]
    row[index] = _Node(row[index].digest, [VALUE, index, hashes[index]])
    while len(row) > 2:
        paired = [_paired(*row[at : at + 2]) for at in range(0, len(row) - 1, 2)]
        row = paired + row[len(row) - len(row) % 2 :]
    left, right = (*row, _Node(EMPTY))[:2]
    return [ARRAY_HEAD, len(hashes), _NO_POSITION, left.side(), right.side()]


def _paired(left: _Node, right: _Node) -> _Node:
    digest = sha256(INNER_PREFIX + left.digest + right.digest).digest()
    is_proven = left.proof is not None or right.proof is not None
    return _Node(digest, [INNER, left.side(), right.side()] if is_proven else None)
