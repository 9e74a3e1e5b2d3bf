"""Windows of any size, in any order, once or again: the same tables and the same digest."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from django.db import transaction

from indexer.follow import sync
from indexer.ingest.backfill import windows
from indexer.ingest.filler import Filler
from indexer.ingest.window import PageSize
from indexer.models import Chain, Checkpoint, Window
from indexer.records import fold
from indexer.store import coverage
from indexer.store.coverage import HeightRange
from indexer.trust import configurations
from indexer.trust.failover import Contradiction
from tests.indexer import kept
from tests.indexer.dapp import memory
from tests.indexer.made import VALIDATORS, MadeChain, add, with_witness
from tests.indexer.postchain import recorded as data
from tests.indexer.serving import (
    CHAINS,
    AlteredNode,
    asks_configuration,
    no_configuration,
    pool_of,
    recorded,
)
from tests.indexer.writing import contents

pytestmark = pytest.mark.django_db
Stored = Callable[[str], Chain]
EVER = 10**9  # a height above any
Golden = Callable[[str], dict[str, list[tuple[object, ...]]]]


def fill(
    node: AlteredNode, spans: Sequence[HeightRange], *, page: int = 100, fold_between: bool = False
) -> Chain:
    """Fill these spans in this order, then fold and settle."""
    with pool_of(node) as pool:
        chain = sync.chain_of(pool, None)
        configurations.fetch(chain, pool, head=1_000)
        for span in spans:
            for _ in Filler(chain, pool, PageSize(page)).fill(span):
                if fold_between:
                    sync.fold_all(chain)
        sync.fold_all(chain)
        sync.settle(chain, pool)
    return chain


def all_of(name: str) -> list[HeightRange]:
    return [HeightRange(0, data.story(name)["height"] - 1)]


@pytest.fixture
def golden(stored: Stored) -> Golden:
    """What the tables hold after an undisturbed run; they are empty again afterwards."""

    def of(name: str) -> dict[str, list[tuple[object, ...]]]:
        point = transaction.savepoint()
        stored(name)
        found = contents()
        transaction.savepoint_rollback(point)
        return found

    return of


@pytest.mark.parametrize(
    ("name", "size"), [*(("four-validators", size) for size in (1, 2, 7, 100)), ("one-validator", 7)]
)
def test_windows_of_any_size_end_in_the_same_tables(name: str, size: int, golden: Golden) -> None:
    expected = golden(name)
    chain = fill(recorded(name), list(windows(all_of(name), blocks=size)))
    found = contents()
    for table, rows in expected.items():
        assert found[table] == rows, table
    assert bytes(Checkpoint.objects.get(chain=chain).digest) == memory.plainly(name).digest


@pytest.mark.parametrize("name", CHAINS)
def test_windows_in_any_order_overlapping_and_folded_between_end_in_the_same_tables(
    name: str, golden: Golden
) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    last = data.story(name)["height"] - 1
    spans = list(windows(all_of(name), blocks=chance.randint(3, 40)))
    for _ in range(8):
        first = chance.randint(0, last)
        spans.append(HeightRange(first, min(last, first + chance.randint(0, 60))))
    chance.shuffle(spans)
    expected = golden(name)
    chain = fill(recorded(name), spans, page=chance.randint(1, 100), fold_between=True)
    found = contents()
    for table, rows in expected.items():
        assert found[table] == rows, table
    assert coverage.covered(chain.id) == [HeightRange(0, last)]


@pytest.mark.parametrize("name", CHAINS)
def test_the_digest_after_every_block_is_that_of_the_plain_reading(name: str, stored: Stored) -> None:
    chain = stored(name)
    found = {each.height: bytes(each.digest) for each in chain.blockdigest_set.all()}
    assert found == memory.plainly(name).digests


def test_filling_again_what_is_in_changes_nothing(stored: Stored) -> None:
    name = "four-validators"
    chain = stored(name)
    before, counted = contents(), counts(chain)
    with pool_of(recorded(name)) as pool:
        for span in (HeightRange(0, 115), HeightRange(3, 40), HeightRange(115, 115), HeightRange(0, 0)):
            for _ in Filler(chain, pool).fill(span):
                pass
    sync.fold_all(chain)
    assert contents() == before
    assert counts(chain) == counted
    assert coverage.gaps(chain.id, last=115) == []


def counts(chain: Chain) -> tuple[int, int]:
    rows = Window.objects.filter(chain=chain)
    return sum(each.transactions for each in rows), sum(each.operations for each in rows)


def test_two_chains_share_texts_and_names_and_nothing_else() -> None:
    for name in CHAINS:
        fill(recorded(name), all_of(name))
    for name in CHAINS:
        chain = Chain.objects.get(brid=data.brid(name))
        assert bytes(Checkpoint.objects.get(chain=chain).digest) == memory.plainly(name).digest
        assert fold.fold(chain) is None


@pytest.mark.parametrize("have", [0, 1, 3])
def test_where_no_node_has_a_span_yet_what_is_below_is_filled_and_nobody_failed(have: int) -> None:
    made = five_blocks()
    node = AlteredNode(made.recording())
    with pool_of(node) as pool:
        chain = sync.chain_of(pool, None)
        configurations.fetch(chain, pool, head=4)
        fewer = five_blocks()
        del fewer.blocks[have:]
        node.become(fewer.recording())
        filler = Filler(chain, pool)
        for span in (HeightRange(3, 4), HeightRange(0, 2)):
            list(filler.fill(span))
        assert pool.failures == {}
    assert coverage.covered(chain.id) == ([HeightRange(0, have - 1)] if have else [])


def five_blocks() -> MadeChain:
    made = MadeChain(validators=VALIDATORS[:4])
    for _ in range(5):
        made.block(add())
    return made


def refused_by(node: AlteredNode) -> Chain:
    """The chain, after one page of which this node's answer was refused."""
    with pool_of(node) as pool:
        chain = sync.chain_of(pool, None)
        with pytest.raises(Contradiction, match="Block 3 was refused"):
            sync.sync(chain, pool, options=kept.HERE)
    return chain


def test_below_a_refused_block_what_the_signers_signed_stays() -> None:
    made = five_blocks()
    made.blocks[3] = with_witness(made.blocks[3], keys=VALIDATORS[4:8])
    chain = refused_by(AlteredNode(made.recording()))
    assert Checkpoint.objects.get(chain=chain).height == 2
    assert list(Window.objects.values_list("first", "last")) == [(0, 2)]


def test_below_a_refused_block_what_nobody_is_known_to_have_signed_does_not_stay() -> None:
    """Else a liar's blocks would be here when an honest node gives the right ones."""
    made = five_blocks()
    made.blocks[3] = replace(made.blocks[3], timestamp=1)
    hides = AlteredNode(
        made.recording(),
        lambda question, answer: (
            no_configuration(question) if asks_configuration(question, height=0) else answer
        ),
    )
    assert Checkpoint.objects.get(chain=refused_by(hides)).height == -1
    assert not Window.objects.exists()
