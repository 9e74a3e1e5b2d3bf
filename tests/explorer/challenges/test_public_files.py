"""Files of challenges as everybody sees them: what was looked through, to be kept and not opened."""

from collections.abc import Iterator, Mapping
from hashlib import sha256
from http import HTTPStatus
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.test import override_settings
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from explorer.challenges import acting, files, withholding
from explorer.challenges.files import Place, Upload
from explorer.challenges.inspection import NotTaken
from explorer.challenges.links import linked
from explorer.challenges.models import Challenge, EvidenceFile
from explorer.challenges.parties import Actor
from explorer.queries.chain.chains import ChainView
from explorer.queries.records.record import record
from explorer.rules.lifecycle import Role
from indexer.models import Suppression
from tests.explorer import shown
from tests.explorer.api.asking import ask
from tests.explorer.challenges import filed, shown_challenges
from tests.explorer.challenges.filed import EDITED, UNTOUCHED
from tests.explorer.challenges.hostile_files import photograph
from tests.explorer.challenges.test_views import words
from tests.explorer.conftest import Tables
from tests.explorer.pages.asking import get, page
from tests.indexer.records.erasing import hide

SECOND = Actor(Role.MODERATOR, "second")

pytestmark = pytest.mark.django_db(databases=["default", "desk"])
LOG = b"=1+1 <script>\n"
NAMES = {"log": ("naïve page.html.csv", LOG), "photograph": ("b.jpg", photograph())}


@pytest.fixture(scope="module")
def chain(_tables: Tables) -> ChainView:
    return _tables.hold("challenged", lambda: shown.index_made(filed.made_chain(), is_kept=True))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("evidence")


@pytest.fixture(scope="module")
def every(
    chain: ChainView, folder: Path, django_db_blocker: DjangoDbBlocker
) -> Iterator[Mapping[str, Challenge]]:
    """One whose files are shown, with more that wait; one whose words are withheld, one whose were erased."""
    with django_db_blocker.unblock(), override_settings(MEDIA_ROOT=folder):
        found = {
            name: _filed(chain, name, prompt_id, ground)
            for name, prompt_id, ground in (
                ("shown", EDITED, "result-altered"),
                ("hidden", EDITED, "malformed"),
                ("erased", UNTOUCHED, "malformed"),
                ("waiting", UNTOUCHED, "result-altered"),
            )
        }
        _add(found["shown"], links=f"{chain.rid}:{UNTOUCHED}.1", **NAMES)
        arbiter = filed.act(Role.ARBITER, now=timezone.now())
        for name in ("shown", "hidden", "erased"):
            acting.publish(found[name].number, arbiter)
        _add(found["shown"], last=("later.txt", b"later"))
        of: dict[str, Any] = {"ordinal": 1, "category": "personal data", "basis": "a name"}
        moderator = filed.act(Role.MODERATOR, now=timezone.now())
        withholding.suppress(found["hidden"].number, moderator, **of)
        withholding.suppress(
            found["erased"].number, moderator, **of, erase=True, second=Actor(Role.MODERATOR, "second")
        )
        yield found
        shown_challenges.empty()


def _filed(chain: ChainView, name: str, prompt_id: int, ground: str) -> Challenge:
    by, now = filed.person(name), timezone.now()
    return filed.file(chain, prompt_id, ground, by=by, now=now, files=[name.encode()])


def _add(challenge: Challenge, *, links: str = "", **chosen: tuple[str, bytes]) -> None:
    by = challenge.parties.get(role="challenger")
    place = Place(by.person_id, challenge=challenge.number)
    for name, data in chosen.values():
        files.add(place, Upload(name, data), now=timezone.now())
    act = filed.act(Role.CHALLENGER, by.name, person=by.person_id, now=timezone.now())
    acting.add_evidence(challenge.number, act, words="See the file.", links=links, waiting=place.waiting())


def at(challenge: Challenge, number: int | str) -> str:
    return f"/challenges/{challenge.name}/evidence/{number}"


