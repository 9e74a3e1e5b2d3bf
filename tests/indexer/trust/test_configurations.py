"""Configurations: asked of nodes, kept, replaced where they were false, in force from their heights on."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from devnet.recorded.recording import Recording
from devnet.rest.exchange import Answer, Question
from indexer.audit import fsck
from indexer.follow import sync
from indexer.ingest.filler import Filler
from indexer.models import Block, Chain, Configuration, ConfigurationStanding, Incident, UncheckedWitness
from indexer.node.errors import NoNodeAnswers
from indexer.postchain import gtv
from indexer.records.totals import totals_of
from indexer.store.coverage import HeightRange
from indexer.trust import configurations
from indexer.trust.configuration_history import ConfigurationHistory, configuration_history_of
from indexer.trust.failover import Contradiction
from indexer.trust.proof_status import unproved
from tests.indexer import kept
from tests.indexer.dapp import memory
from tests.indexer.made import VALIDATORS, MadeChain, add
from tests.indexer.postchain import recorded as data
from tests.indexer.serving import (
    CHAINS,
    AlteredNode,
    asks_configuration,
    no_configuration,
    octets,
    pool_of,
    recorded,
)

pytestmark = pytest.mark.django_db
Stored = Callable[[str], Chain]
Standing = ConfigurationStanding.Standing
EVER = 10**9  # a height above any


# Fetched


@pytest.mark.parametrize("name", CHAINS)
def test_every_configuration_is_fetched_once(name: str) -> None:
    node = recorded(name)
    with pool_of(node) as pool:
        chain = sync.chain_of(pool, None)
        assert configurations.fetch(chain, pool, head=EVER)
        kept_here = {each.height: bytes(each.hash) for each in Configuration.objects.all()}
        assert kept_here == {height: each.hash for height, each in data.configurations(name).items()}
        node.asked.clear()
        assert not configurations.fetch(chain, pool, head=0)
    assert [question.path[-1] for question in node.asked] == ["next_height"]
    standings = {each.height: each.standing for each in ConfigurationStanding.objects.all()}
    assert standings == {0: Standing.GENESIS} | {height: Standing.PENDING for height in kept_here if height}


def answering(alter: Callable[[Question, Answer], Answer], name: str = "four-validators") -> AlteredNode:
    return recorded(name, alter)


def at(height: int, raw: bytes) -> Callable[[Question, Answer], Answer]:
    """Gives these bytes as the configuration of that height."""
    return lambda question, answer: octets(raw) if asks_configuration(question, height=height) else answer


FALSE = MadeChain(validators=VALIDATORS[4:6]).configurations[0]


def test_a_first_configuration_of_another_chain_is_refused_and_the_next_node_is_asked() -> None:
    with pool_of(answering(at(0, FALSE)), recorded("four-validators")) as pool:
        chain = sync.chain_of(pool, None)
        sync.sync(chain, pool, options=kept.HERE)
    assert bytes(Configuration.objects.get(height=0).hash) == bytes(chain.brid)
    (incident,) = Incident.objects.all()
    assert (incident.kind, incident.height) == ("refused-configuration", 0)
    assert totals_of(chain).height == 115


def test_a_first_configuration_of_another_chain_from_every_node_halts() -> None:
    with pool_of(answering(at(0, FALSE))) as pool:
        chain = sync.chain_of(pool, None)
        with pytest.raises(Contradiction, match="not to the blockchain RID"):
            sync.sync(chain, pool, options=kept.HERE)
    assert not Configuration.objects.exists()
    assert not Block.objects.exists()


@pytest.mark.parametrize(
    "raw",
    [
        b"\x00",
        b"\xa5",
        gtv.encode([]),
        gtv.encode({}),
        gtv.encode({"signers": "nobody"}),
        gtv.encode({"signers": [1]}),
        gtv.encode({"signers": [], "features": []}),
        gtv.encode({"signers": [], "features": {"merkle_hash_version": 9}}),
        gtv.encode({"signers": [], "features": {"merkle_hash_version": "2"}}),
    ],
)
@pytest.mark.parametrize("height", [0, 30])
def test_a_configuration_that_cannot_be_read_is_a_bad_answer(raw: bytes, height: int) -> None:
    with pool_of(answering(at(height, raw))) as pool:
        chain = sync.chain_of(pool, None)
        with pytest.raises(NoNodeAnswers, match="configuration"):
            configurations.fetch(chain, pool, head=EVER)
    with pool_of(answering(at(height, raw)), recorded("four-validators")) as pool:
        assert configurations.fetch(chain, pool, head=EVER)
    assert Configuration.objects.count() == 3


def nested(depth: int) -> gtv.Encodable:
    value: gtv.Encodable = 1
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    "features",
    [
        {"name": "with \0 in it"},
        {"with \0 in it": 1},
        {"deep": nested(900)},
        {"large": gtv.BigInteger(10**5000), "int64": 2**63 - 1, "beyond": gtv.BigInteger(2**63)},
        {"bytes": b"\x01\xff", "none": None, "list": [1, {"a": []}]},
    ],
)
def test_odd_features_block_nothing(features: dict[str, Any]) -> None:
    made = MadeChain(more={"features": features})
    made.block(add())
    with pool_of(AlteredNode(made.recording())) as pool:
        chain = sync.chain_of(pool, None)
        sync.sync(chain, pool, options=kept.HERE)
    assert totals_of(chain).height == 0
    assert unproved(chain.id) == []
    assert [str(each) for each in fsck.check(chain)] == []


# False, hidden, late


def test_a_false_configuration_is_replaced_by_what_another_node_gives() -> None:
    with pool_of(answering(at(30, FALSE)), recorded("four-validators")) as pool:
        chain = sync.chain_of(pool, None)
        sync.sync(chain, pool, options=kept.HERE)
    assert bytes(Configuration.objects.get(height=30).hash) == data.configurations("four-validators")[30].hash
    assert "configuration-changed" in {each.kind for each in Incident.objects.all()}
    assert UncheckedWitness.objects.count() == 0
    assert totals_of(chain).height == 115
    assert [str(each) for each in fsck.check(chain)] == []


def test_a_false_configuration_from_the_only_node_halts_and_an_honest_node_goes_on_from_there() -> None:
    with pool_of(answering(at(30, FALSE))) as pool:
        chain = sync.chain_of(pool, None)
        with pytest.raises(Contradiction, match="names configuration"):
            sync.sync(chain, pool, options=kept.HERE)
    with pool_of(recorded("four-validators")) as pool:
        sync.sync(chain, pool, options=kept.HERE)
    assert totals_of(chain).height == 115
    assert UncheckedWitness.objects.count() == 0
    assert [str(each) for each in fsck.check(chain)] == []


def test_a_process_that_does_not_know_yet_what_another_one_fetched_accuses_nobody() -> None:
    with pool_of(recorded("four-validators")) as pool:
        chain = sync.chain_of(pool, None)
        configurations.fetch(chain, pool, head=EVER)
        whole = configuration_history_of(chain)
        filler = Filler(chain, pool)
        filler._history = ConfigurationHistory(whole.known[:1])
        for _ in filler.fill(HeightRange(0, 115)):
            pass
        sync.fold_all(chain)
        sync.settle(chain, pool)
    assert [each.kind for each in Incident.objects.all()] == []
    assert UncheckedWitness.objects.count() == 0
    assert [str(each) for each in fsck.check(chain)] == []


def test_windows_that_see_an_unseen_configuration_from_the_top_down_agree_where_it_begins() -> None:
    hides = answering(
        lambda question, answer: (
            no_configuration(question) if asks_configuration(question, height=30) else answer
        )
    )
    with pool_of(hides) as pool:
        chain = sync.chain_of(pool, None)
        configurations.fetch(chain, pool, head=EVER)
        for span in (
            HeightRange(45, 50),
            HeightRange(35, 44),
            HeightRange(51, 115),
            HeightRange(28, 34),
            HeightRange(0, 27),
        ):
            for _ in Filler(chain, pool).fill(span):
                pass
        sync.fold_all(chain)
        sync.settle(chain, pool)
    (row,) = ConfigurationStanding.objects.filter(standing=Standing.UNSEEN)
    assert (row.height, bytes(row.hash)) == (30, data.configurations("four-validators")[30].hash)
    assert set(UncheckedWitness.objects.values_list("height", flat=True)) == set(range(30, 55))


def showing_late(*heights: int) -> AlteredNode:
    """A managed node before the directory chain has seen the configurations of these heights anchored: for
    any height it shows the one before.
    """
    given = recorded("four-validators").recording.configurations

    def alter(question: Question, answer: Answer) -> Answer:
        asked = question.parameter("height") if len(question.path) == 2 else None
        if question.path[0] != "config" or asked is None:
            return answer
        shown = max(each for each in given if each <= int(asked) and each not in heights)
        return octets(given[shown])

    return answering(alter)


@pytest.mark.parametrize("heights", [(30,), (55,), (30, 55)])
@pytest.mark.parametrize("blocks", [7, 100])
def test_a_node_that_shows_a_configuration_late_is_no_liar(heights: tuple[int, ...], blocks: int) -> None:
    with pool_of(showing_late(*heights)) as pool:
        chain = sync.chain_of(pool, None)
        late = sync.sync(chain, pool, options=replace(kept.HERE, blocks=blocks))
    unseen = ConfigurationStanding.objects.filter(standing=Standing.UNSEEN)
    assert set(unseen.values_list("height", flat=True)) == set(heights)
    assert not Incident.objects.exists()
    assert UncheckedWitness.objects.exists()
    with pool_of(showing_late()) as pool:
        assert sync.sync(chain, pool, options=kept.HERE).digest == late.digest
    assert (late.height, late.digest) == (115, memory.plainly("four-validators").digest)
    assert set(Configuration.objects.values_list("height", flat=True)) == {0, 30, 55}
    assert not unseen.exists()
    assert not UncheckedWitness.objects.exists()
    assert not Incident.objects.exists()
    assert [str(each) for each in fsck.check(chain)] == []


def test_where_one_node_shows_a_configuration_late_another_gives_it() -> None:
    with pool_of(showing_late(30, 55), recorded("four-validators")) as pool:
        chain = sync.chain_of(pool, None)
        sync.sync(chain, pool, options=kept.HERE)
    assert not Incident.objects.exists()
    assert not UncheckedWitness.objects.exists()
    assert totals_of(chain).height == 115


def test_a_first_block_that_names_another_configuration_than_the_chains_is_refused() -> None:
    made = MadeChain()
    made.block(add(), extra={"config_hash": bytes([1]) * 32})
    with pool_of(AlteredNode(made.recording())) as pool:
        chain = sync.chain_of(pool, None)
        with pytest.raises(Contradiction, match="names configuration"):
            sync.sync(chain, pool, options=kept.HERE)
    assert not Block.objects.exists()


def synced(made: MadeChain, chain: Chain | None = None, *, later: dict[int, bytes]) -> Chain:
    """The chain by its node, which lists these configurations too."""
    recording = made.recording()
    listed = dict(sorted({**recording.configurations, **later}.items()))
    with pool_of(AlteredNode(replace(recording, configurations=listed))) as pool:
        found = chain or sync.chain_of(pool, None)
        sync.sync(found, pool, options=kept.HERE)
    return found


@pytest.mark.parametrize("later", [3, 20])
def test_one_that_is_set_later_below_or_in_place_of_a_pending_one_accuses_nobody(later: int) -> None:
    made = MadeChain(validators=VALIDATORS[:4])
    for _ in range(3):
        made.block(add())
    pending = {later: MadeChain(validators=VALIDATORS[:4], more={"pending": 1}).configurations[0]}
    chain = synced(made, later=pending)
    assert set(Configuration.objects.values_list("height", flat=True)) == {0, later}
    made.configure(VALIDATORS[:4])
    for _ in range(3):
        made.block(add())
    synced(made, chain, later=pending if later > 3 else {})
    assert set(Configuration.objects.values_list("height", flat=True)) == {0, 3, later}
    assert ConfigurationStanding.objects.get(height=3).standing == Standing.NAMED
    assert not Incident.objects.exists()
    assert not UncheckedWitness.objects.exists()
    assert [str(each) for each in fsck.check(chain)] == []


# One that could not be applied


def failing() -> MadeChain:
    """At height 3 a configuration was to come into force; it failed, and the one before goes on."""
    made = MadeChain(validators=VALIDATORS[:1])
    for _ in range(3):
        made.block(add())
    hash_before = made._hash
    made.configure(VALIDATORS[1:3])
    failed = made._hash
    made._hash, made._validators = hash_before, VALIDATORS[:1]
    made.block(add(), extra={"failed_config_hash": failed})
    made.block(add())
    return made


def test_a_configuration_that_failed_to_be_applied_is_told_and_the_one_before_goes_on() -> None:
    made = failing()
    with pool_of(AlteredNode(made.recording())) as pool:
        chain = sync.chain_of(pool, None)
        sync.sync(chain, pool, options=kept.HERE)
    standings = {each.height: each.standing for each in ConfigurationStanding.objects.all()}
    assert standings == {0: Standing.GENESIS, 3: Standing.NOT_APPLIED}
    assert totals_of(chain).height == 4
    assert UncheckedWitness.objects.count() == 0
    assert unproved(chain.id) == []
    assert [str(each) for each in fsck.check(chain)] == []


def changed_once(made: MadeChain) -> None:
    for _ in range(3):
        made.block(add())
    made.configure(VALIDATORS[:4])
    for _ in range(3):
        made.block(add())


def saying_that_it_failed() -> Recording:
    """A liar's chain: its block 3, which no signer signed, says that the configuration failed."""
    made = MadeChain(validators=VALIDATORS[:4])
    for _ in range(3):
        made.block(add())
    hash_before = made._hash
    made.configure(VALIDATORS[:4])
    failed, made._hash = made._hash, hash_before
    made._validators = VALIDATORS[7:9]
    made.block(add(uid=9), extra={"failed_config_hash": failed})
    for _ in range(2):
        made.block(add(uid=9))
    return made.recording()


