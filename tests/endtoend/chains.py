"""Chains to serve: recorded ones, parts of them, and what is made (`tests.indexer.made`) on top of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from hashlib import sha256
from itertools import chain as joined
from pathlib import Path
from typing import Any

from devnet.recorded.recording import Block, Recording, Transaction, load
from devnet.rest.exchange import Spelling
from indexer.postchain import gtv, gtx
from indexer.postchain.block import decode_header
from indexer.postchain.gtx import Operation
from indexer.postchain.merkle import merkle_hash
from tests.indexer import made
from tests.indexer.made import (
    OWNER,
    next_block,
    sealed,
    stated_json,
    stated_transaction,
)
from tests.indexer.postchain.recorded import stated as stated_block

RECORDINGS = Path(__file__).resolve().parents[1] / "recordings"
FOUR = "00442B1E2DEE52C80ADEA1A92A97075C3FA1E9E204047C3C67533E151BAFC34D"
ONE = "E5F8CFFE7E1C7FDB4E11B2720161396E7B64A25C3DC82393C498F2EA7EB56856"

FOUR_DIGEST = "AA6077F8FF4602ACFCF91696A2AF53656C8B8B4581DAD8C2850334A9EDC373F7"

VALIDATORS = made.VALIDATORS[:4]
VALIDATOR = VALIDATORS[0]

Stated = dict[str, Any]


@cache
def recorded(name: str) -> Recording:
    """A recorded chain without its other answers: all are composed, so that a changed chain tells no two
    tales.
    """
    return replace(load(RECORDINGS / name), exchanges=())


def four() -> Recording:
    """The recorded chain of four validators."""
    return recorded("four-validators")


def one() -> Recording:
    """The recorded chain of one validator."""
    return recorded("one-validator")


def with_blocks(chain: Recording, blocks: Sequence[Block]) -> Recording:
    """The same chain with other blocks."""
    found = tuple(blocks)
    transactions = joined.from_iterable(_transactions(block) for block in found)
    return replace(
        chain,
        blocks=found,
        blocks_by_rid={block.rid: block for block in found},
        transactions={each.rid: each for each in transactions},
    )


def _transactions(block: Block) -> list[Transaction]:
    return [Transaction(tx["rid"], tx["hash"], tx["data"], block) for tx in block.stated["transactions"]]


def cut(chain: Recording, height: int) -> Recording:
    """The chain as it was when `height` was the next one."""
    return with_blocks(chain, chain.blocks[:height])


def with_block(chain: Recording, height: int, change: Callable[[Stated], Stated]) -> Recording:
    """The chain with one block changed as its node states it."""
    blocks = list(chain.blocks)
    blocks[height] = Block.read(change(dict(blocks[height].stated)))
    return with_blocks(chain, blocks)


def with_configurations(chain: Recording, configurations: Mapping[int, bytes]) -> Recording:
    """The chain with other configurations."""
    return replace(chain, configurations=dict(sorted(configurations.items())))


# Making


def configuration(
    *, keys: Sequence[bytes] = (VALIDATOR,), named: bool = True, **more: Any
) -> dict[str, gtv.Encodable]:
    """A configuration with these signers; `named` says whether headers name it, and more as it is made."""
    return made.configuration(validators=keys, is_named=named, **more)


def version_of(configuration: Mapping[str, Any]) -> int:
    """The merkle version that a configuration sets."""
    return int(configuration.get("features", {}).get("merkle_hash_version", 1))


def hash_of(configuration: Mapping[str, Any]) -> bytes:
    """A configuration's hash; the first one's is the chain's RID."""
    return merkle_hash(configuration, version=version_of(configuration))


def begun(configuration: Mapping[str, Any]) -> Recording:
    """A chain with this configuration and no block."""
    return Recording(
        spelling=Spelling(brid=hash_of(configuration).hex().upper(), iid=1),
        blocks=(),
        blocks_by_rid={},
        transactions={},
        proofs={},
        configurations={0: gtv.encode(configuration)},
        exchanges=(),
    )


def transaction(
    chain: Recording, *operations: Operation, keys: Sequence[bytes] = (OWNER,), version: int = 1
) -> bytes:
    """A signed transaction for a chain."""
    brid = bytes.fromhex(chain.spelling.brid)
    return gtx.build(brid=brid, operations=operations, private_keys=keys, version=version)


def add(
    messages: str, result: str, *, uid: int = 7, seed: int = 1, model: str = "m", provider: str = "p"
) -> Operation:
    """The operation that adds a record."""
    return Operation("add_prompt_history", (uid, messages, result, seed, model, provider))


def grown(
    chain: Recording,
    *blocks: Sequence[bytes],
    keys: Sequence[bytes] = (VALIDATOR,),
    extra: Mapping[str, gtv.Gtv] | None = None,
    version: int = 1,
    previous: bytes | None = None,
) -> Recording:
    """The chain with blocks of these transactions on top, signed with these keys.

    Their headers name the last configuration unless `extra` says otherwise; `previous` is a wrong link.
    """
    found = list(chain.blocks)
    for datas in blocks:
        found.append(_next(chain, found, datas, keys=keys, extra=extra, version=version, previous=previous))
    return with_blocks(chain, found)


def _next(
    chain: Recording,
    before: Sequence[Block],
    datas: Sequence[bytes],
    *,
    keys: Sequence[bytes],
    extra: Mapping[str, gtv.Gtv] | None,
    version: int,
    previous: bytes | None,
) -> Block:
    height = len(before)
    in_force = gtv.decode(chain.configurations[max(at for at in chain.configurations if at <= height)])
    assert isinstance(in_force, dict)
    block = next_block(
        stated_block(dict(before[-1].stated)) if before else None,
        [stated_transaction(each, version=version) for each in datas],
        brid=bytes.fromhex(chain.spelling.brid),
        keys=keys,
        version=version,
        extra={"config_hash": hash_of(in_force)} if extra is None else extra,
        previous_rid=previous,
    )
    return Block.read(stated_json(block))


def resealed(block: Block, *, keys: Sequence[bytes], **changes: Any) -> Block:
    """The block with a changed header, signed again: a forgery by the signers themselves."""
    stated = stated_block(dict(block.stated))
    header = replace(decode_header(stated.header), **changes)
    return Block.read(stated_json(sealed(header, stated.transactions, keys=keys)))


def digest_of_adds(chain: Recording) -> str:
    """The digest of a chain whose only operations are adds, one in each transaction, as it is defined."""
    digest = bytes.fromhex(chain.spelling.brid)
    prompt_id, created_at = 0, 0
    for block in chain.blocks:
        for ordinal, stated in enumerate(block.stated["transactions"]):
            (operation,) = gtx.decode(bytes.fromhex(stated["data"]), version=1).operations
            uid, messages, result, *others = operation.arguments
            prompt_id += 1
            said = [sha256(str(text).encode()).digest() for text in (messages, result)]
            place: list[gtv.Gtv] = [operation.name, block.height << 20 | ordinal, prompt_id, created_at]
            digest = sha256(digest + gtv.encode([*place, uid, *others, *said])).digest()
        created_at = block.timestamp
    return _hex(digest)


def flipped(text: str, bit: int) -> str:
    """Hex with one bit turned over; a negative one counts from the end."""
    data = bytearray.fromhex(text)
    bit %= len(data) * 8
    data[bit // 8] ^= 1 << (bit % 8)
    return _hex(data)


def _hex(data: bytes | bytearray) -> str:
    return data.hex().upper()
