"""How far configurations are proved, by one node and by two, and witnesses that are checked late."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest

from devnet.rest.exchange import Answer, Question
from indexer.audit import fsck
from indexer.follow import sync
from indexer.models import Chain, ConfigurationStanding, Incident, UncheckedWitness
from indexer.postchain import gtv
from indexer.trust import configuration_trust
from indexer.trust.proof_status import unproved
from tests.indexer import kept
from tests.indexer.made import VALIDATORS, MadeChain, add
from tests.indexer.serving import (
    AlteredNode,
    asks_configuration,
    no_configuration,
    octets,
    pool_of,
    recorded,
    refused,
)

pytestmark = pytest.mark.django_db
Stored = Callable[[str], Chain]
Standing = ConfigurationStanding.Standing


def indexed(*nodes: AlteredNode, chain: Chain | None = None) -> Chain:
    """A chain as these nodes give it."""
    with pool_of(*nodes) as pool:
        found = chain or sync.chain_of(pool, None)
        sync.sync(found, pool, options=kept.HERE)
    return found


def standings(chain: Chain) -> dict[int, str]:
    return {
        each.height: each.standing
        for each in ConfigurationStanding.objects.filter(chain=chain).order_by("height")
    }


def findings(chain: Chain) -> list[str]:
    return [str(each) for each in fsck.check(chain)]


def node_of(made: MadeChain) -> AlteredNode:
    return AlteredNode(made.recording())


def changing(*sets: Sequence[bytes], is_named: bool = True) -> MadeChain:
    """A chain whose signers change every third block."""
    made = MadeChain(validators=sets[0], is_named=is_named)
    for number, validators in enumerate(sets):
        if number:
            made.configure(validators)
        for _ in range(3):
            made.block(add())
    return made


def test_one_node_alone_cannot_vouch_for_a_change_of_signers() -> None:
    chain = indexed(recorded("four-validators"))
    assert standings(chain) == {
        0: Standing.GENESIS,
        30: Standing.NOT_SELF_PROVED,
        55: Standing.NOT_SELF_PROVED,
    }
    first, second = unproved(chain.id)
    assert (first.height, second.height) == (30, 55)
    assert "1 of 4 signers left, 0 of 3 joined" in first.why
    assert "0 of 3 signers left, 1 of 4 joined" in second.why
    assert "a second one could confirm it" in first.why
    assert UncheckedWitness.objects.count() == 0


def test_a_second_node_confirms_a_change_of_few_signers() -> None:
    chain = indexed(recorded("four-validators"), recorded("four-validators"))
    assert standings(chain) == {0: Standing.GENESIS, 30: Standing.CONFIRMED, 55: Standing.CONFIRMED}
    assert unproved(chain.id) == []
    assert [len(each.by.split()) for each in ConfigurationStanding.objects.filter(height__gt=0)] == [2, 2]
    assert findings(chain) == []


def test_a_node_that_says_that_it_is_the_first_one_confirms_nothing() -> None:
    first = recorded("four-validators")
    again = AlteredNode(first.recording, key=first.key)
    chain = indexed(first, again)
    assert standings(chain)[30] == Standing.NOT_SELF_PROVED
    assert "One node alone says so, under several names" in unproved(chain.id)[0].why
    indexed(first, again, recorded("four-validators"), chain=chain)
    assert standings(chain)[30] == Standing.CONFIRMED
    assert len(ConfigurationStanding.objects.get(chain=chain, height=30).by.split()) == 2
    assert findings(chain) == []


def test_what_was_confirmed_stays_so_when_one_node_alone_is_asked_later() -> None:
    chain = indexed(recorded("four-validators"), recorded("four-validators"))
    indexed(recorded("four-validators"), chain=chain)
    configuration_trust.assess(chain, None)
    assert set(standings(chain).values()) == {Standing.GENESIS, Standing.CONFIRMED}


def test_a_second_node_that_is_named_later_confirms_then() -> None:
    chain = indexed(recorded("four-validators"))
    indexed(recorded("four-validators"), recorded("four-validators"), chain=chain)
    assert set(standings(chain).values()) == {Standing.GENESIS, Standing.CONFIRMED}


def asked_for_configurations(*nodes: AlteredNode, chain: Chain, rest: timedelta) -> int:
    """How many configurations the nodes are asked for to assess a chain again."""
    with pool_of(*nodes) as pool:
        for node in nodes:
            pool.ask(lambda node: node.version())
            node.asked.clear()
        configuration_trust.assess(chain, pool, rest=rest)
    return sum(question.path[0] == "config" for node in nodes for question in node.asked)


def test_what_nobody_could_vouch_for_is_not_asked_again_at_once() -> None:
    def other(question: Question, answer: Answer) -> Answer:
        is_55 = asks_configuration(question, height=55)
        return no_configuration(question) if is_55 else other_configuration(question, answer)

    nodes = recorded("four-validators"), recorded("four-validators", other)
    chain = indexed(*nodes)
    assert list(standings(chain).values())[1:] == [Standing.NOT_SELF_PROVED] * 2
    assert asked_for_configurations(*nodes, chain=chain, rest=timedelta(hours=1)) == 0
    assert asked_for_configurations(*nodes, chain=chain, rest=timedelta(0)) == 4
    assert asked_for_configurations(nodes[0], chain=chain, rest=timedelta(0)) == 0


def other_configuration(question: Question, answer: Answer) -> Answer:
    """Another configuration at height 30 than the real one."""
    made = MadeChain(validators=VALIDATORS[:3])
    return octets(made.configurations[0]) if asks_configuration(question, height=30) else answer


def no_answer(question: Question, answer: Answer) -> Answer:
    return refused(question, 500, "out of order") if question.path[0] == "config" else answer


def unreadable(question: Question, answer: Answer) -> Answer:
    return octets(b"\xa5") if asks_configuration(question, height=30) else answer


def of_no_known_version(question: Question, answer: Answer) -> Answer:
    value: gtv.Encodable = {"signers": [], "features": {"merkle_hash_version": 9}}
    return octets(gtv.encode(value)) if asks_configuration(question, height=30) else answer


def not_there(question: Question, answer: Answer) -> Answer:
    return no_configuration(question) if asks_configuration(question, height=30) else answer


@pytest.mark.parametrize(
    "alter", [other_configuration, no_answer, unreadable, of_no_known_version, not_there]
)
def test_a_second_node_that_says_something_else_or_nothing_confirms_nothing(
    alter: Callable[[Question, Answer], Answer],
) -> None:
    chain = indexed(recorded("four-validators"), recorded("four-validators", alter))
    assert standings(chain)[30] == Standing.NOT_SELF_PROVED


def test_a_node_whose_answer_was_false_vouches_for_nothing() -> None:
    def lies(question: Question, answer: Answer) -> Answer:
        if question.path[0] != "blocks" or answer.status != 200:
            return answer
        body = answer.body.replace(b'"timestamp":17', b'"timestamp":27')
        return Answer(200, "OK", answer.headers, body)

    chain = indexed(recorded("four-validators", lies), recorded("four-validators"))
    assert Incident.objects.exists()
    assert standings(chain)[30] == Standing.NOT_SELF_PROVED


def test_a_change_of_more_than_a_third_is_confirmed_by_nobody() -> None:
    made = changing(VALIDATORS[:4], VALIDATORS[2:6])
    chain = indexed(node_of(made), node_of(made))
    assert standings(chain) == {0: Standing.GENESIS, 3: Standing.NOT_SELF_PROVED}
    (found,) = unproved(chain.id)
    assert "2 of 4 signers left, 2 of 4 joined" in found.why
    assert "more than a third" in found.why
    assert findings(chain) == []


@pytest.mark.parametrize(
    ("old", "new", "standing"),
    [
        (VALIDATORS[:1], VALIDATORS[1:2], Standing.NOT_SELF_PROVED),
        (VALIDATORS[:1], VALIDATORS[:2], Standing.NOT_SELF_PROVED),
        (VALIDATORS[:3], VALIDATORS[:4], Standing.CONFIRMED),
        (VALIDATORS[:4], VALIDATORS[:3], Standing.CONFIRMED),
        (VALIDATORS[:4], VALIDATORS[1:5], Standing.CONFIRMED),
        (VALIDATORS[:4], VALIDATORS[:2], Standing.NOT_SELF_PROVED),
        (VALIDATORS[:7], VALIDATORS[2:9], Standing.CONFIRMED),
        (VALIDATORS[:7], VALIDATORS[3:10], Standing.NOT_SELF_PROVED),
        (VALIDATORS[:4], VALIDATORS[3::-1], Standing.NAMED),
    ],
)
def test_how_many_may_leave_and_join_is_counted_against_each_set(
    old: Sequence[bytes], new: Sequence[bytes], standing: Standing
) -> None:
    made = changing(old, new)
    chain = indexed(node_of(made), node_of(made))
    assert standings(chain)[3] == standing
    assert findings(chain) == []


def test_the_same_signers_are_proved_by_the_headers_alone(stored: Stored) -> None:
    chain = stored("one-validator")
    assert standings(chain) == {0: Standing.GENESIS, 25: Standing.NAMED}
    assert unproved(chain.id) == []


def test_headers_that_name_no_configuration_prove_none() -> None:
    made = changing(VALIDATORS[:1], VALIDATORS[:1], is_named=False)
    chain = indexed(node_of(made), node_of(made))
    assert standings(chain) == {0: Standing.GENESIS, 3: Standing.NOT_NAMED}
    assert [each.height for each in unproved(chain.id)] == [3]
    assert findings(chain) == []


def test_a_configuration_for_a_block_that_is_still_to_come_is_pending() -> None:
    made = changing(VALIDATORS[:1])
    made.configure(VALIDATORS[:1])
    chain = indexed(node_of(made))
    assert standings(chain) == {0: Standing.GENESIS, 3: Standing.PENDING}
    assert unproved(chain.id) == []
    assert findings(chain) == []
    made.block()
    indexed(node_of(made), chain=chain)
    assert standings(chain)[3] == Standing.NAMED
