"""How the database answers the statements of a search: by which indexes, and in which order."""

import random
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker

from explorer.queries.db import sql
from explorer.queries.lists.search import steps
from explorer.queries.lists.search.asked import Asked, asked_of
from explorer.queries.lists.search.finding import HIGHEST, LOWEST
from explorer.queries.lists.search.known import OF_TRANSACTIONS
from explorer.queries.lists.search.steps import Way
from explorer.search.parsing import parse
from tests.explorer import shown
from tests.explorer.queries.lists.search.filled import Filled, filled, kept, some

pytestmark = pytest.mark.django_db

DOWN = Way(is_downwards=True)
WORDS = ("absent", "cat -dog", '"silver anchor"', "eve*", "日本語", "cat OR dog", "prompt:cat")
MIXED = (
    "cat scout:7",
    "model:gpt-4 olden",
    "cat status:deleted",
    "cat since:2026-10-01",
    "cat (dog OR seed:1)",
)


@pytest.fixture(scope="module")
def _filled(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Filled]:
    with kept(django_db_blocker):
        shown.empty()  # rows of other tests, rolled back, still take room on disk, and plans heed that
        chance = random.Random(3)
        yield filled(some(120, chance), brid=b"\x11" * 32, chance=chance)


@pytest.fixture
def chain(_filled: Filled) -> Filled:
    """Whose tables are known as they are, within the test's transaction: no other test's plans heed that."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE indexer_record, indexer_searchrecord, indexer_searchunit, indexer_block")
    return _filled


def plan(statement: str, asked: Asked, way: Way = DOWN, **more: object) -> str:
    """The plan by which it is answered; no table is read from its beginning."""
    parameters = {
        **asked.parameters,
        "chain": asked.chain.id,
        "start": HIGHEST if way.is_downwards else LOWEST,
        "end": LOWEST if way.is_downwards else HIGHEST,
        "rows": 50,
        "looked": 5,
        "units": 5_000,
        "loose": asked.loose,
        **more,
    }
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) {statement}", parameters)
        found = "\n".join(line for (line,) in cursor.fetchall())
        cursor.execute("SET LOCAL enable_seqscan = on")
    tables = "record|searchrecord|searchunit|block|revision|name"
    assert not re.search(rf"Seq Scan on indexer_({tables})\b", found), found
    return found


@pytest.mark.parametrize("line", [*WORDS, *MIXED])
@pytest.mark.parametrize("is_downwards", [True, False])
def test_a_walk_goes_along_the_records_and_looks_at_each_unit_once(
    chain: Filled, line: str, is_downwards: bool
) -> None:
    asked = asked_of(chain.chain, parse(line))
    way = Way(is_downwards)
    found = plan(steps.walk(asked, way), asked, way)
    assert re.search(r"Index Scan( Backward)? using (indexer_record_pkey|record_\w+)", found), found
    assert "using indexer_searchrecord_pkey" in found
    assert re.search(r"Index Scan (using|on) indexer_searchunit_pkey", found), found
    assert re.search(r"HashAggregate|Unique", found), found
    assert "search_unit_words" not in found


@pytest.mark.parametrize("line", WORDS)
@pytest.mark.parametrize("is_downwards", [True, False])
def test_contents_are_asked_of_the_index_of_words_and_looked_at_in_order(
    chain: Filled, line: str, is_downwards: bool
) -> None:
    asked = asked_of(chain.chain, parse(line))
    way = Way(is_downwards)
    found = plan(steps.contents_first(asked, way), asked, way)
    assert "Bitmap Index Scan on search_unit_words" in found
    assert "Rows Removed by Index Recheck" not in found
    assert "using search_record_ever" in found
    assert "indexer_record " not in found
    assert "Hash Join" not in found


def test_a_name_is_told_by_units_so_that_no_record_is_looked_at(chain: Filled) -> None:
    asked = asked_of(chain.chain, parse("model:gpt-4 provider:groq olden"))
    for statement in (steps.contents_first(asked, DOWN), steps.count(asked, DOWN)):
        found = plan(statement, asked)
        assert "using search_record_ever" in found
        assert "indexer_record " not in found


@pytest.mark.parametrize("line", [*WORDS, *MIXED])
def test_what_is_counted_is_gone_to_from_the_index_of_words(chain: Filled, line: str) -> None:
    asked = asked_of(chain.chain, parse(line))
    if asked.loose is None:
        return
    found = plan(steps.count(asked, DOWN), asked)
    assert "Bitmap Index Scan on search_unit_words" in found
    assert "using search_record_ever" in found
    assert "Hash Join" not in found


LANES = {"cat scout:7": "r.scout = 7", "cat status:deleted": "r.status = 3"}


@pytest.mark.parametrize(("line", "lane"), LANES.items())
def test_records_of_units_are_left_out_by_the_index_of_their_lane(
    chain: Filled, line: str, lane: str
) -> None:
    asked = asked_of(chain.chain, parse(line))
    for statement in (steps.contents_first(asked, DOWN, [lane]), steps.count(asked, DOWN, [lane])):
        found = plan(statement, asked)
        assert re.search(r"(using|on) record_(scout|changed|revised)\b", found), found
        assert "Hash Join" not in found


@pytest.mark.parametrize(("line", "lane"), [("cat", "true"), *LANES.items()])
@pytest.mark.parametrize("looked", [5, 500])
def test_a_walk_by_words_unpacks_no_unit_that_the_index_of_words_does_not_name(
    chain: Filled, line: str, lane: str, looked: int
) -> None:
    asked = asked_of(chain.chain, parse(line))
    found = plan(steps.walk_by_words(asked, DOWN, [lane]), asked, looked=looked)
    assert "Bitmap Index Scan on search_unit_words" in found
    unpacked = found[found.index("indexer_searchunit_pkey") :]
    assert "never executed" in unpacked[: unpacked.index("\n")], found
    by_units = found[found.index("search_record_ever") :]
    assert ("never executed" in by_units[: by_units.index("\n")]) is (looked == 5), found


@pytest.mark.parametrize("line", [each for each in MIXED[:-1] if "model:" not in each])
def test_records_are_looked_at_only_for_units_that_fit(chain: Filled, line: str) -> None:
    asked = asked_of(chain.chain, parse(line))
    found = plan(steps.contents_first(asked, DOWN), asked)
    assert "Bitmap Index Scan on search_unit_words" in found
    assert "using search_record_ever" in found
    assert re.search(r"(using (\w+) on|Bitmap Heap Scan on) indexer_record r\b", found), found
    assert "Seq Scan" not in found
    assert "Hash Join" not in found


def test_where_there_are_too_many_units_nothing_but_the_index_of_words_is_read(chain: Filled) -> None:
    asked = asked_of(chain.chain, parse("everywhere"))
    found = plan(steps.contents_first(asked, DOWN), asked, units=5)
    scan = found[found.index("search_record_ever") :]
    assert "never executed" in scan[: scan.index("\n")], found
    assert sql.row(
        steps.contents_first(asked, DOWN),
        {
            "chain": chain.chain.id,
            "start": HIGHEST,
            "end": LOWEST,
            "rows": 50,
            "units": 5,
            "loose": asked.loose,
        },
    ) == (6, [])


@pytest.mark.parametrize("line", ["said:now cat", "said:first cat scout:7"])
def test_versions_are_found_by_indexes_of_their_own(chain: Filled, line: str) -> None:
    asked = asked_of(chain.chain, parse(line))
    found = plan(steps.contents_first(asked, DOWN), asked)
    assert "using search_record_ever" in found
    assert f"using search_record_{asked.said.value}" in found


def test_slices_are_found_by_the_ends_of_indexes(chain: Filled) -> None:
    asked = asked_of(chain.chain, parse("cat"))
    assert "Sort" not in plan(steps.slices(asked, DOWN), asked)
    found = plan(steps.next_slice(DOWN), asked, slices=f"s:{chain.chain.id}:", slice=20, last_slice=0)
    assert "Bitmap Index Scan on search_unit_words" in found
    assert "using record_prompt_id" in plan(steps.bounds_of_slice(), asked, slice=1)


def test_records_of_a_transaction_are_found_by_it_also_where_tables_are_young(chain: Filled) -> None:
    low, high = (bytes.fromhex("ABCDEF12".ljust(64, digit)) for digit in "0F")
    asked: dict[str, Any] = {"lows": [low], "highs": [high], "chains": [chain.chain.id]}
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) {OF_TRANSACTIONS}", asked)
        found = "\n".join(line for (line,) in cursor.fetchall())
    for table in ("operation", "revision"):
        scan = found[found.index(f"on indexer_{table}") :]
        assert "never executed" in scan[: scan.index("\n")], found
    assert "substr" in found[found.index("on indexer_transaction") :].split("Index Cond")[1], found
