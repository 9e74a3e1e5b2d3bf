"""Each text once, by the hash of its normal form, whatever it holds."""

import random
from collections.abc import Callable
from hashlib import sha256

import pytest

from indexer.audit import fsck
from indexer.dapp import rell_json
from indexer.models import (
    Answer,
    Chain,
    Name,
    Operation,
    Prompt,
)
from indexer.models.content import Text
from indexer.store import write as writing
from indexer.store.suppression import Suppressed
from tests.indexer.made import MadeChain, add, completion
from tests.indexer.postchain import recorded
from tests.indexer.writing import row_of, write

Stored = Callable[[str], Chain]
NOTHING = Suppressed(frozenset(), frozenset())


def key_of(text: str) -> bytes:
    return sha256(text.encode()).digest()


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
    written(completion("X").replace("X", escape), messages=f'["{escape}"]')
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
        {bytes(each.answer or b"") for each in Operation.objects.exclude(answer=None)}
    )
    assert Name.objects.filter(kind=Name.Kind.HEADER_END).count() == 3
    assert chain.id