def test_a_file_that_was_looked_through_is_given_to_be_kept_and_never_opened(
    every: Mapping[str, Challenge],
) -> None:
    for number, (name, kind, data) in enumerate(
        [
            ("0.txt", "text/plain; charset=utf-8", b"shown"),
            ("na%C3%AFve_page_html.csv", "text/csv; charset=utf-8", LOG),
            ("b.jpg", "image/jpeg", None),
        ],
        1,
    ):
        answer = get(at(every["shown"], number))
        assert answer.status_code == HTTPStatus.OK
        assert answer.headers["Content-Type"] == kind
        assert answer.headers["Content-Disposition"].startswith("attachment; filename")
        assert name in answer.headers["Content-Disposition"]
        assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Robots-Tag"] == "noindex"
        assert answer.headers["Cache-Control"] == "no-cache"
        assert not answer.cookies
        assert data is None or answer.content == data
        assert b"Exif" not in answer.content


@pytest.mark.parametrize(
    ("name", "number", "status", "said"),
    [
        ("waiting", 1, HTTPStatus.NOT_FOUND, "once somebody has looked it through"),
        ("shown", 4, HTTPStatus.NOT_FOUND, "once somebody has looked it through"),
        ("shown", 5, HTTPStatus.NOT_FOUND, "has no file 5"),
        ("shown", 0, HTTPStatus.NOT_FOUND, "has no file 0"),
        ("hidden", 1, HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS, "a moderator took it out"),
        ("erased", 1, HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS, "a moderator took it out"),
    ],
)
def test_what_is_not_shown_says_why_and_gives_neither_name_nor_hash(
    name: str, number: int, status: HTTPStatus, said: str, every: Mapping[str, Challenge]
) -> None:
    answer = get(at(every[name], number))
    assert answer.status_code == status
    assert said in words(answer)
    told = ask(at(every[name], number))
    if "has no file" in said:
        assert told.status_code == HTTPStatus.NOT_FOUND
        return
    assert told.json()["file"] is None
    assert {told.json()[each] for each in ("name", "sha256", "sent_sha256", "salt")} == {None}
    for path in (f"/challenges/{every[name].name}", f"/api/v1/challenges/{every[name].name}"):
        text = get(path).content.decode()
        assert "later.txt" not in text
        assert sha256(b"later").hexdigest().upper() not in text


def test_the_page_and_the_api_tell_of_each_file_and_how_to_check_it(every: Mapping[str, Challenge]) -> None:
    challenge = every["shown"]
    text = page(f"/challenges/{challenge.name}")
    assert text.count(f'href="/challenges/{challenge.name}/evidence/') == 3
    assert "drawn anew from what was sent" in text
    assert "File 4, which is not shown" in words(get(f"/challenges/{challenge.name}"))
    (filed_files, added, waiting) = (
        each["files"]
        for part in ("challenging", "evidence")
        for each in ask(f"/challenges/{challenge.name}").json()[part]
    )
    assert [each["number"] for each in (*filed_files, *added, *waiting)] == [1, 2, 3, 4]
    for each in (*filed_files, *added):
        one = ask(at(challenge, each["number"])).json()
        more = {"challenge": challenge.name, "file": at(challenge, each["number"]), "silence": None}
        assert one == each | more
        data = get(one["file"]).content
        assert sha256(data).hexdigest().upper() == one["sha256"]
        assert sha256(bytes.fromhex(one["salt"]) + data).hexdigest().upper() == one["salted_sha256"]
    events = ask(f"/challenges/{challenge.name}/events").json()["results"]
    told = [file for event in events for file in event["facts"].get("files", ())]
    assert [each["salted_sha256"] for each in told] == [
        each["salted_sha256"] for each in (*filed_files, *added, *waiting)
    ]


