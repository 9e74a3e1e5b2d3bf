"""The filters of records: each holds what it says, and is answered by an index."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from explorer.queries.chain.chains import ChainView
from explorer.queries.db.filters import Condition, declared
from explorer.queries.db.kinds import DAY, Number, Period, Span
from explorer.queries.db.pagination import PageRequest
from explorer.queries.lists import filter as records_filter
from explorer.queries.lists import lanes, listing, walk
from explorer.queries.lists.counting import Count, counted
from explorer.queries.lists.filter import RecordFilter
from explorer.queries.records.row import RecordRow
from explorer.queries.records.states import Status
from indexer.models import DerivationCheckpoint, Name, Record, Rollup
from tests.explorer import shown
from tests.explorer.queries.every import every_record, walked
from tests.indexer.made import MadeChain, add, completion, delete, update

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("status", Status)
def test_a_status_leaves_out_the_others(recorded_chain: ChainView, status: Status) -> None:
    found = walked(recorded_chain, RecordFilter(status))
    assert found == [each for each in walked(recorded_chain) if each.status is status]
    assert found


_OTHERS = """
    INSERT INTO indexer_record (chain_id, generation, position, prompt_id, scout, seed, created_at,
        revised_position, model_id, provider_id, revisions, status, prompt, answer)
    SELECT r.chain_id, r.generation, {position}, -g, 1, 1, 1, 1,
        r.model_id, r.provider_id, 2, {status}, r.prompt, r.answer
    FROM generate_series(1, 9999) AS g, (SELECT * FROM indexer_record ORDER BY position DESC LIMIT 1) AS r
"""


def put_before(*, position: str, status: int) -> None:
    """Records of another status, which a reader who asks for one must come by."""
    with connection.cursor() as cursor:
        cursor.execute(_OTHERS.format(position=position, status=status))
        cursor.execute("ANALYZE indexer_record")


def read_few(chain: ChainView, status: Status, request: PageRequest) -> None:
    """A page of a status is full, and few others were read for it."""
    with CaptureQueriesContext(connection) as asked:
        found = listing.page(chain, RecordFilter(status), request)
    assert [each.status for each in found.rows] == [status] * request.limit
    for each in asked:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {each['sql']}")
            ((plan,),) = cursor.fetchall()
        assert _passed_over(plan) < 1_000, plan


@pytest.mark.parametrize("status", [Status.EDITED, Status.DELETED])
def test_those_that_were_changed_are_found_before_any_number_of_others(
    recorded_chain: ChainView, status: Status
) -> None:
    put_before(position="r.position + g", status=1)
    read_few(recorded_chain, status, PageRequest(limit=5))


_OF_TWO_SCOUTS = """
    INSERT INTO indexer_record (chain_id, generation, position, prompt_id, scout, seed, created_at,
        revised_position, model_id, provider_id, revisions, status, prompt, answer)
    SELECT r.chain_id, r.generation, r.position + 9999 + g, -g, CASE WHEN g <= 600 THEN r.scout ELSE -1 END,
        1, 1, 1, r.model_id, r.provider_id, 1, CASE WHEN g > 16000 THEN r.status ELSE 1 END,
        r.prompt, r.answer
    FROM generate_series(1, 20000) AS g, (
        SELECT * FROM indexer_record WHERE chain_id = %s AND prompt_id = %s) AS r
