"""Several nodes: which is asked, and what is remembered of those that fail."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress

import pytest

from indexer.node.client import NodeClient
from indexer.node.errors import BadNodeUrl, NoNodeAnswers
from indexer.node.pool import NodePool
from indexer.node.transport import Limits
from tests.indexer.node.blocks import BRID
from tests.indexer.node.conftest import Waits
from tests.indexer.node.stub import Reaction, Request, StubNode, answer

Stub = Callable[[Callable[[Request], Reaction] | bytes], StubNode]
MakePool = Callable[..., NodePool]

BROKEN = answer(b'{"error":"no room"}', status="500 Internal Server Error")
GARBAGE = answer(b"garbage")
NO_CHAIN = answer(b'{"error":"Can\'t find blockchain with blockchainRID: 00"}', status="404 Not Found")
NO_ROUTE = answer(status="404 Route not found")


def at(height: int) -> bytes:
    return answer(b'{"blockHeight":%d}' % height)


def height(node: NodeClient) -> int:
    return node.height(BRID)


@pytest.fixture
def make_pool(waits: Waits) -> Iterator[MakePool]:
    with ExitStack() as stack:

        def make(*nodes: StubNode | str) -> NodePool:
            urls = [node if isinstance(node, str) else node.url for node in nodes]
            pool = NodePool(urls, patience=waits.patience(attempts=1), clock=lambda: 1000.0)
            stack.callback(pool.close)
            return pool

        yield make


def test_the_first_node_is_asked_as_long_as_it_answers(stub: Stub, make_pool: MakePool) -> None:
    first, second = stub(at(7)), stub(at(8))
    pool = make_pool(first, second)
    assert [pool.ask(height) for _ in range(3)] == [7, 7, 7]
    assert (len(first.requests), second.requests, pool.failures) == (3, [], {})


@pytest.mark.parametrize("failing", [BROKEN, GARBAGE, NO_CHAIN, NO_ROUTE, answer(status="403 Forbidden")])
def test_the_next_node_is_asked_when_one_fails_and_kept_to(
    stub: Stub, make_pool: MakePool, failing: bytes
) -> None:
    first, second = stub(failing), stub(at(8))
    pool = make_pool(first, second)
    assert [pool.ask(height) for _ in range(3)] == [8, 8, 8]
    assert (len(first.requests), len(second.requests)) == (1, 3)
    assert pool.current is pool.nodes[1]


def test_a_node_that_failed_is_asked_again_when_the_other_fails(stub: Stub, make_pool: MakePool) -> None:
    first = stub(lambda request: BROKEN if request.number == 1 else at(7))
    second = stub(lambda request: at(8) if request.number == 1 else BROKEN)
    pool = make_pool(first, second)
    assert [pool.ask(height) for _ in range(3)] == [8, 7, 7]


def test_a_failure_is_remembered_with_its_time(stub: Stub, make_pool: MakePool) -> None:
    pool = make_pool(stub(BROKEN), stub(at(8)))
    pool.ask(height)
    failure = pool.failures[pool.nodes[0].name]
    assert "no room" in failure.why
    assert failure.at == 1000.0
    assert not failure.was_false


def test_when_all_fail_each_nodes_reason_is_told(stub: Stub, make_pool: MakePool) -> None:
    nodes = [stub(BROKEN), stub(GARBAGE), stub(NO_CHAIN)]
    pool = make_pool(*nodes)
    with pytest.raises(NoNodeAnswers) as caught:
        pool.ask(height)
    reasons = caught.value.reasons
    assert list(reasons) == [node.url for node in nodes]
    for part, reason in zip(
        ("no room", "not the JSON", "does not have this chain"), reasons.values(), strict=True
    ):
        assert part in reason
        assert reason in str(caught.value)


@pytest.mark.parametrize("status", ["400 Bad Request", "404 Not Found", "409 Conflict", "413 Too Large"])
def test_a_node_that_refuses_what_others_answer_is_passed_over(
    stub: Stub, make_pool: MakePool, status: str
) -> None:
    first, second = stub(answer(b'{"error":"Unknown query"}', status=status)), stub(at(8))
    pool = make_pool(first, second)
    assert pool.ask(height) == 8
    assert "Unknown query" in pool.failures[first.url].why


def test_a_node_whose_answer_was_false_is_not_asked_again(stub: Stub, make_pool: MakePool) -> None:
    first, second = stub(at(7)), stub(lambda request: at(8) if request.number == 1 else BROKEN)
    pool = make_pool(first, second)
    pool.report_false(pool.nodes[0], "the witness of block 3 does not hold")
    assert pool.ask(height) == 8
    assert pool.others(pool.nodes[1]) == ()
    with pytest.raises(NoNodeAnswers) as caught:
        pool.ask(height)
    assert first.requests == []
    assert "was false: the witness of block 3" in caught.value.reasons[first.url]
    assert pool.failures[first.url].was_false


def test_when_all_were_false_none_is_asked(stub: Stub, make_pool: MakePool) -> None:
    node = stub(at(7))
    pool = make_pool(node)
    pool.report_false(pool.nodes[0], "block 3 does not link to block 2")
    with pytest.raises(NoNodeAnswers, match="does not link"):
        pool.ask(height)
    assert node.requests == []


def test_the_others_are_those_that_could_be_asked_instead(stub: Stub, make_pool: MakePool) -> None:
    pool = make_pool(stub(at(7)), stub(at(7)), stub(at(7)))
    first, second, third = pool.nodes
    assert pool.others(first) == (second, third)
    assert pool.others(second) == (first, third)


def test_one_origin_is_one_node(make_pool: MakePool) -> None:
    pool = make_pool(
        "http://LOCALHOST:80/", "http://localhost", "http://user:secret@localhost/path", "https://localhost"
    )
    assert [node.origin for node in pool.nodes] == ["http://localhost:80", "https://localhost:443"]


def silent(connection: socket.socket) -> None:
    connection.settimeout(5)
    with suppress(OSError):
        connection.recv(1)


SHORT = Limits(read_seconds=1.5, fail_fast_seconds=0.75, contact_seconds=0.5)


def of(*nodes: StubNode, waits: Waits) -> NodePool:
    return NodePool([node.url for node in nodes], patience=waits.patience(), limits=SHORT)


def test_a_silent_node_is_not_waited_for_while_there_is_another(
    stub: Stub, waits: Waits, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = stub(lambda _: silent), stub(at(8))
    with closing(of(first, second, waits=waits)) as pool:
        assert pool.ask(height) == 8
        assert (len(first.requests), waits.seconds) == (1, [])
        said = f"no answer to GET /blockchain/{BRID.hex().upper()}/height in 0.5 s; another node is asked"
        assert pool.failures[first.url].why == said
        assert f"node {first.url}: {said}" in caplog.messages


def test_a_node_that_answered_before_is_given_more_time(stub: Stub, waits: Waits) -> None:
    first, second = stub(lambda request: at(7) if request.number == 1 else silent), stub(at(8))
    with closing(of(first, second, waits=waits)) as pool:
        assert [pool.ask(height), pool.ask(height)] == [7, 8]
        assert "in 0.75 s; another node is asked" in pool.failures[first.url].why


def test_where_all_are_silent_each_is_asked_again_with_patience(stub: Stub, waits: Waits) -> None:
    first, second = stub(lambda _: silent), stub(lambda request: at(8) if request.number > 2 else silent)
    with closing(of(first, second, waits=waits)) as pool:
        assert pool.ask(height) == 8
        assert (len(first.requests), len(second.requests)) == (5, 3)
        assert "in 1.5 s; ask again later" in pool.failures[first.url].why


def test_a_question_within_a_hasty_one_is_asked_with_patience_in_the_end(stub: Stub, waits: Waits) -> None:
    first, second = stub(at(1)), stub(lambda _: silent)
    inner = stub(lambda _: silent), stub(lambda request: at(8) if request.number > 2 else silent)
    with closing(of(first, second, waits=waits)) as pool, closing(of(*inner, waits=waits)) as within:
        assert pool.ask(lambda _: within.ask(height)) == 8
        assert "in 1.5 s; ask again later" in within.failures[inner[0].url].why


def test_the_only_node_is_asked_with_patience_and_that_it_is_silent_is_told(
    stub: Stub, waits: Waits, caplog: pytest.LogCaptureFixture
) -> None:
    node = stub(lambda request: at(7) if request.number == 2 else silent)
    with closing(of(node, waits=waits)) as pool:
        assert pool.ask(height) == 7
    assert caplog.messages == [f"node {node.url} does not answer; it is asked again"]


def test_a_node_that_gave_no_answer_yet_is_not_one_of_those_that_answer(stub: Stub, waits: Waits) -> None:
    first, second = stub(lambda _: silent), stub(at(8))
    with closing(of(first, second, waits=waits)) as pool:
        assert pool.answering == pool.nodes
        pool.ask(height)
        assert pool.answering == pool.nodes[1:]


def test_an_answer_that_has_begun_is_waited_for(stub: Stub, waits: Waits) -> None:
    def halting(connection: socket.socket) -> None:
        whole = at(7)
        for part in (whole[:20], whole[20:]):
            connection.sendall(part)
            time.sleep(0.8)

    first, second = stub(lambda _: halting), stub(at(8))
    with closing(of(first, second, waits=waits)) as pool:
        assert pool.ask(height) == 7
        assert second.requests == []


def test_no_wish_to_wait_long_is_granted_while_there_is_another_node(stub: Stub, waits: Waits) -> None:
    busy = answer(b'{"error":"later"}', status="503 Unavailable", headers={"retry-after": "20"})
    first, second = stub(busy), stub(at(8))
    with closing(of(first, second, waits=waits)) as pool:
        assert pool.ask(height) == 8
        assert waits.seconds == []


def test_an_error_that_is_ours_comes_out_as_it_is(stub: Stub, make_pool: MakePool) -> None:
    with pytest.raises(ZeroDivisionError):
        make_pool(stub(at(7)), stub(at(8))).ask(lambda _: 1 // 0)


def test_a_pool_needs_nodes() -> None:
    with pytest.raises(ValueError, match="no node was named"):
        NodePool([])
    with pytest.raises(BadNodeUrl):
        NodePool(["localhost"])
