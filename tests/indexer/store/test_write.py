"""A window into the tables: once or again, alone or beside others, whatever its texts are."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from hashlib import sha256

import pytest
from msgspec import structs

from indexer.audit import fsck
from indexer.dapp.replay import position_of
from indexer.follow import sync
from indexer.models import (
    Answer,
    Block,
    BlockBody,
    Chain,
    Operation,
    Prompt,
    Suppression,
    Transaction,
    UncheckedWitness,
    Window,
)
from indexer.postchain.verify import StatedBlock
from indexer.records.erase import suppress
from indexer.store import write as writing
from indexer.store.coverage import HeightRange, covered
from indexer.store.facts import Texts
from indexer.store.read import all_blocks, read_transactions
from indexer.store.rewrite import rewrite_window
from indexer.store.suppression import Suppressed
from indexer.store.write import (
    BlockChanged,
    NotWritten,
    SuppressionChanged,
    WindowFacts,
    write_window,
)
from tests.indexer.made import VALIDATORS, MadeChain, add, completion, with_witness
from tests.indexer.threads import LONGEST, all_at_a_table, at_once, begun, holding, wait_until_blocked
from tests.indexer.writing import contents, row_of, window, write

Stored = Callable[[str], Chain]
NOTHING = Suppressed(frozenset(), frozenset())


def key_of(text: str) -> bytes:
    return sha256(text.encode()).digest()


def sample() -> MadeChain:
    made = MadeChain()
    for number in range(8):
        made.block(*(add(completion(f"answer {each}"), uid=each) for each in range(number % 3)))
    return made


# Once or again


@pytest.mark.django_db
def test_writing_a_window_twice_changes_nothing() -> None:
    made = sample()
    chain = row_of(made)
    write(chain, made.blocks)
    before = contents(without=set())
    write(chain, made.blocks)
    after = contents(without=set())
    assert after == before


@pytest.mark.django_db
def test_windows_that_overlap_write_each_block_once_and_count_it_once() -> None:
    made = sample()
    chain = row_of(made)
    for first, last in ((3, 6), (0, 4), (0, 7), (7, 7), (2, 2), (0, 1)):
        write(chain, made.blocks[first : last + 1])
    assert covered(chain.id) == [HeightRange(0, 7)]
    assert Block.objects.count() == 8
    rows = Window.objects.all()
    assert sum(each.transactions for each in rows) == Transaction.objects.count() == 7
    assert sum(each.operations for each in rows) == Operation.objects.count() == 7
    assert {(each.first, each.last) for each in rows} == {(3, 6), (0, 7), (7, 7), (2, 2)}


@pytest.mark.django_db
@pytest.mark.parametrize("height", [2_046, 2_047, 2_048, 5_000, 2**31])
def test_a_block_that_is_written_anew_takes_the_place_of_its_own_rows_alone(height: int) -> None:
    made = sample()
    chain = row_of(made)
    write(chain, made.blocks)
    before = contents(without=set())
    facts = window(chain, [next(each for each in made.blocks if each.transactions)])
    (block,) = facts.blocks
    high = replace(
        block,
        header=replace(block.header, height=height),
        operations=[structs.replace(each, position=position_of(height, 0)) for each in block.operations[:1]],
    )
    for _ in range(2):
        rewrite_window(replace(facts, blocks=[high]))
    assert Operation.objects.filter(position__gte=position_of(height, 0)).count() == 1
    Operation.objects.filter(position__gte=position_of(height, 0)).delete()
    assert contents(without=set())["operation"] == before["operation"]


@pytest.mark.django_db
def test_a_shorter_window_at_the_same_height_does_not_shrink_the_longer_one() -> None:
    made = sample()
    chain = row_of(made)
    write(chain, made.blocks[:6])
    write(chain, made.blocks[:2])
    assert covered(chain.id) == [HeightRange(0, 5)]


@pytest.mark.django_db
def test_an_empty_block_that_was_checked_leaves_one_row_and_a_full_one_its_bytes() -> None:
    made = MadeChain()
    made.block()
    made.block(add())
    made.block(header_tail=[7])
    chain = row_of(made)
    write(chain, made.blocks)
    assert {
        each.height: (each.header is None, each.witness is None, each.body is None)
        for each in BlockBody.objects.all()
    } == {
        1: (False, False, False),
        2: (False, True, True),
    }
    stored = list(all_blocks(chain.id))
    previous = made.brid
    for block, given in zip(stored, made.blocks, strict=True):
        assert block.header(brid=made.brid, previous_rid=previous).height == given.height
        assert block.raw_header in (None, given.header)
        previous = block.rid
    assert [each.data for each in read_transactions(chain.id, height=1)] == [
        made.blocks[1].transactions[0].data
    ]


@pytest.mark.django_db
def test_an_unchecked_witness_is_kept_with_the_reason() -> None:
    made = sample()
    chain = row_of(made)
    write(chain, made.blocks, unchecked="no node gave it")
    assert UncheckedWitness.objects.count() == 8
    assert {bytes(each.witness or b"") for each in BlockBody.objects.all()} == {
        each.witness for each in made.blocks
    }


@pytest.mark.django_db
def test_the_witness_that_was_checked_first_stays() -> None:
    made = sample()
    chain = row_of(made)
    write(chain, made.blocks)
    other = [with_witness(each, keys=VALIDATORS[1:2]) for each in made.blocks]
    write(chain, other)
    assert bytes(BlockBody.objects.get(height=1).witness or b"") == made.blocks[1].witness


# Another block at a height


@pytest.mark.django_db
@pytest.mark.parametrize("place", [0, 3, 7])
def test_another_rid_at_a_height_is_refused_and_nothing_of_the_window_is_written(place: int) -> None:
    made = sample()
    chain = row_of(made)
    write(chain, made.blocks[place : place + 1])
    before = contents()
    other = sample()
    other.blocks[place] = made_otherwise(place)
    with pytest.raises(BlockChanged) as caught:
        write(chain, other.blocks)
    assert caught.value.height == place
    assert made.blocks[place].rid.hex().upper() in str(caught.value)
    assert other.blocks[place].rid.hex().upper() in str(caught.value)
    assert {
        table: rows for table, rows in contents().items() if table not in ("prompt", "answer", "name")
    } == {table: rows for table, rows in before.items() if table not in ("prompt", "answer", "name")}
    assert covered(chain.id) == [HeightRange(place, place)]


def made_otherwise(place: int) -> StatedBlock:
    made = MadeChain()
    for number in range(place):
        made.block(*(add(completion(f"answer {each}"), uid=each) for each in range(number % 3)))
    return made.drafted(at=5)


# Beside others


WORKERS = 4
TEXTS_AT_ONCE = 2_000


def windows_of(row: Chain, number: int, *, rounds: int) -> list[WindowFacts]:
    """Windows whose texts all workers have, each in an order of its own."""
    chance = random.Random(number)
    made = []
    for height in range(rounds):
        texts = {key_of(str(each)): str(each) for each in range(height * 1000, height * 1000 + TEXTS_AT_ONCE)}
        keys = chance.sample(sorted(texts), len(texts))
        blocks = window(row, [MadeChain(more={"number": number}).drafted()]).blocks
        ordered = {key: texts[key] for key in keys}
        made.append(WindowFacts(row.id, blocks, Texts(prompts=ordered, answers=ordered), NOTHING))
    return made


@pytest.mark.django_db(transaction=True)
def test_windows_that_share_texts_are_written_at_once_without_deadlock_loss_or_double() -> None:
    """Without one order for all, rows wait for each other in circles: PostgreSQL then ends one of them."""
    rounds = 4
    tables = ["indexer_prompt", "indexer_answer"] * 2
    rows = [row_of(MadeChain(more={"number": number})) for number in range(WORKERS)]
    jobs = [windows_of(row, number, rounds=rounds) for number, row in enumerate(rows)]
    for number, table in enumerate(tables):
        all_at_a_table(table, [partial(write_window, mine[number]) for mine in jobs])
    said = {str(each) for each in range((rounds - 1) * 1000 + TEXTS_AT_ONCE)}
    for model in (Prompt, Answer):
        assert {each.text for each in model.objects.all()} == said
        assert model.objects.count() == len(said)


def write_all(windows: Sequence[WindowFacts]) -> None:
    for each in windows:
        write_window(each)


@pytest.mark.django_db(transaction=True)
def test_scouts_of_several_chains_that_say_the_same_are_written_at_once() -> None:
    chains = [MadeChain(more={"number": number}) for number in range(WORKERS)]
    chance = random.Random(3)
    texts = [completion(f"said by everybody {number}") for number in range(30)]
    for made in chains:
        for _ in range(6):
            made.block(*(add(text, messages=f'["{text[-9:-4]}"]') for text in chance.sample(texts, 30)))
    rows = [row_of(made) for made in chains]
    jobs = [[window(row, [block]) for block in made.blocks] for row, made in zip(rows, chains, strict=True)]
    at_once([partial(write_all, mine) for mine in jobs])
    for row in rows:
        assert Transaction.objects.filter(chain=row).count() == 180
        sync.fold_all(row)
        assert [str(each) for each in fsck.check(row)] == []
    assert Answer.objects.count() == 30


@pytest.mark.django_db(transaction=True)
def test_the_same_windows_written_by_several_at_once_are_written_once() -> None:
    made = sample()
    chain = row_of(made)
    spans = [(0, 7), (0, 3), (2, 7), (5, 7), (0, 7), (3, 4)]
    for _ in range(6):
        for table in (Block, BlockBody, Transaction, Operation, Window):
            table.objects.all().delete()
        windows = [window(chain, made.blocks[first : last + 1]) for first, last in spans]
        at_once([partial(write_window, each) for each in windows])
        assert Block.objects.count() == 8
        assert covered(chain.id) == [HeightRange(0, 7)]
        rows = Window.objects.all()
        assert sum(each.transactions for each in rows) == Transaction.objects.count() == 7
        assert sum(each.operations for each in rows) == 7


@pytest.mark.django_db(transaction=True)
def test_heights_that_others_wrote_in_between_are_left_out_however_often() -> None:
    """Two others come in between, one after the other: the second violation is as harmless as the first."""
    made = sample()
    chain = row_of(made)
    late = window(chain, made.blocks)
    with holding(lambda: write(chain, made.blocks[7:8])):
        running = begun(lambda: write_window(late))
        wait_until_blocked(running)
    running.result(LONGEST)
    assert Block.objects.count() == 8


@pytest.mark.django_db
def test_a_violation_that_comes_again_is_met_again(monkeypatch: pytest.MonkeyPatch) -> None:
    made = sample()
    chain = row_of(made)
    not_here = writing._not_here
    left = [3]

    def blind(cursor: object, window: writing.WindowFacts) -> object:
        """Does not see yet what another worker is about to commit."""
        left[0] -= 1
        return list(window.blocks) if left[0] > 0 else not_here(cursor, window)  # type: ignore[arg-type]

    write(chain, made.blocks[:4])
    monkeypatch.setattr(writing, "_not_here", blind)
    write(chain, made.blocks)
    assert Block.objects.count() == 8


@pytest.mark.django_db
def test_rows_of_a_block_without_the_block_are_damage_and_not_tried_for_ever() -> None:
    made = sample()
    chain = row_of(made)
    write(chain, made.blocks[:2])
    Block.objects.filter(height=1).delete()
    with pytest.raises(NotWritten) as caught:
        write(chain, made.blocks)
    assert str(caught.value).startswith("Blocks 0 to 7 cannot be written")
    assert "height" in str(caught.value)
    assert "fsck" in str(caught.value)
    assert Block.objects.count() == 1


# Erased meanwhile


@pytest.mark.django_db
def test_a_window_made_before_something_was_erased_is_refused_and_made_again() -> None:
    made = sample()
    chain = row_of(made)
    late = window(chain, made.blocks)
    suppress(
        Suppression.Subject.CONTENT, key_of('"answer 0"'), mode=Suppression.Mode.ERASE, reason="r", by="b"
    )
    with pytest.raises(SuppressionChanged):
        write_window(late)
    assert not Answer.objects.exists()
    assert not Block.objects.exists()
    write(chain, made.blocks)
    assert Answer.objects.get(hash=key_of('"answer 0"')).text is None
    assert Transaction.objects.filter(offset=None).count() == 5


@pytest.mark.django_db
def test_hiding_something_does_not_make_a_window_old() -> None:
    made = sample()
    chain = row_of(made)
    late = window(chain, made.blocks)
    suppress(
        Suppression.Subject.CONTENT, key_of('"answer 0"'), mode=Suppression.Mode.HIDE, reason="r", by="b"
    )
    write_window(late)
    assert Answer.objects.get(hash=key_of('"answer 0"')).text == "answer 0"
