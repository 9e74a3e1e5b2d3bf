"""Challenges as JSON: the same as on their pages, hashes that anyone can make again, and nothing withheld."""

from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from typing import Any

import pytest
import rfc8785
from pytest_django import DjangoAssertNumQueries, DjangoDbBlocker

from explorer.challenges import acting
from explorer.challenges.models import Challenge
from explorer.queries.chain.chains import ChainView
from explorer.queries.records.record import record
from explorer.rules import deadlines, envelope, registry
from indexer.models import Suppression
from tests.explorer import shown
from tests.explorer.api.asking import ask, refused, told, walked
from tests.explorer.challenges import filed, shown_challenges
from tests.explorer.challenges.filed import DAY, EDITED, UNTOUCHED, WHY
from tests.explorer.conftest import Tables
from tests.explorer.pages.asking import page
from tests.indexer.records.erasing import erase, hide

pytestmark = pytest.mark.django_db
OPEN = ("confirmed", "open", "hostile")


@pytest.fixture(scope="module")
def chain(_tables: Tables) -> ChainView:
    return _tables.hold("challenged", lambda: shown.index_made(filed.made_chain(), is_kept=True))


@pytest.fixture(scope="module")
def every(chain: ChainView, django_db_blocker: DjangoDbBlocker) -> Iterator[Mapping[str, Challenge]]:
    with django_db_blocker.unblock():
        yield shown_challenges.filed_in_every_state(chain)
        shown_challenges.empty()


def at(challenge: Challenge) -> str:
    return f"/challenges/{challenge.name}"


def events(challenge: Challenge) -> list[dict[str, Any]]:
    return list(told(f"{at(challenge)}/events")["results"])


def test_a_walk_gives_every_challenge_once_and_each_as_its_own_address_does(
    every: Mapping[str, Challenge],
) -> None:
    found = list(walked("/challenges?limit=5"))
    assert [each["number"] for each in found] == sorted((each.name for each in every.values()), reverse=True)
    assert list(walked("/challenges?limit=5&order=oldest")) == found[::-1]
    for each in found:
        own = told(each["url"])
        assert each.items() <= own.items()
        assert len(told(f"{each['url']}/events")["results"]) == each["version"]


@pytest.mark.parametrize(
    "query",
    ["status=pending", "status=review", "resolution=upheld", "closed=spam", "ground=malformed",
     f"record={UNTOUCHED}", "scout=8", "model=gemma*", "model=nobody", "provider=*", "due_before=2200-01-01",
     "due_before=2000-01-01", "order=due", "status=pending&due_before=2200-01-01&order=due",
     f"chain={'AB' * 32}"],
)  # fmt: skip
def test_filters_leave_what_the_page_lists(query: str, every: Mapping[str, Challenge]) -> None:
    listed, text = told(f"/challenges?{query}"), page(f"/challenges?{query}")
    found = {each["number"] for each in listed["results"]}
    assert found == {each.name for each in every.values() if each.name in text}
    assert listed["counts"]["every"] == len(found)


def test_what_is_due_next_comes_first_and_what_is_over_last(every: Mapping[str, Challenge]) -> None:
    found = list(walked("/challenges?order=due&limit=4"))
    assert sorted(each["number"] for each in found) == sorted(each.name for each in every.values())
    written = {each.name: each for each in every.values()}
    due = [written[each["number"]].due_ms for each in found]
    assert due == sorted(due)
    assert [each["status"] in ("final", "closed") for each in found] == [False] * 10 + [True] * 4
    for challenge in every.values():
        standing = acting.standing_of(challenge)
        assert challenge.due_ms == deadlines.due_ms(standing)
    soon = {each["number"] for each in told("/challenges?due_before=2200-01-01")["results"]}
    assert soon == {each["number"] for each in told("/challenges?status=pending")["results"]}
    text = page("/challenges?order=due&limit=100")
    assert [text.index(f">{each['number']}<") for each in found] == sorted(
        text.index(f">{each['number']}<") for each in found
    )


def test_a_model_is_named_as_elsewhere_or_by_its_hash(
    every: Mapping[str, Challenge], chain: ChainView
) -> None:
    row = record(chain, EDITED).row
    for name, value in (("model", row.model), ("provider", row.provider)):
        of_name = told(f"/challenges?{name}={value}")
        hashed = told(f"/challenges?{name}={sha256(value.encode()).hexdigest()}")
        begun = told(f"/challenges?{name}={value[0]}*")
        assert len(of_name["results"]) == len(every)
        assert of_name["results"] == hashed["results"] == begun["results"]


