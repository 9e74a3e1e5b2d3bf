"""Chains that are made here, block by block, with keys that are known: for what no recording holds.

All blocks that tests make are made here: `MadeChain` grows a chain, the functions below it make one block.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from devnet.recorded.recording import Recording, load
from devnet.rest.exchange import JSON, OCTETS
from indexer.postchain import gtv, gtx, secp256k1
from indexer.postchain.block import (
    Header,
    WitnessSignature,
    decode_header,
    decode_witness,
    encode_witness,
    header_rid,
)
from indexer.postchain.gtx import Operation
from indexer.postchain.merkle import merkle_hash, root_of_hashes
from indexer.postchain.verify import StatedBlock, StatedTransaction

OWNER = b"\x01" * 32
SECOND_OWNER = b"\x02" * 32
STRANGER = b"\x03" * 32
VALIDATORS = tuple(bytes([each]) * 32 for each in range(0x40, 0x4A))
FIRST_AT = 1_728_600_000_000
MESSAGES = '[{"role": "user", "content": "what is a chain?"}]'


def completion(content: str, **more: Any) -> str:
    """A result as a scout signs it."""
    return json.dumps({"choices": [{"message": {"role": "assistant", "content": content}}], **more})


def add(
    result: str = completion("blocks, one after the other"),
    *,
    messages: str = MESSAGES,
    uid: int = 7,
    seed: int = 1,
    model: str = "gemma2-9b-it",
    provider: str = "groq",
) -> Operation:
    """Adds a record."""
    return Operation("add_prompt_history", (uid, messages, result, seed, model, provider))


def update(prompt_id: int, result: str) -> Operation:
    """Gives a record another result."""
    return Operation("update_prompt_history", (prompt_id, result))


def delete(prompt_id: int) -> Operation:
    """Removes a record."""
    return Operation("delete_prompt_history", (prompt_id,))


def batch_delete(start: int, end: int) -> Operation:
    """Removes at most 100 records with start < created_at < end."""
    return Operation("batch_delete_prompt_histories", (start, end))


def change_owner(key: bytes) -> Operation:
    """Makes the holder of this private key the owner."""
    return Operation("change_owner", (secp256k1.public_key(key),))


@dataclass(frozen=True, slots=True)
class Call:
    """A transaction to be: its operations, and the private keys that sign it."""

    operations: tuple[Operation, ...]
    keys: tuple[bytes, ...] = (OWNER,)


def call(*operations: Operation, keys: Sequence[bytes] = (OWNER,)) -> Call:
    """A transaction of several operations, or by other keys than the owner's."""
    return Call(operations, tuple(keys))


def configuration(
    *,
    validators: Sequence[bytes],
    owner: bytes | None = OWNER,
    is_named: bool = True,
    version: int = 1,
    more: Mapping[str, gtv.Encodable] | None = None,
) -> dict[str, gtv.Encodable]:
    """A configuration with these signers; `is_named` where headers name it, `owner` stands in its source."""
    source = "module;\n"
    if owner is not None:
        key = secp256k1.public_key(owner).hex()
        source += f'object owner {{ mutable prompt_id: integer = 0; mutable address: pubkey = x"{key}"; }}\n'
    made: dict[str, gtv.Encodable] = {
        "gtx": {"rell": {"modules": ["production"], "sources": {"production.rell": source}}},
        "signers": [secp256k1.public_key(key) for key in validators],
        **(more or {}),
    }
    if is_named:
        made["config_consensus_strategy"] = "HEADER_HASH"
    if version > 1:
        made["features"] = {"merkle_hash_version": version}
    return made


