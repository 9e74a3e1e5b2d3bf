"""Files that wait with a draft, or with what somebody adds: whose, how many, and what becomes of them."""

import json
from errno import ENOSPC
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from explorer.challenges import acting, drafts, events, files, inspection
from explorer.challenges.files import Place, Upload
from explorer.challenges.inspection import Inspected, NotTaken, inspected
from explorer.challenges.models import Challenge, Draft, EvidenceFile
from explorer.challenges.parties import Actor
from explorer.desk import quotas
from explorer.desk.quotas import Limit
from explorer.queries.chain.chains import ChainView
from explorer.rules.evidence import LARGEST, MOST_FILES
from explorer.rules.lifecycle import Role
from tests.explorer.challenges import filed
from tests.explorer.challenges.api.sending import Program, refused
from tests.explorer.challenges.filed import DAY, EDITED, UNTOUCHED, WHY
from tests.explorer.challenges.filing_forms import SignIn, drafted, send
from tests.explorer.challenges.hostile_files import photograph
from tests.explorer.challenges.keeping import names, stored, waiting
from tests.explorer.challenges.test_views import words

SECOND = Actor(Role.MODERATOR, "second")

pytestmark = [pytest.mark.django_db(databases=["default", "desk"]), pytest.mark.usefixtures("kept")]
LOG = b"at noon it said round\n"


def sent(name: str = "a.log", data: bytes = LOG) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def attach(visitor: Client, path: str, *chosen: SimpleUploadedFile, **fields: Any) -> Any:
    """Send a form with files, as a browser does."""
    return send(visitor, path, **{"files": list(chosen), "statement": WHY, **fields})


def test_a_draft_takes_files_and_what_is_filed_tells_of_them_by_hashes_with_salt(
    visitor: Client, chain: ChainView, sign_in: SignIn, kept: Path
) -> None:
    own = filed.person("own")
    sign_in(own)
    at = drafted(visitor, chain, UNTOUCHED)
    stays = attach(visitor, f"{at}/evidence", sent(), sent("b.jpg", photograph()), **{"add-files": "1"})
    assert stays.headers["Location"] == f"{at}/evidence#id_files"
    page = visitor.get(f"{at}/evidence")
    assert "Remove a.log" in words(page)
    assert 'enctype="multipart/form-data"' in page.content.decode()
    (first, _) = EvidenceFile.objects.order_by("pk")
    gone = send(
        visitor, f"{at}/evidence", statement="Half", **{"add-files": "1", "remove-file": str(first.pk)}
    )
    assert gone.status_code == HTTPStatus.FOUND
    assert Draft.objects.get().statement == "Half"
    assert attach(visitor, f"{at}/evidence", sent("c.log", LOG + LOG)).headers["Location"] == f"{at}/check"
    assert [name in words(visitor.get(f"{at}/check")) for name in ("a.log", "b.jpg", "c.log")] == [
        False, True, True,
    ]  # fmt: skip
    assert send(visitor, f"{at}/check").headers["Location"] == f"{at}/filed"
    challenge = Challenge.objects.get()
    event = challenge.events.select_related("payload").get()
    told = event.payload.facts["files"]
    assert [(each["number"], each["type"], each["bytes"]) for each in told][1] == (
        2,
        "text/plain",
        2 * len(LOG),
    )
    assert sha256(LOG + LOG).hexdigest().upper() not in json.dumps(event.payload.facts)
    rows = list(EvidenceFile.objects.order_by("number"))
    for row, each in zip(rows, told, strict=True):
        (data,) = (
            found
            for found in stored(kept)
            if sha256(bytes(row.salt or b"") + found).digest() == row.salted_sha256
        )
        assert each["salted_sha256"] == bytes(row.salted_sha256).hex().upper()
        assert (len(data), sha256(data).digest()) == (row.size, row.sha256)
    assert (rows[0].sent_sha256, rows[0].draft_id) == (sha256(photograph()).digest(), None)
    assert rows[0].sent_sha256 != rows[0].sha256
    assert list(events.faults(challenge)) == []
    token = {"csrfmiddlewaretoken": str(visitor.get("/my/report").context["csrf_token"])}
    late = visitor.post(f"{at}/evidence", token | {"files": sent("d.log")})
    assert late.headers["Location"] == f"{at}/filed"
    Draft.objects.update(expires_at=timezone.now())
    drafts.expire(now=timezone.now())
    assert names() == ["b.jpg", "c.log"]


def test_what_is_not_taken_is_said_beside_the_field_and_all_else_stays(
    visitor: Client, chain: ChainView, sign_in: SignIn
) -> None:
    sign_in(filed.person("own"))
    at = drafted(visitor, chain, EDITED)
    chosen = [
        sent(),
        sent("x\u202e<b>.png", b"<svg/>"),
        sent("large.txt", b"x" * (LARGEST + 1)),
        sent("again.log"),
    ]
    answer = attach(visitor, f"{at}/evidence", *chosen, statement="Typed with care.")
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    text = answer.content.decode()
    assert "Typed with care." in text
    assert 'href="#id_files"' in text
    assert "\u202e" not in text
    assert "<b>" not in text
    told = answer.context["form"].errors["files"]
    assert [each.partition(": ")[2][:24] for each in told] == [
        "It is called a picture, ", "A file has at most 2 MB,", "It is here already.",
    ]  # fmt: skip
    assert names() == ["a.log"]
    many = [sent(f"{number}.log", b"%d" % number) for number in range(MOST_FILES + 1)]
    answer = attach(visitor, f"{at}/evidence", *many)
    assert "no more may be: remove one first" in words(answer)
    assert f"At most {MOST_FILES} files are taken" in words(answer)
    assert EvidenceFile.objects.count() == MOST_FILES


