"""Filing by a program: as by form, every fault at once, with a key and nothing else, and once."""

from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from pytest_django import Settings

from explorer.accounts import keys, personal_data
from explorer.accounts.models import Account, ApiKey
from explorer.challenges import filing, once
from explorer.challenges.models import Challenge, Draft, Event, SentOnce
from explorer.challenges.person import Person
from explorer.queries.chain.chains import ChainView
from indexer.models import Suppression
from tests.explorer.challenges import filed
from tests.explorer.challenges.api.sending import Program, faults, refused
from tests.explorer.challenges.filed import BROKEN, DAY, DELETED, EDITED, UNTOUCHED, WHY

pytestmark = [pytest.mark.django_db(databases=["default", "desk"]), pytest.mark.usefixtures("taking")]
AT = "/challenges"
"""Where one files."""


@pytest.fixture
def own() -> Person:
    return filed.person("own")


@pytest.fixture
def program(own: Person) -> Program:
    return Program(own)


def body(chain: ChainView, prompt_id: int = EDITED, **more: Any) -> dict[str, Any]:
    return {"record": f"{chain.rid}:{prompt_id}", "ground": "result-altered", "statement": WHY} | more


def test_it_files_as_the_form_does(chain: ChainView, program: Program, own: Person) -> None:
    answer = program.post(AT, body(chain))
    challenge = Challenge.objects.get()
    assert answer.status_code == 201, answer.content
    assert answer.json() == {
        "number": challenge.name,
        "url": f"/api/v1/challenges/{challenge.name}",
        "page": f"/challenges/{challenge.name}",
        "status": "open",
        "event": 1,
    }
    assert answer.headers["Location"] == answer.json()["url"]
    assert (answer.headers["Cache-Control"], answer.cookies) == ("no-store", {})
    by_form = filed.file(chain, EDITED, "time-inconsistent", by=filed.person("other"))
    by_program = challenge.events.get()
    assert by_program.payload.words == {"statement": WHY} == by_form.events.get().payload.words
    assert by_program.payload.facts.keys() == by_form.events.get().payload.facts.keys()
    assert by_program.payload.published_at is None
    assert challenge.parties.get().person_id == own.id
    assert set(Draft.objects.values_list("statement", flat=True)) == {""}


def test_the_position_says_which_revision(chain: ChainView, own: Person) -> None:
    program = Program(own)
    revisions = Client().get(f"/api/v1/chains/{chain.rid}/records/{EDITED}").json()["revisions"]
    positions = [int(each["position"]) for each in revisions]
    assert len(positions) == 2
    for position, ground in zip(positions, ("result-altered", "malformed"), strict=True):
        asked = body(chain, ground=ground, position=position)
        assert program.post(AT, asked).status_code == 201
    assert sorted(Challenge.objects.values_list("position", flat=True)) == sorted(positions)
    for position in (positions[0] + 1, positions[1] + 1, -1, 2**63 - 1, 2**63, 10**30):
        answer = program.post(AT, body(chain, ground="time-inconsistent", position=position))
        assert faults(answer) == {("position", "not-of-record")}, position


LONE = b'{"record": "\\ud800", "ground": "malformed", "statement": "x"}'


