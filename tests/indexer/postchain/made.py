"""Chains made here with the package itself: for merkle version 2, of which nothing is recorded."""

from collections.abc import Sequence

from indexer.postchain import gtv, gtx, secp256k1
from indexer.postchain.merkle import merkle_hash
from indexer.postchain.verify import StatedBlock, StatedTransaction
from tests.indexer import made

VALIDATOR_KEYS = made.VALIDATORS[:4]
VALIDATORS = tuple(secp256k1.public_key(key) for key in VALIDATOR_KEYS)
SENDER_KEY = made.OWNER
BRID = bytes.fromhex("AB" * 32)
FIRST_AT = 1_700_000_000_000


def transaction(*calls: gtx.Operation, version: int, keys: Sequence[bytes] = (SENDER_KEY,)) -> bytes:
    return gtx.build(brid=BRID, operations=calls, private_keys=keys, version=version)


def stated_transaction(data: bytes, *, version: int) -> StatedTransaction:
    return made.stated_transaction(data, version=version)


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
    return made.block_at(
        height,
        [stated_transaction(each, version=version) for each in datas],
        brid=BRID,
        previous_rid=previous_rid,
        at=FIRST_AT + 1000 * height,
        keys=keys,
        version=version,
        extra=extra,
    )


def chain(*, version: int, length: int = 4) -> list[StatedBlock]:
    """Some blocks whose transactions hash differently under the two versions."""
    found: list[StatedBlock] = []
    for height in range(length):
        calls = [gtx.Operation("add", (height, number, [[b"x"]], {"k": [[]]})) for number in range(height)]
        found.append(
            stated_block(
                [transaction(call, version=version) for call in calls],
                height=height,
                previous_rid=found[-1].rid if found else BRID,
                version=version,
                extra={"config_hash": merkle_hash(["c"], version=version), "primary": VALIDATORS[0]},
            )
        )
    return found
