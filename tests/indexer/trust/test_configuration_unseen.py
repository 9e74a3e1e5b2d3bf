"""Configurations that no node gives, what the witnesses of their blocks are worth, and what comes late."""

from collections.abc import Callable, Sequence

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from devnet.rest.exchange import Answer, Question
from indexer import derive
from indexer.follow import sync
from indexer.models import BlockBody, Chain, ConfigurationStanding, Incident, UncheckedWitness
from indexer.records.totals import totals_of
from indexer.trust import configuration_trust, configurations
from indexer.trust.index_status import Lag, lags_of
from indexer.trust.proof_status import unproved
from tests.indexer import kept
from tests.indexer.made import VALIDATORS, MadeChain
from tests.indexer.serving import (
    AlteredNode,
    asks_configuration,
    no_configuration,
    pool_of,
    recorded,
    refused,
)
from tests.indexer.trust.test_configuration_trust import (
    changing,
    findings,
    indexed,
    node_of,
    other_configuration,
    standings,
)

pytestmark = pytest.mark.django_db
Stored = Callable[[str], Chain]
Standing = ConfigurationStanding.Standing


def hides(*heights: int) -> Callable[[Question, Answer], Answer]:
    """A node that does not give the configurations of these heights."""
    return lambda question, answer: (
        no_configuration(question)
        if any(asks_configuration(question, height=height) for height in heights)
        else answer
    )


def test_blocks_whose_configuration_no_node_gives_stand_unchecked_and_are_told() -> None:
    chain = indexed(recorded("four-validators", hides(30)))
    assert standings(chain)[30] == Standing.UNSEEN
    assert set(UncheckedWitness.objects.values_list("height", flat=True)) == set(range(30, 55))
    told = [each.why for each in unproved(chain.id)]
    assert any("unseen" in each for each in told)
    assert any("blocks 30 to 54: the witness was not checked" in each for each in told)
    assert BlockBody.objects.filter(height__range=(30, 54)).exclude(witness=None).count() == 25
    assert findings(chain) == []
    assert totals_of(chain).height == 115


def test_what_was_unseen_is_seen_later_and_the_witnesses_are_checked_then() -> None:
    chain = indexed(recorded("four-validators", hides(30)))
    indexed(recorded("four-validators"), chain=chain)
    assert standings(chain) == {
        0: Standing.GENESIS,
        30: Standing.NOT_SELF_PROVED,
        55: Standing.NOT_SELF_PROVED,
    }
    assert UncheckedWitness.objects.count() == 0
    empty = [each.height for each in kept_empty(chain)]
    assert BlockBody.objects.filter(chain=chain, height__in=empty).count() == 0
    assert findings(chain) == []


def kept_empty(chain: Chain) -> Sequence[BlockBody]:
    return list(BlockBody.objects.filter(chain=chain, body=None))


def spoil_witness(*heights: int) -> None:
    for each in BlockBody.objects.filter(height__in=heights):
        BlockBody.objects.filter(height=each.height).update(witness=bytes(each.witness or b"")[:-1] + b"\0")


def incidents_of(chain: Chain) -> list[tuple[str, int, int]]:
    found = Incident.objects.filter(chain=chain).order_by("height")
    return [(each.kind, each.height, each.times) for each in found]


def test_a_witness_that_does_not_hold_keeps_no_other_one_from_being_checked() -> None:
    chain = indexed(recorded("four-validators", hides(30)))
    spoil_witness(40)
    indexed(recorded("four-validators"), chain=chain)
    assert list(UncheckedWitness.objects.values_list("height", flat=True)) == [40]
    assert incidents_of(chain) == [("refused-witness", 40, 1)]
    assert standings(chain)[30] == Standing.NOT_SELF_PROVED
    (told,) = [each.why for each in unproved(chain.id) if "blocks 40 to 40" in each.why]
    assert "checked since against the signers of configuration" in told
    assert told.endswith("it does not hold.")
    assert [each for each in findings(chain) if each.startswith("block 40: witness: ")]


def test_what_was_derived_from_blocks_beside_a_witness_that_does_not_hold_is_there() -> None:
    chain = indexed(recorded("four-validators", hides(30)))
    spoil_witness(31, 40)
    indexed(recorded("four-validators"), chain=chain)
    assert totals_of(chain).height == 115
    assert not any(each.behind for each in derived(chain))


def derived(chain: Chain) -> Sequence[Lag]:
    derive.catch_up(chain)
    return lags_of(chain.id)


def test_a_witness_that_does_not_hold_is_tried_and_told_once() -> None:
    chain = indexed(recorded("four-validators", hides(30)))
    spoil_witness(33, 40, 54)
    for _ in range(3):
        indexed(recorded("four-validators"), chain=chain)
    assert list(UncheckedWitness.objects.order_by("height").values_list("height", flat=True)) == [33, 40, 54]
    assert incidents_of(chain) == [("refused-witness", 33, 1)]
    assert "So were 2 more up to height 54." in Incident.objects.get().message