@pytest.mark.parametrize(
    "sent", [b"", b"{", b"\xff", b"[]", b'"x"', b"[" * 30_000, LONE, b"record=1&ground=2", b"NaN"]
)
def test_what_is_no_json_object_is_said_to_be_none(program: Program, sent: bytes) -> None:
    found = refused(program.post(AT, sent), 400, "not-json")
    assert found["title"] == "The body is no JSON object"
    assert [each["code"] for each in found["errors"]] == ["not-json"]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"statement": ""}, {("statement", "required")}),
        ({"statement": "x" * 4_001}, {("statement", "max-length")}),
        ({"statement": "x" * 60_000}, {("statement", "max-length")}),
        ({"statement": "a\0b"}, {("statement", "null-characters-not-allowed")}),
        ({"statement": None}, {("statement", "not-that-type")}),
        ({"record": 5, "ground": [], "fields": "x", "position": True}, {
            ("record", "not-that-type"), ("ground", "not-that-type"), ("fields", "not-that-type"),
            ("position", "not-that-type")}),
        ({"record": "", "ground": ""}, {("record", "required"), ("ground", "not-a-choice")}),
        ({"record": "a\0b"}, {("record", "null-characters-not-allowed")}),
        ({"record": "5"}, {("record", "invalid")}),
        ({"record": f"{'0F' * 32}:5"}, {("record", "invalid")}),
        ({"record": f"{'0F' * 32}:{10**30}"}, {("record", "invalid")}),
        ({"ground": "personal-data"}, {("ground", "not-a-choice")}),
        ({"colour": "red", "a" * 500: 1}, {("colour", "unknown"), ("a" * 80, "unknown")}),
        ({"fields": {"colour": "red"}, "statement": ""}, {
            ("fields.colour", "unknown"), ("statement", "required")}),
        ({"ground": "usage-implausible"}, {("fields.number", "required")}),
        ({"ground": "usage-implausible", "fields": {"number": ["total"]}}, {
            ("fields.number", "not-that-type"), ("fields.number", "invalid-choice")}),
    ],
)  # fmt: skip
def test_every_fault_is_named_at_once_and_nothing_is_stored(
    chain: ChainView, program: Program, more: dict[str, Any], expected: set[tuple[str, str]]
) -> None:
    assert faults(program.post(AT, body(chain) | more)) == expected
    assert not Challenge.objects.exists()
    assert not Draft.objects.exists()


def test_a_body_that_is_too_large_is_refused(chain: ChainView, program: Program) -> None:
    refused(program.post(AT, body(chain, statement="x" * 70_000)), 413, "too-large")


def test_records_whose_words_are_gone_can_be_questioned_and_nothing_of_them_is_told(
    chain: ChainView, program: Program
) -> None:
    shown = Client().get(f"/api/v1/chains/{chain.rid}/records/{UNTOUCHED}").json()
    key = bytes.fromhex(shown["answer_key"])
    Suppression.objects.create(subject="content", hash=key, mode="hide", reason="a name", by="the operator")
    answers = [
        program.post(AT, body(chain, UNTOUCHED, ground="malformed")),
        program.post(AT, body(chain, DELETED, ground="record-deleted")),
    ]
    assert [each.status_code for each in answers] == [201, 201]
    kept = str(list(Challenge.objects.values_list("snapshot", flat=True)))
    for each in ("a lake", "a tree"):
        assert each not in kept


def test_the_same_again_names_the_challenge_and_where_to_join(chain: ChainView, program: Program) -> None:
    first = filed.file(chain, UNTOUCHED, by=filed.person("first"))
    found = refused(program.post(AT, body(chain, UNTOUCHED)), 409, "already-challenged")
    url = f"/api/v1/challenges/{first.name}"
    assert (found["number"], found["url"], found["join"]) == (first.name, url, f"{url}/join")
    assert program.post(found["join"].removeprefix("/api/v1"), {"statement": "I too."}).status_code == 201


def test_quotas_are_those_of_the_form(chain: ChainView, program: Program, own: Person) -> None:
    for ground in ("malformed", "truncated", "time-inconsistent"):
        filed.file(chain, UNTOUCHED, ground, by=own)
    answer = program.post(AT, body(chain, BROKEN, ground="malformed"))
    found = refused(answer, 429, "too-many")
    assert "3 may be" in found["detail"]
    assert "draft" not in found["detail"]
    assert int(answer.headers["Retry-After"]) > 0
    assert Challenge.objects.count() == 3
    assert not Draft.objects.filter(challenge=None).exists()


