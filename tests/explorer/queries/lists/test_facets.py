"""What records have in common: the same as counting the pages of the list, or said of which records it is."""

import random
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from datetime import date
from functools import cache
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker

from explorer.queries.chain import chains as chain_questions
from explorer.queries.chain.chains import ChainView
from explorer.queries.db.kinds import DAY, Moment
from explorer.queries.db.pagination import LARGEST_PAGE, PageRequest
from explorer.queries.lists import facets as question
from explorer.queries.lists import listing, tallies
from explorer.queries.lists.facets import Facet, Of, choosing, facets, without
from explorer.queries.lists.filter import RecordFilter
from explorer.queries.lists.search import decided, walking
from explorer.queries.lists.search.finding import Sizes
from explorer.queries.lists.search.walking import Unsearched
from explorer.queries.records.row import RecordRow
from explorer.queries.records.states import Status
from explorer.search.parsing import parse
from indexer import derive
from indexer.follow import sync
from indexer.models import Answer, Chain, Checked, DerivationCheckpoint, Suppression
from indexer.records import erase
from tests.explorer.queries.lists.search.filled import Filled
from tests.explorer.queries.lists.search.two_chains import two_chains
from tests.explorer.shown import empty, index_made
from tests.indexer.made import MadeChain, add, completion, delete, update
from tests.indexer.writing import write

pytestmark = pytest.mark.django_db
NAMES = ("one", "two", "*", "a\\*b", "\u202ebidi<script>", "", "  spaces  ", "x" * 300, "nul\0")
LINES = (
    *("cat", "absent", "rare", "-cat olden", '"silver anchor"', "cat OR scout:8", "has:deletion"),
    *("said:now dog", "model:gpt* cat", "chain:22222222 dog", "status:edited", "block:..40"),
)  # fmt: skip


class Creeping:
    """A clock that goes on by so many seconds whenever it is looked at."""

    def __init__(self, by: float) -> None:
        self.now = 0.0
        self.by = by

    def __call__(self) -> float:
        self.now += self.by
        return self.now


def every(chains: Sequence[ChainView], wanted: RecordFilter) -> list[RecordRow]:
    """All that the list holds, page by page, newest first."""
    found: list[RecordRow] = []
    request: PageRequest | None = PageRequest(limit=LARGEST_PAGE)
    while request is not None:
        page = listing.page_of_all(chains, wanted, request)
        found += page.rows
        request = page.older
    return found


def has(row: RecordRow, of: Of) -> Hashable:
    return {
        Of.CHAIN: row.chain,
        Of.MODEL: row.model,
        Of.PROVIDER: row.provider,
        Of.STATUS: row.status,
        Of.DAY: row.block_at.date(),
    }[of]


def of_records(found: Sequence[Facet]) -> Sequence[Facet]:
    """Those of what records have; of what checks find see the tests of the API."""
    return [each for each in found if each.of is not Of.CHECK]


def told(facet: Facet) -> dict[Hashable, int]:
    return {
        each.what.brid if isinstance(each.what, ChainView) else each.what: each.count for each in facet.values
    }


def assert_counted(
    found: Sequence[Facet], chains: Sequence[ChainView], wanted: RecordFilter, why: object = ""
) -> None:
    """Each kind is what counting the list gives that everything else leaves."""
    assert [each.of for each in found] == list(Of)
    left = cache(lambda wanted: every(chains, wanted))
    for facet in of_records(found):
        rows = left(without(wanted, facet.of))
        counts = Counter(has(row, facet.of) for row in rows)
        assert (facet.counted.value, facet.counted.is_exact) == (len(rows), True), (why, facet.of)
        assert told(facet).items() <= counts.items(), (why, facet.of)
        assert (len(facet.values) < len(counts)) == facet.has_more, (why, facet.of)
        if facet.of is Of.DAY:
            days = [each.what for each in facet.values if isinstance(each.what, date)]
            assert days == sorted(days, reverse=True)
            continue
        assert all(one.count >= other.count for one, other in pairwise(facet.values)), (why, facet.of)
        if not facet.has_more:
            assert told(facet) == counts, (why, facet.of)