def test_a_liar_cannot_say_that_a_configuration_failed() -> None:
    made = MadeChain(validators=VALIDATORS[:4])
    changed_once(made)
    with pool_of(AlteredNode(saying_that_it_failed()), AlteredNode(made.recording())) as pool:
        chain = sync.chain_of(pool, None)
        sync.sync(chain, pool, options=kept.HERE)
    standings = {each.height: each.standing for each in ConfigurationStanding.objects.all()}
    assert standings == {0: Standing.GENESIS, 3: Standing.NAMED}
    assert bytes(Block.objects.get(height=5).rid) == made.blocks[5].rid
    assert UncheckedWitness.objects.count() == 0


def test_a_liar_who_names_a_configuration_that_nobody_has_is_not_believed_where_another_block_is_signed() -> (
    None
):
    made = MadeChain(validators=VALIDATORS[:4])
    for _ in range(3):
        made.block(add())
    liar = MadeChain(validators=VALIDATORS[:4])
    liar.blocks = list(made.blocks)
    for _ in range(3):
        made.block(add())
    liar.configure(VALIDATORS[7:9])
    for _ in range(3):
        liar.block(add(uid=9))
    hiding = AlteredNode(replace(liar.recording(), configurations={0: made.configurations[0]}))
    with pool_of(hiding, AlteredNode(made.recording())) as pool:
        chain = sync.chain_of(pool, None)
        sync.sync(chain, pool, options=kept.HERE)
    assert bytes(Block.objects.get(height=5).rid) == made.blocks[5].rid
    assert UncheckedWitness.objects.count() == 0
    assert {each.kind for each in Incident.objects.all()} == {"refused-configuration"}
