"""Comparing records on a page: what leads there, what it says, and what it keeps back."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from threading import BoundedSemaphore
from typing import Any
from urllib.parse import unquote

import pytest
from pytest_django import DjangoAssertNumQueries
from selectolax.lexbor import LexborHTMLParser

from explorer.queries.chain.chains import ChainView
from explorer.queries.compare import comparison
from explorer.queries.records.record import record
from indexer.models import Suppression
from indexer.records.erase import suppress
from tests.explorer import shown
from tests.explorer.pages.asking import get, page
from tests.explorer.pages.views.comparing import (
    ONE,
    OTHER,
    SECRET,
    answer_key,
    at,
    marked,
    text_of,
)
from tests.indexer.made import MESSAGES, MadeChain, add, completion

pytestmark = pytest.mark.django_db
Make = Callable[..., ChainView]


@pytest.fixture
def make() -> Iterator[Make]:
    """Chains whose records say these texts, or have these results."""

    def made(
        texts: Sequence[str], *, is_whole: bool = False, asked: Sequence[str] = (MESSAGES,) * 2
    ) -> ChainView:
        chain = MadeChain()
        answers = [each if is_whole else completion(each) for each in texts]
        chain.block(*(add(each, messages=of) for each, of in zip(answers, asked, strict=True)))
        return shown.index_made(chain)

    yield made
    shown.forget()


def _calling(text: str, call: Mapping[str, Any]) -> str:
    message = {"role": "assistant", "content": text, "tool_calls": [call]}
    return json.dumps({"choices": [{"message": message, "finish_reason": "tool_calls"}]})


def test_of_sides_that_are_not_here_nothing_is_claimed(small: ChainView) -> None:
    said = text_of(page(at(small, "77.1", "78.1"), status=404))
    assert "There is no record 77" in said
    assert "Facts" not in said
    assert "shows the same for ever" not in said


def test_the_verdict_comes_before_the_words_that_became_others(small: ChainView) -> None:
    html = page(at(small, "1.1", "1.2"))
    said = text_of(html)
    assert "Not identical. 1 change. The beginning agrees: 8 words, 42 characters." in said
    assert said.index("Not identical") < said.index("Facts") < said.index("deleted: three")
    assert marked(html) == [("del", "deleted: three"), ("ins", "inserted: five")]
    assert "The messages are the same." in said
    assert "This address shows the same for ever." in said


def test_what_stands_today_says_so_and_offers_what_stays(small: ChainView) -> None:
    html = page(at(small, "1", "2.1"))
    assert "This shows what stands today" in text_of(html)
    assert at(small, "1.2", "2.1").replace("&", "&amp;") in html
    assert marked(html) == [("del", "deleted: five"), ("ins", "inserted: three")]


@pytest.mark.parametrize(
    ("asked", "canonical"),
    [
        ("a={rid}:1%232&b={rid}:2.1", "a={rid}:1.2&b={rid}:2.1"),
        ("a={low}:1.1&b={rid}:2.1", "a={rid}:1.1&b={rid}:2.1"),
        ("b={rid}:2.1&a={rid}:1.1", "a={rid}:1.1&b={rid}:2.1"),
        ("a={rid}:1.1&c={rid}:2.1", "a={rid}:1.1&b={rid}:2.1"),
        ("r={rid}:1.1&r=&r={rid}:2.1&r={rid}:1.1", "a={rid}:1.1&b={rid}:2.1"),
        ("a=http://a.b/chains/{rid}/records/1?revision%3D2%23cite&b={rid}:2.1", "a={rid}:1.2&b={rid}:2.1"),
        ("a=/chains/{rid}/records/1&b={rid}:2.1", "a={rid}:1&b={rid}:2.1"),
        ("a={rid}:1.1&b={rid}:2.1&baseline=a", "a={rid}:1.1&b={rid}:2.1"),
    ],
)  # fmt: skip
def test_whatever_names_them_leads_to_one_address(small: ChainView, asked: str, canonical: str) -> None:
    rids = {"rid": small.rid, "low": small.rid.lower()}
    response = get(f"/compare?{asked.format(**rids)}")
    assert response.status_code == 302
    assert response.headers["Location"] == f"/compare?{canonical.format(**rids)}"


def test_a_height_shows_what_stood_after_that_block(small: ChainView) -> None:
    before, after = page(at(small, "1@0", "2.1")), page(at(small, "1@1", "2.1"))
    assert "say the same" in text_of(before, "h1")
    assert "are not identical" in text_of(after, "h1")


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("5@0", "was not there yet after block 0: block 2 wrote it"),
        ("1@999", "Block 999 is not indexed yet"),
        ("77", "There is no record 77"),
        ("1.9", "Record 1 has no revision 9: it has 2 in all"),
    ],
)
def test_one_that_is_not_there_says_why_and_the_rest_is_compared(
    small: ChainView, name: str, why: str
) -> None:
    assert why in text_of(page(at(small, "1.1", name), status=404))
    html = page(at(small, "1.1", "1.2", name))
    assert why in text_of(html)
    assert marked(html)


def test_a_chain_that_is_not_here_is_said_to_be(small: ChainView) -> None:
    assert "is not indexed here" in text_of(page(f"/compare?a={small.rid}:1.1&b={'0F' * 32}:1", status=404))


@pytest.mark.parametrize(
    "asked",
    [
        "a=1",
        "a={rid}:0",
        "a={rid}:1.0",
        "a={rid}:1@",
        "f={rid}:1",
        "a={rid}:1&a={rid}:2",
        "view=colour",
        "a=" + "x" * 900,
    ],
)
def test_what_names_no_record_is_refused_in_words(small: ChainView, asked: str) -> None:
    page(f"/compare?{asked.format(rid=small.rid)}", status=400)


def test_six_are_too_many(small: ChainView) -> None:
    ticked = "&".join(f"r={small.rid}:{each}" for each in range(1, 7))
    assert "at most 5" in text_of(page(f"/compare?{ticked}", status=400))
    sides = "&".join(f"{letter}={small.rid}:{at}" for at, letter in enumerate("abcdefg", 1))
    html = page(f"/compare?{sides}", status=400)
    said = text_of(html)
    assert said.startswith("Error 400 That is more than can be compared at a time")
    assert said.count("At most 5 records can be compared at a time") == 1
    assert "named a to e: leave out f, g, or put it in the place of another." in said
    (without,) = LexborHTMLParser(html).css('main a[href^="/compare?a="]')
    assert unquote(without.attributes["href"] or "") == f"/compare?{sides.partition('&f=')[0]}"


def test_a_record_twice_is_the_same_and_called_so(small: ChainView) -> None:
    said = text_of(page(at(small, "1.1", "1.1")))
    assert "A and B say the same" in said
    assert "the same revision of the same record" in said


def test_each_side_costs_a_few_questions(
    small: ChainView, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(8):
        page(at(small, "1.1", "1.2"))
    with django_assert_max_num_queries(11):
        page(at(small, "1.1", "1.2", "2.1", "3.1", "4.1"))


def test_measures_stand_beside_those_of_a_peer_of_the_baseline(small: ChainView) -> None:
    row = "record #2, which was asked the same of the same model"
    assert row in page(at(small, "1.2", "5.1"))
    assert "record #1, which" in page(at(small, "5.1", "6.1"))
    assert "which was asked the same" not in page(at(small, "6.1", "5.1"))
    key = answer_key(small, 2)
    suppress(Suppression.Subject.CONTENT, key, mode=Suppression.Mode.HIDE, reason="private", by="a test")
    assert row not in page(at(small, "1.2", "5.1"))


def test_those_who_say_the_same_stand_together_with_their_scouts(small: ChainView) -> None:
    html = page(at(small, "1.2", "2.1", "3.1", "4.1", baseline="b"))
    assert "3 different answers of 4" in text_of(html, "h1")
    headings = [each.text() for each in LexborHTMLParser(html).css("h2")]
    assert "B and C" in headings
    assert "From B to A" in headings
    group = next(
        each.text()
        for each in LexborHTMLParser(html).css("section")
        if "B and C" in each.text() and "From" not in each.text()
    )
    assert "scout 8" in " ".join(group.split())
    assert "scout 9" in " ".join(group.split())


def test_a_deleted_one_is_compared_and_called_so(small: ChainView) -> None:
    html = page(at(small, "4", "1.1"))
    assert "deleted since" in text_of(html)
    assert "It was deleted." in text_of(html)
    assert "Revision 2 is its deletion" in text_of(page(at(small, "4.2", "1.1")))


@pytest.mark.parametrize("mode", [*Suppression.Mode])
@pytest.mark.parametrize("view", ["words", "split", "json", "raw"])
def test_withheld_words_are_not_diffed_out(small: ChainView, mode: Suppression.Mode, view: str) -> None:
    key = answer_key(small, 5)
    assert SECRET.split()[0] in text_of(page(at(small, "5.1", "1.1", view=view)))
    suppress(Suppression.Subject.CONTENT, key, mode=mode, reason="it is private", by="the operator")
    for sides in (("5.1", "1.1"), ("1.1", "5.1"), ("1.1", "5", "1.2"), ("5", "5.1")):
        response = get(at(small, *sides, view=view))
        assert response.status_code == 451
        html = response.content.decode()
        assert "it is private" in html
        assert not any(word in html for word in ("nobody may", "this sentence", "any more"))
    assert marked(get(at(small, "1.1", "5", "1.2", view="words")).content.decode())


def test_withheld_messages_are_not_compared(small: ChainView) -> None:
    suppress(
        Suppression.Subject.CONTENT,
        record(small, 6).prompt,
        mode=Suppression.Mode.HIDE,
        reason="private",
        by="the operator",
    )
    html = get(at(small, "6.1", "1.1")).content.decode()
    assert "what is a lamp" not in html
    assert "Not both sides have messages that can be compared" in html


@pytest.mark.parametrize("view", ["words", "split", "json", "raw"])
def test_hostile_words_are_words_in_every_view(small: ChainView, view: str) -> None:
    html = page(at(small, "6.1", "1.1", view=view))
    tree = LexborHTMLParser(html)
    assert tree.css("main script, main img") == []
    assert "alert(1)" in text_of(html)
    assert "\u202e" not in html


def test_paths_of_json_mask_what_differs_in_every_answer(small: ChainView) -> None:
    html = page(at(small, "1.1", "1.2", view="json"))
    assert "/choices/0/message/content" in text_of(html)
    assert "masked: expected to differ" in text_of(html)


def test_the_measures_have_names_and_a_row_that_teaches_their_limit(small: ChainView) -> None:
    said = text_of(page(at(small, "1.1", "1.2")))
    for name in ("Exact", "Normalised", "Word match", "5-gram Jaccard", "Length ratio", "“not” put in twice"):
        assert name in said


def test_what_is_mostly_different_stands_side_by_side_with_nothing_marked(small: ChainView) -> None:
    html = page(at(small, "1.1", "4.1"))
    assert "mostly different" in text_of(html)
    assert marked(html) == []
    assert marked(page(at(small, "1.1", "4.1", view="words")))


def test_long_runs_that_are_the_same_are_folded_and_changes_lead_on(make: Make) -> None:
    lines = [f"This is line {each} of a long answer that hardly changes." for each in range(400)]
    other = [*lines]
    other[200], other[300] = "A line of its own.", "Another one."
    chain = make(["\n".join(lines), "\n".join(other)])
    html = page(at(chain, "1.1", "2.1"))
    assert "the same in both" in text_of(html)
    assert [each.attributes["href"] for each in LexborHTMLParser(html).css("a.turn")] == [
        "#g2-1-2",
        "#g2-1-1",
    ]
    assert LexborHTMLParser(html).css("#g2-1-1, #g2-1-2")
    split = page(at(chain, "1.1", "2.1", view="split"))
    assert "A line of its own." in text_of(split)


def test_what_is_private_stays_folded(make: Make) -> None:
    chain = make(
        [
            "Call +41 44 668 18 00 or write to somebody@example.com soon",
            "Call +41 44 668 18 01 or write to somebody@example.com later",
        ]
    )
    tree = LexborHTMLParser(page(at(chain, "1.1", "2.1")))
    assert len(tree.css("details.private")) >= 3
    for each in tree.css("details.private"):
        each.decompose()
    shown_at_once = " ".join(each.text() for each in tree.css("main"))
    assert "668" not in shown_at_once
    assert "somebody" not in shown_at_once


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("a" * 1_000_000, "a" * 999_999 + "b"),
        (" ".join(f"x{each}" for each in range(9_000)), " ".join(f"y{each}" for each in range(9_000))),
        ("word \n" * 50_000, "word \n" * 49_999 + "other\n"),
    ],
    ids=["one letter", "nothing in common", "many lines"],
)
@pytest.mark.parametrize("view", ["words", "split"])
def test_huge_answers_have_small_pages(make: Make, a: str, b: str, view: str) -> None:
    chain = make([a, b])
    html = page(at(chain, "1.1", "2.1", view=view))
    assert len(html) < 400_000
    assert html.count("<") < 6_000


def test_more_than_is_compared_is_refused_with_the_limit(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparison, "MOST_BYTES", 2_000)
    chain = make(["a b " * 1_000, "c"])
    assert "2,000 bytes" in text_of(page(at(chain, "1.1", "2.1"), status=413))


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("_PLACES", BoundedSemaphore(0), "Others compare just now"),
        ("_LARGE_PLACES", BoundedSemaphore(0), "Others compare just now"),
        ("SECONDS", 0.0, "It took more than the 0 seconds of work"),
        ("LATEST", 0.0, "or more than 0 seconds beside all else that is done here. Shorter texts take less."),
    ],
)
def test_whoever_finds_no_place_or_no_time_is_told_when_to_come_again(
    small: ChainView, monkeypatch: pytest.MonkeyPatch, name: str, value: object, why: str
) -> None:
    monkeypatch.setattr(comparison, "_WAIT", 0.0)
    monkeypatch.setattr(comparison, "_LARGE", 0)
    monkeypatch.setattr(comparison, name, value)
    response = get(at(small, "1.1", "1.2"))
    assert response.status_code == 503
    after = response.headers["Retry-After"]
    said = text_of(response.content.decode())
    assert why in said
    assert f"load this page again in {after} seconds, which asks the same once more" in said


def test_calls_and_words_have_a_difference_each(make: Make) -> None:
    call = {"id": "1", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Bern"}'}}
    there = {"id": "2", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Thun"}'}}
    chain = make([_calling("I look.", call), _calling("I look.", there)], is_whole=True)
    html = page(at(chain, "1.1", "2.1"))
    assert marked(html) == [("del", "deleted: Bern"), ("ins", "inserted: Thun")]
    assert "The same on both sides." in text_of(html)


def test_without_sides_it_asks_for_them() -> None:
    html = page("/compare")
    assert "Compare answers" in text_of(html, "h1")
    assert 'name="r"' in html
    assert "X-Robots-Tag" not in get("/compare").headers


def test_a_finding_by_another_record_leads_to_both_as_they_were_first_written(make: Make) -> None:
    chain = make([ONE * 4, ONE * 4], asked=[OTHER, OTHER.replace("lamp", "moon")])
    (link,) = LexborHTMLParser(page(f"/chains/{chain.rid}/records/2")).css(
        '#checks ~ div a[href^="/compare"]'
    )
    assert link.attributes["href"] == at(chain, "2.1", "1.1")
    assert "say the same" in text_of(page(at(chain, "2.1", "1.1")), "h1")
