"""Lists of the records of which a check finds something, beside all other filters."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from explorer.queries.chain.chains import ChainView
from explorer.queries.db.filters import FEW
from explorer.queries.lists.search import clauses
from explorer.queries.lists.walk import COUNTED
from explorer.search.keys import CHECKS
from indexer.checks.check import RESULTS, Result
from indexer.checks.registry import by_name
from tests.explorer.api.asking import refused, told, walked
from tests.explorer.pages.asking import page
from tests.explorer.queries.plans import most_read

pytestmark = pytest.mark.django_db
MANY = 25
"""On a page, where most records are in the list."""


def ids(chain: ChainView, query: str, *, limit: int = 5) -> list[int]:
    """Of all pages, of which there are several."""
    path = f"/chains/{chain.rid}/records?{query}&limit={limit}&order=oldest"
    return [each["prompt_id"] for each in walked(path)]


@cache
def results(chain: ChainView) -> Mapping[int, Mapping[str, str]]:
    """What each check says of each record, asked record by record."""
    return {each: _results(chain, each) for each in range(1, chain.records + 1)}


def _results(chain: ChainView, prompt_id: int) -> Mapping[str, str]:
    said: list[dict[str, Any]] = told(f"/chains/{chain.rid}/records/{prompt_id}/checks")["results"]
    return {each["check"]: each["result"] for each in said}


def said(chain: ChainView, name: str, result: str) -> list[int]:
    """The records of which a check says so."""
    return [each for each, by_check in results(chain).items() if by_check[name] == result]


def test_a_list_by_a_finding_holds_the_records_that_have_it(recorded_chain: ChainView) -> None:
    for name in ("altered", "field-contradiction", "time-inconsistent"):
        asked = said(recorded_chain, name, "fail")
        assert asked
        assert ids(recorded_chain, f"check={name}") == asked
        assert ids(recorded_chain, f"q=check:{name}") == asked
        assert ids(recorded_chain, f"q=check:{name}%3Dfail") == asked
    every = ids(recorded_chain, "check=malformed")
    assert every
    assert ids(recorded_chain, "q=-check:malformed", limit=MANY) == [
        each for each in range(1, recorded_chain.records + 1) if each not in every
    ]


@pytest.mark.parametrize("result", ["pass", "unknown", "not-applicable"])
@pytest.mark.parametrize("name", ["truncated", "usage-implausible", "peer-outlier"])
def test_a_line_asks_for_whatever_a_check_says(recorded_chain: ChainView, name: str, result: str) -> None:
    own = said(recorded_chain, name, result)
    limit = MANY if len(own) > MANY else 5
    assert ids(recorded_chain, f"q=check:{name}%3D{result}", limit=limit) == own
    counted = told(f"/chains/{recorded_chain.rid}/records?q=check:{name}%3D{result}&limit=1")["count"]
    assert counted == {"value": len(own), "is_exact": True}
    assert ids(recorded_chain, f"q=-check:{name}%3D{result}", limit=MANY) == [
        each for each in range(1, recorded_chain.records + 1) if each not in own
    ]


def test_of_what_a_check_says_of_no_record_none_is_looked_at(recorded_chain: ChainView) -> None:
    assert not said(recorded_chain, "altered", "unknown")
    for more in ("", "+has:edit"):
        with CaptureQueriesContext(connection) as asked:
            assert ids(recorded_chain, f"q=check:altered%3Dunknown{more}") == []
        walked_through = [each for each in asked if "FROM indexer_record r" in each["sql"]]
        assert walked_through
        assert most_read(walked_through) <= recorded_chain.records // 10


def put_others(chain: ChainView, name: str) -> None:
    """Twenty thousand newer records, of which the check says that it passes."""
    check = by_name()[name]
    code = next(each.code for each in check.outcomes if each.result is Result.PASS)
    first = f"(SELECT * FROM indexer_record WHERE chain_id = {chain.id} AND prompt_id = 1)"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT ({chain.freshness.height} + 1)::bigint << 20")
        ((above,),) = cursor.fetchall()
        cursor.execute(
            f"""CREATE TEMP TABLE other ON COMMIT DROP AS
            SELECT r.*, g FROM generate_series(1, 20000) AS g, {first} AS r;
            UPDATE other SET prompt_id = (1 << 20) + g, position = {above} + g;
            ALTER TABLE other DROP COLUMN g;
            INSERT INTO indexer_record SELECT * FROM other;
            INSERT INTO indexer_checked (chain_id, generation, prompt_id, outcomes)
            SELECT o.chain_id, o.generation, o.prompt_id, set_byte(k.outcomes, {check.number}, {code})
            FROM other o JOIN indexer_checked k
                ON k.chain_id = o.chain_id AND k.generation = o.generation AND k.prompt_id = 1;
            INSERT INTO indexer_checkslice (chain_id, generation, slice, counts)
            SELECT chain_id, generation, prompt_id >> 7, array_fill(0, ARRAY[{4 * check.number}])
                || count(*)::int || array_fill(0, ARRAY[{4 * (len(CHECKS) - check.number) - 1}])
            FROM other GROUP BY 1, 2, 3;
            ANALYZE indexer_record, indexer_checked, indexer_checkslice"""
        )


@pytest.mark.parametrize("more", ["", "+provider:groq"])
def test_what_a_check_says_of_few_is_found_behind_any_number_of_others(
    recorded_chain: ChainView, more: str
) -> None:
    line = f"q=check:usage-implausible%3Dunknown{more}"
    expected = ids(recorded_chain, line)
    put_others(recorded_chain, "usage-implausible")
    with CaptureQueriesContext(connection) as asked:
        found = told(f"/chains/{recorded_chain.rid}/records?{line}&limit=100")
    assert [each["prompt_id"] for each in found["results"]] == expected[-100:][::-1]
    assert expected
    assert not found["searched_to"]
    assert most_read(each for each in asked if "indexer_checkslice" in each["sql"]) < 6_000


def put_some(chain: ChainView, name: str) -> set[int]:
    """Of the first of those of each sixteenth slice it is not known; gives their ids."""
    check = by_name()[name]
    code = next(each.code for each in check.outcomes if each.result is Result.UNKNOWN)
    place = check.number * len(RESULTS) + RESULTS.index(Result.UNKNOWN) + 1
    chosen = "(slice - (1 << 20 >> 7)) % 16 = 3"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE indexer_checkslice SET counts[{place}] = 1
            WHERE chain_id = {chain.id} AND slice >= 1 << 20 >> 7 AND {chosen}"""
        )
        cursor.execute(
            f"""UPDATE indexer_checked k SET outcomes = set_byte(outcomes, {check.number}, {code})
            FROM indexer_checkslice s
            WHERE s.chain_id = {chain.id} AND k.chain_id = s.chain_id AND k.generation = s.generation
              AND s.slice >= 1 << 20 >> 7 AND {chosen} AND k.prompt_id = (s.slice << 7) + 5
            RETURNING k.prompt_id"""
        )
        return {prompt_id for (prompt_id,) in cursor.fetchall()}