def test_counts_are_of_all_that_is_asked_for(every: Mapping[str, Challenge]) -> None:
    counts = told("/challenges?limit=1")["counts"]
    assert counts == {
        "every": len(every), "pending": 10, "outcomes": {"upheld": 2, "not-upheld": 1, "inconclusive": 1},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "status", "next_actor", "deadlines"),
    [
        ("screening", "screening", "arbiter", [("screening", None)]),
        ("needs-info", "needs-info", "challenger", [("needs-info", "lapse")]),
        ("open", "open", "respondent", [("open", "stop-waiting")]),
        ("review", "review", "arbiters", [("evidence", None), ("review", None)]),
        ("elapsed", "review", "arbiters", [("evidence", None), ("review", None)]),
        ("decided", "decided", "either-side", [("decided", "finalise")]),
        ("appealed", "appealed", "other-arbiters", [("appealed", None)]),
        ("final", "final", None, []),
        ("reopened", "review", "arbiters", [("evidence", None), ("review", None)]),
        ("spam", "closed", None, []),
    ],
)
def test_each_says_where_it_stands_whose_turn_it_is_and_by_when(
    name: str, status: str, next_actor: str | None, deadlines: object, every: Mapping[str, Challenge]
) -> None:
    found = told(at(every[name]))
    assert (found["status"], found["next_actor"]) == (status, next_actor)
    assert (found["resolution"] is not None) is (status in ("decided", "appealed", "final"))
    assert [(each["step"], each["then"]) for each in found["deadlines"]] == deadlines
    for each in found["deadlines"]:
        assert each["due_by"][:10] in page(at(every[name])) or each["step"] == "evidence"
        is_past = name == "elapsed" and each["step"] == "evidence"
        assert name == "screening" or each["past_due"] is is_past


def test_it_says_of_its_record_what_the_page_says(every: Mapping[str, Challenge], chain: ChainView) -> None:
    found = told(at(every["confirmed"]))
    assert (found["chain"], found["prompt_id"], found["ground"]) == (chain.rid, EDITED, "result-altered")
    assert (found["assurance"], found["is_confirmed"], found["record_is_here"]) == ("chain", True, True)
    assert (found["is_withheld"], found["changes"], found["as_of"]["chain"]) == (False, [], chain.rid)
    assert found["rules_sha256"] == registry.sha256_hex()
    assert [each["kind"] for each in found["revisions"]] == ["add_prompt_history", "update_prompt_history"]
    assert [each["is_new"] for each in found["revisions"]] == [False, False]
    said = record(chain, EDITED).revisions
    assert [each["result_sha256"] for each in found["revisions"]] == [
        each.result.hash.hex().upper() for each in said if each.result
    ]
    (check,) = found["checks"]
    assert (check["check"], check["then"]["result"], check["then"]) == ("altered", "fail", check["now"])
    text = page(at(every["confirmed"]))
    assert all(each["transaction"] in text for each in found["revisions"])


def test_both_sides_are_heard_and_the_decision_says_why(every: Mapping[str, Challenge]) -> None:
    found = told(at(every["decided"]))
    (asked,), (answered,), (decided,) = found["challenging"], found["responding"], found["decisions"]
    assert (asked["role"], asked["event"], asked["type"]) == ("challenger", 1, "file")
    assert answered["role"] == "respondent"
    assert decided["facts"]["resolution"] == found["resolution"] == "upheld"
    assert decided["words"]
    assert told(at(every["open"]))["challenging"][0]["words"]["statement"] == WHY
    assert told(at(every["hostile"]))["challenging"][0]["words"]["statement"] == shown_challenges.HOSTILE


@pytest.mark.parametrize(
    ("name", "is_shown"), [("screening", False), ("confirmed", False), ("spam", False), ("open", True)]
)
def test_what_was_written_is_given_once_it_was_looked_through(
    name: str, is_shown: bool, every: Mapping[str, Challenge]
) -> None:
    for path in (at(every[name]), f"{at(every[name])}/events"):
        text = ask(path).content.decode()
        assert any(each in text for each in (WHY, "SPAM SPAM")) is is_shown
    first = events(every[name])[0]
    assert (first["words"] == {}, first["salt"] is None) == (not is_shown, not is_shown)
    assert first["silence"] == (None if is_shown else "waiting")


