"""Facts in chain order become records and revisions: one writer for each chain and generation.

A batch is one transaction: it reads operations from the checkpoint on, checks that each block links to the
one before, and moves the checkpoint with the rows that it writes. A crash anywhere leaves the last whole
batch.
"""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, partial

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from indexer.dapp.owner import first_owner
from indexer.dapp.replay import RULES, Breach, Replay, height_of
from indexer.models import Chain, Checkpoint, Configuration, Generation, Owner
from indexer.postchain import block as blocks
from indexer.postchain import configuration
from indexer.store import coverage, locks
from indexer.store.ledger import StoredLedger
from indexer.store.operations import StoredOperation, read_operations
from indexer.store.read import StoredBlock, read_blocks
from indexer.trust import incidents

logger = logging.getLogger(__name__)

BATCH_TRANSACTIONS = 20_000
BATCH_BLOCKS = 5_000


class LinkBroken(Exception):
    """A stored block does not follow from the one before it."""

    def __init__(self, *, height: int, why: str) -> None:
        self.height = height
        super().__init__(
            f"Block {height} does not link to block {height - 1}: {why}. Nothing above it is folded. One of "
            "the two is not of this chain: ask other nodes, then run fsck to see which one does not hold."
        )


@dataclass(frozen=True, slots=True)
class Folded:
    """What one batch did."""

    blocks: int
    transactions: int
    height: int


def fold(
    chain: Chain, *, generation: int | None = None, last: int | None = None, wait: bool = False
) -> Folded | None:
    """Fold one batch of what is in; None where there is nothing to fold.

    ``generation`` is the present one unless named; nothing above ``last`` is folded. Where another writer is
    at work, ``wait`` waits for it, else there is nothing to fold either; nor is there onto a generation of
    other rules than these. Raises ``LinkBroken``.
    """
    started = time.monotonic()
    with transaction.atomic(), connection.cursor() as cursor:
        of = _own(cursor, chain, generation, wait=wait)
        if of is None or not _is_ours(chain, of):
            return None
        checkpoint = checkpoint_of(chain, of)
        _learn_first_owner(chain, checkpoint)
        batch = _next_blocks(chain.id, checkpoint.height, last)
        if not batch:
            return None
        _check_links(chain, batch, checkpoint)
        _Batch(cursor, chain, checkpoint).run(batch)
        if of == chain.generation:
            coverage.compact(cursor, chain.id, below=checkpoint.height)
    done = Folded(len(batch), sum(each.transactions for each in batch), batch[-1].height)
    logger.info(
        "folded %d blocks, %d transactions to height %d in %.2f s",
        done.blocks,
        done.transactions,
        done.height,
        time.monotonic() - started,
    )
    return done


def _own(cursor: CursorWrapper, chain: Chain, generation: int | None, *, wait: bool) -> int | None:
    """Take the lock of a generation, the present one unless named; None where another writer has it.

    A generation that readers were just switched away from is not written any more.
    """
    while True:
        if generation is None:
            chain.refresh_from_db(fields=["generation"])
        of = chain.generation if generation is None else generation
        if wait:
            locks.own_fold(cursor, chain.id, of)
        elif not locks.try_fold(cursor, chain.id, of):
            return None
        if generation is not None or Chain.objects.filter(id=chain.id, generation=of).exists():
            return of


def _is_ours(chain: Chain, generation: int) -> bool:
    """Whether a generation is folded by these rules, or may be begun by them."""
    found = Generation.objects.filter(chain=chain, generation=generation).values_list("rules", flat=True)
    rules = found.first()
    if rules is None:
        return not Chain.objects.filter(id=chain.id, heard_to__isnull=False).exists()
    return rules == RULES


def checkpoint_of(chain: Chain, generation: int) -> Checkpoint:
    """The checkpoint of a generation, made at the beginning of the chain where there is none."""
    found = Checkpoint.objects.filter(chain=chain, generation=generation).first()
    return found or begin(chain, generation)


def begin(chain: Chain, generation: int) -> Checkpoint:
    """Start a generation: digest = BRID, the owner as configuration 0's source names it."""
    owner = _owner_in_source(chain)
    Generation.objects.create(chain=chain, generation=generation, rules=RULES)
    Owner.objects.create(chain=chain, generation=generation, position=-1, key=owner)
    return Checkpoint.objects.create(
        chain=chain,
        generation=generation,
        height=-1,
        block_rid=bytes(chain.brid),
        timestamp=0,
        digest=bytes(chain.brid),
        last_prompt_id=0,
        live=0,
        owner=owner,
        transactions=0,
        operations=0,
    )


def _owner_in_source(chain: Chain) -> bytes | None:
    first = Configuration.objects.filter(chain=chain, height=0).first()
    return _owner_said(bytes(first.raw)) if first else None


@lru_cache(maxsize=8)
def _owner_said(raw: bytes) -> bytes | None:
    """The first owner that a configuration names: asked again at each fold while there is none."""
    return first_owner(configuration.decode(raw).sources)


def _learn_first_owner(chain: Chain, checkpoint: Checkpoint) -> None:
    """Configuration 0 may come later than the first fold, which could not know the owner in its source."""
    unknown = Owner.objects.filter(chain=chain, generation=checkpoint.generation, position=-1, key=None)
    if not unknown.exists() or (owner := _owner_in_source(chain)) is None:
        return
    unknown.update(key=owner)
    later = Owner.objects.filter(chain=chain, generation=checkpoint.generation, position__gte=0)
    if not later.exists():
        checkpoint.owner = owner
        checkpoint.save(update_fields=["owner"])