def test_nobody_else_reaches_the_files_of_a_draft_and_without_an_account_there_are_none(
    visitor: Client, chain: ChainView, sign_in: SignIn, kept: Path
) -> None:
    at = drafted(visitor, chain)
    assert "To add files, go on and sign in" in words(visitor.get(f"{at}/evidence"))
    assert attach(visitor, f"{at}/evidence", sent()).headers["Location"] == f"{at}/check"
    assert (names(), stored(kept)) == ([], [])
    sign_in(filed.person("own"))
    attach(visitor, f"{at}/evidence", sent())
    pk = str(EvidenceFile.objects.get().pk)
    other = filed.person("other")
    sign_in(other)
    theirs = drafted(visitor, chain, UNTOUCHED)
    for given in (pk, "9" * 18, "9" * 400, "-1", "x", "\u0663"):
        send(visitor, f"{theirs}/evidence", statement=WHY, **{"remove-file": given})
    assert "a.log" not in words(visitor.get(f"{theirs}/evidence"))
    token = {"csrfmiddlewaretoken": str(visitor.get(f"{theirs}/evidence").context["csrf_token"])}
    assert (
        visitor.post(f"{at}/evidence", token | {"files": sent("b.log")}).status_code == HTTPStatus.NOT_FOUND
    )
    assert names() == ["a.log"]


def test_more_is_added_to_a_challenge_with_files_of_whoever_adds_it_alone(
    visitor: Client, chain: ChainView, sign_in: SignIn
) -> None:
    own, other = filed.person("own"), filed.person("other")
    challenge = filed.file(chain, EDITED, by=own, now=timezone.now())
    acting.join(
        challenge.number, filed.act(Role.JOINER, "other", person=other.id, now=timezone.now()), words="I too."
    )
    path = f"/my/challenges/{challenge.name}/evidence"
    sign_in(other)
    attach(visitor, path, sent("other.log", b"another"), **{"add-files": "1"})
    sign_in(own)
    stays = attach(visitor, path, sent(), statement="Half", **{"add-files": "1"})
    assert (stays.status_code, stays.context["form"]["statement"].value()) == (HTTPStatus.OK, "Half")
    assert ["Remove a.log" in words(stays), "other.log" in words(stays)] == [True, False]
    assert attach(visitor, path, statement="").status_code == HTTPStatus.BAD_REQUEST
    told = attach(visitor, path, sent("b.log", b"b")).headers["Location"]
    assert told.startswith(f"/my/challenges/{challenge.name}/own?event=")
    event = challenge.events.select_related("payload").get(type="add-evidence")
    assert [each["number"] for each in event.payload.facts["files"]] == [1, 2]
    assert list(event.files.order_by("number").values_list("name", flat=True)) == ["a.log", "b.log"]
    assert "a.log" not in words(visitor.get(path))
    sign_in(other)
    assert send(visitor, path, statement="More.").status_code == HTTPStatus.FOUND
    assert EvidenceFile.objects.get(name="other.log").number == 3
    assert list(events.faults(challenge)) == []