@pytest.fixture(scope="module")
def chains(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Sequence[Filled]]:
    with two_chains(django_db_blocker) as found:
        yield found


def wanted_by(chance: random.Random, models: Sequence[str], days: Sequence[int]) -> RecordFilter:
    """A filter by chance."""
    day = chance.choice(days) * DAY
    since, until = chance.choice(
        [(None, None), (None, None), (day, None), (day, day + DAY), (None, day + DAY // 2)]
    )
    return RecordFilter(
        status=chance.choice([None, None, *Status]),
        model=chance.choice([None, None, "gpt*", "*", *models]),
        provider=chance.choice([None, None, None, "gro*", "groq"]),
        scout=chance.choice([None, None, None, 7]),
        has=chance.choice([None, None, None, "edit"]),
        since=since,
        until=until,
        q=chance.choice([None, None, *map(parse, LINES)]),
    )


def test_they_are_what_counting_the_pages_of_the_list_gives(chains: Sequence[Filled]) -> None:
    seed = random.randrange(10**9)
    chance = random.Random(seed)
    of = [each.chain for each in chains]
    days = [at // DAY for each in chains for at in each.times.values()]
    for _ in range(60):
        wanted = wanted_by(chance, ["gpt-4", "llama 3", r"\\odd\*", "none"], days)
        few = chance.choice([of, of[:1]])
        assert_counted(facets(few, wanted), few, wanted, (seed, wanted))


@pytest.fixture
def made() -> MadeChain:
    """A chain of hostile names, over some days that builders state in no order."""
    chance, chain = random.Random(5), MadeChain()
    begin = Moment().read("2026-10-01")
    for number in range(14):
        adds = [
            add(model=chance.choice(NAMES), provider=chance.choice(("groq", "", "openai")))
            for _ in range(chance.randint(1, 4))
        ]
        chain.block(*adds, at=begin + chance.choice([number, number, -3, 40]) * DAY + number)
    chain.block(*(update(each, completion("b")) for each in (1, 2, 3, 9)), at=begin + 20 * DAY)
    chain.block(*map(delete, (2, 5, 6)), at=begin + 21 * DAY)
    return chain


KEPT = [
    RecordFilter(),
    RecordFilter(Status.DELETED),
    RecordFilter(model="one"),
    RecordFilter(Status.LIVE, model=r"\*", provider="groq"),
    RecordFilter(model="*o*"),
    RecordFilter(model="nobody"),
]


@pytest.mark.parametrize("wanted", KEPT)
def test_figures_that_are_kept_are_exact_however_many_records_there_are(
    wanted: RecordFilter, made: MadeChain, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain = index_made(made)
    before = facets([chain], wanted)
    assert_counted(before, [chain], wanted)
    monkeypatch.setattr(tallies, "COUNTED", 2)
    kept = facets([chain], wanted)
    assert of_records(kept)[:-1] == of_records(before)[:-1]
    if wanted == RecordFilter():
        assert kept == before


@pytest.mark.parametrize(
    ("since", "until"),
    [("2026-10-03", "2026-10-04"), ("2026-10-02", None), (None, "2026-10-09"), ("2026-10-05", "2026-10-20")],
)
def test_whole_days_are_told_by_figures_that_are_kept(
    since: str | None, until: str | None, made: MadeChain, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain = index_made(made)
    wanted = RecordFilter(
        since=None if since is None else Moment().read(since),
        until=None if until is None else Moment().read(until),
    )
    before = facets([chain], wanted)
    assert_counted(before, [chain], wanted)
    monkeypatch.setattr(tallies, "COUNTED", 2)
    assert facets([chain], wanted)[-1] == before[-1]


def test_two_chains_are_added_up(made: MadeChain, chains: Sequence[Filled]) -> None:
    both = [index_made(made), chains[0].chain]
    assert_counted(facets(both, RecordFilter()), both, RecordFilter())
    assert facets([], RecordFilter())[0].values == []


@pytest.mark.parametrize("line", ["everywhere", "cat", "-cat", None])
def test_of_many_the_newest_are_counted_and_it_is_said_how_far_back(
    line: str | None, chains: Sequence[Filled], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tallies, "COUNTED", 7)
    of = [each.chain for each in chains]
    wanted = RecordFilter(q=None if line is None else parse(line))
    newest = every(of, wanted)[:7]
    for facet in of_records(facets(of, wanted)):
        assert (facet.counted.value, facet.counted.is_exact) == (7, False)
        assert told(facet) == Counter(has(row, facet.of) for row in newest)
        assert {each.chain.brid: each.height for each in facet.counted.back_to} == {
            chain.brid: min((row.height for row in newest if row.chain == chain.brid), default=None)
            for chain in of
        }


@pytest.mark.parametrize("line", ["everywhere", "cat", "rare", "absent", "-cat", "scout:8"])
def test_whoever_runs_out_of_time_counts_what_is_found_and_says_how_far_back(
    line: str, chains: Sequence[Filled], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walking, "SIZES", Sizes(first=(2, 5), walk=7, units=3))
    of, wanted = [each.chain for each in chains], RecordFilter(q=parse(line))
    values: set[int | None] = set()
    newest = every(of, wanted)
    for by in (0.1, 0.5, 1, 2, 3, 4, 6, 8, 10, 12, 15, 20, 30):
        try:
            found = facets(of, wanted, clock=Creeping(by))
        except Unsearched:
            values.add(None)
            continue
        of_each = {
            brid: [row for row in newest if row.chain == brid][:count]
            for brid, count in told(found[0]).items()
        }
        rows = [row for each in of_each.values() for row in each]
        for facet in of_records(found):
            counted = facet.counted
            values.add(counted.value)
            assert told(facet) == Counter(has(row, facet.of) for row in rows)
            assert counted.value == len(rows)
            assert counted.is_exact == (not counted.back_to)
            if counted.is_exact:
                assert len(rows) == len(newest)
    assert None in values
    assert len(newest) in values


def test_what_is_kept_is_told_though_no_record_is_found_in_time(made: MadeChain) -> None:
    chain, wanted, days = index_made(made), RecordFilter(Status.EDITED), []
    for by in range(1, 14):
        *kept, day = of_records(facets([chain], wanted, clock=Creeping(by)))
        if all(each.counted.is_exact for each in kept):
            days.append((len(day.values), day.counted.value, day.counted.is_exact))
    assert (0, 0, False) in days
    assert set(days) == {(0, 0, False), (2, 3, True)}


def test_figures_that_are_a_little_behind_say_so_and_others_are_not_used(
    made: MadeChain, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain = index_made(made)
    known = len(made.blocks)
    whole = facets([chain], RecordFilter())
    made.block(add(model="new"), at=made.blocks[-1].timestamp + DAY)
    row = Chain.objects.get(pk=chain.id)
    write(row, made.blocks[known:])
    sync.fold_all(row)
    later = chain_questions.chain_with(chain.brid)
    late = facets([later], RecordFilter())
    for old, new in zip(whole, late, strict=True):
        assert told(old) == told(new)
        assert [each.height for each in new.counted.up_to] == [known - 1]
        assert not new.counted.is_exact
    monkeypatch.setattr(tallies, "MOST_BEHIND", 0)
    assert_counted(facets([later], RecordFilter()), [later], RecordFilter())
    derive.catch_up(row)
    assert_counted(facets([later], RecordFilter()), [later], RecordFilter())


def test_words_that_are_not_indexed_yet_are_said_to_be(chains: Sequence[Filled]) -> None:
    DerivationCheckpoint.objects.filter(name="search", chain_id=chains[0].chain.id).update(height=5)
    of = [each.chain for each in chains]
    for facet in of_records(facets(of, RecordFilter(q=parse("cat")))):
        assert [(each.chain, each.height) for each in facet.counted.up_to] == [(of[0], 5)]
    assert all(not each.counted.up_to for each in of_records(facets(of, RecordFilter(q=parse("scout:7")))))


def test_records_that_are_not_judged_yet_are_not_counted_by_what_checks_find(made: MadeChain) -> None:
    chain = index_made(made)
    DerivationCheckpoint.objects.filter(name="checks", chain_id=chain.id).update(height=5)
    Checked.objects.filter(chain_id=chain.id, prompt_id__gt=4).delete()
    for wanted in (RecordFilter(status=Status.LIVE), RecordFilter(seed=1)):
        (found,) = (each for each in facets([chain], wanted) if each.of is Of.CHECK)
        assert found.counted.value == sum(each.prompt_id <= 4 for each in every([chain], wanted))
        assert [(each.chain, each.height) for each in found.counted.up_to] == [(chain, 5)]
        assert not found.counted.is_exact


def test_what_is_chosen_is_in_the_place_of_another_value_and_taken_off_again(made: MadeChain) -> None:
    chain = index_made(made)
    wanted = RecordFilter(Status.LIVE, model="*o*", scout=7)
    for facet in facets([chain], wanted):
        for value in facet.values:
            then = choosing(wanted, facet.of, value.what)
            if then is None:
                assert value.what == ""
                continue
            assert len(every([chain], then)) == value.count, (facet.of, value)
            if facet.of is not Of.CHAIN:
                (chosen,) = (each for each in facets([chain], then) if each.of is facet.of)
                assert [each.what for each in chosen.values if each.is_chosen] == [value.what]
                assert without(then, facet.of) == without(wanted, facet.of) or facet.of is Of.MODEL


@pytest.mark.parametrize("mode", Suppression.Mode)
def test_what_is_withheld_is_counted_by_nothing_and_again_once_it_is_shown(mode: Suppression.Mode) -> None:
    made = MadeChain()
    made.block(add(completion("a heron stands"), model="one"), add(completion("a heron sits"), model="two"))
    chain, wanted = index_made(made), RecordFilter(q=parse("heron"))

    def models() -> dict[Hashable, int]:
        return told(facets([chain], wanted)[1])

    assert models() == {"one": 1, "two": 1}
    key = bytes(Answer.objects.get(text="a heron stands").pk)
    erase.suppress(Suppression.Subject.CONTENT, key, mode=mode, reason="wish", by="me")
    assert models() == {"two": 1}
    if mode == Suppression.Mode.HIDE:
        erase.take_back(Suppression.Subject.CONTENT, key)
        assert models() == {"one": 1, "two": 1}
    assert told(facets([chain], RecordFilter())[1]) == {"one": 1, "two": 1}


def test_where_only_what_stands_is_searched_what_was_deleted_is_not_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = MadeChain()
    made.block(*(add(completion(f"a {each} stands"), model=each) for each in ("heron", "egret", "stork")))
    made.block(update(1, completion("a bittern rests")), delete(3))
    chain, wanted = index_made(made), RecordFilter(q=parse("stands"))
    assert told(facets([chain], wanted)[1]) == {"heron": 1, "egret": 1, "stork": 1}
    monkeypatch.setattr(decided, "SEARCHES_DELETED", False)
    assert told(facets([chain], wanted)[1]) == {"egret": 1}


def test_no_table_is_read_from_its_beginning(made: MadeChain) -> None:
    empty()
    chain = index_made(made)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE indexer_record, indexer_rollup, indexer_served, indexer_name")
        cursor.execute("SET LOCAL enable_seqscan = off")
        plans = {}
        asked_for: Sequence[tuple[str, dict[str, Any]]] = (
            (tallies._SERVED.format(""), {"chains": [chain.id]}),
            (tallies._DAYS, {"chains": [chain.id], "first": -5, "end": 30_000, "chosen": 20_000}),
            (tallies._WRITTEN, {"chains": [chain.id], "first": -5, "end": 30_000}),
            (tallies._FACTS, {"chains": [chain.id] * 2, "positions": [0, 1]}),
            (question._NAMES, {"ids": [1, 2], "counts": [3, 4], "kind": 1, "chosen": b""}),
        )
        for statement, parameters in asked_for:
            cursor.execute(f"EXPLAIN (COSTS OFF) {statement}", parameters)
            plans[statement] = "\n".join(line for (line,) in cursor.fetchall())
        cursor.execute("SET LOCAL enable_seqscan = on")
    for plan in plans.values():
        assert "Seq Scan" not in plan, plan
    assert "Index Scan Backward using indexer_rollup_pkey" in plans[tallies._DAYS]
    assert '(generation = h.generation) AND ("position" = w."position")' in plans[tallies._FACTS]
