"""What an identifier names, as JSON."""

import pytest
from pytest_django import DjangoAssertNumQueries

from explorer.queries.chain.chains import ChainView
from tests.explorer.api.asking import ask, record, refused, told

pytestmark = pytest.mark.django_db


def test_everything_that_has_the_name_is_found_with_its_address(recorded_chain: ChainView) -> None:
    found = told("/find?q=5")
    assert [(each["kind"], each["key"], each["why"]) for each in found["results"]] == [
        ("record", "5", "its number"),
        ("block", "5", "its height"),
    ]
    assert {each["chain"] for each in found["results"]} == {recorded_chain.rid}
    assert (found["next"], found["as_of"]) == (None, None)


def test_addresses_lead_to_what_was_found(recorded_chain: ChainView) -> None:
    revision = record(recorded_chain, 225)["revisions"][0]
    first = told(f"/chains/{recorded_chain.rid}/configurations")["results"][0]
    names = {
        recorded_chain.rid[:8]: {"chain", "configuration"},
        revision["transaction"]: {"transaction"},
        revision["block"][:10]: {"block"},
        revision["result_sha256"]: {"record"},
        first["hash"]: {"chain", "configuration"},
    }
    for name, kinds in names.items():
        found = told(f"/find?q={name}")["results"]
        assert {each["kind"] for each in found} == kinds
        for each in found:
            assert ask(each["address"]).status_code == 200


def test_a_name_that_nothing_has_is_an_empty_list(recorded_chain: ChainView) -> None:
    assert told(f"/find?q={'0F' * 32}")["results"] == []
    assert told("/find?q=99999")["results"] == []


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("?q=lighthouse", "not-an-identifier"),
        (f"?q={'1' * 301}", "out-of-range"),
        ("?q=1&q=2", "repeated"),
        ("?search=1", "unknown"),
    ],
)
def test_what_is_no_identifier_is_refused_by_name(query: str, code: str) -> None:
    problem = refused(f"/find{query}", 400, "bad-parameter")
    assert [each["code"] for each in problem["errors"]] == [code]


@pytest.mark.parametrize("query", ["", "?q="])
def test_who_asks_for_nothing_is_told_how_to_search(recorded_chain: ChainView, query: str) -> None:
    found = told(f"/find{query}")
    assert (found["results"], found["explanation"]["title"]) == ([], "How to search")
    names = [line["name"] for each in found["explanation"]["sections"] for line in each["lines"]]
    assert "`-dog`" in names
    assert any("status:edited" in each and "/records?" in each for each in names)  # leads to its records
    assert told("/find?q=5")["explanation"] is None


def test_it_costs_few_queries(
    recorded_chain: ChainView, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(4):
        told(f"/find?q={recorded_chain.rid}")
