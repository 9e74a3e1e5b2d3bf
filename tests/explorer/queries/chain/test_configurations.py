"""Configurations: signers, features and the code that ran, and how far each is proved."""

import pytest
from pytest_django import DjangoAssertNumQueries

from explorer.queries.chain import configurations
from explorer.queries.chain.chains import ChainView
from explorer.queries.db.errors import NotHere
from indexer.models import Configuration, ConfigurationStanding
from tests.indexer.postchain import recorded

pytestmark = pytest.mark.django_db
FOUR = "four-validators"
Standing = ConfigurationStanding.Standing


def test_each_governs_up_to_the_next(recorded_chain: ChainView) -> None:
    rows = configurations.all_of(recorded_chain)
    assert [(each.height, each.last, each.signers) for each in rows] == [
        (0, 29, 4),
        (30, 54, 3),
        (55, None, 4),
    ]
    assert [each.standing for each in rows] == [
        Standing.GENESIS,
        Standing.NOT_SELF_PROVED,
        Standing.NOT_SELF_PROVED,
    ]
    assert rows[0].meaning == "hashes to the blockchain RID"
    assert rows[0].hash == recorded_chain.brid
    assert rows[1].why.startswith("1 of 4 signers left")
    assert all(each.governs for each in rows)


@pytest.mark.parametrize(
    ("height", "set_at"), [(0, 0), (29, 0), (30, 30), (54, 30), (55, 55), (115, 55), (116, 55)]
)
def test_the_one_in_force_at_a_height_is_what_the_node_gave(
    recorded_chain: ChainView, height: int, set_at: int
) -> None:
    expected = recorded.configurations(FOUR)[set_at]
    found = configurations.in_force(recorded_chain, height)
    assert (found.row.height, found.row.hash, found.raw) == (set_at, expected.hash, expected.raw)
    assert tuple(found.signers) == expected.signers
    assert found.needed == 3
    assert {each.path: each.text for each in found.sources} == expected.sources
    assert found.merkle_version == 1


def test_the_code_of_an_upgrade_is_shown_from_its_height_on(recorded_chain: ChainView) -> None:
    def code(height: int) -> str:
        return "".join(each.text for each in configurations.in_force(recorded_chain, height).sources)

    assert "note_prompt" not in code(54)
    assert "note_prompt" in code(55)


@pytest.mark.parametrize("height", [-1, 117, 10**20])
def test_there_is_none_beyond_the_next_block(recorded_chain: ChainView, height: int) -> None:
    with pytest.raises(NotHere, match="indexed to 115"):
        configurations.in_force(recorded_chain, height)


def stand(chain: ChainView, height: int, standing: Standing) -> None:
    ConfigurationStanding.objects.filter(chain_id=chain.id, height=height).update(standing=standing)


def test_one_that_was_not_applied_governs_nothing(recorded_chain: ChainView) -> None:
    stand(recorded_chain, 30, Standing.NOT_APPLIED)
    rows = configurations.all_of(recorded_chain)
    assert [(each.height, each.last, each.governs) for each in rows] == [
        (0, 54, True),
        (30, 54, False),
        (55, None, True),
    ]
    assert configurations.in_force(recorded_chain, 40).row.height == 0


def test_one_that_no_node_gave_is_in_force_without_content(recorded_chain: ChainView) -> None:
    Configuration.objects.filter(chain_id=recorded_chain.id, height=30).delete()
    stand(recorded_chain, 30, Standing.UNSEEN)
    found = configurations.in_force(recorded_chain, 40)
    assert (found.row.height, found.row.signers, found.raw) == (30, None, None)
    assert (found.merkle_version, found.needed) == (None, None)
    assert (list(found.signers), list(found.features), list(found.sources)) == ([], [], [])


def test_one_that_is_pending_governs_nothing_yet(recorded_chain: ChainView) -> None:
    ConfigurationStanding.objects.filter(chain_id=recorded_chain.id, height=55).delete()
    ConfigurationStanding.objects.create(
        chain_id=recorded_chain.id, height=500, standing=Standing.PENDING, hash=b"\1" * 32
    )
    rows = configurations.all_of(recorded_chain)
    assert [(each.height, each.last, each.governs) for each in rows] == [
        (0, 29, True),
        (30, None, True),
        (500, None, False),
    ]


def test_one_that_is_set_for_the_next_block_does_not_govern_beside_the_present_one(
    recorded_chain: ChainView,
) -> None:
    ConfigurationStanding.objects.create(
        chain_id=recorded_chain.id, height=116, standing=Standing.PENDING, hash=b"\1" * 32
    )
    rows = configurations.all_of(recorded_chain)
    assert [(each.height, each.last, each.governs) for each in rows[2:]] == [
        (55, None, True),
        (116, None, False),
    ]
    assert configurations.in_force(recorded_chain, 115).row.height == 55
    assert configurations.in_force(recorded_chain, 116).row.height == 116


def test_a_chain_of_which_no_node_gave_any_says_so(recorded_chain: ChainView) -> None:
    ConfigurationStanding.objects.all().delete()
    assert configurations.all_of(recorded_chain) == []
    with pytest.raises(NotHere, match="no node gave it"):
        configurations.in_force(recorded_chain, 3)


def test_nodes_that_confirmed_it_are_named(recorded_chain: ChainView) -> None:
    ConfigurationStanding.objects.filter(chain_id=recorded_chain.id, height=30).update(
        standing=Standing.CONFIRMED, by="http://one:7740 http://two:7740"
    )
    assert configurations.in_force(recorded_chain, 31).by == ["http://one:7740", "http://two:7740"]


def test_configurations_cost_a_fixed_number_of_queries(
    each_chain: ChainView, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        configurations.all_of(each_chain)
    with django_assert_num_queries(2):
        configurations.in_force(each_chain, 5)
