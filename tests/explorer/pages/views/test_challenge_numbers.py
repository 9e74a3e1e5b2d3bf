"""Challenges in numbers, and as files."""

import csv
import json
import re
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from datetime import timedelta
from io import StringIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, DjangoDbBlocker

from explorer.challenges import acting, withholding
from explorer.challenges.models import Challenge
from explorer.pages.rendering.challenges_file import COLUMNS, cell
from explorer.queries.chain.chains import ChainView
from explorer.queries.records import challenge_counting
from explorer.queries.site import challenge_metrics, challenges
from explorer.queries.site.challenge_filter import ChallengeFilter
from explorer.queries.site.challenge_parts import parts_of
from explorer.rules import deadlines
from explorer.rules.lifecycle import CloseReason, Role
from tests.explorer.api.asking import ask, told, walked
from tests.explorer.challenges import filed, shown_challenges
from tests.explorer.challenges.filed import WHY
from tests.explorer.pages.asking import get, page
from tests.explorer.pages.markup import read

pytestmark = pytest.mark.django_db

_AGES = "c.filed_at >"
"""What is asked anew each time of those that are not over, for it depends on the time."""


@pytest.fixture(scope="module")
def every(chain: ChainView, django_db_blocker: DjangoDbBlocker) -> Iterator[Mapping[str, Challenge]]:
    with django_db_blocker.unblock():
        found = shown_challenges.filed_in_every_state(chain)
        moderator = filed.act(Role.MODERATOR, "moderator", now=found["open"].filed_at)
        for name in ("open", "review"):
            withholding.suppress(found[name].number, moderator, ordinal=1, category="a name", basis="privacy")
        second = filed.act(Role.MODERATOR, "second", now=found["open"].filed_at)
        withholding.agree(found["review"].number, second, ordinal=1)
        yield found
        shown_challenges.empty()


def test_each_number_is_that_of_the_list(every: Mapping[str, Challenge]) -> None:
    found, rows = told("/challenges/metrics"), list(walked("/challenges?limit=100"))
    assert found["total"]["every"] == len(rows) == len(every)
    assert {each["status"]: each["every"] for each in found["waiting"]} == {
        status: sum(row["status"] == status for row in rows)
        for status in ("screening", "needs-info", "open", "review", "decided", "appealed")
    }
    decided = [row for row in rows if row["status"] in ("decided", "appealed", "final")]
    assert found["total"]["decided"] == len(decided)
    for name in ("upheld", "inconclusive", "not-upheld", "partly-upheld"):
        count = sum(row["resolution"] == name for row in decided)
        assert found["total"]["outcomes"].get(name, 0) == count
    for name, of in found["by_ground"].items():
        own = [row for row in rows if row["ground"] == name]
        assert (of["every"], of["closed"]) == (len(own), sum(row["status"] == "closed" for row in own))
        assert of["undecided"] + of["decided"] + of["closed"] == of["every"]
    assert found["closed"] == {
        name: sum(row["closed_for"] == name for row in rows) for name in found["closed"]
    }
    assert found["confirmed"]["every"] == sum(row["is_confirmed"] for row in rows)
    assert found["confirmed"]["every"] + found["unconfirmed"]["every"] == len(rows)
    assert found["withheld"] == [{"category": "a name", "every": 2, "erased": 0}]


def test_what_is_withheld_is_said_with_who_is_to_agree_by_when(every: Mapping[str, Challenge]) -> None:
    alone, agreed = every["open"], every["review"]
    said = {each.name: read(page(f"/challenges/{each.name}")).text for each in (alone, agreed)}
    assert "says, as a name: by moderator-1" in said[alone.name]
    assert "is late. It stays withheld." in said[alone.name]
    assert "A second person agreed (moderator-2)." in said[agreed.name]
    (found,) = told(f"/challenges/{alone.name}")["withheld"]
    assert {**found, "at": "", "due_by": {}} == {
        "event": 1, "category": "a name", "is_erased": False, "by": "moderator-1", "at": "", "second": "",
        "due_by": {}, "past_due": True,
    }  # fmt: skip
    assert told(f"/challenges/{agreed.name}")["withheld"][0]["second"] == "moderator-2"
    later = alone.filed_at + deadlines.AGREEING
    for now, is_late in ((later, False), (later + timedelta(seconds=1), True)):
        (found,) = parts_of(challenges.challenge(alone.number, now=now)).withheld
        assert (found.is_late, found.due) == (is_late, later)
        assert not parts_of(challenges.challenge(agreed.number, now=now)).withheld[0].is_late


