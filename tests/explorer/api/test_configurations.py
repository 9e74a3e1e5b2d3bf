"""Configurations as JSON."""

import pytest
from pytest_django import DjangoAssertNumQueries

from explorer.queries.chain.chains import ChainView
from tests.explorer.api.asking import refused, told, walked
from tests.indexer.postchain import recorded

pytestmark = pytest.mark.django_db
FOUR = "four-validators"
MOST_QUERIES = 4


def test_every_configuration_is_listed_with_its_standing(recorded_chain: ChainView) -> None:
    found = list(walked(f"/chains/{recorded_chain.rid}/configurations"))
    stated = recorded.configurations(FOUR)
    assert [each["height"] for each in found] == [0, 30, 55]
    assert [each["last"] for each in found] == [29, 54, None]
    assert [each["hash"] for each in found] == [stated[each].hash.hex().upper() for each in (0, 30, 55)]
    assert [each["signer_count"] for each in found] == [4, 3, 4]
    assert [each["standing"] for each in found] == ["genesis", *["signer change not self-proved"] * 2]


@pytest.mark.parametrize(
    ("height", "set_at"), [(0, 0), (29, 0), (30, 30), (54, 30), (55, 55), (115, 55), (116, 55)]
)
def test_the_configuration_in_force_is_the_one_that_was_set_last(
    recorded_chain: ChainView, height: int, set_at: int
) -> None:
    found = told(f"/chains/{recorded_chain.rid}/configurations/{height}")
    stated = recorded.configurations(FOUR)[set_at]
    assert (found["height"], found["hash"]) == (set_at, stated.hash.hex().upper())
    assert found["signers"] == [each.hex().upper() for each in stated.signers]
    assert {each["path"]: each["text"] for each in found["sources"]} == stated.sources
    assert found["merkle_version"] == stated.merkle_version
    assert found["needed"] == {4: 3, 3: 3}[len(stated.signers)]


@pytest.mark.parametrize("height", ["117", "9223372036854775807", "-1", "x"])
def test_a_height_without_a_configuration_is_not_here(recorded_chain: ChainView, height: str) -> None:
    refused(f"/chains/{recorded_chain.rid}/configurations/{height}", 404, "not-here")


def test_configurations_cost_few_queries(
    each_chain: ChainView, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for path in ("/configurations", "/configurations/0"):
        with django_assert_max_num_queries(MOST_QUERIES):
            told(f"/chains/{each_chain.rid}{path}")


def test_configurations_of_all_chains_name_theirs(each_chain: ChainView) -> None:
    found = told("/configurations")
    of_chain = told(f"/chains/{each_chain.rid}/configurations")["results"]
    assert [each for each in found["results"] if each["chain"] == each_chain.rid] == of_chain
    assert found["next"] is None
    assert each_chain.rid in {each["chain"] for each in found["as_of"]}
