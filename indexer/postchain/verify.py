"""Whether a block is what its chain's signers signed: header, link, transactions, root and witness."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from indexer.postchain.block import (
    Header,
    HeaderError,
    WitnessError,
    decode_header,
    decode_witness,
    header_rid,
    witness_fault,
)
from indexer.postchain.gtx import GtxError, Transaction, decode, first_bad_signature
from indexer.postchain.merkle import UnknownMerkleVersion, root_of_hashes


class Step(StrEnum):
    """Where a block can fail. CONFIGURATION is for callers, who know which configurations they were given."""

    HEADER = "header"
    STATED = "stated"
    GAP = "gap"
    LINK = "link"
    CONFIGURATION = "configuration"
    WITNESS = "witness"
    TRANSACTION = "transaction"
    SIGNATURE = "signature"
    ORDER = "order"


_DAMAGED: Final = "Bytes damaged on the way look the same, so the node may be honest."
_ADVICE: Final = {
    Step.HEADER: f"{_DAMAGED} So does an answer for another chain.",
    Step.STATED: f"The node contradicts its own bytes. {_DAMAGED}",
    Step.GAP: "An honest node does this when its answer was cut short or it lacks blocks itself.",
    Step.LINK: "This block or the one before is false, so this node may be the honest one: fetch both.",
    Step.CONFIGURATION: "An honest node can show a new configuration late: wait a minute.",
    Step.WITNESS: "The node may be honest and the signers out of date: fetch the configuration again.",
    Step.TRANSACTION: _DAMAGED,
    Step.SIGNATURE: f"No honest validator builds such a block. {_DAMAGED}",
    Step.ORDER: "Transactions are missing, added, changed or moved. An honest answer cut short looks so.",
}
_ASK_OTHERS: Final = "Ask again, then ask another node."


class Refusal(ValueError):
    """A block that does not verify: at which step, at which height, and why (a clause without full stop)."""

    def __init__(self, step: Step, height: int, why: str) -> None:
        super().__init__(step, height, why)
        self.step = step
        self.height = height
        self.why = why

    def __str__(self) -> str:
        what = f"Block {self.height} was refused at the step “{self.step}”: {self.why}."
        return f"{what} {_ADVICE[self.step]} {_ASK_OTHERS}"


@dataclass(frozen=True, slots=True)
class StatedTransaction:
    """A transaction as a node states it in a block: RID and hash beside the bytes."""

    rid: bytes
    hash: bytes
    data: bytes


@dataclass(frozen=True, slots=True)
class StatedBlock:
    """A block as a node states it; `witnesses`, who signed, is None where the form has none (GTV)."""

    rid: bytes
    previous_rid: bytes
    header: bytes
    height: int
    timestamp: int
    transactions: tuple[StatedTransaction, ...]
    witness: bytes
    witnesses: tuple[bytes, ...] | None = None


@dataclass(frozen=True, slots=True)
class VerifiedBlock:
    """A block that verified. Where `witness_checked` is False, nothing is known of who signed it."""

    rid: bytes
    header: Header
    raw_header: bytes
    transactions: tuple[Transaction, ...]
    raw_transactions: tuple[bytes, ...]
    witness: bytes
    witness_checked: bool


def verify_block(
    stated: StatedBlock,
    *,
    brid: bytes,
    expected_height: int,
    previous_rid: bytes | None,
    signers: Sequence[bytes] | None,
) -> VerifiedBlock:
    """The block, every statement checked against the bytes; raises `Refusal` at the first that fails.

    `previous_rid` is the RID of the block before where it is known; block 0 links to `brid`. `signers` are
    those of the configuration in force at this height, or None to leave the witness unchecked.
    """
    header = _checked_header(stated, brid, expected_height)
    rid = header_rid(header)
    _check_statements(stated, header, rid)
    _check_link(header, brid if expected_height == 0 else previous_rid)
    transactions = tuple([_checked_transaction(each, header) for each in stated.transactions])
    _check_root(header, transactions)
    if signers is not None:
        _check_witness(stated, rid, signers)
    return VerifiedBlock(
        rid=rid,
        header=header,
        raw_header=stated.header,
        transactions=transactions,
        raw_transactions=tuple([each.data for each in stated.transactions]),
        witness=stated.witness,
        witness_checked=signers is not None,
    )


def verify_header(stated: StatedBlock, *, brid: bytes, expected_height: int) -> Header:
    """The header alone, where it is this chain's at that height and agrees with what is stated beside it.

    Raises `Refusal`. Link, root and witness are not checked.
    """
    header = _checked_header(stated, brid, expected_height)
    _check_statements(stated, header, header_rid(header))
    return header


def verify_witness(stated: StatedBlock, *, signers: Sequence[bytes]) -> None:
    """Raises `Refusal` where a block whose stated RID is its header's is not signed by these."""
    _check_witness(stated, stated.rid, signers)


