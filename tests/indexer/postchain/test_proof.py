"""Confirmation proofs: made ones of every block size, and each thing that can be wrong with one."""

from dataclasses import replace
from hashlib import sha256

import pytest

from indexer.postchain import gtv, gtx, proof
from indexer.postchain.block import decode_header, encode_header
from indexer.postchain.merkle import EMPTY, leaf_hash
from indexer.postchain.proof import ConfirmationProof, ProofStep, index_on_path
from tests.indexer.postchain import made

Node = list[gtv.Gtv]


def proof_tree(hashes: list[bytes], index: int) -> Node:
    """The proof tree for one of these hashes, as Postchain's nodes give it."""
    row: list[tuple[bytes, Node]] = []
    for place, digest in enumerate(hashes):
        leaf = leaf_hash(gtv.encode(digest))
        row.append((leaf, [101, index, digest] if place == index else [100, leaf]))
    while len(row) > 2:
        paired = [_inner(row[at], row[at + 1]) for at in range(0, len(row) - 1, 2)]
        row = paired + row[len(paired) * 2 :]
    nodes: list[gtv.Gtv] = [*(node for _, node in row), [100, EMPTY]]
    return [103, len(hashes), -10, *nodes[:2]]


def _inner(left: tuple[bytes, Node], right: tuple[bytes, Node]) -> tuple[bytes, Node]:
    digest = sha256(b"\x00" + left[0] + right[0]).digest()
    if left[1][0] == right[1][0] == 100:
        return digest, [100, digest]
    return digest, [102, left[1], right[1]]


def made_proof(size: int, index: int, *, version: int = 2) -> tuple[ConfirmationProof, bytes]:
    """A proof and its transaction, out of a block of so many."""
    datas = [made.transaction(gtx.Operation("add", (number,)), version=version) for number in range(size)]
    block = made.stated_block(datas, height=7, previous_rid=bytes(32), version=version)
    hashes = [each.hash for each in block.transactions]
    tree = proof_tree(hashes, index)
    return ConfirmationProof(block.header, hashes[index], tree, index, block.witness), datas[index]


def verdict(
    confirmation: ConfirmationProof,
    data: bytes,
    *,
    brid: bytes = made.BRID,
    signers: tuple[bytes, ...] = made.VALIDATORS,
) -> proof.Verdict:
    return proof.verify(confirmation, brid=brid, transaction=data, signers=signers)


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 6, 7, 11, 13])
def test_a_proof_of_each_transaction_of_a_block_holds(size: int, version: int) -> None:
    for index in range(size):
        confirmation, data = made_proof(size, index, version=version)
        assert proof.decode(proof.encode(confirmation)) == confirmation
        found = verdict(confirmation, data)
        assert found.holds, found
        assert found.step is None
        assert "is in block 7" in found.why


CONFIRMATION, DATA = made_proof(5, 4)
OTHER = made_proof(5, 3)[1]


@pytest.mark.parametrize(
    ("step", "changed"),
    [
        (ProofStep.HEADER, replace(CONFIRMATION, header=b"")),
        (ProofStep.HASH, replace(CONFIRMATION, hash=bytes(32))),
        (ProofStep.INDEX, replace(CONFIRMATION, index=3)),
        (ProofStep.WITNESS, replace(CONFIRMATION, witness=b"")),
        (ProofStep.WITNESS, replace(CONFIRMATION, witness=bytes(4))),
        (ProofStep.ROOT, replace(CONFIRMATION, tree=made_proof(5, 3)[0].tree)),
        (ProofStep.ROOT, replace(CONFIRMATION, tree=proof_tree([CONFIRMATION.hash], 0), index=0)),
        (ProofStep.ROOT, replace(CONFIRMATION, header=made_proof(4, 3)[0].header)),
    ],
)
def test_a_proof_with_another_part_fails_at_that_step(step: ProofStep, changed: ConfirmationProof) -> None:
    found = verdict(changed, DATA)
    assert not found.holds
    assert found.step == step


def test_a_proof_for_another_transaction_chain_or_set_of_signers_fails() -> None:
    assert verdict(CONFIRMATION, OTHER).step == ProofStep.HASH
    assert verdict(CONFIRMATION, b"").step == ProofStep.TRANSACTION
    assert verdict(CONFIRMATION, DATA, brid=bytes(32)).step == ProofStep.HEADER
    assert verdict(CONFIRMATION, DATA, signers=made.VALIDATORS[:3]).step == ProofStep.WITNESS


