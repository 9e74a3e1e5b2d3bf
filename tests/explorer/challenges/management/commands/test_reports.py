"""``manage.py reports``: what waits, newest first, and nothing that a terminal would obey."""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command

from explorer.challenges import reports
from explorer.challenges.models import Report
from explorer.challenges.reports import Draft
from explorer.desk.models import OutboxEntry

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "desk"])
NOW = datetime(2026, 11, 23, 14, 2, 11, tzinfo=UTC)
HOSTILE = "first \x1b[31mred\x07\u202e\nsecond\r\x1b]0;title\x07 line\x85third"


def said(*words: str) -> str:
    out = StringIO()
    call_command("reports", *words, stdout=out)
    return out.getvalue()


@pytest.fixture
def three() -> None:
    for number, text in enumerate(("one", HOSTILE, "three"), 1):
        draft = Draft(uuid4(), f"/page/{number}", text, "me@example.org" if number == 2 else "")
        reports.file(draft, address=str(number), now=NOW + timedelta(minutes=number))


def test_they_are_listed_newest_first(three: None) -> None:
    lines = said().splitlines()
    assert [line for line in lines if line.startswith("Report")] == [
        "Report 3  2026-11-23 14:05 UTC  waits  /page/3",
        "Report 2  2026-11-23 14:04 UTC  waits  /page/2",
        "Report 1  2026-11-23 14:03 UTC  waits  /page/1",
    ]
    assert "    three" in lines


def test_one_is_shown_whole_without_a_character_that_a_terminal_obeys(three: None) -> None:
    found = said("2")
    assert found.splitlines()[1] == "    From me@example.org"
    assert "second" in found
    assert "third" in found
    assert all(each.isprintable() or each == "\n" for each in found)


def test_json_holds_all_of_it_in_ascii(three: None) -> None:
    lines = said("--json").splitlines()
    found = [json.loads(line) for line in lines]
    assert [each["number"] for each in found] == [3, 2, 1]
    assert found[1]["text"] == HOSTILE.replace("\r", "\n") or found[1]["text"] == HOSTILE
    assert (found[1]["contact"], found[1]["done_at"]) == ("me@example.org", None)
    assert "".join(lines).isascii()


def test_what_is_dealt_with_waits_no_more(three: None) -> None:
    assert "done" in said("2", "--done")
    assert "Report 2" not in said()
    assert "Report 2  2026-11-23 14:04 UTC  done  /page/2" in said("--all")


def test_what_is_erased_is_gone(three: None) -> None:
    assert said("2", "--erase") == "Report 2  2026-11-23 14:04 UTC  erased  \n"
    assert Report.objects.get(number=2).text == ""
    assert "example.org" not in said("--all", "--json")


def test_none_is_said_to_be_none() -> None:
    assert said() == "No report waits. --all lists those that are dealt with.\n"
    assert said("--json") == ""


@pytest.mark.parametrize("words", [["9"], ["9", "--done"], ["9", "--erase"]])
def test_one_that_is_not_there_is_said_not_to_be(words: list[str]) -> None:
    with pytest.raises(CommandError, match="There is no report 9"):
        said(*words)


def test_what_is_dealt_with_must_be_named() -> None:
    with pytest.raises(CommandError, match="Say which report"):
        said("--done")


def test_mail_that_could_not_be_sent_is_told(three: None) -> None:
    OutboxEntry.objects.filter(arguments={"number": 2}).update(failure="OSError: no\x1b[1m", attempts=3)
    assert 'mail_report {"number": 2} failed 3 times, it is tried again: OSError: no\ufffd[1m' in said()
    OutboxEntry.objects.update(due_at=None)
    assert "it is not tried again" in said()