"""
"""Many records of a scout that were not changed, and many of another one that were, among others."""


@pytest.mark.parametrize("status", [Status.EDITED, Status.DELETED])
def test_those_of_a_scout_that_were_changed_are_found_without_its_others(
    recorded_chain: ChainView, status: Status
) -> None:
    one = next(each for each in walked(recorded_chain) if each.status is status)
    wanted = RecordFilter(status, scout=one.scout)
    expected = {each.prompt_id for each in walked(recorded_chain, wanted)}
    with connection.cursor() as cursor:
        cursor.execute(_OF_TWO_SCOUTS, [recorded_chain.id, one.prompt_id])
        cursor.execute("ANALYZE indexer_record")
    for order in (PageRequest(), PageRequest(changed_first=True), PageRequest(oldest_first=True)):
        with CaptureQueriesContext(connection) as asked:
            found = listing.page(recorded_chain, wanted, order)
        assert {each.prompt_id for each in found.rows} == expected
        walks = [each["sql"] for each in asked if re.search(r"r\.scout = .* LIMIT 5001\) r", each["sql"])]
        assert walks
        for each in walks:
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {each}")
                ((plan,),) = cursor.fetchall()
            assert _passed_over(plan) < 500, plan


@pytest.mark.parametrize(
    "start", [PageRequest(limit=5, oldest_first=True), PageRequest(limit=5, after=-9_999)]
)
def test_those_as_first_written_are_found_behind_any_number_of_deleted_ones(
    recorded_chain: ChainView, start: PageRequest
) -> None:
    put_before(position="g - 10000", status=3)
    read_few(recorded_chain, Status.LIVE, start)


def _passed_over(plan: Any) -> int:
    """The most rows that one step of a plan read and left out."""
    if isinstance(plan, list):
        return max(map(_passed_over, plan), default=0)
    if not isinstance(plan, dict):
        return 0
    return max(int(plan.get("Rows Removed by Filter", 0)), _passed_over(list(plan.values())))


# Every filter holds what it says, whichever way the list is walked


def every_filter(chain: ChainView) -> Iterator[tuple[RecordFilter, Callable[[RecordRow], bool]]]:
    """Filters of each kind with values that the chain has, and what they say."""
    rows = walked(chain)
    one, other = rows[len(rows) // 2], rows[-3]
    low, high = sorted((one.height, other.height))
    at, until = sorted((round(one.block_at.timestamp() * 1000), round(rows[5].block_at.timestamp() * 1000)))
    revisions = {each.row.prompt_id: each.revisions for each in every_record(chain)}
    changes = {
        prompt_id: [round(each.at.timestamp() * 1000) for each in found[1:]]
        for prompt_id, found in revisions.items()
    }
    times = sorted(each for found in changes.values() for each in found)
    first, end = times[len(times) // 3], times[2 * len(times) // 3] + 1
    found = revisions[next(row.prompt_id for row in rows if row.status is Status.EDITED)]
    rid, writer = found[-1].transaction_rid, found[0].owner
    of_rid = {
        prompt_id for prompt_id, of in revisions.items() if rid in [each.transaction_rid for each in of]
    }
    begun = one.model[:3]
    yield RecordFilter(model=one.model), lambda row: row.model == one.model
    yield RecordFilter(model=f"{begun}*"), lambda row: row.model.startswith(begun)
    yield RecordFilter(provider="*o*"), lambda row: "o" in row.provider
    yield RecordFilter(scout=one.scout), lambda row: row.scout == one.scout
    yield RecordFilter(seed=one.seed), lambda row: row.seed == one.seed
    yield RecordFilter(block=Span(low, high)), lambda row: low <= row.height <= high
    yield RecordFilter(block=Span(None, low)), lambda row: row.height <= low
    yield RecordFilter(since=at), lambda row: row.block_at.timestamp() * 1000 >= at
    yield RecordFilter(until=at), lambda row: row.block_at.timestamp() * 1000 < at
    yield RecordFilter(since=at, until=until), lambda row: at <= row.block_at.timestamp() * 1000 < until
    yield RecordFilter(has="edit"), lambda row: row.status is Status.EDITED or row.revisions > 2
    yield (
        RecordFilter(changed=Period(first, end)),
        lambda row: any(first <= each < end for each in changes[row.prompt_id]),
    )
    yield RecordFilter(tx=rid), lambda row: row.prompt_id in of_rid
    yield RecordFilter(prompt_key=one.prompt_key), lambda row: row.prompt_key == one.prompt_key
    if writer is not None:
        yield (
            RecordFilter(writer=writer),
            lambda row: revisions[row.prompt_id][0].owner == writer,
        )


@pytest.mark.parametrize("few", [1, 2, 4, 8, 5_000])
def test_records_with_many_changes_hide_no_others(monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    for each in (walk, lanes, records_filter):
        monkeypatch.setattr(each, "FEW", few)
    made = MadeChain()
    made.block(*(add(completion(str(each))) for each in range(5)))
    made.block(*(update(1, completion(f"again {each}")) for each in range(6)))
    made.block(*(update(each, completion("once")) for each in (3, 4)))
    chain = shown.index_made(made)
    for wanted in (RecordFilter(changed=Period(0, None)), RecordFilter(changed=Period(0, None), scout=1)):
        found = walked(chain, wanted)
        of_scout = [each for each in walked(chain) if wanted.scout in (None, each.scout)]
        fitting = [each for each in of_scout if each.revisions > 1]
        assert found == fitting
        count = counted([chain], wanted)
        assert count == Count(len(fitting), is_exact=True) or not count.is_exact
        assert count.value <= len(fitting)
    by_change = PageRequest(limit=10, changed_first=True)
    listed = listing.page(chain, RecordFilter(changed=Period(0, None)), by_change).rows
    assert {each.prompt_id for each in listed} == {1, 3, 4}


def test_changes_are_read_until_they_are_known_to_be_many_and_no_further(recorded_chain: ChainView) -> None:
    (changed,) = RecordFilter(changed=Period(0, None)).conditions()
    (few,) = changed.few
    statement = f"EXPLAIN (FORMAT JSON) SELECT FROM indexer_record r WHERE {few}"
    with connection.cursor() as cursor:
        cursor.execute(statement, {**changed.parameters, "chain": recorded_chain.id})
        ((plan,),) = cursor.fetchall()
    for gathers_all in ("Hashed", "Sorted", "Unique", "Sort"):
        assert f"'{gathers_all}'" not in str(plan)


@pytest.mark.parametrize("few", [5_000, 0])
def test_each_filter_and_each_two_of_them_leave_what_they_say(
    recorded_chain: ChainView, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(walk, "FEW", few)
    monkeypatch.setattr(lanes, "FEW", few)
    rows = walked(recorded_chain)
    asked = list(every_filter(recorded_chain))
    for number, (wanted, fits) in enumerate(asked):
        expected = [row for row in rows if fits(row)]
        assert walked(recorded_chain, wanted) == expected, wanted
        assert expected, wanted
        assert counted([recorded_chain], wanted) == Count(len(expected), is_exact=True)
        for status in Status:
            both = replace(wanted, status=status)
            assert walked(recorded_chain, both) == [row for row in expected if row.status is status], both
        for other, fits_too in asked[number + 1 :: 4]:
            words = {name: getattr(other, name) for name in other.given()}
            both = replace(wanted, **words)
            if set(words) & set(wanted.given()) or both.contradiction():
                continue
            assert walked(recorded_chain, both) == [row for row in expected if fits_too(row)], both


def test_a_filter_by_time_tests_each_block_whatever_its_builder_stated() -> None:
    made = MadeChain()
    days = [1, 9, 3, 3, 2, 400, 4]
    for day in days:
        made.block(add(completion("one")), at=day * DAY + 5)
    made.block(update(2, completion("two")), at=5 * DAY)
    made.block(delete(3), at=2 * DAY)
    chain = shown.index_made(made)
    shown.forget()
    heights = [row.height for row in walked(chain)]
    written = {number + 1: day * DAY + 5 for number, day in enumerate(days)}
    assert len(heights) == len(days)
    for lag in (False, True):
        if lag:
            DerivationCheckpoint.objects.filter(chain_id=chain.id).update(height=2)
            Rollup.objects.filter(chain_id=chain.id, day__in=[2, 4, 400]).delete()
        for first in (None, 0, 2, 3, 4, 9, 10, 401):
            for end in (None, 1, 3, 5, 10, 500):
                if first is not None and end is not None and first >= end:
                    continue
                wanted = RecordFilter(
                    since=None if first is None else first * DAY, until=None if end is None else end * DAY
                )
                fits = [
                    number
                    for number, at in written.items()
                    if (first is None or at >= first * DAY) and (end is None or at < end * DAY)
                ]
                assert [row.prompt_id for row in walked(chain, wanted)] == fits[::-1], (lag, wanted)
    for period, fits in (
        (Period(5 * DAY, 6 * DAY), [2]),
        (Period(0, 3 * DAY), [3]),
        (Period(0, None), [3, 2]),
    ):
        assert [row.prompt_id for row in walked(chain, RecordFilter(changed=period))] == fits


# Rare values lie behind any number of others


@pytest.mark.parametrize("column", ["scout", "seed", "model", "provider"])
@pytest.mark.parametrize("oldest_first", [False, True])
def test_a_rare_value_is_found_without_reading_the_others(
    recorded_chain: ChainView, column: str, oldest_first: bool
) -> None:
    put_before(position="r.position + g" if not oldest_first else "g - 10000", status=1)
    value = {"scout": -77, "seed": -78, "model": "rare", "provider": "rare"}[column]
    rows = Record.objects.filter(chain_id=recorded_chain.id, prompt_id=5)
    if column in ("model", "provider"):
        kind = Name.Kind[column.upper()]
        name = Name.objects.create(kind=kind, hash=sha256(b"rare").digest(), text="rare")
        rows.update(**{f"{column}_id": name.id})
    else:
        rows.update(**{column: value})
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE indexer_record")
    given: Any = {column: value}
    asked_for = RecordFilter(**given)
    for wanted in (asked_for, replace(asked_for, since=0)):
        with CaptureQueriesContext(connection) as asked:
            found = listing.page(recorded_chain, wanted, PageRequest(oldest_first=oldest_first))
        assert [each.prompt_id for each in found.rows] == [5]
        for each in asked:
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {each['sql']}")
                ((plan,),) = cursor.fetchall()
            assert _passed_over(plan) < 1_000, plan


# One declaration is all that another filter takes


@dataclass(frozen=True, slots=True)
class Wider(RecordFilter):
    """With a filter that is to come, which no index answers."""

    revised: int | None = field(
        default=None,
        metadata=declared(
            Number(),
            label="Revisions",
            about="How many revisions it has.",
            condition=lambda number: Condition("r.revisions = %(revised)s", {"revised": number}),
        ),
    )


def test_another_filter_is_one_declaration(recorded_chain: ChainView) -> None:
    expected = [each for each in walked(recorded_chain) if each.revisions == 2]
    assert walked(recorded_chain, Wider(revised=2)) == expected
    model = expected[0].model
    found = walked(recorded_chain, Wider(revised=2, model=model, status=Status.DELETED))
    assert found == [row for row in expected if row.model == model and row.status is Status.DELETED]
