"""Several nodes behind one address, as a balancer has them: what one does not have yet another one gives, and
none of them is accused.
"""

import itertools
import random
from collections.abc import Callable

import pytest

from devnet.recorded.recording import Recording
from devnet.rest.exchange import Answer, Question
from tests.endtoend import chains
from tests.endtoend.chains import FOUR_DIGEST
from tests.endtoend.commands import State
from tests.endtoend.hostile import STARTING, HostileNode, balanced, failure, is_blocks, to_path
from tests.indexer.node.stub import Reaction
from tests.indexer.serving import AlteredNode

Serve = Callable[..., HostileNode]
StateFor = Callable[[int], State]

TURNS: dict[str, Callable[[int], bool]] = {
    "in turn": lambda number: number % 2 == 0,
    "in turn, the other first": lambda number: number % 2 == 1,
    "one of three": lambda number: number % 3 == 0,
    "two of three": lambda number: number % 3 != 0,
    "five at a time": lambda number: number // 5 % 2 == 0,
    "by chance": lambda number: random.Random(number).random() < 0.5,
}


@pytest.mark.parametrize("takes", TURNS.values(), ids=TURNS)
@pytest.mark.parametrize("known", [-1, 15, 22])
def test_several_nodes_behind_one_address_are_no_lie(
    state: State, serve: Serve, takes: Callable[[int], bool], known: int
) -> None:
    """One is four blocks behind the other, and what is here already may be above it."""
    chain = chains.four()
    if known >= 0:
        assert state.sync(serve(chains.cut(chain, known + 1)).url).status == 0
    node = serve(chains.cut(chain, 25), balanced(chains.cut(chain, 21), takes))
    ended = state.sync(node.url)
    assert ended.status == 0, ended.told
    assert max(20, known) <= ended.line["height"] <= 24
    assert state.incidents() == []
    state.checked()
    node.rules.clear()
    assert state.sync(node.url).line["height"] == 24


def test_what_most_nodes_behind_an_address_do_not_have_is_not_called_complete(
    state: State, serve: Serve
) -> None:
    """One of many has 116 blocks: it is asked what it has, and the others for all else."""
    behind = AlteredNode(chains.cut(chains.four(), 25), key="")
    was_there = [True]

    def rule(question: Question, answer: Answer) -> Answer | Reaction | None:
        is_height = to_path("blockchain")(question)
        if (is_height and was_there[0]) or question.parameter("txs") == "false":
            return None
        given = behind.reaction(question)
        was_there[0] = is_height or not is_blocks(question) or getattr(given, "body", b"") != b"null"
        return given

    node = serve(chains.four(), rule)
    for _ in range(2):
        ended = state.sync(node.url)
        assert ended.status in (0, 3), ended.told
        assert ended.line["height"] == 24
        assert "has said that it has 91 blocks more, which none gave yet" in ended.err
        assert "Complete as far as its nodes go" in ended.err
        assert state.incidents() == []
        assert (state.status()["behind"], state.status()["nodes"][0]["failure"]) == (91, "")
    node.rules.clear()
    ended = state.sync(node.url)
    assert (ended.status, ended.line["digest"]) == (3, FOUR_DIGEST), ended.told


NOT_YET: dict[str, Answer] = {
    "404": failure(404, "Not Found", "Block not found"),
    "404 without words": failure(404, "Not Found", None),
}


@pytest.mark.parametrize("takes", TURNS.values(), ids=TURNS)
@pytest.mark.parametrize("absent", NOT_YET.values(), ids=NOT_YET)
def test_several_nodes_that_say_404_of_what_they_do_not_have_yet_are_no_lie(
    state: State, serve: Serve, takes: Callable[[int], bool], absent: Answer
) -> None:
    def as_404(question: Question, answer: Answer) -> Answer | None:
        return absent if is_blocks(question) and answer.body.strip() == b"null" else None

    node = serve(chains.cut(chains.four(), 25), balanced(chains.cut(chains.four(), 21), takes), as_404)
    for _ in range(2):
        ended = state.sync(node.url)
        assert ended.status == 0, ended.told
        assert 20 <= ended.line["height"] <= 24
        assert state.incidents() == []


@pytest.mark.parametrize("answer", STARTING.values(), ids=STARTING)
def test_one_of_several_nodes_that_is_starting_is_passed_over(
    state: State, serve: Serve, answer: Answer
) -> None:
    numbers = itertools.count()
    node = serve(chains.four(), lambda *_: answer if next(numbers) % 3 == 0 else None)
    ended = state.sync(node.url)
    assert (ended.status, ended.line["digest"]) == (3, FOUR_DIGEST), ended.told
    assert state.incidents() == []


def without_configurations(chain: Recording, *heights: int) -> Recording:
    """The chain as a node knows it that has not seen these configurations yet."""
    left = {height: raw for height, raw in chain.configurations.items() if height not in heights}
    return chains.with_configurations(chain, left)


@pytest.mark.parametrize("takes", TURNS.values(), ids=TURNS)
def test_a_configuration_that_one_of_several_nodes_does_not_have_yet_is_asked_for_again(
    state: State, serve: Serve, takes: Callable[[int], bool]
) -> None:
    """One is some blocks below a change of signers, and the other one above it."""
    behind = without_configurations(chains.cut(chains.four(), 27), 30, 55)
    node = serve(chains.cut(chains.four(), 40), balanced(behind, takes))
    for _ in range(2):
        ended = state.sync(node.url)
        assert ended.status in (0, 3), ended.told
        assert 26 <= ended.line["height"] <= 39
        assert state.incidents() == []
    state.checked()
    node.chain = chains.four()
    node.rules.clear()
    ended = state.sync(node.url)
    assert (ended.status, ended.line["digest"]) == (3, FOUR_DIGEST), ended.told
    assert "witness" not in ended.err
    assert state.incidents() == []
    state.checked()


@pytest.mark.parametrize("processes", [1, 2])
@pytest.mark.parametrize("nth", [2, 3])
def test_several_nodes_that_keep_to_their_connections_are_no_lie(
    state_for: StateFor, serve: Serve, nth: int, processes: int
) -> None:
    state = state_for(processes)
    behind = without_configurations(chains.cut(chains.four(), 27), 30, 55)
    node = serve(chains.four(), other=behind, nth=nth)
    for _ in range(3):
        ended = state.sync(node.url, window=10, processes=processes)
        assert ended.status in (0, 3), ended.told
        assert state.incidents() == []
    assert ended.line["height"] >= 26
    state.checked()