def test_ages_and_times_are_those_of_the_challenges(every: Mapping[str, Challenge]) -> None:
    found = told("/challenges/metrics")
    ages = [[each[name] for name in ("filed_within_7_days", "filed_within_30_days", "filed_before")]
            for each in found["waiting"] if each["status"] == "review"]  # fmt: skip
    assert ages == [[1, 1, 1]]  # one of three days, one that nobody answered, one that was opened again
    assert found["acknowledged"]["count"] == sum(each.acknowledged_at is not None for each in every.values())
    assert found["decided"]["count"] == sum(each.decided_at is not None for each in every.values()) == 5
    assert found["decided"]["median_seconds"] == 0


def test_the_page_says_the_same_with_what_it_is_a_part_of(every: Mapping[str, Challenge]) -> None:
    said = " ".join(read(page("/challenges/metrics")).text.split())
    assert f"{len(every)} challenges in all: 8 undecided, 4 decided, 2 closed before that. As of" in said
    assert "1 of 4 decisions (25 %) found that the available evidence cannot settle it." in said
    assert re.search("Withheld: ?a name ?2 times, 0 of them for good", said)


def test_without_any_challenge_nothing_is_divided(
    every: Mapping[str, Challenge], monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = "(SELECT * FROM desk_public.challenge WHERE false) c"
    for name in ("_GROUPS", "_TIMES", "_AGES"):
        statement = getattr(challenge_metrics, name)
        bare = statement.replace("desk_public.challenge c", empty).replace(
            "desk_public.challenge\n", f"{empty}\n"
        )
        monkeypatch.setattr(challenge_metrics, name, bare)
    said = " ".join(read(page("/challenges/metrics")).text.split())
    assert "0 challenges in all" in said
    assert "none was decided so far" in said
    assert told("/challenges/metrics")["decided"] == {"count": 0, "median_seconds": None}


def test_a_list_can_be_taken_as_a_file(every: Mapping[str, Challenge]) -> None:
    for query in ("", "status=open", "resolution=upheld"):
        wanted = list(walked(f"/challenges?{query}{'&' if query else ''}limit=100"))
        response = get(f"/challenges/export{'?' if query else ''}{query}")
        assert response.headers["Content-Disposition"] == 'attachment; filename="challenges.csv"'
        rows = list(csv.DictReader(StringIO(response.content.decode())))
        assert [each["number"] for each in rows] == [each["number"] for each in wanted]
        lines = get(f"/challenges/export?{query}{'&' if query else ''}format=ndjson").content.decode()
        found = [json.loads(each) for each in lines.splitlines()]
        assert [list(each) for each in found] == [list(COLUMNS)] * len(wanted)
        for each, told_ in zip(found, wanted, strict=True):
            for name in ("status", "resolution", "closed_for", "ground", "chain", "prompt_id", "scout",
                         "position", "next_actor", "is_confirmed", "rules_sha256"):  # fmt: skip
                assert each[name] == told_[name], name
        assert not any(each in lines for each in (WHY, "SPAM", "alert"))


def test_a_file_goes_on_where_it_ended(
    every: Mapping[str, Challenge], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(challenges, "EXPORTED", 4)
    path, seen = "/challenges/export?format=ndjson", []
    while path:
        response = get(path)
        part = [json.loads(each)["number"] for each in response.content.decode().splitlines()]
        assert 0 < len(part) <= 4
        seen += part
        path = response.headers.get("Link", "").partition(">")[0].removeprefix("<")
    assert seen == sorted((each.name for each in every.values()), reverse=True)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@a", "\tx", "\rx"])
def test_no_cell_is_a_formula(text: str) -> None:
    assert cell(text) == f"'{text}"
    assert cell("plain") == "plain"
    assert cell(-5) == -5


@pytest.mark.parametrize("query", ["format=xml", "before=x", "colour=red", "limit=5", "cursor=abc"])
def test_what_cannot_be_asked_of_a_file_is_said(query: str, every: Mapping[str, Challenge]) -> None:
    page(f"/challenges/export?{query}", status=400)


def counted() -> int:
    """How many statements that read all challenges a list and the numbers ask."""
    with CaptureQueriesContext(connection) as asked:
        challenges.counts()
        challenge_metrics.metrics(now=timezone.now())
    return sum("count(" in each["sql"] and _AGES not in each["sql"] for each in asked)


@pytest.fixture(scope="module")
def counts_made(every: Mapping[str, Challenge], django_db_blocker: DjangoDbBlocker) -> list[int]:
    """How many were asked at first and again, after somebody joined and again, and after a time was up."""
    with django_db_blocker.unblock():
        made = [counted(), counted()]
        acting.join(every["open"].number, filed.act(Role.JOINER, "late", now=timezone.now()), words=WHY)
        made += [counted(), counted()]
        soon = Challenge.objects.filter(elapses_at__gt=timezone.now()).earliest("elapses_at").elapses_at
        numbers = list(Challenge.objects.filter(elapses_at=soon).values_list("number", flat=True))
        Challenge.objects.filter(number__in=numbers).update(elapses_at=timezone.now())
        made += [counted(), counted()]
        Challenge.objects.filter(number__in=numbers).update(elapses_at=soon)
        return made


def test_all_are_counted_again_once_one_changes_or_a_time_is_up(counts_made: list[int]) -> None:
    assert counts_made[1:] == [0, 4, 0, 4, 0]


def test_whatever_counts_all_challenges_is_answered_by_one_index_alone(
    every: Mapping[str, Challenge], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(challenge_counting, "_kept", OrderedDict())
    with CaptureQueriesContext(connection) as asked:
        challenges.counts()
        challenges.counts(ChallengeFilter(closed=CloseReason.SPAM))
        challenge_metrics.metrics(now=timezone.now())
    every_one = re.compile(r"count\(.*FROM desk_public.challenge\b", re.DOTALL)
    told = [each["sql"] for each in asked if every_one.search(each["sql"]) and _AGES not in each["sql"]]
    assert len(told) == 4
    with connection.cursor() as cursor:
        for way in ("seqscan", "bitmapscan"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
        for each in told:
            cursor.execute(f"EXPLAIN {each}")
            found = "\n".join(line for (line,) in cursor.fetchall())
            assert re.search(r"Index Only Scan( Backward)? using challenge_\w+ on challenges", found), found


def test_numbers_and_files_ask_few_queries(
    every: Mapping[str, Challenge], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(7):
        get("/challenges/metrics")
    with django_assert_max_num_queries(4):
        ask("/challenges/metrics")
    with django_assert_max_num_queries(3):
        get("/challenges/export")


@pytest.mark.parametrize("kind", ["models", "providers", "scouts"])
def test_lists_of_what_records_name_count_those_challenged(kind: str, every: Mapping[str, Challenge]) -> None:
    rows = list(walked(f"/{kind}"))
    for row in rows:
        of = told(row["url"].removeprefix("/api/v1"))
        assert row["challenged"] == of["challenged"]
    counted = sum(row["challenged"]["records"] for row in rows)
    assert counted == told("/records?has=challenge&limit=1")["count"]["value"] > 0
    assert f"{rows[0]['challenged']['records']} of {rows[0]['records']}" in read(page(f"/{kind}")).text