@pytest.mark.parametrize("order", ["newest", "oldest"])
def test_what_a_check_says_of_more_than_few_is_gone_to_slice_by_slice(
    recorded_chain: ChainView, order: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = "q=check:usage-implausible%3Dunknown"
    expected = ids(recorded_chain, line)
    put_others(recorded_chain, "usage-implausible")
    expected += sorted(put_some(recorded_chain, "usage-implausible"))
    monkeypatch.setattr(clauses, "_AS_LONG_AS", FEW)  # so that some slices are too many to go through all
    with CaptureQueriesContext(connection) as asked:
        found = walked(f"/chains/{recorded_chain.rid}/records?{line}&limit=7&order={order}")
    given = [each["prompt_id"] for each in found]
    assert given == (expected if order == "oldest" else expected[::-1])
    assert len(expected) > 10
    assert most_read(each for each in asked if "FROM indexer_record r" in each["sql"]) < FEW


def put_findings(chain: ChainView, name: str) -> set[int]:
    """More findings than are few, of the older half of the others."""
    number = by_name()[name].number
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO indexer_checkfinding
                (chain_id, generation, number, prompt_id, outcome, since, measured)
            SELECT chain_id, generation, {number}, prompt_id, 0, position, '{{}}' FROM indexer_record
            WHERE chain_id = {chain.id} AND prompt_id BETWEEN 1 << 20 AND (1 << 20) + 10000
            RETURNING prompt_id"""
        )
        found = {prompt_id for (prompt_id,) in cursor.fetchall()}
        cursor.execute("ANALYZE indexer_checkfinding")
        return found


def test_findings_that_are_many_are_gone_to_one_by_one(recorded_chain: ChainView) -> None:
    earlier = ids(recorded_chain, "q=check:truncated")
    put_others(recorded_chain, "truncated")
    every = [*earlier, *sorted(put_findings(recorded_chain, "truncated"))]
    assert len(every) > FEW
    path = f"/chains/{recorded_chain.rid}/records?q=check:truncated&limit=7"
    for order, expected in (("newest", every[::-1]), ("oldest", every)):
        with CaptureQueriesContext(connection) as asked:
            found = told(f"{path}&order={order}")
        assert found["count"] == {"value": COUNTED, "is_exact": False}
        assert sum("WITH w AS" in each["sql"] for each in asked) == 1  # none to count them
        with CaptureQueriesContext(connection) as asked:
            found["results"] += told(found["next"])["results"]
        assert [each["prompt_id"] for each in found["results"]] == expected[:14]
        assert most_read(each for each in asked if "WITH w AS" in each["sql"]) <= 2_500


def test_it_goes_with_other_filters(recorded_chain: ChainView) -> None:
    own = ids(recorded_chain, "check=field-contradiction&provider=groq")
    assert own == ids(recorded_chain, "q=check:field-contradiction+provider:groq")
    assert set(own) <= set(ids(recorded_chain, "provider=groq"))
    facets = told(f"/chains/{recorded_chain.rid}/records/facets?check=deleted")
    assert facets
    text = page(f"/chains/{recorded_chain.rid}/records?check=altered")
    assert "altered found" in text


def test_a_check_that_there_is_not_is_refused(recorded_chain: ChainView) -> None:
    refused(f"/chains/{recorded_chain.rid}/records?check=true", 400, "bad-parameter")
    for line in ("alterd", "altered%3Dmaybe", "altered%3D", "%3Dpass"):
        refused(f"/chains/{recorded_chain.rid}/records?q=check:{line}", 400, "bad-parameter")


def test_a_line_knows_every_check() -> None:
    assert tuple(by_name()) == CHECKS
