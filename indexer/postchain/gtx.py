"""GTX, Postchain's transaction: `[[brid, [[name, arguments] …], signers], signatures]` as GTV.

The RID is the merkle hash of the body and what the signers sign; the hash, over everything that was sent,
is what a block's root covers (Postchain, GTXTransactionFactory). Nodes drop what follows the elements that
they know when they compute the RID, but hash it: such transactions are accepted here as there, and marked
by an `Oddity`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntFlag
from typing import Final

from indexer.postchain import gtv, secp256k1
from indexer.postchain.gtv import Gtv
from indexer.postchain.merkle import merkle_hash
from indexer.postchain.walk import hashed

RID_SIZE: Final = 32
COMPRESSED_KEY_SIZE: Final = 33


class GtxError(ValueError):
    """Bytes from which no transaction can be read."""


class NotGtv(GtxError):
    """The bytes are no GTV at all; the cause is a `GtvError`."""


class NotATransaction(GtxError):
    """GTV of another shape than a transaction."""


class Oddity(IntFlag):
    """What nodes accept in a transaction but clients do not make. Stored as a number: never renumber."""

    NOT_CANONICAL = 1
    EXTRA_ELEMENT = 2
    LONG_SIGNATURE = 4
    HIGH_S = 8
    LONG_KEY = 16
    REPEATED_SIGNER = 32


NO_ODDITY: Final = Oddity(0)


@dataclass(frozen=True, slots=True)
class Operation:
    """One call: the operation's mount name and its positional arguments."""

    name: str
    arguments: tuple[Gtv, ...] = ()


@dataclass(frozen=True, slots=True)
class Transaction:
    """A transaction as sent: `signatures[i]` is by `signers[i]`, `rid` and `hash` under the version asked."""

    brid: bytes
    operations: tuple[Operation, ...]
    signers: tuple[bytes, ...]
    signatures: tuple[bytes, ...]
    rid: bytes
    hash: bytes
    oddities: Oddity


def decode(data: bytes, *, version: int) -> Transaction:
    """The transaction in these bytes, its RID and hash under this merkle version.

    Raises `NotGtv` or `NotATransaction`. Signatures are not checked here (`first_bad_signature`), nor is
    their number.
    """
    known = hashed(data, version=version)
    if known is not None:
        return _read(known.value, version=version, rid=known.row[0] if known.row else None, hash=known.hash)
    value = _value(data)  # not canonical: nodes hash the value that the bytes decode to
    return _read(value, version=version, rid=None, hash=merkle_hash(value, version=version))


def operations_in(data: bytes) -> tuple[Operation, ...]:
    """The operations of the transaction in these bytes, as `decode` gives them: half the work, since nothing
    is hashed. Raises `NotGtv` or `NotATransaction`.
    """
    _, body = _gtx_and_body(_value(data))
    return _operations(body)


def _value(data: bytes) -> Gtv:
    try:
        return gtv.decode(data)
    except gtv.GtvError as error:
        raise NotGtv(f"the transaction's {len(data)} bytes are no GTV: {error}") from error


def _gtx_and_body(value: Gtv) -> tuple[list[Gtv], list[Gtv]]:
    gtx = _elements(value, 2, "a transaction")
    return gtx, _elements(gtx[0], 3, "a transaction's body")


def _operations(body: Sequence[Gtv]) -> tuple[Operation, ...]:
    return tuple([_operation(call) for call in _elements(body[1], 0, "the operations")])


