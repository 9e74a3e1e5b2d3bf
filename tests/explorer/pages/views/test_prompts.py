"""What the page of a record, the list and the JSON say of prompts that are more than texts."""

import html
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from explorer.queries.chain.chains import ChainView
from explorer.queries.records.rows import LONGEST
from indexer.audit import fsck
from indexer.dapp import rell_json
from indexer.dapp.operations import signed_hash
from indexer.models import Chain, Operation, Suppression
from indexer.records import hearing
from indexer.records.erase import suppress
from tests.explorer import shown
from tests.explorer.pages.asking import of, page
from tests.indexer.made import MadeChain, add, completion

pytestmark = pytest.mark.django_db
PICTURE = "data:image/png;base64," + "A" * 20_000
FUNCTION = {"name": "weather", "arguments": '{"city": "Bern"}'}
TOO_LONG = {"text": "", "cut": True}


def user(content: Any) -> dict[str, Any]:
    return {"role": "user", "content": content}


def assistant(content: Any, **more: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": content, **more}


def text_part(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "text", "text": text, **more}


CALLING = [
    {"role": "system", "content": "Be brief."},
    user("Weather in Bern?"),
    {"role": "assistant", "tool_calls": [{"id": "call_1", "type": "function", "function": FUNCTION}]},
    {"role": "tool", "tool_call_id": "call_1", "content": "11 degrees"},
]
LOOKING = [user([{"type": "image_url", "image_url": {"url": PICTURE}}, text_part("What is in the picture?")])]
DEEP = [
    {"role": "system", "content": "Rule. " * 5_000},
    user("How deep is the lake?"),
    assistant(None, tool_calls=[{"id": "1", "type": "function", "function": FUNCTION}]),
    {"role": "tool", "tool_call_id": "1", "content": "42 m"},
]
LATER = [user("First about rivers?"), assistant("x " * 9_000), user([text_part("Second in a part?")])]


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    """What is rolled back is not remembered."""
    yield
    shown.forget()


def indexed(*prompts: Any) -> ChainView:
    made = MadeChain()
    signed = [each if isinstance(each, str) else json.dumps(each) for each in prompts]
    made.block(*(add(completion("an answer"), messages=each) for each in signed))
    return shown.index_made(made)


def asked(chain: ChainView) -> list[dict[str, Any]]:
    """The prompts of the list, oldest first."""
    found = json.loads(Client().get(f"/api/v1{of(chain, '/records')}").content)["results"]
    return [{"text": each["prompt"]["text"], "cut": each["prompt"]["cut"]} for each in found[::-1]]


def prompt_section(chain: ChainView, number: int = 1, *, status: int = 200) -> str:
    text = page(of(chain, f"/records/{number}"), status=status)
    section = text[text.index('<h2 id="prompt"') :]
    return html.unescape(section[: section.index("</section>")])


def test_a_list_shows_the_question_that_was_asked_last() -> None:
    chain = indexed(CALLING, DEEP, LATER, [user(turn) for turn in ("first", "second")])
    assert [each["text"] for each in asked(chain)] == [
        "Weather in Bern?",
        "How deep is the lake?",
        "Second in a part?",
        "second",
    ]


def test_a_list_names_a_picture_and_shows_no_base64() -> None:
    (found,) = asked(indexed(LOOKING))
    assert found == {"text": "image, 15,000 bytes What is in the picture?", "cut": False}


@pytest.mark.parametrize("length", [17_000, 100_000, LONGEST - 100])
def test_a_list_shows_the_beginning_of_a_long_question(length: int) -> None:
    (found,) = asked(indexed([user("Say this again: " + "a word " * (length // 7))]))
    assert found["cut"]
    assert found["text"].startswith("Say this again: a word a word")


def test_a_list_names_what_is_private_in_place_of_it() -> None:
    chain = indexed([user("Write to ann@example.com or +41 44 668 18 00.")])
    assert asked(chain) == [{"text": "Write to [e-mail address] or [phone number].", "cut": False}]
    assert "ann@example.com" not in page(of(chain, "/records"))
    assert "ann@example.com" in page(of(chain, "/records/1"))


def test_a_list_marks_half_a_character_and_leaves_a_question_mark_as_one() -> None:
    chain = indexed([user("first"), user("a\ud83d b")], [user("a? b")], '"a\\udc00 b"', [user("\U0001f600?")])
    assert [each["text"] for each in asked(chain)] == ["a\ufffd b", "a? b", '"a? b"', "\U0001f600?"]


def test_half_a_character_is_marked_in_an_index_that_was_made_before_it_was_known_of() -> None:
    chain = indexed([user("a\ud83d b")], [user("a? b")])
    Operation.objects.update(halved=None)
    assert [each["text"] for each in asked(chain)] == ["a? b", "a? b"]
    Chain.objects.update(heard_to=-1)
    hearing.hear(Chain.objects.get())
    assert [each["text"] for each in asked(chain)] == ["a\ufffd b", "a? b"]
    assert [str(each) for each in fsck.check(Chain.objects.get())] == []


def test_a_hidden_question_that_holds_half_a_character_stays_hidden() -> None:
    messages = json.dumps([user("a secret\ud83d")])
    chain = indexed(messages)
    key = signed_hash(rell_json.normalise(messages))
    suppress(Suppression.Subject.CONTENT, key, mode=Suppression.Mode.HIDE, reason="asked to", by="test")
    assert asked(chain) == [{"text": "", "cut": False}]
    assert "a secret" not in page(of(chain, "/records"))


def test_a_list_says_that_it_cannot_read_what_is_too_long_and_shows_no_other_question() -> None:
    chain = indexed(
        [user("first"), assistant("x" * LONGEST), user("last?")],
        [user("first"), user("y" * LONGEST)],
        [user([text_part("z" * LONGEST), {"type": "image_url", "image_url": {"url": PICTURE}}])],
    )
    assert asked(chain) == [TOO_LONG] * 3
    assert page(of(chain, "/records")).count("too long to read here") == 3


def test_a_list_reads_only_so_many_long_messages_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("explorer.queries.records.rows.MOST_READ", 50_000)
    chain = indexed(*([user(f"{number} " + "a word " * 3_000)] for number in range(4)))
    found = asked(chain)
    assert found[:2] == [TOO_LONG] * 2
    assert [each["text"][:3] for each in found[2:]] == ["2 a", "3 a"]


def test_a_page_shows_a_turn_that_only_calls_a_tool() -> None:
    text = prompt_section(indexed(CALLING))
    assert text.count('class="role"') == 4
    assert 'calls <bdi class="mono">weather(city="Bern")' in text
    assert "the text is empty" not in text


def test_a_page_shows_the_question_whatever_stands_before_and_after_it() -> None:
    chain = indexed(DEEP, LOOKING, [*DEEP, *DEEP[2:] * 60], [user("a\n" * 30_000 + "b")])
    assert "How deep is the lake?" in prompt_section(chain, 1)
    assert "image, 15,000 bytes\nWhat is in the picture?" in prompt_section(chain, 2)
    assert "How deep is the lake?" in prompt_section(chain, 3)
    assert "a\na\na" in prompt_section(chain, 4)


def test_a_page_folds_the_oldest_turns_in_the_middle_and_says_how_many() -> None:
    talk = [{"role": ("user", "assistant")[at % 2], "content": f"turn {at + 1}."} for at in range(79)]
    text = prompt_section(indexed(talk))
    shown_ = [at for at in range(1, 80) if f">turn {at}.<" in text]
    assert shown_ == [1, *range(31, 80)]
    assert "29 messages between are not shown here" in text
    assert "/raw/1/messages" in text


def test_a_page_says_how_many_calls_it_leaves_out() -> None:
    calls = [{"id": str(at), "type": "function", "function": FUNCTION} for at in range(23)]
    text = prompt_section(indexed([user("Why?"), {"role": "assistant", "tool_calls": calls}]))
    assert text.count("calls <bdi") == 20
    assert "3 more calls are not shown here" in text


def test_a_part_with_more_than_its_text_is_its_text_and_the_rest_is_folded() -> None:
    manual = text_part("You know the manual.", cache_control={"type": "ephemeral"})
    chain = indexed([{"role": "system", "content": [manual]}, user("Which page?")])
    text = prompt_section(chain)
    assert ">You know the manual.<" in text
    assert text.index("What else the message holds") < text.index("ephemeral")
    found = json.loads(Client().get(f"/api/v1{of(chain, '/records/1')}").content)["conversation"][0]
    assert json.loads(found["extra"]) == {"content": [{"cache_control": {"type": "ephemeral"}}]}
    assert (found["content"], found["calls"]) == ("You know the manual.", [])


def test_a_picture_within_a_text_hides_no_question_behind_it() -> None:
    chain = indexed([user(f"Look: ![a]({PICTURE}) ![b]({PICTURE}) What is in it?")])
    text = prompt_section(chain)
    assert "What is in it?" in text
    assert "AAAA" not in text
    assert "image/png in base64, 20,0" in text


def test_a_turn_that_holds_something_is_not_called_empty() -> None:
    chain = indexed(
        [user("Why?"), assistant(None, refusal="No."), user("Please.")], [user("Why?"), {"role": "assistant"}]
    )
    assert ["the text is empty" in prompt_section(chain, each) for each in (1, 2)] == [False, True]
    assert "No." in prompt_section(chain, 1)


def test_what_a_tool_gave_back_is_shown_as_its_text_and_not_asked() -> None:
    use = {"type": "tool_use", "id": "t", "name": "f", "input": {"a": 1}}
    back = {"type": "tool_result", "tool_use_id": "t", "content": "42 m " * 9_000}
    chain = indexed([user("How deep?"), assistant([use]), user([back])])
    assert asked(chain)[0]["text"] == "How deep?"
    text = prompt_section(chain)
    assert 'calls <bdi class="mono">f(a=1)' in text
    assert ">42 m 42 m" in text
    assert ">How deep?<" in text


def test_half_a_character_is_marked_and_is_no_question_mark() -> None:
    chain = indexed(r'[{"role":"user","content":"a\ud83d b"}]', [user("a? b")])
    assert ["a\ufffd b" in prompt_section(chain, each) for each in (1, 2)] == [True, False]
    answers = [json.loads(Client().get(f"/api/v1{of(chain, f'/records/{each}')}").content) for each in (1, 2)]
    assert [each["conversation"][0]["content"] for each in answers] == ["a\ufffd b", "a? b"]
    assert "\\ud83d" in answers[0]["messages"]


@pytest.mark.parametrize("mode", [Suppression.Mode.HIDE, Suppression.Mode.ERASE])
def test_what_is_withheld_of_a_prompt_is_nowhere(mode: Suppression.Mode) -> None:
    secret = {"name": "call", "arguments": '{"number": "SECRET"}'}
    part = text_part("x", cache_control="SECRET")
    prompts = [
        [user([part]), {"role": "assistant", "tool_calls": [{"id": "1", "function": secret}]}],
        [user("SECRET " + "a word " * 9_000)],
    ]
    chain = indexed(*prompts)
    assert all("SECRET" in prompt_section(chain, each) for each in (1, 2))
    assert asked(chain)[1]["text"].startswith("SECRET")
    for prompt in prompts:
        key = signed_hash(rell_json.normalise(json.dumps(prompt)))
        suppress(Suppression.Subject.CONTENT, key, mode=mode, reason="because", by="the operator")
    for each in (1, 2):
        assert "SECRET" not in page(of(chain, f"/records/{each}"), status=451)
        assert b"SECRET" not in Client().get(f"/api/v1{of(chain, f'/records/{each}')}").content
    assert "SECRET" not in page(of(chain, "/records"))
    assert asked(chain) == [{"text": "", "cut": False}] * 2