class MadeChain:
    """A chain that grows: `blocks` as a node states them, `configurations` (GTV) by height."""

    def __init__(
        self,
        *,
        validators: Sequence[bytes] = VALIDATORS[:1],
        owner: bytes | None = OWNER,
        is_named: bool = True,
        version: int = 1,
        more: Mapping[str, gtv.Encodable] | None = None,
    ) -> None:
        self._owner = owner
        self._is_named = is_named
        self._version = version
        self._validators = tuple(validators)
        first = self._configuration(more)
        self.brid = self._hash = merkle_hash(first, version=version)
        self.configurations: dict[int, bytes] = {0: gtv.encode(first)}
        self.blocks: list[StatedBlock] = []

    @property
    def next_height(self) -> int:
        """The height of the block that `block` makes."""
        return len(self.blocks)

    def configure(
        self, validators: Sequence[bytes], *, more: Mapping[str, gtv.Encodable] | None = None
    ) -> None:
        """Another configuration, from the next block on."""
        self._validators = tuple(validators)
        found = self._configuration({"changed": self.next_height, **(more or {})})
        self._hash = merkle_hash(found, version=self._version)
        self.configurations[self.next_height] = gtv.encode(found)

    def block(
        self,
        *calls: Call | Operation,
        at: int | None = None,
        extra: Mapping[str, gtv.Gtv] | None = None,
        header_tail: Sequence[gtv.Encodable] = (),
        previous_rid: bytes | None = None,
    ) -> StatedBlock:
        """The next block, a transaction for each call.

        `at` is its time in ms, `extra` what its header's last element holds besides, `header_tail` are
        elements after the seventh, `previous_rid` is a wrong link.
        """
        made = self.drafted(*calls, at=at, extra=extra, header_tail=header_tail, previous_rid=previous_rid)
        self.blocks.append(made)
        return made

    def drafted(
        self,
        *calls: Call | Operation,
        at: int | None = None,
        extra: Mapping[str, gtv.Gtv] | None = None,
        header_tail: Sequence[gtv.Encodable] = (),
        previous_rid: bytes | None = None,
    ) -> StatedBlock:
        """As `block`, but the chain does not grow by it."""
        return next_block(
            self.blocks[-1] if self.blocks else None,
            [self._transaction(each) for each in calls],
            brid=self.brid,
            keys=self._validators,
            version=self._version,
            at=at,
            extra={**({"config_hash": self._hash} if self._is_named else {}), **(extra or {})},
            header_tail=header_tail,
            previous_rid=previous_rid,
        )

    def recording(self) -> Recording:
        """The chain as a node serves it, read from the files in which a real one would have been recorded."""
        blocks = [stated_json(each) for each in reversed(self.blocks)]
        chain = [_exchange(self._path("blocks"), {"limit": "all"}, JSON, {"body": json.dumps(blocks)})]
        set_at = [
            _exchange(self._path("config"), {"height": str(height)}, OCTETS, {"body_hex": raw.hex()})
            for height, raw in self.configurations.items()
        ]
        with TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "chain.jsonl").write_text("\n".join(chain))
            (folder / "configuration.jsonl").write_text("\n".join(set_at))
            (folder / "story.json").write_text(json.dumps({"brid": _hex(self.brid), "height": len(blocks)}))
            return load(folder)

    def _path(self, route: str) -> str:
        return f"/{route}/{_hex(self.brid)}"

    def _configuration(self, more: Mapping[str, gtv.Encodable] | None) -> dict[str, gtv.Encodable]:
        return configuration(
            validators=self._validators,
            owner=self._owner,
            is_named=self._is_named,
            version=self._version,
            more=more,
        )

    def _transaction(self, given: Call | Operation) -> StatedTransaction:
        made = given if isinstance(given, Call) else Call((given,))
        data = gtx.build(
            brid=self.brid, operations=made.operations, private_keys=made.keys, version=self._version
        )
        return stated_transaction(data, version=self._version)


def next_block(
    before: StatedBlock | None,
    transactions: Sequence[StatedTransaction],
    *,
    brid: bytes,
    keys: Sequence[bytes],
    version: int = 1,
    at: int | None = None,
    extra: Mapping[str, gtv.Gtv] | None = None,
    header_tail: Sequence[gtv.Encodable] = (),
    previous_rid: bytes | None = None,
) -> StatedBlock:
    """The block after another one, a second later unless `at` (ms) says when; the first one without `before`.

    The parameters are those of `MadeChain.block`; nothing is named in the header but what `extra` holds.
    """
    return block_at(
        before.height + 1 if before else 0,
        transactions,
        brid=brid,
        previous_rid=previous_rid or (before.rid if before else brid),
        at=at if at is not None else (before.timestamp + 1000 if before else FIRST_AT),
        keys=keys,
        version=version,
        extra=extra,
        header_tail=header_tail,
    )


