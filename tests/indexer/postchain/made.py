"""Chains made here with the package itself: for merkle version 2, of which nothing is recorded."""

from collections.abc import Sequence

from indexer.postchain import gtv, gtx, secp256k1
from indexer.postchain.block import Header, decode_witness, encode_header, header_rid, sign_header
from indexer.postchain.merkle import merkle_hash, root_of_hashes
from indexer.postchain.verify import StatedBlock, StatedTransaction

VALIDATOR_KEYS = tuple(bytes([number]) * 32 for number in (0x40, 0x41, 0x42, 0x43))
VALIDATORS = tuple(secp256k1.public_key(key) for key in VALIDATOR_KEYS)
SENDER_KEY = bytes([1]) * 32
BRID = bytes.fromhex("AB" * 32)


def transaction(*calls: gtx.Operation, version: int, keys: Sequence[bytes] = (SENDER_KEY,)) -> bytes:
    return gtx.build(brid=BRID, operations=calls, private_keys=keys, version=version)


def stated_transaction(data: bytes, *, version: int) -> StatedTransaction:
    read = gtx.decode(data, version=version)
    return StatedTransaction(read.rid, read.hash, data)


def stated_block(
    datas: Sequence[bytes],
    *,
    height: int,
    previous_rid: bytes,
    version: int,
    extra: dict[str, gtv.Gtv] | None = None,
    keys: Sequence[bytes] = VALIDATOR_KEYS,
) -> StatedBlock:
    """A block as an honest node of such a chain would give it."""
    stated = tuple(stated_transaction(each, version=version) for each in datas)
    header = Header(
        brid=BRID,
        previous_rid=previous_rid,
        transactions_root=root_of_hashes([each.hash for each in stated], version=version),
        timestamp=1_700_000_000_000 + 1000 * height,
        height=height,
        dependencies=None,
        extra=(extra or {}) | ({"merkle_hash_version": version} if version > 1 else {}),
    )
    witness = sign_header(header, private_keys=keys)
    return StatedBlock(
        rid=header_rid(header),
        previous_rid=previous_rid,
        header=encode_header(header),
        height=height,
        timestamp=header.timestamp,
        transactions=stated,
        witness=witness,
        witnesses=tuple(each.subject for each in decode_witness(witness)),
    )


def chain(*, version: int, length: int = 4) -> list[StatedBlock]:
    """Some blocks whose transactions hash differently under the two versions."""
    made: list[StatedBlock] = []
    for height in range(length):
        calls = [gtx.Operation("add", (height, number, [[b"x"]], {"k": [[]]})) for number in range(height)]
        made.append(
            stated_block(
                [transaction(call, version=version) for call in calls],
                height=height,
                previous_rid=made[-1].rid if made else BRID,
                version=version,
                extra={"config_hash": merkle_hash(["c"], version=version), "primary": VALIDATORS[0]},
            )
        )
    return made
