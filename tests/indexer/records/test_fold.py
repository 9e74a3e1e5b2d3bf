"""Folding in batches: the same tables however it is cut, one writer, and nothing half done."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from indexer.follow import sync
from indexer.models import (
    BlockDigest,
    Chain,
    Checkpoint,
    Generation,
    Incident,
    Owner,
    Record,
    Revision,
    Window,
)
from indexer.records import fold, generations
from indexer.records.totals import totals_of
from indexer.store import coverage, locks, operations
from indexer.store.coverage import HeightRange
from tests.indexer import kept
from tests.indexer.dapp import memory
from tests.indexer.folding import Crash, checkpoint, crash, fold_all
from tests.indexer.made import (
    MadeChain,
    add,
    call,
    update,
)
from tests.indexer.postchain import recorded
from tests.indexer.serving import CHAINS
from tests.indexer.threads import LONGEST, begun, holding, wait_until_blocked
from tests.indexer.writing import contents, row_of, write

Stored = Callable[[str], Chain]
OF_A_GENERATION = (Record, Revision, BlockDigest, Owner, Checkpoint, Generation)


def unfold(chain: Chain) -> None:
    """Take away what was folded; facts stay."""
    for table in OF_A_GENERATION:
        table.objects.filter(chain=chain).delete()


# However it is cut


@pytest.mark.django_db
@pytest.mark.parametrize("name", CHAINS)
@pytest.mark.parametrize(
    ("transactions", "blocks"), [(1, 5000), (20_000, 1), (7, 5000), (20_000, 13), (1000, 1000)]
)
def test_batches_of_any_size_give_the_same_rows(
    name: str, transactions: int, blocks: int, stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain = stored(name)
    expected = contents()
    unfold(chain)
    monkeypatch.setattr(fold, "BATCH_TRANSACTIONS", transactions)
    monkeypatch.setattr(fold, "BATCH_BLOCKS", blocks)
    done = fold_all(chain)
    assert sum(each.blocks for each in done) == recorded.story(name)["height"]
    assert all(each.blocks <= blocks for each in done)
    found = contents()
    for table, rows in expected.items():
        assert found[table] == rows, table
    assert coverage.covered(chain.id) == [HeightRange(0, recorded.story(name)["height"] - 1)]


@pytest.mark.django_db
def test_a_fold_up_to_each_height_leaves_what_the_plain_reading_has_there(stored: Stored) -> None:
    name = "one-validator"
    chain = stored(name)
    unfold(chain)
    again = memory.plainly(name)
    digest = recorded.brid(name)
    for height in range(211):
        assert fold.fold(chain, last=height) is not None
        digest = again.digests.get(height, digest)
        found = checkpoint(chain)
        assert (found.height, bytes(found.digest), found.live) == (height, digest, len(again.states[height]))
    assert found.last_prompt_id == again.last_id


@pytest.mark.django_db
def test_there_is_nothing_to_fold_twice_and_nothing_above_the_height_that_was_named(stored: Stored) -> None:
    chain = stored("one-validator")
    assert fold.fold(chain) is None
    unfold(chain)
    assert fold.fold(chain, last=-1) is None
    assert checkpoint(chain).height == -1
    assert fold.fold(chain, last=0) == fold.Folded(blocks=1, transactions=0, height=0)
    assert checkpoint(chain).height == 0


@pytest.mark.django_db
def test_what_lies_above_a_gap_is_not_folded_until_it_is_filled() -> None:
    made = MadeChain()
    for _ in range(6):
        made.block(add())
    chain = row_of(made)
    write(chain, made.blocks[3:5])
    assert fold.fold(chain) is None
    write(chain, made.blocks[:2])
    assert [each.height for each in fold_all(chain)] == [1]
    write(chain, made.blocks[2:3])
    assert [each.height for each in fold_all(chain)] == [4]


@pytest.mark.django_db
def test_the_windows_that_are_folded_become_one_row_and_keep_their_counts(stored: Stored) -> None:
    made = MadeChain()
    for _ in range(5):
        made.block(call(add(), update(1, "{}")))
    chain = row_of(made)
    for block in made.blocks:
        write(chain, [block])
    fold_all(chain)
    (row,) = Window.objects.filter(chain=chain)
    assert (row.first, row.last, row.transactions, row.operations) == (0, 4, 5, 10)


# One writer, and nothing half done


@pytest.mark.django_db(transaction=True)
def test_of_two_folders_at_once_one_finds_nothing_to_do(stored: Stored) -> None:
    chain = stored(kept.VARIED)
    unfold(chain)

    def take() -> None:
        with connection.cursor() as cursor:
            assert locks.try_fold(cursor, chain.id, chain.generation)

    with holding(take):
        assert fold.fold(chain) is None
        assert not Checkpoint.objects.exists()
    assert fold.fold(chain) is not None


@pytest.mark.django_db(transaction=True)
def test_a_folder_that_waits_goes_on_after_the_other_one(stored: Stored) -> None:
    chain = stored(kept.VARIED)
    expected = contents()
    unfold(chain)
    with holding(lambda: fold.fold(Chain.objects.get(), last=4)):
        running = begun(lambda: fold.fold(Chain.objects.get(), wait=True))
        wait_until_blocked(running)
        assert not Checkpoint.objects.exists()
    assert running.result(LONGEST) == fold.Folded(blocks=7, transactions=8, height=11)
    assert contents() == expected


@pytest.mark.django_db(transaction=True)
def test_a_crash_within_a_batch_leaves_the_last_whole_batch(
    stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain = stored("one-validator")
    expected = contents()
    unfold(chain)
    monkeypatch.setattr(fold, "BATCH_TRANSACTIONS", 30)
    whole = [each.height for each in fold_all(chain)]
    unfold(chain)
    for number, height in enumerate(whole):
        with monkeypatch.context() as patched:
            patched.setattr(coverage, "compact", crash)
            with pytest.raises(Crash):
                fold.fold(chain)
        assert totals_of(chain).height == (-1 if number == 0 else whole[number - 1])
        assert fold.fold(chain) is not None
        assert checkpoint(chain).height == height
    assert contents() == expected


@pytest.mark.django_db
@pytest.mark.parametrize("moved", [{"height": 5}, {"digest": b"\0" * 32}])
def test_a_checkpoint_that_moved_under_the_lock_stops_the_batch(
    stored: Stored, moved: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    chain = stored(kept.VARIED)
    unfold(chain)
    read = operations.read_operations

    def move_first(*args: Any, **kwargs: Any) -> Any:
        Checkpoint.objects.update(**moved)
        return read(*args, **kwargs)

    monkeypatch.setattr(fold, "read_operations", move_first)
    with pytest.raises(RuntimeError, match="checkpoint"), transaction.atomic():
        fold.fold(chain)
    assert not Record.objects.exists()


@pytest.mark.django_db
def test_a_folder_that_knows_an_old_generation_goes_on_in_the_present_one(stored: Stored) -> None:
    chain = stored(kept.VARIED)
    follower = Chain.objects.get(id=chain.id)
    done = generations.rebuild(chain)
    made = kept.varied()
    write(chain, [made.drafted(add())])
    assert fold.fold(follower) == fold.Folded(blocks=1, transactions=1, height=made.next_height)
    assert follower.generation == done.generation
    assert [each.generation for each in Generation.objects.all()] == [done.generation]
    assert Checkpoint.objects.get().height == made.next_height


# Links


@pytest.mark.django_db
@pytest.mark.parametrize("is_empty", [True, False])
@pytest.mark.parametrize("height", [0, 3])
def test_a_block_that_does_not_link_stops_the_fold_below_it(height: int, is_empty: bool) -> None:
    made = MadeChain()
    for _ in range(height):
        made.block(add())
    calls = [] if is_empty else [add()]
    made.block(*calls, previous_rid=b"\x11" * 32)
    made.block()
    chain = row_of(made)
    if height:
        write(chain, made.blocks[:height])
    write_unlinked(chain, made, height)
    if height:
        assert fold.fold(chain, last=height - 1) is not None
    with pytest.raises(fold.LinkBroken, match=f"Block {height} does not link") as caught:
        sync.fold_all(chain)
    assert caught.value.height == height
    assert totals_of(chain).height == height - 1
    (incident,) = Incident.objects.all()
    assert (incident.kind, incident.height) == ("link-broken", height)


def write_unlinked(chain: Chain, made: MadeChain, height: int) -> None:
    """As a window that was fetched before the one below it: the link could not be checked."""
    from indexer.ingest.decode import facts_of
    from indexer.postchain import gtx
    from indexer.postchain.block import decode_header
    from indexer.postchain.verify import VerifiedBlock
    from indexer.store.facts import Texts
    from indexer.store.suppression import Suppressed
    from indexer.store.write import WindowFacts, write_window

    nothing = Suppressed(frozenset(), frozenset())
    texts = Texts()
    facts = []
    for block in made.blocks[height:]:
        read = VerifiedBlock(
            rid=block.rid,
            header=decode_header(block.header),
            raw_header=block.header,
            transactions=tuple(gtx.decode(each.data, version=1) for each in block.transactions),
            raw_transactions=tuple(each.data for each in block.transactions),
            witness=block.witness,
            witness_checked=True,
        )
        facts.append(facts_of(read, texts, unchecked=None, erased=nothing))
    write_window(WindowFacts(chain_id=chain.id, blocks=facts, texts=texts, erased=nothing))


@pytest.mark.django_db
def test_a_chain_of_which_nothing_is_folded_has_no_last_block() -> None:
    chain = row_of(MadeChain())
    assert fold.fold(chain) is None
    assert totals_of(chain).last_block_at is None
    Checkpoint.objects.filter(chain=chain).delete()
    assert totals_of(chain).last_block_at is None
