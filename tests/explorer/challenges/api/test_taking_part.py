"""Taking part by a program: each act as on its page, by whom it is for, and not by others."""

import pytest
from django.utils import timezone

from explorer.challenges import acting, notices
from explorer.challenges.models import Challenge, Notice, SentOnce
from explorer.challenges.party_views import LIMITS
from explorer.challenges.person import Person
from tests.explorer.challenges import filed
from tests.explorer.challenges.api.sending import Program, faults, refused
from tests.explorer.challenges.filed import EDITED, UNTOUCHED

pytestmark = [pytest.mark.django_db(databases=["default", "desk"]), pytest.mark.usefixtures("taking")]
SAID = {"statement": "I saw it too."}


@pytest.fixture
def own() -> Person:
    return filed.person("own")


@pytest.fixture
def challenge(own: Person) -> Challenge:
    """One that is open."""
    return filed.file(filed.indexed(), EDITED, by=own, now=timezone.now())


def at(challenge: Challenge, act: str) -> str:
    return f"/challenges/{challenge.name}/{act}"


def test_who_joins_can_add_evidence_and_each_is_an_event(challenge: Challenge) -> None:
    joiner = Program(filed.person("joiner"))
    refused(joiner.post(at(challenge, "evidence"), SAID), 403, "forbidden")
    joined = joiner.post(at(challenge, "join"), SAID, Idempotency_Key="join")
    assert (joined.status_code, joined.json()["event"]) == (201, 2)
    assert joiner.post(at(challenge, "join"), SAID, Idempotency_Key="join").json() == joined.json()
    refused(joiner.post(at(challenge, "evidence"), SAID, Idempotency_Key="join"), 422, "key-reused")
    refused(joiner.post(at(challenge, "join"), SAID), 409, "not-now")
    added = joiner.post(at(challenge, "evidence"), {"statement": "Here is more."})
    assert (added.status_code, added.json()["event"]) == (201, 3)
    assert added.headers["Location"] == f"/api/v1/challenges/{challenge.name}"
    event = challenge.events.select_related("payload").get(ordinal=3)
    assert (event.type, event.actor_ref) == ("add-evidence", "joiner-1")
    assert (event.payload.words, event.payload.published_at) == ({"evidence": "Here is more."}, None)
    challenge.refresh_from_db()
    assert challenge.joined == 1


def test_the_challenger_alone_withdraws_and_need_not_say_why(own: Person) -> None:
    challenge = filed.file(filed.indexed(), UNTOUCHED, by=own, now=timezone.now())
    refused(Program(filed.person("other")).post(at(challenge, "withdrawal"), {}), 403, "forbidden")
    program = Program(own)
    done = program.post(at(challenge, "withdrawal"), {})
    assert (done.status_code, done.json()["status"]) == (201, "closed")
    refused(program.post(at(challenge, "withdrawal"), {}), 409, "not-now")
    refused(program.post(at(challenge, "evidence"), SAID), 409, "not-now")


def test_what_cannot_be_taken_is_said(challenge: Challenge, own: Person) -> None:
    program = Program(own)
    for act in ("evidence", "join"):
        assert faults(program.post(at(challenge, act), {})) == {("statement", "required")}
        assert faults(program.post(at(challenge, act), {"words": "x"})) == {("words", "unknown")}
        assert faults(program.post(at(challenge, act), {"statement": "\0"})) == {
            ("statement", "null-characters-not-allowed")
        }
        refused(program.post(at(challenge, act), b"{"), 400, "not-json")
    for name in ("C-2026-999999", "C-9999-999999999", "1", "c-2026-000001"):
        refused(program.post(f"/challenges/{name}/evidence", SAID), 404, "not-here")
    refused(program.post(f"{at(challenge, 'evidence')}?x=1", SAID), 400, "bad-parameter")
    assert not SentOnce.objects.exists()


def test_it_can_be_done_as_often_as_by_form(
    challenge: Challenge, own: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acting, "MOST_EVIDENCE", 100)
    program = Program(own)
    (limit,) = LIMITS
    for _ in range(limit.most):
        assert program.post(at(challenge, "evidence"), SAID).status_code == 201
    answer = program.post(at(challenge, "evidence"), SAID)
    refused(answer, 429, "too-many")
    assert 0 < int(answer.headers["Retry-After"]) <= limit.period.total_seconds()


def test_one_who_takes_part_adds_only_so_much_and_others_are_told_once_a_day(
    challenge: Challenge, own: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acting, "MOST_EVIDENCE", 3)
    other = Program(filed.person("other"))
    assert other.post(at(challenge, "join"), SAID).status_code == 201
    for _ in range(3):
        assert other.post(at(challenge, "evidence"), SAID).status_code == 201
    refused(other.post(at(challenge, "evidence"), SAID), 409, "not-now")
    for each in challenge.events.filter(type="add-evidence"):
        notices.tell_event(each.seq)
    told = Notice.objects.filter(occasion="add-evidence")
    assert [each.party.person_id for each in told] == [own.id]
