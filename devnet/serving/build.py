"""A made chain: as many records as asked for, in blocks that a verifier accepts, for benchmarks.

    python -m devnet build --records 100000 [--peers 100] [--seed 1] [--size typical] [--varied]
                           [--out FOLDER]

Real GTV, merkle hashes (version 1), owner's signatures and one validator's witness. As on Chasm's chain, a
prompt goes to many scouts whose answers share a block, a transaction each; empty blocks lie between. A varied
chain has planted words too (`prose.PLANTED`), and of the answers to each prompt the next block replaces three
in a hundred and deletes two. The same options give the same bytes on any machine.

The folder holds what a server needs: `blocks.json`, the whole chain as one JSON list as a node gives
it, newest first; `offsets`, where each begins in it; `configuration.gtv`; and `chain.json`, written last.
"""

import argparse
import json
import os
import sys
import time
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Final

from devnet.chain import validators
from devnet.chain.configurations import Wanted, of_dapp
from devnet.scenarios import prose
from indexer.postchain import gtv, gtx, secp256k1
from indexer.postchain.block import (
    EMPTY_ROOT,
    Header,
    WitnessSignature,
    encode_header,
    encode_witness,
    header_rid,
)
from indexer.postchain.gtx import Operation
from indexer.postchain.merkle import merkle_hash, root_of_hashes

BLOCKS = "blocks.json"
OFFSETS = "offsets"
CONFIGURATION = "configuration.gtv"
CHAIN = "chain.json"

