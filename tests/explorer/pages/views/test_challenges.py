"""Challenges as everybody sees them: where each stands, what comes next, and nothing that is withheld."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from html import unescape
from http import HTTPStatus

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, DjangoDbBlocker, Settings

from explorer.challenges.models import Challenge
from explorer.queries.chain.chains import ChainView
from explorer.queries.db.state import state
from explorer.queries.records.record import record
from explorer.queries.site import challenge_changes, challenges
from explorer.rules import registry
from indexer.models import Suppression
from tests.explorer.challenges import shown_challenges
from tests.explorer.challenges.filed import DAY, DELETED, EDITED, UNTOUCHED, WHY
from tests.explorer.challenges.test_views import words
from tests.explorer.pages.asking import get, of, page
from tests.indexer.records.erasing import erase, hide

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def every(chain: ChainView, django_db_blocker: DjangoDbBlocker) -> Iterator[Mapping[str, Challenge]]:
    with django_db_blocker.unblock():
        yield shown_challenges.filed_in_every_state(chain)
        shown_challenges.empty()


@pytest.fixture(autouse=True)
def _taking(settings: Settings) -> None:
    """The site takes challenges."""
    settings.CHALLENGES = True


def at(challenge: Challenge) -> str:
    return f"/challenges/{challenge.name}"


STATES = (
    "screening", "needs-info", "confirmed", "open", "review", "decided", "appealed", "final", "not-upheld",
    "reopened", "withdrawn", "spam", "elapsed", "hostile",
)  # fmt: skip


@pytest.mark.parametrize("name", STATES)
def test_each_has_a_page_that_says_where_it_stands_and_what_comes_next(
    name: str, every: Mapping[str, Challenge]
) -> None:
    challenge = every[name]
    text = page(at(challenge)) if name != "hostile" else get(at(challenge)).content.decode()
    told = words(get(at(challenge)))
    assert f"Challenge {challenge.name} to record #{challenge.prompt_id}" in text
    head = told[: told.index("Facts")]
    assert "Next:" in head
    assert ("Nothing more is to come" in head) is (challenge.status in ("final", "closed"))
    assert "does not change the chain" in head
    assert not get(at(challenge)).cookies
    assert [f'id="event-{count}"' in text for count in (1, challenge.version, challenge.version + 1)] == [
        True, True, False,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "is_left_out"),
    [
        ("screening", True), ("needs-info", True), ("confirmed", True), ("open", False), ("decided", False),
        ("final", False), ("not-upheld", True), ("withdrawn", True), ("spam", True),
    ],
)  # fmt: skip
def test_search_engines_find_what_was_looked_through_and_was_not_contradicted(
    name: str, is_left_out: bool, every: Mapping[str, Challenge]
) -> None:
    response = get(at(every[name]))
    assert (response.headers.get("X-Robots-Tag") == "noindex") is is_left_out
    title = response.content.decode().partition("<title>")[2].partition("</title>")[0]
    if every[name].resolution:
        assert every[name].resolution.replace("-", " ") in title
    if name == "withdrawn":
        assert "withdrawn" in title


@pytest.mark.parametrize(
    ("name", "is_shown"), [("screening", False), ("confirmed", False), ("spam", False), ("open", True)]
)
def test_what_was_written_is_shown_once_it_was_looked_through(
    name: str, is_shown: bool, every: Mapping[str, Challenge]
) -> None:
    text = get(at(every[name])).content.decode()
    assert any(each in text for each in (WHY, "SPAM SPAM")) is is_shown
    assert ("shown once somebody has looked it through" in text) is not is_shown


@pytest.mark.parametrize(("name", "runs"), [("review", True), ("open", False), ("final", False)])
def test_it_is_said_until_when_evidence_is_in_time(
    name: str, runs: bool, every: Mapping[str, Challenge]
) -> None:
    told = words(get(at(every[name])))
    assert ("Evidence is in time until" in told[: told.index("Facts")]) is runs


def test_what_happened_by_itself_is_seen_though_no_worker_came(every: Mapping[str, Challenge]) -> None:
    assert every["elapsed"].status == "open"
    told = words(get(at(every["elapsed"])))
    assert "in review" in told
    assert "Arbiters decide, by" in told
    name = every["elapsed"].name
    assert name in page("/challenges?status=review")
    assert name not in page("/challenges?status=open")


@pytest.mark.parametrize(
    ("name", "in_title", "said"),
    [
        ("final", "upheld", "The evidence supports the challenge."),
        ("appealed", "inconclusive, appealed", "cannot settle it. That is appealed."),
        ("reopened", "in review", "is not settled: it was decided, and is being looked at again."),
    ],
)
def test_a_decision_that_is_looked_at_again_is_not_told_as_if_it_stood(
    name: str, in_title: str, said: str, every: Mapping[str, Challenge]
) -> None:
    response = get(at(every[name]))
    title = response.content.decode().partition("<title>")[2].partition("</title>")[0]
    assert title.partition(": ")[2].startswith(in_title)
    told = words(response)
    assert said in told[: told.index("Facts")]


def test_hostile_words_of_a_challenger_are_words(every: Mapping[str, Challenge]) -> None:
    text = get(at(every["hostile"])).content.decode()
    assert "&lt;script&gt;alert(1)" in text
    assert "<strong>bold</strong>" in text
    assert "<img" not in text
    assert "javascript:alert" not in text.replace("(javascript:alert(2))", "")
    assert 'rel="nofollow ugc noopener noreferrer"' in text


@pytest.mark.parametrize("act", [hide, erase])
@pytest.mark.django_db(databases=["default", "desk"])
def test_what_may_repeat_withheld_words_is_withheld_with_them(
    act: Callable[[Suppression.Subject, bytes], int], chain: ChainView, every: Mapping[str, Challenge]
) -> None:
    challenge = every["review"]
    found = challenges.challenge(challenge.number, now=challenge.filed_at)
    assert "is flat" in str(found.events)
    said = found.then.check("truncated")
    assert said is not None
    assert said.result != "unknown"
    answer = record(chain, EDITED).current.answer
    assert answer is not None
    act(Suppression.Subject.CONTENT, answer.hash)
    after = challenges.challenge(challenge.number, now=challenge.filed_at)
    assert "is flat" not in str(after.events)
    assert WHY not in str(after.events)
    for each in after.then.checks:
        if each.reads_texts:
            assert (each.result, each.values) == ("unknown", {})
    told = words(get(at(challenge)))
    assert "Words of the record, or of one that is named with it, are withheld" in told
    assert "is flat" not in told
    assert "flat" not in get("/feeds" + at(challenge)).content.decode()


@pytest.mark.django_db(databases=["default", "desk"])
def test_words_of_arbiters_are_withheld_with_the_record_and_what_they_decided_is_not(
    chain: ChainView, every: Mapping[str, Challenge]
) -> None:
    challenge = every["decided"]
    assert "Something is said." in words(get(at(challenge)))
    answer = record(chain, DELETED).current.answer
    assert answer is not None
    hide(Suppression.Subject.CONTENT, answer.hash)
    told = words(get(at(challenge)))
    assert "Something is said." not in told
    assert "Decided. The evidence supports the challenge." in told
    assert "Something is said." not in get("/feeds" + at(challenge)).content.decode()


def test_a_record_that_changed_since_is_said_to_have(
    every: Mapping[str, Challenge], chain: ChainView
) -> None:
    challenge = every["confirmed"]
    assert "The record has changed since" not in page(at(challenge))
    found = challenges.challenge(challenge.number, now=challenge.filed_at)
    assert found.now is not None
    then = replace(found.then, status="live", revision_count=1, revisions=found.then.revisions[:1])
    assert [each.what for each in challenge_changes.changes(then, found.now)] == [
        "State", "Revisions", "Result as signed",
    ]  # fmt: skip
    assert challenge_changes.changes(found.now, found.now) == []


def test_the_list_leads_to_each_and_is_filtered(every: Mapping[str, Challenge], chain: ChainView) -> None:
    text = page("/challenges")
    assert all(each.name in text for each in every.values())
    assert 'title="Next: whoever wrote the record may respond, by ' in text
    for query, names in {
        "status=pending": {
            "screening", "needs-info", "confirmed", "open", "review", "decided", "appealed", "elapsed",
            "hostile", "reopened",
        },
        "status=final": {"final", "not-upheld"},
        "resolution=upheld": {"decided", "final"},
        "closed=spam": {"spam"},
        "ground=malformed": {"needs-info", "final"},
        f"record={UNTOUCHED}": {"screening", "needs-info", "withdrawn", "spam"},
        "scout=8": set(),
        f"chain={'AB' * 32}": set(),
        f"status=open&chain={chain.rid}&record=1": {"confirmed", "open", "hostile"},
    }.items():  # fmt: skip
        text = page(f"/challenges?{query}")
        assert {name for name, each in every.items() if each.name in text} == names, query


def test_the_list_is_walked_by_pages(every: Mapping[str, Challenge]) -> None:
    seen, path = [], "/challenges?limit=5"
    for _ in range(3):
        text = page(path)
        seen += re.findall(r'<th role="rowheader" scope="row"><a href="/challenges/(C-[0-9-]+)"', text)
        path = (re.findall(r'href="([^"]*)" rel="next"', text) or [""])[0].replace("&amp;", "&")
    assert path == ""
    assert sorted(seen) == sorted(each.name for each in every.values())
    assert seen == sorted(seen, reverse=True)


@pytest.mark.parametrize(
    "query", ["status=lost", "record=x", "record=0", "chain=AB", "colour=red", "scout=99999999999999999999"]
)
def test_what_cannot_be_asked_is_said(query: str, every: Mapping[str, Challenge]) -> None:
    page(f"/challenges?{query}", status=400)


@pytest.mark.parametrize("name", ["C-2026-999999", "C-2026-1", "c-2026-000001", "C-2026-000000"])
def test_what_is_no_challenge_is_not_here(name: str, every: Mapping[str, Challenge]) -> None:
    page(f"/challenges/{name}", status=404)


def test_a_record_shows_its_challenges_and_where_to_question_it(
    every: Mapping[str, Challenge], chain: ChainView
) -> None:
    text = page(of(chain, f"/records/{EDITED}"))
    for name in ("confirmed", "open", "review", "hostile"):
        assert text.count(f'href="{at(every[name])}"') >= 1
    question = f'href="/my/challenges/new?record={chain.rid}:{EDITED}"'
    assert text.index(question) < text.index('id="answer"')  # on a phone without scrolling far
    assert question in text[text.index('aria-labelledby="challenges"') : text.index('id="cite"')]
    first = page(of(chain, f"/records/{EDITED}?revision=1"))
    assert f'href="/my/challenges/new?record={chain.rid}:{EDITED}.1"' in first


def test_a_challenge_is_followed_by_feed_without_a_word_of_anybody(every: Mapping[str, Challenge]) -> None:
    challenge = every["appealed"]
    feed = get(f"/feeds{at(challenge)}").content.decode()
    assert feed.count("<entry>") == challenge.version
    assert "The decision was appealed. The ground that is given: the procedure" in feed
    assert "They did not ask." not in feed
    assert WHY not in feed
    assert feed.count("Next: other arbiters decide the appeal, by ") == feed.count(" UTC.") == 1
    in_review = get(f"/feeds{at(every['review'])}").content.decode()
    ends = every["review"].entered_at + 7 * DAY
    assert f"Evidence is in time until {ends:%Y-%m-%d %H:%M} UTC." in in_review
    assert "Nothing more is to come." in get(f"/feeds{at(every['final'])}").content.decode()
    everything = get("/feeds/challenges").content.decode()
    assert all(each.name in everything for each in every.values())
    assert get("/feeds/challenges?ground=malformed").content.decode().count("<entry>") == 2
    assert get("/feeds/challenges?colour=red").status_code == HTTPStatus.BAD_REQUEST


def test_an_event_is_part_of_the_state_by_which_answers_are_kept(every: Mapping[str, Challenge]) -> None:
    assert state().split()[-2] == str(sum(each.version for each in every.values()))


def test_a_page_of_challenges_asks_few_queries(
    every: Mapping[str, Challenge], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(4):
        get("/challenges")
    with django_assert_max_num_queries(14):
        get(at(every["review"]))


def test_the_grounds_are_explained(every: Mapping[str, Challenge]) -> None:
    text = page("/grounds")
    for each in registry.grounds():
        assert f'id="{each.name}"' in text
    assert registry.NOT_CHALLENGEABLE in unescape(text)


def test_no_page_of_challenges_knows_who_reads_it(every: Mapping[str, Challenge]) -> None:
    visitor = Client()
    visitor.cookies["sessionid"] = "x" * 32
    for path in ("/challenges", "/grounds", at(every["open"])):
        response = visitor.get(path)
        assert not response.cookies
        assert "private" not in response.headers["Cache-Control"]
