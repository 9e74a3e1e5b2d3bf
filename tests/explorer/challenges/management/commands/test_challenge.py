"""``manage.py challenge``: what arbiters and moderators do, on the machine of the site."""

from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone
from pytest_django import Settings

from explorer.accounts.models import Appointment, Respondent
from explorer.challenges import acting
from explorer.challenges.models import Challenge, Party
from explorer.challenges.parties import plain
from explorer.queries.chain.chains import ChainView
from explorer.rules.lifecycle import Role
from tests.explorer import shown
from tests.explorer.challenges import filed
from tests.explorer.challenges.filed import NOW, UNTOUCHED, WHY

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "desk"])
WITHHELD = ("--category", "personal data", "--basis", "privacy")
REASONS = dict.fromkeys(
    ("--found", "--relied-on", "--automated", "--unknown", "--effect", "--conflicts"), "Said."
)


@pytest.fixture
def chain() -> Iterator[ChainView]:
    yield shown.index_made(filed.made_chain())
    shown.forget()


@pytest.fixture
def challenge(chain: ChainView) -> Challenge:
    return filed.file(
        chain, UNTOUCHED, by=filed.person("mallow"), now=timezone.now(), statement=f"{WHY}\n\x1b[2Jcleared"
    )


def run(*given: str, **options: str) -> str:
    out = StringIO()
    more = [part for name, value in options.items() for part in (name, value)]
    call_command("challenge", *given, *more, stdout=out)
    return out.getvalue()


def test_one_is_listed_read_screened_answered_decided_and_withheld(challenge: Challenge) -> None:
    name, by = challenge.name, {"--by": "arbiter one"}
    assert f"{name}  " in run("list")
    assert "1 to screen" in run("list")
    read = run("show", name)
    assert f"    statement: {WHY}" in read
    assert "\x1b" not in read
    assert "not shown" in read
    assert "screening" in read
    told = run("ask", name, **by, **{"--missing": "statement", "--words": "Which one?"})
    assert f"{name}  needs-info" in told
    with pytest.raises(CommandError, match="more is asked for"):
        run("close", name, **by, **{"--reason": "spam", "--words": "No."})
    Challenge.objects.update(status="screening")
    assert f"{name}  open" in run("screen", name, **by)
    with pytest.raises(CommandError, match="nothing that waits"):
        run("screen", name, **by)
    run("extend", name, **{"--by": "the writer"})
    assert f"{name}  review" in run("respond", name, **{"--by": "the writer", "--words": "It was so."})
    decision = {"--by": "arbiter two", "--resolution": "not-upheld", **REASONS}
    with pytest.raises(CommandError, match="looked through"):
        run("decide", name, **decision)
    run("screen", name, **by)
    with pytest.raises(CommandError, match="add evidence until"):
        run("decide", name, **decision)
    assert "nothing is decided" not in run("list")
    Challenge.objects.update(entered_at=timezone.now() - 30 * filed.DAY)
    assert "nothing is decided since" in run("list")
    Challenge.objects.update(entered_at=timezone.now())
    decided = run("decide", name, "--before-evidence-ends", **decision)
    assert f"{name}  decided  not-upheld" in decided
    hidden = {"--by": "m", "--event": "1", "--category": "personal data", "--basis": "law"}
    assert WHY in run("suppress", name, **hidden)
    run("publish", name, **{"--by": "m", "--event": "1"})
    with pytest.raises(CommandError, match="name a second person"):
        run("suppress", name, "--erase", **hidden)
    run("suppress", name, **hidden)
    assert "event 1 is withheld by one person alone: a second one agrees by " in run("list")
    run("agree", name, **{"--by": "m2", "--event": "1"})
    assert "alone" not in run("list")
    assert WHY not in run("suppress", name, "--erase", **hidden, **{"--also-by": "m2"})
    assert name in run("list")


