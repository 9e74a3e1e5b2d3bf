"""Which nodes are waited for, and how long."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from devnet.rest.exchange import Answer, Question
from indexer.follow.waiting import Waiting
from indexer.node.errors import NodeError
from indexer.node.pool import NodePool
from tests.indexer.made import MadeChain, add
from tests.indexer.serving import IMPATIENT, AlteredNode, pool_of, refused, serving


@dataclass(slots=True)
class Clock:
    """Time that passes while it is slept."""

    now: float = 0.0
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def node_of_three() -> AlteredNode:
    made = MadeChain()
    for _ in range(3):
        made.block(add())
    return AlteredNode(made.recording())


def brid(node: AlteredNode) -> bytes:
    return bytes.fromhex(node.spelling.brid)


def away(times: int, *, status: int = 503, text: str = "Blockchain is unavailable") -> Callable[..., object]:
    """So many answers in which the node is not what it was."""
    left = [times]

    def rule(question: Question, answer: Answer) -> Answer | None:
        left[0] -= 1
        return refused(question, status, text) if left[0] >= 0 else None

    return rule


def waiting(pool: NodePool, clock: Clock, said: list[str], **more: object) -> Waiting:
    given = {"seconds": 30.0, "is_asked_for": False, **more}
    return Waiting(pool, say=said.append, clock=clock, sleep=clock.sleep, **given)  # type: ignore[arg-type]


def test_a_node_that_was_there_is_asked_again_until_it_answers_and_both_are_said() -> None:
    node, clock, said = node_of_three(), Clock(), list[str]()
    with pool_of(node) as pool:
        pool.ask(lambda each: each.height(brid(node)))
        node.rules.append(away(4))  # type: ignore[arg-type]
        patient = waiting(pool, clock, said)
        patient.chain_is_known()
        found = patient.until_answered(lambda: pool.ask(lambda each: each.height(brid(node))))
        patient.is_getting_on()
    assert found == 3
    assert clock.slept == [1, 2]
    assert len(said) == 2
    assert "at most 30 s (--patience)" in said[0]
    assert "Blockchain is unavailable" in said[0]
    assert said[1] == "A node answers again."


def test_a_wait_is_bounded_and_begins_anew_when_something_new_came() -> None:
    node, clock, said = node_of_three(), Clock(), list[str]()
    with pool_of(node) as pool:
        pool.ask(lambda each: each.height(brid(node)))
        node.rules.append(away(1_000))  # type: ignore[arg-type]
        patient = waiting(pool, clock, said)
        patient.chain_is_known()
        for rounds in (1, 2):
            with pytest.raises(NodeError, match="503"):
                patient.until_answered(lambda: pool.ask(lambda each: each.height(brid(node))))
            assert clock.now == 30.0 * rounds
            patient.is_getting_on()


@pytest.mark.parametrize("seconds", [0.0, 5.0])
def test_a_node_that_never_was_there_is_waited_for_only_if_that_is_asked_for(seconds: float) -> None:
    clock, said = Clock(), list[str]()
    pool = NodePool(["http://127.0.0.1:9"], patience=IMPATIENT)
    for is_asked_for in (False, True):
        patient = waiting(pool, clock, said, seconds=seconds, is_asked_for=is_asked_for)
        with pytest.raises(NodeError):
            patient.until_answered(lambda: pool.ask(lambda each: each.brid()))
        assert clock.now == (seconds if is_asked_for else 0)
    pool.close()


def starting(question: Question, answer: Answer) -> Answer:
    """What a node says of every chain for some seconds after its start."""
    return refused(question, 404, "Can't find blockchain with blockchainRID: no such")


def test_a_node_without_any_chain_is_starting_and_waited_for() -> None:
    node, clock, said = node_of_three(), Clock(), list[str]()
    with pool_of(node) as pool:
        node.rules.append(starting)
        patient = waiting(pool, clock, said, seconds=10.0)
        with pytest.raises(NodeError, match="still starting"):
            patient.until_answered(lambda: pool.ask(lambda each: each.height(brid(node))))
        assert clock.now == 10.0
        node.rules.clear()
        assert patient.until_answered(lambda: pool.ask(lambda each: each.height(brid(node)))) == 3


def test_a_node_that_runs_another_chain_is_the_wrong_one_and_not_waited_for() -> None:
    node, clock, said = node_of_three(), Clock(), list[str]()

    def unknown(question: Question, answer: Answer) -> Answer | None:
        return starting(question, answer) if question.path[0] == "blockchain" else None

    with pool_of(node) as pool:
        node.rules.append(unknown)
        with pytest.raises(NodeError, match="is it the right node"):
            waiting(pool, clock, said).until_answered(lambda: pool.ask(lambda each: each.height(brid(node))))
    assert clock.slept == []


def test_a_node_that_has_the_chain_by_the_time_it_is_looked_at_is_asked_once_more() -> None:
    """Between its answer and the look at what it runs it got the chain."""
    node, clock, said = node_of_three(), Clock(), list[str]()
    with pool_of(node) as pool:
        node.rules.append(away(IMPATIENT.attempts, status=404, text="Can't find blockchain"))  # type: ignore[arg-type]
        found = waiting(pool, clock, said).until_answered(lambda: pool.ask(lambda each: each.brid()))
    assert found == brid(node)
    assert (clock.slept, said) == ([], [])


def test_a_node_that_is_busy_is_waited_for_though_it_gave_no_chain_yet() -> None:
    node, clock, said = node_of_three(), Clock(), list[str]()

    def busy(question: Question, answer: Answer) -> Answer | None:
        return refused(question, 503, "starting") if question.path[0] == "blockchain" else None

    with pool_of(node) as pool:
        node.rules.append(busy)
        with pytest.raises(NodeError, match="503"):
            waiting(pool, clock, said).until_answered(lambda: pool.ask(lambda each: each.height(brid(node))))
    assert clock.now == 30.0


@pytest.mark.parametrize("is_known", [True, False])
def test_a_proxy_that_has_no_node_yet_is_waited_for_where_there_was_one_before(is_known: bool) -> None:
    node, clock, said = node_of_three(), Clock(), list[str]()

    def nowhere(question: Question, answer: Answer) -> Answer:
        return Answer(404, "Not Found")

    with pool_of(node) as pool:
        node.rules.append(nowhere)
        patient = waiting(pool, clock, said)
        if is_known:
            patient.chain_is_known()
        with pytest.raises(NodeError, match="no route"):
            patient.until_answered(lambda: pool.ask(lambda each: each.brid()))
    assert clock.now == (30.0 if is_known else 0)


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_node_that_refuses_is_not_waited_for(status: int) -> None:
    node, clock, said = node_of_three(), Clock(), list[str]()
    with pool_of(node) as pool:
        pool.ask(lambda each: each.height(brid(node)))
        node.rules.append(away(1_000, status=status, text="not for you"))  # type: ignore[arg-type]
        patient = waiting(pool, clock, said)
        patient.chain_is_known()
        with pytest.raises(NodeError):
            patient.until_answered(lambda: pool.ask(lambda each: each.height(brid(node))))
    assert clock.slept == []


def test_while_one_of_several_nodes_may_come_back_it_is_waited_for() -> None:
    node, clock, said = node_of_three(), Clock(), list[str]()
    with serving(node) as url:
        pool = NodePool(["http://127.0.0.1:9", url], patience=IMPATIENT)
        pool.ask(lambda each: each.height(brid(node)))
        node.rules.append(away(2))  # type: ignore[arg-type]
        patient = waiting(pool, clock, said)
        patient.chain_is_known()
        assert patient.until_answered(lambda: pool.ask(lambda each: each.height(brid(node)))) == 3
        pool.close()
    assert clock.slept == [1]