def _checked_header(stated: StatedBlock, brid: bytes, expected_height: int) -> Header:
    try:
        header = decode_header(stated.header)
    except (HeaderError, UnknownMerkleVersion) as error:
        raise Refusal(Step.HEADER, height=expected_height, why=str(error)) from error
    if header.brid != brid:
        why = f"its header names chain {_hex(header.brid)}, not {_hex(brid)}"
        raise Refusal(Step.HEADER, height=expected_height, why=why)
    if header.height != expected_height:
        why = f"block {header.height} came where block {expected_height} belongs"
        raise Refusal(Step.GAP, height=expected_height, why=why)
    return header


def _check_statements(stated: StatedBlock, header: Header, rid: bytes) -> None:
    if stated.rid != rid:
        why = f"stated RID {_hex(stated.rid)}, the header hashes to {_hex(rid)}"
    elif stated.previous_rid != header.previous_rid:
        why = f"stated previous RID {_hex(stated.previous_rid)}, the header has {_hex(header.previous_rid)}"
    elif stated.height != header.height:
        why = f"stated height {stated.height}, the header has {header.height}"
    elif stated.timestamp != header.timestamp:
        why = f"stated timestamp {stated.timestamp} ms, the header has {header.timestamp} ms"
    else:
        return
    raise Refusal(Step.STATED, height=header.height, why=why)


def _check_link(header: Header, previous_rid: bytes | None) -> None:
    if previous_rid is not None and header.previous_rid != previous_rid:
        why = f"it follows {_hex(header.previous_rid)}, the block before is {_hex(previous_rid)}"
        raise Refusal(Step.LINK, height=header.height, why=why)


def _checked_transaction(stated: StatedTransaction, header: Header) -> Transaction:
    """In the order RID, signatures, hash: so a changed signature is called that."""
    try:
        transaction = decode(stated.data, version=header.merkle_version)
    except GtxError as error:
        why = f"transaction {_hex(stated.rid)} cannot be read: {error}"
        raise Refusal(Step.TRANSACTION, height=header.height, why=why) from error
    if transaction.brid != header.brid:
        why = f"transaction {_hex(stated.rid)} is for chain {_hex(transaction.brid)}"
        raise Refusal(Step.TRANSACTION, height=header.height, why=why)
    if transaction.rid != stated.rid:
        why = f"transaction {_hex(stated.rid)} has a body with the RID {_hex(transaction.rid)}"
        raise Refusal(Step.TRANSACTION, height=header.height, why=why)
    bad = first_bad_signature(transaction)
    if bad is not None:
        why = f"signature {bad} of transaction {_hex(stated.rid)} is missing or wrong"
        raise Refusal(Step.SIGNATURE, height=header.height, why=why)
    if transaction.hash != stated.hash:
        why = f"transaction {_hex(stated.rid)} hashes to {_hex(transaction.hash)}, stated {_hex(stated.hash)}"
        raise Refusal(Step.TRANSACTION, height=header.height, why=why)
    return transaction


def _check_root(header: Header, transactions: Sequence[Transaction]) -> None:
    root = root_of_hashes([each.hash for each in transactions], version=header.merkle_version)
    if root != header.transactions_root:
        why = (
            f"its {len(transactions)} transactions, in this order, have the root {_hex(root)}, "
            f"the header has {_hex(header.transactions_root)}"
        )
        raise Refusal(Step.ORDER, height=header.height, why=why)


def _check_witness(stated: StatedBlock, rid: bytes, signers: Sequence[bytes]) -> None:
    try:
        witness = decode_witness(stated.witness)
    except WitnessError as error:
        raise Refusal(Step.WITNESS, height=stated.height, why=str(error)) from error
    fault = witness_fault(witness, rid=rid, signers=signers)
    subjects = [each.subject for each in witness]
    if fault is None and stated.witnesses is not None and sorted(stated.witnesses) != sorted(subjects):
        fault = "the signers that the node lists are not those in the witness"
    if fault is not None:
        raise Refusal(Step.WITNESS, height=stated.height, why=fault)


def _hex(rid: bytes) -> str:
    return rid.hex().upper()