def test_words_that_came_after_what_was_read_are_not_shown_and_that_is_said(
    challenge: Challenge, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, by = challenge.name, {"--by": "arbiter one"}
    assert f"challenge screen {name} --by NAME --seen 1\n" in run("show", name)
    _join(challenge, "one", "came later")
    told = run("screen", name, **by, **{"--seen": "1"})
    assert "Not shown so far: event 2." in told
    assert f"--seen {challenge.events.count()}\n" in told
    assert _shown(challenge) == {1, 3}
    with pytest.raises(CommandError, match="events 1 to 3"):
        run("screen", name, **by, **{"--seen": "4"})

    publish = acting.publish

    def meanwhile(*given: Any, **more: Any) -> Challenge:
        _join(challenge, "two", "came while it was screened")
        return publish(*given, **more)

    monkeypatch.setattr(acting, "publish", meanwhile)
    told = run("screen", name, **by)
    before, _, after = told.partition(f"{name}  open")
    assert ("came later" in before, "came while" in before) == (True, False)
    assert "Not shown so far: event 4." in after
    assert _shown(challenge) == {1, 2, 3, 5}


def test_files_are_shown_by_whoever_says_that_he_saw_them(
    chain: ChainView, settings: Settings, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    own = filed.person("mallow")
    challenge = filed.file(chain, UNTOUCHED, by=own, now=timezone.now(), files=[b"one", b"two"])
    name, by = challenge.name, {"--by": "somebody"}
    to_see = f"manage.py evidence {name} --into FOLDER"
    assert f"    2 files: {to_see}\n" in run("show", name)
    for act in ("screen", "publish"):
        with pytest.raises(CommandError, match=f"with event 1, .*{to_see}.* --seen EVENT"):
            run(act, name, **by)
    assert _shown(challenge) == set()
    run("screen", name, **by, **{"--seen": "1"})
    assert _shown(challenge) == {1, 2}
    run("suppress", name, **by, **{"--event": "1", "--category": "personal data", "--basis": "law"})
    assert _shown(challenge) == {2}
    run("publish", name, **by, **{"--event": "1"})
    assert _shown(challenge) == {1, 2, 4}


def _join(challenge: Challenge, who: str, words: str) -> None:
    acting.join(challenge.number, filed.act(Role.JOINER, who), words=words)


def _shown(challenge: Challenge) -> set[int]:
    return set(challenge.events.exclude(payload__published_at=None).values_list("ordinal", flat=True))


@pytest.mark.parametrize("name", ["C-2026-000999", "123", "C-x-y"])
def test_what_is_no_challenge_is_said(name: str, challenge: Challenge) -> None:
    with pytest.raises(CommandError):
        run("show", name)


def test_a_duplicate_says_of_which_one(challenge: Challenge, chain: ChainView) -> None:
    other = filed.file(chain, UNTOUCHED, "malformed", by=filed.person("other"), now=timezone.now())
    given: dict[str, Any] = {"--by": "a", "--reason": "duplicate", "--words": "The same."}
    with pytest.raises(CommandError, match="Say of which"):
        run("close", other.name, **given)
    run("close", other.name, **given, **{"--duplicate-of": challenge.name})
    other.refresh_from_db()
    assert (other.status, other.close_reason, other.duplicate_of) == ("closed", "duplicate", challenge.number)


def test_an_account_acts_as_what_it_is_appointed_to_and_as_itself(
    challenge: Challenge, chain: ChainView
) -> None:
    people = {name: filed.person(name) for name in ("reader-a", "reader-b", "reader-c")}
    for name, role in (("reader-a", "moderator"), ("reader-b", "arbiter")):
        Appointment.objects.create(account_id=people[name].id, role=role, since=NOW)
    for refused in ("reader-a", "READER-A", "\uff52eader a", "reader-a.", "reader-c"):
        with pytest.raises(CommandError, match="which is no arbiter"):
            run("screen", challenge.name, "--by", refused)
    for nobody in ("", "  "):
        with pytest.raises(CommandError, match="Give the public name"):
            run("screen", challenge.name, "--by", nobody)
    assert not Party.objects.filter(role="arbiter").exists()
    run("screen", challenge.name, "--by", "Reader-B")
    (party,) = Party.objects.filter(role="arbiter")
    assert (party.name, party.person_id) == ("reader-b", people["reader-b"].id)
    with pytest.raises(CommandError, match="which is no moderator"):
        run("suppress", challenge.name, "--by", "reader-b", "--event", "1", *WITHHELD)
    run("suppress", challenge.name, "--by", "reader-a", "--event", "1", *WITHHELD)
    run("agree", challenge.name, "--by", "reader-b", "--event", "1")
    run("publish", challenge.name, "--by", "reader-b", "--event", "1")
    with pytest.raises(CommandError, match="which is no respondent"):
        run("respond", challenge.name, "--by", "reader-c", "--words", "It was so.")
    Respondent.objects.create(account_id=people["reader-c"].id, brid=chain.brid, scout=None, since=NOW)
    run("respond", challenge.name, "--by", "reader-c", "--words", "It was so.")
    assert Party.objects.get(role="respondent").person_id == people["reader-c"].id


@pytest.mark.parametrize("second", ["mod", "MOD ", " mod", "m\u200bod", "\uff4d\uff4f\uff44", "mod."])
def test_one_name_however_it_is_spelled_is_one_person(second: str, challenge: Challenge) -> None:
    with pytest.raises(CommandError, match="takes two people"):
        run(
            "suppress", challenge.name, "--by", "mod", "--also-by", second, "--event", "1", *WITHHELD,
            "--erase",
        )  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("\u0930\u093e\u092e", "\u0930\u092e\u093e"),
        ("\u0e01\u0e49\u0e2d\u0e22", "\u0e01\u0e2d\u0e22"),
        ("C", "C+"),
        ("Ann", "Anna"),
    ],
)
def test_other_names_are_other_people_in_any_script(one: str, other: str) -> None:
    assert plain(one) != plain(other)
    assert plain(one) == plain(f" {one.upper()}. ")