def test_files_are_looked_into_before_the_index_is_asked_for_a_transaction_that_waits_is_ended(
    visitor: Client, chain: ChainView, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = filed.person("own")
    sign_in(own)
    at, program = drafted(visitor, chain, UNTOUCHED), Program(own)
    challenge = filed.file(chain, EDITED, by=own, now=timezone.now())
    of_challenge = f"{challenge.name}/evidence"
    asked: list[int] = []

    def looked_into(*given: Any) -> Inspected:
        asked.append(len(queries))
        return inspected(*given)

    monkeypatch.setattr(files, "inspected", looked_into)
    bad = ("bad.png", b"x")
    record = {"record": f"{chain.rid}:{UNTOUCHED}", "ground": "malformed", "statement": WHY}
    links = f"{chain.rid}:{EDITED}"
    token = {"csrfmiddlewaretoken": str(visitor.get(f"{at}/evidence").context["csrf_token"])}
    for send_them in (
        lambda: visitor.post(f"{at}/evidence", token | {"files": [sent(*bad), sent()], "links": links}),
        lambda: visitor.post(
            f"/my/challenges/{of_challenge}", token | {"files": [sent(*bad), sent()], "links": links}
        ),
        lambda: program.post_form("/challenges", [bad, bad], body=record | {"links": [links]}),
        lambda: program.post_form(
            f"/challenges/{of_challenge}", [bad, bad], body={"statement": WHY, "links": [links]}
        ),
    ):
        with CaptureQueriesContext(connection) as queries:
            assert send_them().status_code in (HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY)
        assert len(queries) > 0
    assert asked == [0] * 8


def test_where_others_take_too_long_all_that_was_typed_stays_and_programs_are_told_to_come_again(
    visitor: Client, chain: ChainView, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = filed.person("own")
    sign_in(own)
    challenge = filed.file(chain, EDITED, by=own, now=timezone.now())
    monkeypatch.setattr(inspection, "LONGEST_WAIT", 0.01)
    with inspection._ONE_AT_A_TIME:
        answer = attach(
            visitor,
            f"/my/challenges/{challenge.name}/evidence",
            sent("b.jpg", photograph()),
            statement="Mine.",
        )
        assert "b.jpg: Other files are looked into just now: send it again in a moment." in words(answer)
        assert answer.context["form"]["statement"].value() == "Mine."
        refusal = refused(
            Program(own).post_form(
                f"/challenges/{challenge.name}/evidence", [("b.jpg", photograph())], body={"statement": WHY}
            ), 503, "busy",
        )  # fmt: skip
    assert "send it again in a moment" in refusal["detail"]
    assert challenge.events.count() == 1


@pytest.mark.parametrize("broken", ["full", "away", "locked"])
def test_where_a_file_cannot_be_kept_what_was_typed_stays(
    broken: str, visitor: Client, chain: ChainView, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch,
    kept: Path,
) -> None:  # fmt: skip
    class Away(Exception):
        """As those of a bucket are none of the system's."""

    def fail(*given: Any, **named: Any) -> Any:
        raise {"full": OSError(ENOSPC, "full"), "away": Away(), "locked": OperationalError()}[broken]

    own = filed.person("own")
    sign_in(own)
    challenge = filed.file(chain, EDITED, by=own, now=timezone.now())
    where: tuple[Any, str] = (quotas, "take") if broken == "locked" else (FileSystemStorage, "_save")
    monkeypatch.setattr(*where, fail)
    answer = attach(visitor, f"/my/challenges/{challenge.name}/evidence", sent(), statement="With care.")
    assert (answer.status_code, answer.context["form"]["statement"].value()) == (
        HTTPStatus.BAD_REQUEST, "With care.",
    )  # fmt: skip
    assert "a.log: " in words(answer)
    assert "just now: send it again in a moment." in words(answer)
    if broken != "locked":
        answer = Program(own).post_form(
            f"/challenges/{challenge.name}/evidence", [("a.log", LOG)], body={"statement": WHY}
        )
        assert int(answer.headers["Retry-After"]) > 0
        refused(answer, 503, "busy")
    assert (names(), stored(kept), challenge.events.count()) == ([], [], 1)


def test_what_one_sent_already_is_not_sent_again_with_something_else(chain: ChainView) -> None:
    own, now = filed.person("own"), timezone.now()
    challenge = filed.file(chain, UNTOUCHED, by=own, now=now, files=[b"a log"])
    place = waiting(own, chain, b"a table")
    with pytest.raises(
        NotTaken, match=f"You sent it with challenge {challenge.name}: say that it is the same"
    ):
        files.add(place, Upload("a.txt", b"a log"), now=now)
    of_challenge = Place(own.id, challenge=challenge.number)
    files.add(of_challenge, Upload("a.txt", b"a log"), now=now)
    with pytest.raises(NotTaken, match="It waits with something else of yours"):
        files.add(of_challenge, Upload("a.txt", b"a table"), now=now)
    files.remove(place, [each.pk for each in place.waiting()])
    files.add(of_challenge, Upload("a.txt", b"a table"), now=now)
    waiting(filed.person("other"), chain, b"a log", b"a table")


def test_one_account_sends_so_much_a_day_and_is_looked_at_so_often(
    chain: ChainView, monkeypatch: pytest.MonkeyPatch, kept: Path
) -> None:
    monkeypatch.setattr(files, "LIMITS", (Limit("KiB", most=3, period=DAY),))
    monkeypatch.setattr(files, "TRIES", (Limit("tries", most=5, period=DAY),))
    own = filed.person("own")
    place = waiting(own, chain, b"x" * 1_025)
    with pytest.raises(NotTaken, match="more than you may send in a day"):
        files.add(place, Upload("a.txt", b"y" * 1_025), now=timezone.now())
    files.add(place, Upload("a.txt", b"y"), now=timezone.now())
    with pytest.raises(NotTaken, match="It is empty"):
        files.add(place, Upload("a.txt", b""), now=timezone.now())
    files.remove(place, [EvidenceFile.objects.latest("pk").pk])
    with pytest.raises(NotTaken, match="more than you may send in a day"):
        files.add(place, Upload("a.txt", b"z"), now=timezone.now())
    with pytest.raises(NotTaken, match="You sent many files"):
        files.add(place, Upload("a.txt", b"z"), now=timezone.now())
    assert sorted(map(len, stored(kept))) == [1, 1_025]  # what was removed goes when that is committed
    waiting(filed.person("other"), chain, b"z")