@pytest.mark.parametrize("act", [hide, erase])
@pytest.mark.django_db(databases=["default", "desk"])
def test_what_may_repeat_withheld_words_is_withheld_with_them(
    act: Callable[[Suppression.Subject, bytes], int], chain: ChainView, every: Mapping[str, Challenge]
) -> None:
    challenge = every["review"]
    paths = (at(challenge), f"{at(challenge)}/events", "/challenges")
    assert any("is flat" in ask(path).content.decode() for path in paths)
    answer = record(chain, EDITED).current.answer
    assert answer is not None
    act(Suppression.Subject.CONTENT, answer.hash)
    for path in paths:
        assert not any(each in ask(path).content.decode() for each in ("is flat", WHY, "It was corrected"))
    found = told(at(challenge))
    assert found["is_withheld"]
    assert {each["silence"] for each in found["challenging"]} == {"with-record"}
    for each in found["checks"]:
        assert (each["then"]["result"], each["then"]["values"]) == ("unknown", {})
    assert all(each["salt"] is None for each in events(challenge) if each["silence"])


def test_the_history_can_be_made_again_from_what_is_given(every: Mapping[str, Challenge]) -> None:
    checked = 0
    for challenge in every.values():
        prev = ""
        for count, each in enumerate(events(challenge), 1):
            envelope_ = {
                name: each[name] for name in ("seq", "type", "actor_ref", "prev_event_sha256", "at")
            } | {"challenge": challenge.name, "payload_sha256": each["payload_sha256"]}
            assert sha256(rfc8785.dumps(envelope_)).hexdigest().upper() == each["sha256"]
            assert (each["prev_event_sha256"], each["ordinal"]) == (prev, count)
            prev = each["sha256"]
            if each["salt"] is not None:
                said = envelope.payload_sha256(
                    bytes.fromhex(each["salt"]), facts=each["facts"], words=each["words"] or None
                )
                assert said.hex().upper() == each["payload_sha256"]
                checked += 1
    assert checked > len(every)


def test_the_grounds_are_those_whose_hash_each_challenge_names(every: Mapping[str, Challenge]) -> None:
    found = told("/grounds")
    document = {"version": found["version"], "grounds": found["results"]}
    assert sha256(rfc8785.dumps(document)).hexdigest().upper() == found["sha256"]
    assert {each["rules_sha256"] for each in told("/challenges?limit=100")["results"]} == {found["sha256"]}
    assert [each["ground"] for each in found["results"]] == [each.name for each in registry.grounds()]
    assert found["not_challengeable"] == registry.NOT_CHALLENGEABLE


@pytest.mark.parametrize(
    ("path", "status", "kind"),
    [
        ("/challenges?status=lost", 400, "bad-parameter"),
        ("/challenges?record=0", 400, "bad-parameter"),
        ("/challenges?order=best", 400, "bad-parameter"),
        ("/challenges?order=due&before=5", 400, "bad-parameter"),
        ("/challenges?due_before=soon", 400, "bad-parameter"),
        ("/challenges?colour=red", 400, "bad-parameter"),
        ("/challenges/C-2026-000001?status=open", 400, "bad-parameter"),
        ("/grounds?ground=malformed", 400, "bad-parameter"),
        ("/challenges/C-2026-999999", 404, "not-here"),
        ("/challenges/C-2026-000000/events", 404, "not-here"),
        ("/challenges/C-9999-999999999", 404, "not-here"),
        ("/challenges/c-2026-000001", 404, "not-here"),
        ("/challenges/1", 404, "not-here"),
        ("/challenges/%00", 404, "not-here"),
    ],
)
def test_what_cannot_be_asked_or_is_not_here_is_said(
    path: str, status: int, kind: str, every: Mapping[str, Challenge]
) -> None:
    refused(path, status, kind)


def test_nobody_is_known_by_reading_it(every: Mapping[str, Challenge]) -> None:
    for path in ("/challenges", at(every["open"]), f"{at(every['open'])}/events", "/grounds"):
        answer = ask(path, authorization="Bearer nobodys", cookie="sessionid=" + "x" * 32)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"].startswith("public")
        assert not answer.cookies
        assert ask(path, if_none_match=answer.headers["ETag"]).status_code == 304


def test_it_asks_few_queries(
    every: Mapping[str, Challenge], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(4):
        ask("/challenges")
    with django_assert_max_num_queries(14):
        ask(at(every["review"]))
    with django_assert_max_num_queries(0):
        ask("/grounds")


def test_pages_lead_to_the_same_as_json(every: Mapping[str, Challenge]) -> None:
    for path in ("/challenges", "/challenges?status=open", at(every["open"]), "/grounds"):
        assert f'type="application/json" href="/api/v1{path}"' in page(path)


def test_a_response_moves_the_time_for_evidence(every: Mapping[str, Challenge]) -> None:
    found = told(at(every["review"]))
    (evidence, _) = found["deadlines"]
    responded = next(each["at"] for each in events(every["review"]) if each["type"] == "respond")
    assert evidence["due_by"][:10] == f"{every['review'].entered_at + 7 * DAY:%Y-%m-%d}"
    assert responded[:10] == f"{every['review'].entered_at:%Y-%m-%d}"
