"""Files that go: swept, with an account, with words that are erased; and those that stay."""

from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from explorer.accounts import personal_data
from explorer.accounts.models import Account
from explorer.challenges import drafts, events, files, withholding
from explorer.challenges.files import Place, Upload
from explorer.challenges.models import Challenge, EvidenceFile
from explorer.challenges.parties import Actor
from explorer.queries.chain.chains import ChainView
from explorer.rules.lifecycle import Role
from tests.explorer.challenges import filed
from tests.explorer.challenges.filed import DAY, UNTOUCHED
from tests.explorer.challenges.keeping import names, stored, waiting

pytestmark = [pytest.mark.django_db(databases=["default", "desk"]), pytest.mark.usefixtures("kept")]


def test_what_waited_too_long_and_what_no_row_knows_is_swept_and_nothing_else(
    chain: ChainView, kept: Path, django_capture_on_commit_callbacks: Any
) -> None:
    assert files.sweep(now=timezone.now()) == 0
    own = filed.person("own")
    waiting(own, chain, b"of a draft")
    of_challenge = Place(own.id, challenge=filed.file(chain, UNTOUCHED, by=own).number)
    files.add(of_challenge, Upload("a.txt", b"of a challenge"), now=timezone.now())
    lost = kept / "ab" / ("ab" * 32)
    lost.parent.mkdir(mode=0o700)
    lost.write_bytes(b"lost")
    assert files.sweep(now=timezone.now()) == 0
    assert files.sweep(now=timezone.now() + timedelta(hours=2)) == 1
    assert sorted(stored(kept)) == [b"of a challenge", b"of a draft"]
    later = timezone.now() + 15 * DAY
    drafts.expire(now=later)
    with django_capture_on_commit_callbacks(using="desk", execute=True):
        files.sweep(now=later)
    assert (stored(kept), names()) == ([], [])
    assert all(each.stat().st_mode & 0o077 == 0 for each in [kept, *kept.rglob("*")])


def test_what_is_no_file_of_this_site_is_not_swept_and_nothing_where_the_tables_know_of_hardly_any(
    chain: ChainView, kept: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def put(*places: str) -> None:
        for each in places:
            (kept / each).parent.mkdir(exist_ok=True)
            (kept / each).write_bytes(each.encode())

    waiting(filed.person("own"), chain, b"known")
    later, of_others = timezone.now() + timedelta(hours=2), ("photos/holiday.jpg", f"ab/{'cd' * 32}", "ab/ab")
    put(*of_others)
    assert files.sweep(now=later) == 0
    lost = [f"ab/ab{number:062x}" for number in range(3)]
    put(*lost)
    monkeypatch.setattr(files, "_MOST_LOST", 2)
    assert files.sweep(now=later) == 0
    assert "3 files in FILES are known by no row and 1 are: none was removed" in caplog.text
    (kept / lost[0]).unlink()
    assert files.sweep(now=later) == 2
    assert sorted(stored(kept)) == sorted([b"known", *(each.encode() for each in of_others)])


def test_whoever_deletes_his_account_leaves_what_he_filed_and_nothing_that_waits(
    chain: ChainView, kept: Path, django_capture_on_commit_callbacks: Any
) -> None:
    own = filed.person("own")
    filed.file(chain, UNTOUCHED, by=own, now=timezone.now(), files=[b"filed"])
    waiting(own, chain, b"waits")
    account = Account.objects.get(pk=own.id)
    told = personal_data.export(account)["files"]
    assert [(each["name"], each["challenge"], each["number"]) for each in told] == [
        ("0.txt", Challenge.objects.get().name, 1), ("0.txt", None, None),
    ]  # fmt: skip
    assert told[0]["sha256"] == sha256(b"filed").hexdigest().upper()
    with django_capture_on_commit_callbacks(using="desk", execute=True):
        personal_data.delete(account, now=timezone.now())
    row = EvidenceFile.objects.get()
    assert (row.number, row.person_id, stored(kept)) == (1, None, [b"filed"])


def test_erasing_words_erases_what_goes_with_them_and_hiding_does_not(
    chain: ChainView, kept: Path, django_capture_on_commit_callbacks: Any
) -> None:
    challenge = filed.file(chain, UNTOUCHED, by=filed.person("own"), files=[b"of a person"])
    moderator = filed.act(Role.MODERATOR, "moderator")
    of: dict[str, Any] = {"ordinal": 1, "category": "personal data", "basis": "a name"}
    withholding.suppress(challenge.number, moderator, **of)
    assert (names(), stored(kept)) == (["0.txt"], [b"of a person"])
    with django_capture_on_commit_callbacks(using="desk", execute=True):
        withholding.suppress(
            challenge.number, moderator, **of, erase=True, second=Actor(Role.MODERATOR, "second")
        )
    row = EvidenceFile.objects.get()
    assert (row.name, row.sha256, row.sent_sha256, row.salt, row.stored, stored(kept)) == (
        "", None, None, None, "", [],
    )  # fmt: skip
    assert (row.number, row.size, row.type) == (1, 11, "text/plain")
    assert list(events.faults(challenge)) == []
