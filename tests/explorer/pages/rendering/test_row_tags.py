"""The rows of a list of records."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from explorer.pages.rendering.gathering import Gathering
from explorer.pages.rendering.row_tags import record_rows
from explorer.queries.db.texts import Snippet, Withheld
from explorer.queries.records.match import Match
from explorer.queries.records.row import Agreement, RecordRow
from explorer.queries.records.states import Status
from explorer.search.hits import Line
from explorer.search.tree import Side
from tests.explorer.pages.markup import read

AT = datetime(2026, 2, 3, 9, 4, 5, tzinfo=UTC)
HOSTILE = '<script>alert(1)</script>"onmouseover="x'
CHAIN = b"\xab" * 32


def row(prompt_id: int, answer: str, status: Status = Status.LIVE) -> RecordRow:
    return RecordRow(
        prompt_id=prompt_id,
        position=prompt_id << 20,
        height=prompt_id,
        at=AT,
        block_at=AT,
        created_at=0,
        scout=118,
        seed=7,
        model="m",
        provider="p",
        status=status,
        revisions=2,
        prompt=Snippet("asked so", cut=False),
        answer=Snippet(answer, cut=False),
        chain=CHAIN,
        changed_at=AT + timedelta(days=1),
    )


def rows(*of: RecordRow, order: str = "newest", is_filtered: bool = False, day: datetime | None = AT) -> str:
    return record_rows(Gathering(of), "/records", order=order, day=day, of=(), is_filtered=is_filtered)


def test_each_record_of_a_prompt_has_a_row_with_what_it_answered() -> None:
    shown = rows(row(2, "one"), row(1, "other"), row(3, "one"))
    assert shown.count("<tr ") == 3
    assert (shown.count("<bdi>one</bdi>"), shown.count("<bdi>other</bdi>")) == (2, 1)
    assert "asked so" not in shown  # it stands above them
    assert f'<a href="/chains/{CHAIN.hex().upper()}/records/2">#2</a>' in shown
    assert "asked so" in rows(row(2, "one"))


def test_what_is_withheld_of_one_peer_is_not_shown_for_another_who_said_the_same() -> None:
    hidden = replace(row(1, ""), answer=Snippet("", False, Withheld.HIDDEN, "private"))
    shown = rows(row(2, "one"), hidden, row(3, "one"))
    assert shown.count("<bdi>one</bdi>") == 2
    assert shown.count("hidden by the operator of this site") == 1


def test_where_words_were_found_is_told_for_each_answer_by_itself() -> None:
    line = Line("one", [(0, 3)])
    now, first = (Match(Side.ANSWER, 1, line, is_now=each) for each in (True, False))
    shown = rows(replace(row(2, "one"), matches=[now]), replace(row(1, "two"), matches=[first]))
    assert shown.count("<mark>one</mark>") == 2
    assert (shown.count("in the answer:"), shown.count("in the answer first written:")) == (1, 1)


def test_what_a_stranger_wrote_is_never_markup() -> None:
    found = read(rows(replace(row(1, HOSTILE), model=HOSTILE, prompt=Snippet(HOSTILE, cut=False))))
    assert "script" not in {tag for tag, _ in found.elements}
    assert "onmouseover" not in found.attributes()


@pytest.mark.parametrize(
    ("order", "is_filtered", "day", "times"),
    [
        ("newest", False, AT, ["2026-02-03T09:04:05Z"]),
        ("newest", True, None, ["2026-02-03T09:04:05Z", "2026-02-04T09:04:05Z"]),
        ("changed", True, AT, ["2026-02-04T09:04:05Z"]),
    ],
)
def test_it_is_told_when_a_record_was_written_and_changed(
    order: str, is_filtered: bool, day: datetime | None, times: list[str]
) -> None:
    shown = rows(row(1, "one", Status.EDITED), order=order, is_filtered=is_filtered, day=day)
    assert [each["datetime"] for each in read(shown).named("time")] == times


def test_it_is_told_how_many_say_the_same() -> None:
    shown = rows(replace(row(1, "one"), agreement=Agreement(1_200, 1_100, 1_100)))
    assert "said by 1,100 of 1,200" in read(shown).text
