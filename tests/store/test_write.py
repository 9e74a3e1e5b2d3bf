"""A window into the tables: once or again, alone or beside others, whatever its texts are."""

import random
from collections.abc import Callable, Sequence
from hashlib import sha256

import pytest
from django.db import connection, transaction

from indexer import fsck
from indexer.dapp import rell_json
from indexer.models import (
    Answer,
    Block,
    BlockBody,
    Chain,
    Name,
    Operation,
    Prompt,
    Suppression,
    Transaction,
    UncheckedWitness,
    Window,
)
from indexer.models.content import Text
from indexer.postchain.verify import StatedBlock
from indexer.store import write as writing
from indexer.store.coverage import Span, covered
from indexer.store.erase import suppress
from indexer.store.read import all_blocks, read_transactions
from indexer.store.write import BlockChanged, SuppressionChanged, write_window
from tests.indexer.made import VALIDATORS, MadeChain, add, completion, with_witness
from tests.indexer.threads import LONGEST, at_once, begun, holding, wait_until_blocked
from tests.indexer.writing import contents, row_of, window, write
from tests.postchain import recorded

Stored = Callable[[str], Chain]


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
    assert covered(chain.id) == [Span(0, 7)]
    assert Block.objects.count() == 8
    rows = Window.objects.all()
    assert sum(each.transactions for each in rows) == Transaction.objects.count() == 7
    assert sum(each.operations for each in rows) == Operation.objects.count() == 7
    assert {(each.first, each.last) for each in rows} == {(3, 6), (0, 7), (7, 7), (2, 2)}


@pytest.mark.django_db
def test_a_shorter_window_at_the_same_height_does_not_shrink_the_longer_one() -> None:
    made = sample()
    chain = row_of(made)
    write(chain, made.blocks[:6])
    write(chain, made.blocks[:2])
    assert covered(chain.id) == [Span(0, 5)]


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
    assert covered(chain.id) == [Span(place, place)]


def made_otherwise(place: int) -> StatedBlock:
    made = MadeChain()
    for number in range(place):
        made.block(*(add(completion(f"answer {each}"), uid=each) for each in range(number % 3)))
    return made.drafted(at=5)


# Texts


def written(result: str, *, messages: str = "[]", model: str = "m") -> Operation:
    made = MadeChain()
    made.block(add(result, messages=messages, model=model))
    chain = row_of(made)
    write(chain, made.blocks)
    assert [str(each) for each in fsck.check(chain)] == []
    return Operation.objects.get()


@pytest.mark.django_db
def test_the_key_of_a_prompt_is_that_of_its_normalised_messages() -> None:
    operation = written("{}", messages='[ {"role":"user", "content":"h\\u00e9"} ]')
    normal = '[{"role":"user","content":"hé"}]'
    assert bytes(operation.prompt or b"") == key_of(normal)
    assert bytes(operation.messages or b"") == key_of('[ {"role":"user", "content":"h\\u00e9"} ]')
    prompt = Prompt.objects.get()
    assert (bytes(prompt.hash), prompt.text, prompt.length) == (key_of(normal), normal, len(normal))


@pytest.mark.django_db
def test_the_key_of_an_answer_is_that_of_its_content_string_as_json() -> None:
    operation = written(completion('say "é"\n', id="1"))
    assert bytes(operation.answer or b"") == key_of('"say \\"é\\"\\n"')
    assert bytes(operation.result_normal or b"") == key_of(
        rell_json.normalise(completion('say "é"\n', id="1"))
    )
    assert operation.answer_reason == Operation.AnswerReason.CONTENT
    answer = Answer.objects.get()
    assert (bytes(answer.hash), answer.text) == (key_of('"say \\"é\\"\\n"'), 'say "é"\n')


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("result", "reason"),
    [
        ("no JSON", "not-json"),
        ("", "not-json"),
        ("[1 ]", "not-an-object"),
        ('"text"', "not-an-object"),
        ("{}", "no-choices"),
        ('{"choices": []}', "no-choices"),
        ('{"choices": [{}]}', "no-message"),
        ('{"choices": [{"message": {}}]}', "no-content"),
        ('{"choices": [{"message": {"content": null}}]}', "no-content"),
        ('{"choices": [{"message": {"content": ["a"]}}]}', "content-is-not-text"),
        ('{"choices": [{"message": {"content": 1e300}}]}', "content-is-not-text"),
    ],
)
def test_where_there_is_no_content_string_the_whole_result_is_the_text(result: str, reason: str) -> None:
    operation = written(result)
    assert operation.get_answer_reason_display() == reason
    normal = result if reason == "not-json" else rell_json.normalise(result)
    assert bytes(operation.answer or b"") == bytes(operation.result_normal or b"") == key_of(normal)
    assert Answer.objects.get().text == normal


@pytest.mark.django_db
@pytest.mark.parametrize("content", ["\0", "before \0 after", "é" * 10 + "\0"])
def test_a_text_with_nul_is_kept_as_bytes_with_the_reason(content: str) -> None:
    written(completion(content), messages=f"not JSON {content}")
    for row, text in ((Answer.objects.get(), content), (Prompt.objects.get(), f"not JSON {content}")):
        assert (row.text, bytes(row.raw or b""), row.reason) == (None, text.encode(), Text.Reason.NUL)
        assert row.length == len(text)