def test_what_everybody_can_read_is_pointed_at_and_of_what_else_there_is_nobody_is_told(
    chain: ChainView, every: Mapping[str, Challenge]
) -> None:
    now = timezone.now()
    stranger = filed.person("stranger")
    place = Place(stranger.id, draft=filed.draft(chain, UNTOUCHED, by=stranger).pk)
    shown, drawn = at(every["shown"], 1), at(every["shown"], 3)
    kept = get(drawn).content
    assert kept != photograph()
    for data, where in ((b"shown", shown), (photograph(), drawn), (kept, drawn)):
        upload = Upload("a.txt" if where == shown else "a.jpg", data)
        with pytest.raises(NotTaken, match=f"already: point at it, as {where}, in place"):
            files.add(place, upload, now=now)
    hidden = [b"hidden", b"erased", b"waiting", b"later"]
    for data in hidden:
        files.add(place, Upload("a.txt", data), now=now)
    assert place.waiting().count() == len(hidden)
    assert linked(f"https://any.example{shown}\n/api/v1{drawn}") == (
        f"{every['shown'].name}/1\n{every['shown'].name}/3"
    )
    for name, number in (("waiting", 1), ("shown", 4), ("hidden", 1), ("erased", 1)):
        with pytest.raises(ValidationError, match="Line 1: No such file is shown here"):
            linked(at(every[name], number))
    (answer,) = (each.answer for each in record(chain, EDITED).revisions[:1])
    assert answer is not None
    hide(Suppression.Subject.CONTENT, answer.hash)
    files.remove(place, [each.pk for each in place.waiting()])
    files.add(place, Upload("a.txt", b"shown"), now=now)


def test_whoever_looks_files_through_is_told_of_all_that_are_the_same(every: Mapping[str, Challenge]) -> None:
    now = timezone.now()
    challenge, stranger = every["shown"], filed.person("stranger")
    acting.join(
        challenge.number, filed.act(Role.JOINER, stranger.name, person=stranger.id, now=now), words="I too."
    )
    place = Place(stranger.id, challenge=challenge.number)
    files.add(place, Upload("a.txt", b"hidden"), now=now)
    act = filed.act(Role.JOINER, stranger.name, person=stranger.id, now=now)
    acting.add_evidence(challenge.number, act, words="See it.", waiting=place.waiting())
    said = StringIO()
    call_command("challenge", "show", challenge.name, stdout=said)
    assert f"File 5 has the bytes of file 1 of challenge {every['hidden'].name}." in said.getvalue()
    assert said.getvalue().count("has the bytes of") == 1


def test_a_file_is_withheld_with_the_words_of_the_record(
    chain: ChainView, every: Mapping[str, Challenge]
) -> None:
    (answer,) = (each.answer for each in record(chain, EDITED).revisions[:1])
    assert answer is not None
    hide(Suppression.Subject.CONTENT, answer.hash)
    for number in (1, 2, 3):
        refused = get(at(every["shown"], number))
        assert refused.status_code == HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS
        assert "words of the record are withheld" in words(refused)
        assert ask(at(every["shown"], number)).json()["silence"] == "with-record"
    assert "b.jpg" not in get(f"/challenges/{every['shown'].name}").content.decode()


def test_what_points_at_a_record_leads_there_and_is_withheld_with_its_words(
    chain: ChainView, every: Mapping[str, Challenge]
) -> None:
    path = f"/challenges/{every['shown'].name}"
    link = f'<a href="/chains/{chain.rid}/records/{UNTOUCHED}?revision=1">record #{UNTOUCHED}, revision 1</a>'
    assert link in page(path)
    (answer,) = (each.answer for each in record(chain, UNTOUCHED).revisions)
    assert answer is not None
    hide(Suppression.Subject.CONTENT, answer.hash)
    text = page(path)
    assert [link in text, "b.jpg" in text, "See the file." in text, filed.WHY in text] == [
        False,
        False,
        False,
        True,
    ]
    statuses = [get(at(every["shown"], number)).status_code for number in (1, 2, 3)]
    assert statuses == [200, 451, 451]


def test_bytes_that_are_not_those_that_were_sent_are_not_given(every: Mapping[str, Challenge]) -> None:
    row = EvidenceFile.objects.get(challenge=every["shown"], number=1)
    place = Path(default_storage.path(row.stored))
    data = place.read_bytes()
    try:
        for change in (lambda: place.write_bytes(b"other"), place.unlink):
            change()
            answer = get(at(every["shown"], 1))
            assert answer.status_code == HTTPStatus.INTERNAL_SERVER_ERROR
            assert "This is damaged here" in words(answer)
    finally:
        place.write_bytes(data)


@pytest.mark.parametrize("number", ["01", "x", "-1", "9" * 30, "1/", "1.txt", "\u0661"])
def test_what_is_no_number_of_a_file_is_nowhere(number: str, every: Mapping[str, Challenge]) -> None:
    answer: Any = get(at(every["shown"], number))
    assert answer.status_code in {HTTPStatus.NOT_FOUND, HTTPStatus.MOVED_PERMANENTLY}