def _next_blocks(chain_id: int, height: int, last: int | None) -> list[StoredBlock]:
    """The blocks above ``height`` that are in without a gap, up to a batch's size; at least one if any is."""
    covered = coverage.covered_to(chain_id, after=height)
    end = covered if last is None else min(covered, last)
    found = read_blocks(chain_id, first=height + 1, last=end, limit=BATCH_BLOCKS)
    transactions = 0
    for count, each in enumerate(found):
        transactions += each.transactions
        if transactions > BATCH_TRANSACTIONS and count:
            return found[:count]
    return found


def _check_links(chain: Chain, batch: Sequence[StoredBlock], checkpoint: Checkpoint) -> None:
    height, rid = checkpoint.height, bytes(checkpoint.block_rid)
    for each in batch:
        if each.height != height + 1:
            raise LinkBroken(height=each.height, why=f"block {height + 1} is missing")
        header = each.header(brid=bytes(chain.brid), previous_rid=rid)
        if header.previous_rid != rid:
            raise LinkBroken(height=each.height, why=f"it names {header.previous_rid.hex().upper()}")
        if each.raw_header is None and blocks.header_rid(header) != each.rid:
            raise LinkBroken(height=each.height, why="its RID is not that of an empty block after that one")
        height, rid = each.height, each.rid


class _Batch:
    """One batch over the tables, within its transaction."""

    def __init__(self, cursor: CursorWrapper, chain: Chain, checkpoint: Checkpoint) -> None:
        self._chain = chain
        self._checkpoint = checkpoint
        self._cursor = cursor
        self._ledger = StoredLedger(cursor, chain_id=chain.id, generation=checkpoint.generation)
        self._replay = Replay(
            ledger=self._ledger,
            last_prompt_id=checkpoint.last_prompt_id,
            owner=None if checkpoint.owner is None else bytes(checkpoint.owner),
            digest=bytes(checkpoint.digest),
        )
        self._time = checkpoint.timestamp
        self._breaches: dict[tuple[str, str], list[Breach]] = {}

    def run(self, batch: Sequence[StoredBlock]) -> None:
        """Apply every operation of the blocks, write what came of it, move the checkpoint."""
        found = read_operations(self._chain.id, first=batch[0].height, last=batch[-1].height)
        self._ledger.load(prompt_id for each in found if (prompt_id := each.refers_to) is not None)
        by_height: dict[int, list[StoredOperation]] = {}
        for each in found:
            by_height.setdefault(height_of(each.placed.position), []).append(each)
        for block in batch:
            self._block(by_height.get(block.height, []), block)
        self._ledger.flush()
        self._report()
        self._move(batch, len(found))

    def _block(self, operations: Sequence[StoredOperation], block: StoredBlock) -> None:
        before = self._replay.digest
        for each in operations:
            self._operation(each)
        if self._replay.digest != before:
            self._ledger.mark(block.height, self._replay.digest)
        self._time = block.timestamp

    def _operation(self, each: StoredOperation) -> None:
        owner = self._replay.owner
        for outcome in self._replay.apply(each.placed, created_at=self._time):
            if isinstance(outcome, Breach):
                self._breaches.setdefault((outcome.rule, outcome.subject), []).append(outcome)
            else:
                self._ledger.revise(outcome, prompt=each.prompt, answer=each.answer, said=each.said)
        if self._replay.owner != owner:
            Owner.objects.create(
                chain=self._chain,
                generation=self._checkpoint.generation,
                position=each.placed.position,
                key=self._replay.owner,
            )

    def _report(self) -> None:
        """The first writer tells it; folding again finds the same."""
        if self._checkpoint.generation != self._chain.generation:
            return
        for (rule, subject), found in self._breaches.items():
            first, last = height_of(found[0].position), height_of(found[-1].position)
            message = partial(_story, found[0].why, last)
            incidents.add(
                self._chain.id, f"rule-{rule}", subject, first=first, times=len(found), message=message
            )

    def _move(self, batch: Sequence[StoredBlock], operations: int) -> None:
        last, old = batch[-1], self._checkpoint
        moved = Checkpoint.objects.filter(
            chain=old.chain, generation=old.generation, height=old.height, digest=old.digest
        ).update(
            height=last.height,
            block_rid=last.rid,
            timestamp=last.timestamp,
            digest=self._replay.digest,
            last_prompt_id=self._replay.last_prompt_id,
            live=old.live + self._ledger.live_difference,
            owner=self._replay.owner,
            transactions=old.transactions + sum(each.transactions for each in batch),
            operations=old.operations + operations,
        )
        if moved != 1:
            raise RuntimeError(f"the checkpoint of chain {self._chain.id} moved under the fold's lock")
        old.height = last.height


def _story(why: str, last: int, first: int, times: int) -> str:
    """What is told of operations that break a rule, in blocks from ``first`` to ``last``."""
    many = "An operation" if times == 1 else f"{times:,} operations"
    where = f"block {first}" if first == last else f"blocks {first} to {last}"
    return (
        f"{many} in {where} {'is' if times == 1 else 'are'} on chain, but {why}. Either the dapp's code at "
        "that height is not what we think, or this fold is wrong: compare with the state that a node gives."
    )
