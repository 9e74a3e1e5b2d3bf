"""The chains that are indexed, and how fresh they are."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from explorer.queries.chain import chains
from explorer.queries.chain.chains import ChainView
from explorer.queries.db.errors import NotHere
from indexer.models import Chain, Checkpoint, Node
from tests.indexer.postchain import recorded

pytestmark = pytest.mark.django_db


def test_a_chain_says_what_its_checkpoint_and_its_nodes_say(recorded_chain: ChainView) -> None:
    story = recorded.story("four-validators")
    found = chains.chain_with(bytes.fromhex(story["brid"]))
    assert found.rid == story["brid"].upper()
    assert (found.records, found.live) == (story["adds"], story["states"][-1]["count"])
    assert found.digest == bytes(Checkpoint.objects.get(chain_id=found.id).digest)
    assert found.freshness.height == story["height"] - 1
    newest = recorded.blocks("four-validators")[-1]
    assert found.freshness.block_at == datetime.fromtimestamp(newest.timestamp / 1000, UTC)
    assert (found.freshness.behind, found.freshness.stalled) == (0, False)


def test_chains_come_in_the_order_in_which_they_were_first_followed(
    recorded_chain: ChainView,
    one_validator_chain: ChainView,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(1):
        found = chains.chains()
    assert [each.id for each in found] == sorted([recorded_chain.id, one_validator_chain.id])


def test_a_chain_that_is_not_here_is_told_which_are(recorded_chain: ChainView) -> None:
    with pytest.raises(NotHere, match=recorded_chain.rid):
        chains.chain_with(b"\x0f" * 32)


def test_a_chain_without_a_block_has_height_minus_one_and_is_stalled() -> None:
    Chain.objects.create(brid=b"\x0e" * 32)
    found = chains.chain_with(b"\x0e" * 32)
    assert (found.records, found.live, found.freshness.height) == (0, 0, -1)
    assert found.digest == found.brid
    assert (found.freshness.height, found.freshness.block_at) == (-1, None)
    assert (found.freshness.stalled, found.freshness.silence) == (True, None)


@pytest.mark.parametrize(("seconds", "stalled"), [(-5, False), (50, False), (70, True)])
def test_a_chain_is_stalled_once_no_node_has_answered_for_a_minute(
    recorded_chain: ChainView, seconds: int, stalled: bool
) -> None:
    Node.objects.update(answered_at=timezone.now() - timedelta(seconds=seconds))
    freshness = chains.chain_with(recorded_chain.brid).freshness
    assert freshness.stalled is stalled
    assert freshness.silence is not None
    assert freshness.silence >= timedelta(0)


def test_a_chain_whose_nodes_give_what_is_refused_is_stopped_until_another_one_answers(
    recorded_chain: ChainView,
) -> None:
    now = timezone.now()
    Node.objects.update(was_false=True, height=10_000, answered_at=now)
    freshness = chains.chain_with(recorded_chain.brid).freshness
    assert (freshness.stopped, freshness.stalled, freshness.follows) == (True, False, False)
    assert freshness.behind == 0
    Node.objects.create(chain_id=recorded_chain.id, url="http://fails", answered_at=now, failed_at=now)
    Node.objects.filter(url="http://fails").update(failed_at=now + timedelta(seconds=1))
    assert chains.chain_with(recorded_chain.brid).freshness.stopped
    Node.objects.create(chain_id=recorded_chain.id, url="http://honest", answered_at=now)
    assert chains.chain_with(recorded_chain.brid).freshness.follows


def test_a_silence_is_no_node_s_where_nobody_asked(recorded_chain: ChainView) -> None:
    long_ago = timezone.now() - timedelta(hours=1)
    Node.objects.update(answered_at=long_ago)
    freshness = chains.chain_with(recorded_chain.brid).freshness
    assert (freshness.stalled, freshness.unasked, freshness.asked_at) == (True, True, long_ago)
    Node.objects.update(failed_at=timezone.now())
    freshness = chains.chain_with(recorded_chain.brid).freshness
    assert (freshness.stalled, freshness.unasked) == (True, False)


def test_a_node_that_is_ahead_says_how_far_behind_the_index_is(recorded_chain: ChainView) -> None:
    Node.objects.create(chain_id=recorded_chain.id, url="http://ahead", height=10_000)
    freshness = chains.chain_with(recorded_chain.brid).freshness
    assert freshness.behind == 10_000 - freshness.height


def test_nodes_that_have_less_than_the_index_are_not_level_with_it(recorded_chain: ChainView) -> None:
    here = recorded_chain.freshness.height
    Node.objects.filter(chain_id=recorded_chain.id).update(height=0)
    gone = timezone.now()
    Node.objects.create(
        chain_id=recorded_chain.id,
        url="http://gone",
        height=here,
        answered_at=gone - timedelta(hours=1),
        failed_at=gone,
    )
    freshness = chains.chain_with(recorded_chain.brid).freshness
    assert (freshness.behind, freshness.ahead) == (0, here)
    assert freshness.quiet
    assert not freshness.level


def test_a_chain_is_quiet_by_its_own_configuration_and_level_only_where_it_is_not(
    recorded_chain: ChainView,
) -> None:
    minutes = 5
    at = int((timezone.now() - timedelta(minutes=minutes)).timestamp() * 1000)
    Checkpoint.objects.update(timestamp=at)
    for longest_block_ms, quiet in ((None, False), (30_000, False), (3_000, True)):
        Chain.objects.update(longest_block_ms=longest_block_ms)
        freshness = chains.chain_with(recorded_chain.brid).freshness
        assert (freshness.quiet, freshness.level) == (quiet, not quiet)


def test_block_0_is_a_block(recorded_chain: ChainView) -> None:
    Checkpoint.objects.update(height=0, timestamp=0)
    found = chains.chain_with(recorded_chain.brid)
    assert found.freshness.height == 0
    assert found.freshness.block_at == datetime(1970, 1, 1, tzinfo=UTC)


def test_a_chain_that_was_made_here_is_known_by_its_network(recorded_chain: ChainView) -> None:
    assert not recorded_chain.is_made_up
    Chain.objects.filter(id=recorded_chain.id).update(network=Chain.THIS_MACHINE)
    assert chains.chain_with(recorded_chain.brid).is_made_up