@pytest.mark.django_db
def test_texts_of_2_mb_are_kept_whole() -> None:
    text = "".join(random.Random(1).choices("abcdefghij é😀\n", k=2_000_000))
    written(completion(text), messages=completion(text))
    assert Answer.objects.get().text == text
    assert Prompt.objects.get().length > 2_000_000


@pytest.mark.django_db
def test_a_text_above_the_largest_is_kept_as_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "_LARGEST_TEXT", 100)
    written(completion("é" * 101))
    row = Answer.objects.get()
    assert (row.text, row.reason, row.length) == (None, Text.Reason.SIZE, 101)
    assert bytes(row.raw or b"").decode() == "é" * 101


@pytest.mark.django_db
@pytest.mark.parametrize("escape", ["\\ud800", "\\udfff\\ud800", "x\\ud83dy"])
def test_lone_surrogates_come_out_as_question_marks(escape: str) -> None:
    written('{"choices":[{"message":{"content":"%s"}}]}' % escape, messages=f'["{escape}"]')
    assert "?" in (Answer.objects.get().text or "")
    assert "?" in (Prompt.objects.get().text or "")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "text",
    [
        "[" * 1000 + "]" * 1000,
        "9" * 5000,
        "1e400",
        '{"a":1,"a":2}',
        "[-0.0,1e22]",
        "\ufeff",
        "\\N",
        "\\.",
        "NULL",
    ],
)
def test_odd_texts_are_written_and_read_again(text: str) -> None:
    written(text, messages=text)
    normal = normalised(text)
    assert Prompt.objects.get().text == normal


def normalised(text: str) -> str:
    try:
        return rell_json.normalise(text)
    except rell_json.NotJson:
        return text


@pytest.mark.django_db
def test_a_model_of_12_kb_and_one_with_nul_are_names_like_others() -> None:
    written("{}", model="m" * 12_000)
    operation = Operation.objects.select_related("model").get()
    assert operation.model is not None
    assert operation.model.text == "m" * 12_000


@pytest.mark.django_db
def test_content_is_written_once_however_many_scouts_say_it(stored: Stored) -> None:
    chain = stored("four-validators")
    adds = Operation.objects.filter(name__text="add_prompt_history")
    assert adds.count() == recorded.story("four-validators")["adds"]
    assert Answer.objects.count() < adds.count()
    assert Prompt.objects.count() == len({bytes(each.prompt or b"") for each in adds})
    assert Answer.objects.count() == len(
        {bytes(each.answer) for each in Operation.objects.exclude(answer=None)}
    )
    assert Name.objects.filter(kind=Name.Kind.HEADER_END).count() == 3
    assert chain.id


# Beside others


def shared_texts(rounds: int) -> list[MadeChain]:
    """Chains whose windows hold the same texts, each in an order of its own."""
    chance = random.Random(3)
    texts = [completion(f"said by everybody {number}") for number in range(40)]
    chains = []
    for number in range(4):
        made = MadeChain(more={"number": number})
        for _ in range(rounds):
            order = chance.sample(texts, len(texts))
            made.block(*(add(text, messages=f'["{text[-9:-4]}"]') for text in order))
        chains.append(made)
    return chains


@pytest.mark.django_db(transaction=True)
def test_windows_that_share_texts_are_written_at_once_without_deadlock_loss_or_double() -> None:
    rounds = 12
    chains = shared_texts(rounds)
    rows = [row_of(made) for made in chains]
    jobs = [
        [window(row, [made.blocks[number]]) for number in range(rounds)]
        for row, made in zip(rows, chains, strict=True)
    ]

    def work(windows: Sequence[writing.WindowFacts]) -> None:
        for number, each in enumerate(windows):
            write_window(each)
            if number % 3 == 2:
                Answer.objects.filter(text__endswith=str(number % 10)).delete()
                write_texts_again(each)

    at_once([lambda mine=mine: work(mine) for mine in jobs])
    for row in rows:
        assert Transaction.objects.filter(chain=row).count() == 40 * rounds
        assert Operation.objects.filter(chain=row).count() == 40 * rounds
    said = {bytes(each) for each in Operation.objects.values_list("answer", flat=True)}
    assert len(said) == 40
    assert Prompt.objects.count() == len(
        {bytes(each) for each in Operation.objects.values_list("prompt", flat=True)}
    )


def write_texts_again(each: writing.WindowFacts) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        writing.write_texts(cursor, "indexer_answer", each.texts.answers, each.erased)


@pytest.mark.django_db(transaction=True)
def test_the_same_windows_written_by_several_at_once_are_written_once() -> None:
    made = sample()
    chain = row_of(made)
    spans = [(0, 7), (0, 3), (2, 7), (5, 7), (0, 7), (3, 4)]
    for _ in range(6):
        for table in (Block, BlockBody, Transaction, Operation, Window):
            table.objects.all().delete()
        windows = [window(chain, made.blocks[first : last + 1]) for first, last in spans]
        at_once([lambda each=each: write_window(each) for each in windows])
        assert Block.objects.count() == 8
        assert covered(chain.id) == [Span(0, 7)]
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