def _read(value: Gtv, *, version: int, rid: bytes | None, hash: bytes) -> Transaction:
    """The transaction that this value is; `rid` is its body's hash, None where bytes were not canonical."""
    gtx, body = _gtx_and_body(value)
    brid = body[0]
    if not isinstance(brid, bytes) or len(brid) != RID_SIZE:
        raise NotATransaction(
            "the first element of the body is no blockchain RID of 32 bytes; it is no transaction"
        )
    operations = _operations(body)
    signers = _byte_strings(body[2], "the signers")
    signatures = _byte_strings(gtx[1], "the signatures")
    oddities = _key_and_signature_oddities(signers, signatures)
    if rid is None:
        oddities |= Oddity.NOT_CANONICAL
    if len(gtx) > 2 or len(body) > 3 or _any_operation_is_longer(body[1]):
        oddities |= Oddity.EXTRA_ELEMENT
        rid = None
    if rid is None:
        rid = merkle_hash(_body(brid, operations, signers), version=version)
    return Transaction(brid, operations, signers, signatures, rid, hash, oddities)


def _operation(value: Gtv) -> Operation:
    call = _elements(value, 2, "an operation")
    name, arguments = call[0], call[1]
    if not isinstance(name, str):
        raise NotATransaction(f"an operation's name should be a string and is {type(name).__name__}")
    return Operation(name, tuple(_elements(arguments, 0, "an operation's arguments")))


def _any_operation_is_longer(operations: Gtv) -> bool:
    return (
        isinstance(operations, list)
        and max([len(call) for call in operations if isinstance(call, list)], default=0) > 2
    )


def _elements(value: Gtv, at_least: int, what: str) -> list[Gtv]:
    if not isinstance(value, list):
        raise NotATransaction(
            f"{what} should be an array and is {type(value).__name__}; it is no transaction"
        )
    if len(value) < at_least:
        raise NotATransaction(
            f"{what} should have {at_least} elements and has {len(value)}; it is no transaction"
        )
    return value


def _byte_strings(value: Gtv, what: str) -> tuple[bytes, ...]:
    elements = _elements(value, 0, what)
    found = tuple([each for each in elements if isinstance(each, bytes)])
    if len(found) != len(elements):
        raise NotATransaction(f"{what} should be byte arrays and not all are; it is no transaction")
    return found


def _key_and_signature_oddities(signers: tuple[bytes, ...], signatures: tuple[bytes, ...]) -> Oddity:
    oddities = NO_ODDITY
    for signature in signatures:
        if len(signature) > secp256k1.SIGNATURE_SIZE:
            oddities |= Oddity.LONG_SIGNATURE
        if secp256k1.is_high_s(signature):
            oddities |= Oddity.HIGH_S
    for signer in signers:
        if len(signer) > COMPRESSED_KEY_SIZE:
            oddities |= Oddity.LONG_KEY
    if len(signers) > 1 and len(set(signers)) != len(signers):
        oddities |= Oddity.REPEATED_SIGNER
    return oddities


def encode(transaction: Transaction) -> bytes:
    """The plain canonical form: body and signatures, without any extra element that was sent."""
    return gtv.encode(
        (_body(transaction.brid, transaction.operations, transaction.signers), transaction.signatures)
    )


def build(
    *, brid: bytes, operations: Sequence[Operation], private_keys: Sequence[bytes], version: int
) -> bytes:
    """A signed transaction, each key a signer in this order."""
    body = _body(brid, operations, [secp256k1.public_key(key) for key in private_keys])
    rid = merkle_hash(body, version=version)
    return gtv.encode((body, [secp256k1.sign(rid, private_key=key) for key in private_keys]))


def _body(
    brid: bytes, operations: Sequence[Operation], signers: Sequence[bytes]
) -> tuple[gtv.Encodable, ...]:
    return brid, [(operation.name, operation.arguments) for operation in operations], signers


def first_bad_signature(transaction: Transaction) -> int | None:
    """Index of the first signature over the RID that is wrong, missing or surplus; None if all are good."""
    for index, (signer, signature) in enumerate(
        zip(transaction.signers, transaction.signatures, strict=False)
    ):
        if not secp256k1.verify(transaction.rid, signature=signature, key=signer):
            return index
    wanted, found = len(transaction.signers), len(transaction.signatures)
    return None if wanted == found else min(wanted, found)
