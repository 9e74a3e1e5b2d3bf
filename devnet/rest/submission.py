"""What `POST /tx` takes, in the order in which a node looks at it and in its words (Postchain 3.15,
GTXTransactionFactory, GTXTransaction).

The bytes must be what GTV's own encoding gives; then shape, number of signatures, chain, names of operations,
signatures, and each operation's arguments.
"""

from collections.abc import Callable, Sequence

from devnet.dapp import java_words
from devnet.dapp.dapp import Refused, UnknownOperation
from devnet.rest import asked
from devnet.rest.answers import Refusal
from indexer.postchain import gtv, gtx, secp256k1
from indexer.postchain.gtv import Gtv
from indexer.postchain.gtx import Operation, Transaction

MOST_BYTES = 25 << 20

CheckOperations = Callable[[Sequence[Operation]], None]
"""Raises `Refused` for operations that the chain's code does not take."""


def read(data: bytes, *, brid: bytes, version: int, check: CheckOperations) -> Transaction:
    """The transaction in these bytes, fit for a block of this chain. Raises Refusal."""
    if len(data) > MOST_BYTES:
        raise Refusal(400, f"Transaction size exceeds max transaction size {MOST_BYTES} bytes")
    _check_shape(_decoded(data))
    transaction = gtx.decode(data, version=version)
    _check_signature_count(transaction)
    if transaction.brid != brid:
        named = f"Should be: {_hex(brid)}, but was: {_hex(transaction.brid)} "
        raise Refusal(400, f"Transaction has wrong blockchainRID: {named}")
    unfit = _unfit(transaction, check)
    if isinstance(unfit, UnknownOperation):
        raise Refusal(400, str(unfit))
    _check_signatures(transaction)
    if unfit is not None:
        raise _incorrect(transaction, str(unfit))
    return transaction


def _decoded(data: bytes) -> Gtv:
    try:
        value = gtv.decode(data)
        if gtv.encode(value) == data:
            return value
    except gtv.GtvError as error:
        raise Refusal(500, java_words.of(error)) from None
    raise Refusal(400, "Transaction is not encoded with valid encoding.")


def _check_shape(value: Gtv) -> None:
    """That it is `[[brid, [[name, [argument …]] …], [signer …]], [signature …]]`, in the order of reading."""
    sent = _array(value)
    body = _array(_element(sent, 0))
    brid = _bytes(_element(body, 0))
    if len(brid) != gtx.RID_SIZE:
        raise asked.wrong_size(len(brid))
    for each in _array(_element(body, 1)):
        operation = _array(each)
        if not isinstance(_element(operation, 0), str):
            raise Refusal(400, java_words.expected("string", operation[0]))
        _array(_element(operation, 1))
    for row in (_array(_element(body, 2)), _array(_element(sent, 1))):
        for key in row:
            _bytes(key)


def _array(value: Gtv) -> list[Gtv]:
    if not isinstance(value, list):
        raise Refusal(400, java_words.array_expected(value))
    return value


def _element(array: list[Gtv], index: int) -> Gtv:
    if index >= len(array):
        raise Refusal(500, java_words.no_element(index, size=len(array)))
    return array[index]


def _bytes(value: Gtv) -> bytes:
    if not isinstance(value, bytes):
        raise Refusal(400, java_words.expected("byte array", value))
    return value


def _check_signature_count(transaction: Transaction) -> None:
    wanted, found = len(transaction.signers), len(transaction.signatures)
    if wanted != found:
        raise Refusal(400, f"Expected {wanted} signatures, found {found}")


def _unfit(transaction: Transaction, check: CheckOperations) -> Refused | None:
    try:
        check(transaction.operations)
    except Refused as error:
        return error
    return None


def _check_signatures(transaction: Transaction) -> None:
    for key, signature in zip(transaction.signers, transaction.signatures, strict=True):
        fault = java_words.key_fault(key)
        if fault is not None:
            raise Refusal(400, fault)
        if not secp256k1.verify(transaction.rid, signature=signature, key=key):
            raise _incorrect(transaction, f"Signature by {_hex(key)} is not valid")


def _incorrect(transaction: Transaction, why: str) -> Refusal:
    return Refusal(400, f"Transaction {_hex(transaction.rid)} is not correct: {why}")


def _hex(data: bytes) -> str:
    return data.hex().upper()
