"""Files that programs send: looked into as those of a form, kept with what they go with or not at all."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from pytest_django import Settings

from explorer.challenges import acting, files
from explorer.challenges.files import Place, Upload
from explorer.challenges.models import Challenge, EvidenceFile, SentOnce
from explorer.challenges.person import Person
from explorer.desk.quotas import Limit
from explorer.queries.chain.chains import ChainView
from explorer.rules.evidence import MOST_FILES
from explorer.rules.lifecycle import Role
from tests.explorer.challenges import filed
from tests.explorer.challenges.api.sending import Program, faults, refused
from tests.explorer.challenges.filed import DAY, EDITED, UNTOUCHED, WHY
from tests.explorer.challenges.hostile_files import REFUSED, TAKEN, photograph

pytestmark = pytest.mark.django_db(databases=["default", "desk"])
AT = "/challenges"
LOG = ("a.log", b"at noon it said round\n")
OTHER = ("b.jpg", photograph())


@pytest.fixture(autouse=True)
def kept(settings: Settings, tmp_path: Path) -> Path:
    """Where the bytes are; the site takes challenges."""
    settings.CHALLENGES = True
    settings.MEDIA_ROOT = tmp_path / "evidence"
    return tmp_path / "evidence"


@pytest.fixture
def own() -> Person:
    return filed.person("own")


@pytest.fixture
def program(own: Person) -> Program:
    return Program(own)


def asked(chain: ChainView, prompt_id: int = EDITED, **more: Any) -> dict[str, Any]:
    return {"record": f"{chain.rid}:{prompt_id}", "ground": "malformed", "statement": WHY} | more


def stored(kept: Path) -> int:
    return len([each for each in kept.rglob("*") if each.is_file()])


def test_what_is_filed_and_added_tells_of_its_files_and_of_no_others(
    chain: ChainView, program: Program, own: Person, kept: Path
) -> None:
    answer = program.post_form(AT, [LOG, OTHER], body=asked(chain, ground="result-altered"))
    assert answer.status_code == 201, answer.content
    challenge = Challenge.objects.get()
    waits = Place(own.id, challenge=challenge.number)
    files.add(waits, Upload("typed.txt", b"of the form"), now=timezone.now())
    said = {"statement": "More."}
    more = program.post_form(f"{AT}/{challenge.name}/evidence", [("c.csv", b"a,b")], body=said)
    assert (more.status_code, more.json()["event"]) == (201, 2), more.content
    told = [each.payload.facts["files"] for each in challenge.events.order_by("ordinal")]
    assert [[(each["number"], each["type"]) for each in event] for event in told] == [
        [(1, "text/plain"), (2, "image/jpeg")], [(3, "text/csv")],
    ]  # fmt: skip
    rows = EvidenceFile.objects.exclude(event=None).order_by("number")
    assert [each.name for each in rows] == ["a.log", "b.jpg", "c.csv"]
    assert [each.name for each in waits.waiting()] == ["typed.txt"]
    assert stored(kept) == 4
    without = program.post_form(f"{AT}/{challenge.name}/evidence", [], body=said)
    assert without.status_code == 201
    assert "files" not in challenge.events.get(ordinal=3).payload.facts


def test_what_is_wrong_with_words_and_files_is_said_at_once_and_nothing_is_kept(
    chain: ChainView, program: Program, own: Person, kept: Path
) -> None:
    wrong = [REFUSED["SVG as text"][:2], LOG, ("again.log", LOG[1]), ("x\u202e<b>.exe", b"x")]
    of_files = {("files.1", "not-taken"), ("files.3", "not-taken"), ("files.4", "not-taken")}
    answer = program.post_form(AT, wrong, body=asked(chain, statement="", ground="x"))
    assert faults(answer) == {("statement", "required"), ("ground", "not-a-choice")} | of_files
    assert "\u202e" not in answer.json()["errors"][-1]["detail"]
    mine = filed.file(chain, EDITED, by=own, now=timezone.now())
    evidence = f"{AT}/{mine.name}/evidence"
    assert faults(program.post_form(evidence, wrong, body={})) == {("statement", "required")} | of_files
    many = [(f"{number}.txt", b"%d" % number) for number in range(MOST_FILES + 1)]
    assert faults(program.post_form(AT, many, body=asked(chain))) == {("files", "too-many")}
    stranger = Program(filed.person("other"))
    refused(stranger.post_form(evidence, wrong, body={}), 403, "forbidden")
    refused(
        program.post_form(AT, [LOG], body=asked(chain, ground="result-altered")), 409, "already-challenged"
    )
    assert (EvidenceFile.objects.count(), stored(kept)) == (0, 0)


def test_what_only_looks_like_a_file_is_refused_as_in_a_form(chain: ChainView, program: Program) -> None:
    hostile = [each[:2] for each in REFUSED.values() if each[1]]
    for begin in range(0, len(hostile), MOST_FILES):
        some = hostile[begin : begin + MOST_FILES]
        found = faults(program.post_form(AT, some, body=asked(chain)))
        assert found == {(f"files.{number}", "not-taken") for number in range(1, len(some) + 1)}
    honest = list(TAKEN.values())[:MOST_FILES]
    assert program.post_form(AT, [each[:2] for each in honest], body=asked(chain)).status_code == 201
    assert list(EvidenceFile.objects.order_by("number").values_list("name", flat=True)) == [
        each[2] for each in honest
    ]


def test_a_form_that_cannot_be_read_is_said_to_be_none(
    chain: ChainView, program: Program, own: Person
) -> None:
    def told(answer: Any, kind: str = "bad-parameter") -> list[tuple[str, str]]:
        found = refused(answer, 400, kind)
        return [(each["parameter"], each["code"]) for each in found["errors"]]

    body = json.dumps(asked(chain))
    assert told(program.post_form(AT, [LOG])) == [("body", "missing")]
    assert told(program.post_form(AT, [LOG], parts={"body": [body, body]})) == [("body", "missing")]
    assert told(program.post_form(AT, [], parts={"body": body, "files": "x", "red": "x"})) == [
        ("red", "unknown"), ("files", "not-a-file"),
    ]  # fmt: skip
    assert told(program.post_form(AT, [LOG], parts={"body": "{"}), "not-json") == [("body", "not-json")]
    assert told(program.post_form(AT, [LOG], body=[]), "not-json") == [("body", "not-json")]
    assert told(program.post_form(AT, [LOG], body=asked(chain), boundary="x" * 5_000)) == [
        ("body", "not-a-form")
    ]
    refused(program.post_form(AT, [LOG], body=asked(chain, statement="x" * 70_000)), 413, "too-large")
    refused(program.post_form(AT, [("a.txt", b"x" * 11_000_000)], body=asked(chain)), 413, "too-large")
    mine = filed.file(chain, EDITED, by=own, now=timezone.now())
    joined = Program(filed.person("other")).post_form(
        f"{AT}/{mine.name}/join", [LOG], body={"statement": WHY}
    )
    assert told(joined, "not-json") == [("body", "not-json")]
    as_file = [SimpleUploadedFile("blob", body.encode())]
    assert program.post_form(AT, [LOG], parts={"body": as_file}).status_code == 201


def test_the_same_files_under_a_key_are_sent_once_however_they_are_cut(
    chain: ChainView, program: Program, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "TRIES", (Limit("tries", most=2, period=DAY),))
    body = asked(chain)
    first = program.post_form(AT, [LOG], body=body, Idempotency_Key="one")
    assert first.status_code == 201, first.content
    for _ in range(3):
        again = program.post_form(AT, [LOG], body=body, boundary="otherwise", Idempotency_Key="one")
        assert (again.status_code, again.json()) == (201, first.json())
    for chosen in ([("a.log", b"other")], [("b.log", LOG[1])], [LOG, LOG], []):
        refused(program.post_form(AT, chosen, body=body, Idempotency_Key="one"), 422, "key-reused")
    assert (EvidenceFile.objects.count(), stored(kept), SentOnce.objects.count()) == (1, 1, 1)


def test_one_account_sends_so_much_a_day_and_is_looked_at_so_often_also_where_it_is_refused(
    chain: ChainView, program: Program, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "LIMITS", (Limit("KiB", most=2, period=DAY),))
    monkeypatch.setattr(files, "TRIES", (Limit("tries", most=3, period=DAY),))
    answer = program.post_form(AT, [("a.txt", b"x" * 3_000)], body=asked(chain))
    assert "more than you may send in a day" in refused(answer, 429, "too-many")["detail"]
    assert 0 < int(answer.headers["Retry-After"]) <= DAY.total_seconds()
    faults(program.post_form(AT, [("a.txt", b"")], body=asked(chain)))
    assert program.post_form(AT, [LOG], body=asked(chain)).status_code == 201
    answer = program.post_form(AT, [LOG], body=asked(chain, UNTOUCHED))
    assert "You sent many files" in refused(answer, 429, "too-many")["detail"]
    assert (Challenge.objects.count(), stored(kept)) == (1, 1)


def test_what_cannot_be_done_any_more_leaves_no_file(
    chain: ChainView, program: Program, own: Person, kept: Path
) -> None:
    challenge = filed.file(chain, UNTOUCHED, "malformed", by=own, now=timezone.now())
    act = filed.act(Role.CHALLENGER, own.name, person=own.id, now=timezone.now())
    acting.withdraw(challenge.number, act, words="")
    answer = program.post_form(f"{AT}/{challenge.name}/evidence", [LOG, OTHER], body={"statement": WHY})
    refused(answer, 409, "not-now")
    assert (EvidenceFile.objects.count(), stored(kept)) == (0, 0)