OWNER: Final = validators.OWNER
VALIDATOR: Final = validators.FOUR[0]
VERSION: Final = 1
SIZES: Final = {"typical": prose.TYPICAL, "small": prose.SMALL, "long": prose.LONG}
_BLOCK_TIME_MS = 30_000
_FIRST_AT_MS = 1_728_600_000_000
_VARIANTS = 2
_OTHERS_IN_100 = 6
_MOST_EMPTY = 2
_EDITED_IN_100 = 3
_CHANGED_IN_100 = 5


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked for: records in all, peers that answer one prompt, the seed, a name of `SIZES`, whether
    words are planted and records changed, whether each of the peers says something else, and in how many
    blocks these answer; a varied chain has one.
    """

    records: int
    peers: int = 100
    seed: int = 1
    size: str = "typical"
    is_varied: bool = False
    is_disputed: bool = False
    blocks: int = 1

    @property
    def answers_in_block(self) -> int:
        """Those to a prompt, at most."""
        return -(-self.peers // self.blocks)

    @property
    def most_in_block(self) -> int:
        """Transactions: a prompt's answers, and the changes of the ones before."""
        return self.answers_in_block + (self.peers * _CHANGED_IN_100 // 100 if self.is_varied else 0)

    @property
    def name(self) -> str:
        """What the chain's configuration says of it, which its RID comes from."""
        more = "".join(f", {name}=True" for name in ("is_varied", "is_disputed") if getattr(self, name))
        more += f", blocks={self.blocks}" if self.blocks > 1 else ""
        return f"Plan(records={self.records}, peers={self.peers}, seed={self.seed}, size={self.size!r}{more})"


@dataclass(frozen=True, slots=True)
class Chain:
    """What was made: RID in hex, height of the next block, records, and bytes of all transactions."""

    brid: str
    height: int
    records: int
    transaction_bytes: int


@dataclass(frozen=True, slots=True)
class Draft:
    """A block that has no link yet: its transactions' hashes and JSON, and how many bytes they have."""

    timestamp: int
    hashes: Sequence[bytes]
    transactions: bytes
    size: int


@dataclass(frozen=True, slots=True)
class _Work:
    """What a process needs to draft the block at a height, before which the chain has ``written`` records,
    ``answers`` of them to the prompt that it goes on with.
    """

    plan: Plan
    brid: bytes
    timestamp: int
    height: int
    records: int
    written: int
    answers: int = 0


def write(plan: Plan, folder: Path, *, processes: int = 1) -> Chain:
    """Make the chain and write it into the folder, in a few hundred MB of memory whatever its size."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / CHAIN).unlink(missing_ok=True)
    configuration = configuration_of(plan)
    brid = merkle_hash(gtv.decode(configuration), version=VERSION)
    (folder / CONFIGURATION).write_bytes(configuration)
    rising = folder / "rising"
    starts, size = _write_rising(plan, rising, brid=brid, processes=processes)
    _write_newest_first(rising, folder, starts=starts)
    rising.unlink()
    chain = Chain(brid.hex().upper(), len(starts) - 1, plan.records, size)
    (folder / CHAIN).write_text(json.dumps(asdict(chain)))
    return chain


def made_in(folder: Path) -> Chain | None:
    """The chain that was written into a folder, if one was, to its end."""
    file = folder / CHAIN
    return Chain(**json.loads(file.read_text())) if file.exists() else None


def configuration_of(plan: Plan) -> bytes:
    """Return configuration 0 (GTV): the devnet's, with one signer, and room in a block for all peers."""
    wanted = Wanted(
        keys=(VALIDATOR,),
        block_time=_BLOCK_TIME_MS,
        block_transactions=max(100, plan.most_in_block),
        name=f"made by {plan.name}",
    )
    return of_dapp(wanted)


def _works(plan: Plan, brid: bytes) -> Iterator[_Work]:
    """Yield the blocks to draft, by rising height: an empty one, then prompts with empty ones between."""
    random = Random(f"{plan.seed} blocks")
    height, timestamp, left = 0, _FIRST_AT_MS, plan.records
    yield _Work(plan, brid, timestamp, height, 0, 0)
    while left:
        written = plan.records - left
        answers, room = written % plan.peers, plan.answers_in_block
        answered = min(room, plan.peers - answers, left)
        for records in (*[0] * random.randint(0, _MOST_EMPTY), answered):
            height += 1
            timestamp += random.randrange(1_000, _BLOCK_TIME_MS)
            yield _Work(plan, brid, timestamp, height, records, written, answers)
            left -= records


def _draft(work: _Work) -> Draft:
    random = Random(f"{work.plan.seed} {work.height}")
    stated, hashes, size = [], [], 0
    for data in _transactions(random, work):
        transaction = gtx.decode(data, version=VERSION)
        stated.append(
            b'{"rid":"%b","hash":"%b","data":"%b"}'
            % (_hex(transaction.rid), _hex(transaction.hash), _hex(data))
        )
        hashes.append(transaction.hash)
        size += len(data)
    return Draft(work.timestamp, hashes, b"[" + b",".join(stated) + b"]", size)


def _transactions(random: Random, work: _Work) -> Iterator[bytes]:
    """Yield the block's transactions, of one operation each."""
    for operation in _operations(random, work) if work.records else ():
        yield gtx.build(brid=work.brid, operations=[operation], private_keys=[OWNER], version=VERSION)


def _operations(random: Random, work: _Work) -> Iterator[Operation]:
    """Yield one prompt's answers: its scouts in an order of chance, six in a hundred dissenting, or all;
    then, in a varied chain, the changes of what the prompt before was answered.
    """
    plan = work.plan
    prompt = _prompt(random, plan) if plan.blocks == 1 else _prompt_of(plan, work.written // plan.peers)
    if plan.is_varied:
        prompt = prose.planted(random, prompt, part=work.written / plan.records)
    scouts = random.sample(range(1, 4 * plan.peers + 1), work.records)
    for scout, variant in zip(scouts, _variants(random, work), strict=True):
        result = prose.result(random, prompt=prompt, variant=variant, at_ms=work.timestamp)
        source = prose.route(prompt, variant=variant)
        arguments = (scout, prompt.messages, result, prompt.seed, source.model, source.provider)
        yield Operation("add_prompt_history", arguments)
    if plan.is_varied and work.written:
        yield from _changes(random, work, prompt=prompt)


def _prompt(random: Random, plan: Plan) -> prose.Prompt:
    others = plan.peers - 1 if plan.is_disputed else _VARIANTS
    return prose.prompt(random, size=SIZES[plan.size], variants=others)


@lru_cache(maxsize=1)
def _prompt_of(plan: Plan, number: int) -> prose.Prompt:
    """The same prompt for all blocks that answer it."""
    return _prompt(Random(f"{plan.seed} prompt {number}"), plan)


def _variants(random: Random, work: _Work) -> Sequence[int]:
    """Which of the prompt's contents each of the scouts answers with."""
    if work.plan.is_disputed:
        return range(work.answers, work.answers + work.records)
    others = work.records * _OTHERS_IN_100 // 100
    variants = [1 + index % _VARIANTS for index in range(others)] + [0] * (work.records - others)
    random.shuffle(variants)
    return variants


def _changes(random: Random, work: _Work, *, prompt: prose.Prompt) -> Iterator[Operation]:
    """Yield the edits and deletions of records of the prompt before, each of another one. An edit gives a
    record the content that another prompt is answered with.
    """
    peers = work.plan.peers
    chosen = random.sample(range(work.written - peers + 1, work.written + 1), peers * _CHANGED_IN_100 // 100)
    edited = peers * _EDITED_IN_100 // 100
    for prompt_id in chosen[:edited]:
        result = prose.result(random, prompt=prompt, variant=0, at_ms=work.timestamp)
        yield Operation("update_prompt_history", (prompt_id, result))
    for prompt_id in chosen[edited:]:
        yield Operation("delete_prompt_history", (prompt_id,))


def _drafts(works: Iterable[_Work], processes: int) -> Iterator[Draft]:
    if processes == 1:
        yield from map(_draft, works)
        return
    with get_context("spawn").Pool(processes) as pool:
        yield from pool.imap(_draft, works, chunksize=4)


def _write_rising(plan: Plan, file: Path, *, brid: bytes, processes: int) -> tuple[Sequence[int], int]:
    """Link and seal the blocks, oldest first.

    Returns where each begins in the file, with its end, and how many bytes all transactions have.
    """
    starts, size, previous = array("Q", [0]), 0, brid
    with file.open("wb") as out:
        for height, draft in enumerate(_drafts(_works(plan, brid), processes)):
            header = _header(draft, brid=brid, previous=previous, height=height)
            previous = header_rid(header)
            out.write(_sealed(header, rid=previous, transactions=draft.transactions))
            starts.append(out.tell())
            size += draft.size
    return starts, size


def _header(draft: Draft, *, brid: bytes, previous: bytes, height: int) -> Header:
    return Header(
        brid=brid,
        previous_rid=previous,
        transactions_root=root_of_hashes(draft.hashes, version=VERSION) if draft.hashes else EMPTY_ROOT,
        timestamp=draft.timestamp,
        height=height,
        extra={"config_hash": brid},
    )


def _sealed(header: Header, *, rid: bytes, transactions: bytes) -> bytes:
    """Return the block in JSON with its witness, fields in a node's order."""
    subject = secp256k1.public_key(VALIDATOR)
    signature = secp256k1.sign(rid, private_key=VALIDATOR)
    witness = encode_witness([WitnessSignature(subject, signature)])
    return (
        b'{"rid":"%b","prevBlockRID":"%b","header":"%b","height":%d,"transactions":%b,'
        b'"witness":"%b","witnesses":["%b"],"timestamp":%d}'
    ) % (
        *(_hex(rid), _hex(header.previous_rid), _hex(encode_header(header)), header.height, transactions),
        *(_hex(witness), _hex(subject), header.timestamp),
    )


def _write_newest_first(rising: Path, folder: Path, *, starts: Sequence[int]) -> None:
    """Write the blocks as one list, newest first, so that any page is one stretch of the file."""
    offsets = array("Q", bytes(8 * (len(starts) - 1)))
    with rising.open("rb") as source, (folder / BLOCKS).open("wb") as out:
        out.write(b"[")
        for height in reversed(range(len(starts) - 1)):
            offsets[height] = out.tell()
            source.seek(starts[height])
            out.write(source.read(starts[height + 1] - starts[height]))
            out.write(b"," if height else b"]")
    with (folder / OFFSETS).open("wb") as file:
        offsets.tofile(file)


def _hex(data: bytes) -> bytes:
    return data.hex().upper().encode()


def main(arguments: Sequence[str] | None = None) -> int:
    """Make a chain as the command line says and print what was made as one line of JSON."""
    parser = argparse.ArgumentParser(prog="python -m devnet build", description="Make a large chain.")
    parser.add_argument("--records", type=_count, required=True)
    parser.add_argument("--peers", type=_peers, default=100, help="scouts that answer one prompt (100)")
    parser.add_argument("--seed", type=int, default=1, help="what chance begins with (1)")
    parser.add_argument("--size", choices=sorted(SIZES), default="typical", help="of texts (typical)")
    parser.add_argument("--varied", action="store_true", help="with planted words, edits and deletions")
    parser.add_argument("--processes", type=_peers, default=os.cpu_count() or 1, help="(one for each core)")
    parser.add_argument("--out", type=Path, help="the folder that is written (var/chain-RECORDS-SEED)")
    given = parser.parse_args(arguments)
    plan = Plan(given.records, given.peers, given.seed, given.size, given.varied)
    folder = given.out or Path("var") / f"chain-{plan.records}-{plan.seed}"
    began = time.monotonic()
    made = write(plan, folder, processes=given.processes)
    print(f"{made.records} records in {time.monotonic() - began:.1f} s, in {folder}", file=sys.stderr)
    print(json.dumps(asdict(made)))
    return 0


def _count(text: str) -> int:
    if (number := int(text)) < 0:
        raise argparse.ArgumentTypeError("0 or more")
    return number


def _peers(text: str) -> int:
    if (number := int(text)) < 1:
        raise argparse.ArgumentTypeError("1 or more")
    return number