def block_at(
    height: int,
    transactions: Sequence[StatedTransaction],
    *,
    brid: bytes,
    previous_rid: bytes,
    at: int,
    keys: Sequence[bytes],
    version: int = 1,
    extra: Mapping[str, gtv.Gtv] | None = None,
    header_tail: Sequence[gtv.Encodable] = (),
) -> StatedBlock:
    """A block of this height, as `next_block` makes it, whatever is below it."""
    header = Header(
        brid=brid,
        previous_rid=previous_rid,
        transactions_root=root_of_hashes([each.hash for each in transactions], version=version),
        timestamp=at,
        height=height,
        extra={**({"merkle_hash_version": version} if version > 1 else {}), **(extra or {})},
    )
    return sealed(header, transactions, keys=keys, header_tail=header_tail)


def sealed(
    header: Header,
    transactions: Sequence[StatedTransaction],
    *,
    keys: Sequence[bytes],
    header_tail: Sequence[gtv.Encodable] = (),
) -> StatedBlock:
    """A block with this header, signed with these keys, whatever it says."""
    witness = sign_header(header, private_keys=keys)
    return StatedBlock(
        rid=header_rid(header),
        previous_rid=header.previous_rid,
        header=_encoded(header, header_tail),
        height=header.height,
        timestamp=header.timestamp,
        transactions=tuple(transactions),
        witness=witness,
        witnesses=tuple(each.subject for each in decode_witness(witness)),
    )


def stated_transaction(data: bytes, *, version: int = 1) -> StatedTransaction:
    """A transaction as a node states it."""
    read = gtx.decode(data, version=version)
    return StatedTransaction(read.rid, read.hash, data)


def _encoded(header: Header, tail: Sequence[gtv.Encodable]) -> bytes:
    elements = (
        header.brid,
        header.previous_rid,
        header.transactions_root,
        header.timestamp,
        header.height,
        header.dependencies,
        header.extra,
    )
    return gtv.encode((*elements, *tail))


def _exchange(path: str, query: dict[str, str], kind: str, body: dict[str, str]) -> str:
    """A line of a recording: what was asked, and the answer."""
    request = {"method": "GET", "path": path, "query": query, "accept": kind}
    return json.dumps(
        {"request": request, "response": {"status": 200, "headers": {"content-type": kind}, **body}}
    )


def stated_json(block: StatedBlock) -> dict[str, Any]:
    """A block as a node states it in JSON."""
    return {
        "rid": _hex(block.rid),
        "prevBlockRID": _hex(block.previous_rid),
        "header": _hex(block.header),
        "height": block.height,
        "transactions": [
            {"rid": _hex(each.rid), "hash": _hex(each.hash), "data": _hex(each.data)}
            for each in block.transactions
        ],
        "witness": _hex(block.witness),
        "witnesses": [_hex(each) for each in block.witnesses or ()],
        "timestamp": block.timestamp,
    }


def sign_header(header: Header, *, private_keys: Sequence[bytes]) -> bytes:
    """A witness for this header by these validators, in this order."""
    rid = header_rid(header)
    return encode_witness(
        [
            WitnessSignature(secp256k1.public_key(key), secp256k1.sign(rid, private_key=key))
            for key in private_keys
        ]
    )


def with_witness(block: StatedBlock, *, keys: Sequence[bytes]) -> StatedBlock:
    """The block with other signatures."""
    witness = sign_header(decode_header(block.header), private_keys=keys)
    return replace(block, witness=witness, witnesses=tuple(each.subject for each in decode_witness(witness)))


def _hex(data: bytes) -> str:
    return data.hex().upper()