def test_it_takes_a_key_and_nothing_else(chain: ChainView, program: Program, own: Person) -> None:
    nobody = Program(None)
    for headers in ({}, {"Authorization": "Bearer nobodys"}, {"Authorization": "Basic x"}):
        answer = nobody.post(AT, body(chain), **headers)
        refused(answer, 401, "no-key")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    signed_in = Client(enforce_csrf_checks=True)
    signed_in.force_login(Account.objects.get(pk=own.id))
    assert signed_in.cookies["sessionid"].value
    signed_in.cookies["sessionid"]["path"] = "/"
    answer = signed_in.post(f"/api/v1{AT}", body(chain), content_type="application/json")
    refused(answer, 401, "no-key")
    ApiKey.objects.update(scope="read")
    refused(program.post(AT, body(chain)), 403, "forbidden")
    ApiKey.objects.update(scope=ApiKey.Scope.CHALLENGE)
    account = Account.objects.get(pk=own.id)
    keys.revoke(account, ApiKey.objects.get().pk, now=filed.NOW)
    refused(program.post(AT, body(chain)), 401, "no-key")
    assert not Challenge.objects.exists()


def test_a_site_that_takes_no_challenges_says_so(
    chain: ChainView, program: Program, settings: Settings
) -> None:
    settings.CHALLENGES = False
    assert "takes no challenges" in refused(program.post(AT, body(chain)), 403, "forbidden")["detail"]
    assert Client().get(f"/api/v1{AT}").status_code == 200


def test_reading_an_address_to_which_one_sends_is_said_to_be_no_use(chain: ChainView) -> None:
    challenge = filed.file(chain, UNTOUCHED, by=filed.person())
    for each in ("evidence", "join", "withdrawal"):
        path = f"/api/v1{AT}/{challenge.name}/{each}"
        answer = Client().get(path)
        refused(answer, 405, "method-not-allowed")
        assert answer.headers["Allow"] == Client().options(path).headers["Allow"] == "POST, OPTIONS"


def test_what_is_sent_twice_under_a_key_is_done_once(chain: ChainView, program: Program, own: Person) -> None:
    first = program.post(AT, body(chain), Idempotency_Key="one")
    assert first.status_code == 201
    assert program.post(AT, body(chain), Idempotency_Key="one").json() == first.json()
    refused(program.post(AT, body(chain, UNTOUCHED), Idempotency_Key="one"), 422, "key-reused")
    refused(program.post(AT, body(chain), Idempotency_Key="two"), 409, "already-challenged")
    for word in ("", "x" * 201):
        assert faults(program.post(AT, body(chain), Idempotency_Key=word)) == {
            ("Idempotency-Key", "max-length")
        }
    other = Program(filed.person("other"))
    refused(other.post(AT, body(chain), Idempotency_Key="one"), 409, "already-challenged")
    assert (Challenge.objects.count(), SentOnce.objects.count()) == (1, 1)
    told = personal_data.export(Account.objects.get(pk=own.id))["sent_by_programs"]
    assert [each["number"] for each in told] == [first.json()["number"]]


def test_what_was_refused_under_a_key_can_be_mended_under_it(chain: ChainView, program: Program) -> None:
    faults(program.post(AT, body(chain, statement=""), Idempotency_Key="one"))
    assert program.post(AT, body(chain), Idempotency_Key="one").status_code == 201


def test_a_key_ends_after_a_day_and_with_the_account(chain: ChainView, program: Program, own: Person) -> None:
    program.post(AT, body(chain), Idempotency_Key="one")
    SentOnce.objects.update(expires_at=filed.NOW)
    refused(program.post(AT, body(chain), Idempotency_Key="one"), 409, "already-challenged")
    program.post(AT, body(chain, UNTOUCHED), Idempotency_Key="one")
    sent = SentOnce.objects.get()
    assert sent.expires_at - sent.sent_at == once.KEPT
    assert once.expire(now=sent.expires_at - DAY / 100) == 0
    personal_data.delete(Account.objects.get(pk=own.id), now=filed.NOW)
    assert not SentOnce.objects.exists()
    program.post(AT, body(chain, BROKEN))
    assert Event.objects.count() == 2


def test_what_is_over_is_removed(own: Person) -> None:
    once.done_once(once.Key(own, "one", b""), lambda: {"number": "x"}, now=filed.NOW)
    assert once.expire(now=filed.NOW + once.KEPT) == 1


def test_a_database_that_is_away_is_said_to_be(
    chain: ChainView, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> int:
        raise OperationalError("the server is away")

    monkeypatch.setattr(filing, "file_whole", away)
    refused(program.post(AT, body(chain)), 503, "database-away")
