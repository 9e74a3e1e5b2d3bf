"""The bench's own ways to index without verifying and to watch: they give and change what they say."""

from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from bench import plain, stages, surgery
from bench.server import opened
from bench.stages import OTHER, STAGES, WRAPPED, Stopwatch, watched_stages
from devnet.serving import build as chain
from devnet.serving.build import Plan
from indexer.node import answers
from indexer.postchain import gtv
from indexer.postchain.verify import StatedBlock, verify_block


@pytest.fixture(scope="module")
def stated(tmp_path_factory: pytest.TempPathFactory) -> list[StatedBlock]:
    """A made chain, lowest block first."""
    folder = tmp_path_factory.mktemp("chain")
    made = chain.write(Plan(records=40, peers=20), folder)
    body = (folder / chain.BLOCKS).read_bytes()
    return answers.blocks(body, before=made.height, limit=100, with_data=True)[::-1]


def test_a_believed_block_is_the_one_that_a_verifier_gives(stated: list[StatedBlock]) -> None:
    brid = stated[0].previous_rid
    for block in stated:
        said = {"brid": brid, "expected_height": block.height, "previous_rid": None, "signers": None}
        believed = plain.believed(block, **said)  # type: ignore[arg-type]
        verified = verify_block(block, **said)  # type: ignore[arg-type]
        assert believed.transactions == verified.transactions
        assert (believed.rid, believed.header) == (verified.rid, verified.header)
        assert believed.raw_transactions == verified.raw_transactions


def test_the_plain_decoder_reads_what_the_product_reads(stated: list[StatedBlock]) -> None:
    for block in stated:
        for transaction in block.transactions:
            assert plain.decoded(transaction.data) == gtv.decode(transaction.data)
    value = [b"", None, -1, 2**40, "", ["x" * 300], []]
    assert plain.decoded(gtv.encode(value)) == value


@pytest.mark.parametrize(("place", "name", "stage"), WRAPPED)
def test_every_watched_function_is_there(place: str, name: str, stage: str) -> None:
    assert callable(getattr(surgery.owner_of(place), name))
    assert stage in STAGES


def test_what_is_watched_is_itself_again_afterwards() -> None:
    def present() -> list[object]:
        return [getattr(surgery.owner_of(place), name) for place, name, _ in WRAPPED]

    before = present()
    with watched_stages(Stopwatch()):
        assert all(now is not then for now, then in zip(present(), before, strict=True))
    assert present() == before


def test_a_stage_has_only_its_own_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(100))
    monkeypatch.setattr(stages, "perf_counter", lambda: float(next(clock)))
    monkeypatch.setattr(stages, "thread_time", lambda: 0.0)
    inner, outer = STAGES[0], STAGES[1]
    stopwatch = Stopwatch()
    stopwatch.start()
    within = stopwatch.timed(lambda: None, inner)
    stopwatch.timed(lambda: (within(), within()), outer)()
    seconds = stopwatch.seconds()
    assert seconds[inner] == {"wall": 2.0, "cpu": 0.0}
    assert seconds[outer]["wall"] == 3.0
    assert seconds[OTHER]["wall"] == 2.0


def test_a_stage_that_fails_ends_too() -> None:
    stopwatch = Stopwatch()

    def fail() -> None:
        raise LookupError

    with pytest.raises(LookupError):
        stopwatch.timed(fail, STAGES[0])()
    assert stopwatch.enter(OTHER) == OTHER


def test_a_name_that_the_product_does_not_have_is_not_replaced() -> None:
    with pytest.raises(AttributeError):
        surgery.replace("indexer.ingest.window", "verify_nothing", None)
    with pytest.raises(AttributeError):
        surgery.replace("indexer.records.fold:_Batch", "walk", None)


def test_the_pool_of_fillers_is_looked_up_where_the_bench_puts_its_own() -> None:
    pool = surgery.owner_of("indexer.ingest.backfill").ProcessPoolExecutor
    assert pool is ProcessPoolExecutor


def test_a_served_folder_is_the_chain_that_was_made(tmp_path: Path) -> None:
    made = chain.write(Plan(records=3, peers=3), tmp_path)
    with opened(tmp_path) as served:
        assert (served.brid, served.height) == (made.brid, made.height)
