"""Chains, their figures, and how the index stands, as JSON."""

import pytest
from pytest_django import DjangoAssertNumQueries

from explorer.queries.chain.chains import ChainView
from indexer.models import Chain, Incident, Node
from tests.explorer.api.asking import refused, told
from tests.indexer.postchain import recorded

pytestmark = pytest.mark.django_db
MOST_QUERIES = 6


def test_chains_are_listed_in_their_order(recorded_chain: ChainView, one_validator_chain: ChainView) -> None:
    found = told("/chains")
    expected = [each.rid for each in sorted([recorded_chain, one_validator_chain], key=lambda each: each.id)]
    assert [each["chain"] for each in found["results"]] == expected
    assert (found["next"], found["as_of"]) == (None, None)


def test_the_numbers_and_days_of_all_chains_are_given_together(
    recorded_chain: ChainView, one_validator_chain: ChainView
) -> None:
    found = told("/chains")
    each, numbers = found["results"], found["figures"]
    for name in (
        "records",
        "changed",
        "edited",
        "deleted",
        "shared",
        "alike",
        "blocks",
        "checked",
        "agreeing",
    ):
        assert numbers[name] == sum(one["figures"][name] for one in each)
    assert numbers["records"] == recorded_chain.records + one_validator_chain.records
    assert numbers["height"] == min(one["figures"]["height"] for one in each)
    days = [one["days"] for one in each]
    assert len(found["days"]) == len(days[0]) == 30
    for day, *of in zip(found["days"], *days, strict=True):
        assert {one["day"] for one in of} == {day["day"]}
        assert day["written"] == sum(one["written"] for one in of)
    assert sum(day["written"] for day in found["days"]) == numbers["records"]


def test_a_chain_says_how_far_it_is_indexed(recorded_chain: ChainView) -> None:
    story = recorded.story("four-validators")
    found = told(f"/chains/{recorded_chain.rid}")
    assert (found["chain"], found["records"], found["live"]) == (
        story["brid"],
        story["adds"],
        story["states"][-1]["count"],
    )
    assert found["digest"] == recorded_chain.digest.hex().upper()
    assert found["freshness"]["height"] == story["height"] - 1
    assert found["freshness"]["block_at"] == "2026-11-23T22:53:10.778Z"
    assert found["freshness"]["stalled"] is False
    assert len(found["days"]) == 30
    assert found["days"][-1]["day"] == "2026-11-23"
    assert set(found["figures"]) >= {"records", "edited", "deleted", "alike", "shared", "unchecked"}


def test_a_chain_without_a_block_is_a_chain(recorded_chain: ChainView) -> None:
    Chain.objects.create(brid=b"\x0e" * 32)
    found = told(f"/chains/{'0E' * 32}")
    assert (found["freshness"]["height"], found["freshness"]["block_at"]) == (-1, None)
    assert (found["records"], found["days"]) == (0, [])
    for name in ("records", "blocks", "configurations"):
        page = told(f"/chains/{'0E' * 32}/{name}")
        assert (page["results"], page["next"]) == ([], None)
        assert page["as_of"] == {"chain": "0E" * 32, "height": -1, "at": None}
    for name in ("records/1", "blocks/0", "configurations/1"):
        refused(f"/chains/{'0E' * 32}/{name}", 404, "not-here")


def test_a_chain_that_is_not_here_says_which_are(recorded_chain: ChainView) -> None:
    for path in ("", "/records", "/records/1", "/blocks", "/blocks/0", "/configurations"):
        problem = refused(f"/chains/{'0F' * 32}{path}", 404, "not-here")
        assert recorded_chain.rid in problem["detail"]


@pytest.mark.parametrize("brid", ["x", "0", "A" * 63, "A" * 65, "%00" * 3, "G" * 64, "‮" * 64])
def test_what_is_no_rid_is_not_here(recorded_chain: ChainView, brid: str) -> None:
    problem = refused(f"/chains/{brid}", 404, "not-here")
    assert problem["detail"].startswith("A chain is named by its RID, which is 64 hex digits")


def test_the_status_says_what_is_covered_and_what_is_not_proved(recorded_chain: ChainView) -> None:
    Node.objects.create(
        chain_id=recorded_chain.id, url="http://x.invalid/<script>", failure="no\u202e answer"
    )
    Incident.objects.create(
        chain_id=recorded_chain.id, kind="false answer", height=-1, message="<img src=x onerror=alert(1)>"
    )
    found = next(each for each in told("/status")["results"] if each["chain"] == recorded_chain.rid)
    assert (found["covered"], found["gaps"]) == ([{"first": 0, "last": 115}], [])
    assert (found["blocks"], found["transactions"], found["operations"]) == (116, 134, 263)
    assert len(found["unproved"]) == 2
    assert found["nodes"][-1]["failure"] == "no\u202e answer"
    assert found["incidents"][0]["height"] is None
    assert found["incidents"][0]["message"] == "<img src=x onerror=alert(1)>"


def test_chains_and_status_cost_few_queries(
    recorded_chain: ChainView, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for path in ("/chains", f"/chains/{recorded_chain.rid}"):
        with django_assert_max_num_queries(MOST_QUERIES):
            told(path)
    with django_assert_max_num_queries(1 + MOST_QUERIES * Chain.objects.count()):
        told("/status")