def test_a_transaction_for_another_chain_or_without_its_signature_fails() -> None:
    read = gtx.decode(DATA, version=2)
    foreign = gtx.encode(replace(read, brid=bytes(32)))
    assert verdict(CONFIRMATION, foreign).step == ProofStep.TRANSACTION
    unsigned = gtx.encode(replace(read, signatures=(bytes(64),)))
    assert verdict(CONFIRMATION, unsigned).step == ProofStep.SIGNATURE


def test_a_header_of_an_unknown_merkle_version_fails() -> None:
    header = decode_header(CONFIRMATION.header)
    newer = replace(header, extra={"merkle_hash_version": 3})
    assert verdict(replace(CONFIRMATION, header=encode_header(newer)), DATA).step == ProofStep.HEADER


HASHED: Node = [100, EMPTY]
VALUE: Node = [101, 0, CONFIRMATION.hash]


def deep_tree(depth: int) -> Node:
    node = VALUE
    for _ in range(depth):
        node = [102, node, HASHED]
    return [103, 2**62, -10, node, HASHED]


@pytest.mark.parametrize(
    "tree",
    [
        None,
        "tree",
        [],
        VALUE,
        HASHED,
        [102, VALUE, HASHED],
        [104, 1, -10, VALUE, HASHED],
        [103, "1", -10, VALUE, HASHED],
        [103, gtv.BigInteger(1 << 20_000), -10, VALUE, HASHED],
        [103, 1, -10, [101, gtv.BigInteger(1 << 20_000), CONFIRMATION.hash], HASHED],
        [103, 1, -10, VALUE],
        [103, 1, -10, HASHED, HASHED],
        [103, 2, -10, VALUE, VALUE],
        [103, 1, -10, [101, 0, "text"], HASHED],
        [103, 1, -10, [101, None, b"x"], HASHED],
        [103, 1, -10, VALUE, [100, b"short"]],
        [103, 1, -10, [102, HASHED, 5], HASHED],
        [103, 1, -10, [], HASHED],
        [103, 1, -10, {}, HASHED],
        deep_tree(63),
        deep_tree(64),
        deep_tree(900),
    ],
)
def test_a_tree_of_another_shape_fails_at_the_root(tree: gtv.Gtv) -> None:
    assert verdict(replace(CONFIRMATION, tree=tree), DATA).step == ProofStep.ROOT


PARTS: dict[str, gtv.Encodable] = {
    "blockHeader": CONFIRMATION.header,
    "hash": CONFIRMATION.hash,
    "merkleProofTree": CONFIRMATION.tree,
    "txIndex": CONFIRMATION.index,
    "witness": CONFIRMATION.witness,
}
NOT_PROOFS: list[gtv.Encodable] = [[], {}, None, PARTS | {"txIndex": "4"}]
NOT_PROOFS += [PARTS | {"txIndex": gtv.BigInteger(1 << 20_000)}]
NOT_PROOFS += [PARTS | {key: None} for key in ("blockHeader", "hash", "witness")]


def test_the_parts_of_a_proof_make_one() -> None:
    assert proof.decode(gtv.encode(PARTS)) == CONFIRMATION


@pytest.mark.parametrize("value", NOT_PROOFS)
def test_another_shape_is_no_proof(value: gtv.Encodable) -> None:
    with pytest.raises(proof.NotAProof):
        proof.decode(gtv.encode(value))


def test_bytes_that_are_no_gtv_are_no_proof() -> None:
    with pytest.raises(proof.ProofNotGtv):
        proof.decode(b"\x00")


def paths(size: int) -> list[tuple[int, ...]]:
    """The moves to each element, read off a tree built as Postchain builds it."""
    row: list[dict[int, tuple[int, ...]]] = [{index: ()} for index in range(size)]
    while len(row) > 1:
        paired = [
            {index: (move, *moves) for move in (0, 1) for index, moves in row[at + move].items()}
            for at in range(0, len(row) - 1, 2)
        ]
        row = paired + row[len(paired) * 2 :]
    return [row[0][index] or (0,) for index in range(size)]


@pytest.mark.parametrize("size", range(1, 70))
def test_the_index_follows_from_the_moves(size: int) -> None:
    for index, moves in enumerate(paths(size)):
        assert index_on_path(size, moves) == index
        assert index_on_path(size, (*moves, 0)) is None
        assert index_on_path(size, moves[:-1]) is None or size == 1


@pytest.mark.parametrize(("size", "moves"), [(1, (1,)), (0, (0,)), (-1, (0,)), (2, ()), (3, (1, 0))])
def test_moves_that_lead_nowhere_have_no_index(size: int, moves: tuple[int, ...]) -> None:
    assert index_on_path(size, moves) is None