def test_a_witness_is_tried_again_when_another_configuration_is_in_force_there() -> None:
    chain = indexed(recorded("four-validators", hides(30)))
    spoil_witness(40)
    indexed(recorded("four-validators"), chain=chain)
    UncheckedWitness.objects.update(tried_by=b"another one")
    assert configuration_trust.recheck_witnesses(chain) == 0
    assert incidents_of(chain) == [("refused-witness", 40, 2)]
    assert UncheckedWitness.objects.get().why.count("checked since") == 1


def test_a_block_of_a_configuration_that_is_still_missing_is_not_held_against_the_one_before() -> None:
    """Nothing was known when the blocks came; then the first configuration came, and the second did not."""
    chain = indexed(recorded("four-validators", hides(0, 30, 55)))
    assert UncheckedWitness.objects.count() == 116
    indexed(recorded("four-validators", hides(30, 55)), chain=chain)
    assert set(UncheckedWitness.objects.values_list("height", flat=True)) == set(range(30, 116))
    assert incidents_of(chain) == []
    assert any("blocks 30 to 54" in each.why for each in unproved(chain.id))
    indexed(recorded("four-validators"), chain=chain)
    assert UncheckedWitness.objects.count() == 0
    assert findings(chain) == []


@pytest.mark.parametrize("blocks", [1, 12])
def test_rechecking_many_witnesses_takes_as_many_queries_as_one(blocks: int) -> None:
    made = MadeChain(validators=VALIDATORS[:4])
    made.block()
    made.configure(VALIDATORS[:4])
    for _ in range(blocks):
        made.block()
    chain = indexed(AlteredNode(made.recording(), hides(1)))
    assert UncheckedWitness.objects.count() == blocks
    with pool_of(node_of(made)) as pool:
        configurations.fetch(chain, pool, head=blocks)
    with CaptureQueriesContext(connection) as queries:
        assert configuration_trust.recheck_witnesses(chain) == blocks
    assert len(queries) == 9


def test_the_first_configuration_may_come_late() -> None:
    """A later one came first: it is proved by nothing until the first is there."""
    chain = indexed(recorded("four-validators", hides(0)))
    assert 0 not in standings(chain)
    assert set(range(30)) <= set(UncheckedWitness.objects.values_list("height", flat=True))
    assert {30, 55} <= {each.height for each in unproved(chain.id)}
    indexed(recorded("four-validators"), chain=chain)
    assert standings(chain) == {
        0: Standing.GENESIS,
        30: Standing.NOT_SELF_PROVED,
        55: Standing.NOT_SELF_PROVED,
    }
    assert UncheckedWitness.objects.count() == 0
    assert findings(chain) == []


def test_a_node_that_gives_another_configuration_in_place_of_an_unseen_one_halts_nothing() -> None:
    """The headers that are here name the right one, so the false one is not believed."""
    chain = indexed(recorded("four-validators", hides(30)))
    indexed(recorded("four-validators", other_configuration), chain=chain)
    assert standings(chain)[30] == Standing.UNSEEN
    assert UncheckedWitness.objects.count() == 25
    assert findings(chain) == []
    indexed(recorded("four-validators"), chain=chain)
    assert standings(chain)[30] == Standing.NOT_SELF_PROVED
    assert UncheckedWitness.objects.count() == 0


def test_chains_without_any_configuration_are_folded_and_told_to_be_unproved() -> None:
    made = changing(VALIDATORS[:4])
    chain = indexed(AlteredNode(made.recording(), hides(0)))
    (found,) = unproved(chain.id)
    assert (
        "blocks 0 to 2: the witness was not checked, because no node gave the chain's first configuration"
        in found.why
    )
    assert totals_of(chain).records == 3
    assert findings(chain) == []


def test_a_standing_that_a_killed_run_left_pending_is_settled_without_a_node() -> None:
    chain = indexed(recorded("four-validators"))
    before = standings(chain)
    ConfigurationStanding.objects.filter(chain=chain, height__gt=0).update(standing=Standing.PENDING)
    configuration_trust.assess(chain, None, only=Standing.PENDING)
    assert standings(chain) == before
    assert Standing.NOT_SELF_PROVED in before.values()


def test_a_chain_that_is_not_live_gives_blocks_alone_and_is_settled_when_it_is() -> None:
    def not_live(question: Question, answer: Answer) -> Answer:
        is_gated = question.path[0] in ("config", "query_gtv", "node", "brid")
        return refused(question, 503, "Blockchain is unavailable") if is_gated else answer

    real = recorded("four-validators")
    brid = bytes.fromhex(real.recording.spelling.brid)
    with pool_of(recorded("four-validators", not_live), recorded("four-validators", not_live)) as pool:
        chain = sync.chain_of(pool, brid)
        totals = sync.sync(chain, pool, options=kept.HERE)
    assert (totals.height, totals.incidents) == (115, 0)
    assert "no node gave the chain's first configuration" in unproved(chain.id)[0].why
    assert standings(chain) == {}
    indexed(real, recorded("four-validators"), chain=chain)
    assert unproved(chain.id) == []
    assert totals_of(chain).digest == totals.digest
    assert findings(chain) == []
