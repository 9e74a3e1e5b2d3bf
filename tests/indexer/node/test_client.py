"""The client against nodes that behave as one should, or within what real ones do."""

import gzip
import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from indexer.node.address import parse
from indexer.node.client import NodeClient, QueryAnswer
from indexer.node.errors import NoSuchRoute, Refused, UnknownChain
from indexer.node.transport import Ask, Limits, Patience, Transport
from indexer.postchain import gtv
from tests.indexer.node.blocks import BRID, block, listed
from tests.indexer.node.conftest import RECORDINGS, Waits
from tests.indexer.node.stub import Reaction, Request, StubNode, answer

Stub = Callable[[Callable[[Request], Reaction] | bytes], StubNode]
Connect = Callable[..., NodeClient]

UNAVAILABLE = answer(b'{"error":"Blockchain is unavailable"}', status="503 Service Unavailable")
OCTETS = {"content-type": "application/octet-stream"}


def test_the_version_is_asked_for_once(stub: Stub, connect: Connect) -> None:
    node = stub(answer(b'{"version":5}'))
    client = connect(node.url)
    assert [client.version(), client.version()] == [5, 5]
    assert [request.target for request in node.requests] == ["/version"]


def test_one_connection_serves_many_requests(stub: Stub, connect: Connect) -> None:
    node = stub(answer(b'{"blockHeight":7}'))
    client = connect(node.url)
    assert [client.height(BRID) for _ in range(5)] == [7] * 5
    assert {request.connection for request in node.requests} == {1}


def test_an_address_may_have_a_path(stub: Stub, connect: Connect) -> None:
    node = stub(answer(b'{"version":5}'))
    connect(node.url + "/rest/").version()
    assert node.requests[0].target == "/rest/version"


def test_credentials_of_the_address_are_sent_and_never_told(stub: Stub, connect: Connect) -> None:
    node = stub(answer(b"garbage"))
    client = connect(f"http://user:secret@127.0.0.1:{node.port}")
    with pytest.raises(Exception, match="not the JSON") as caught:
        client.version()
    assert node.requests[0].headers["authorization"] == "Basic dXNlcjpzZWNyZXQ="
    assert "secret" not in f"{caught.value!s} {client!r} {client.name} {client.origin}"


def test_compression_is_asked_for_unless_the_node_is_on_this_machine(stub: Stub) -> None:
    packed = gzip.compress(b'{"version":5}')
    node = stub(
        lambda request: (
            answer(packed, headers={"content-encoding": "gzip"})
            if "gzip" in request.headers["accept-encoding"]
            else answer(b'{"version":5}')
        )
    )
    here = parse(node.url)
    for address in (here, replace(here, loopback=False)):
        transport = Transport(address, limits=Limits(), patience=Patience())
        assert transport.exchange(Ask("/version", 1000)).body == b'{"version":5}'
        transport.close()
    assert [request.headers["accept-encoding"] for request in node.requests] == ["identity", "gzip"]


def test_nothing_of_the_environment_changes_where_requests_go(
    stub: Stub, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    assert connect(stub(answer(b'{"version":5}')).url).version() == 5


@pytest.mark.parametrize("height", [0, 1, 2**63 - 1])
def test_the_next_height_of_an_empty_chain_is_zero_and_a_height_like_others(
    stub: Stub, connect: Connect, height: int
) -> None:
    assert connect(stub(answer(b'{"blockHeight":%d}' % height)).url).height(BRID) == height


def test_the_chain_of_a_node_is_found_by_its_number(stub: Stub, connect: Connect) -> None:
    node = stub(answer(BRID.hex().upper().encode(), headers={"content-type": "text/plain"}))
    assert connect(node.url).brid() == BRID
    assert node.requests[0].target == "/brid/iid_1"


def test_where_a_node_has_no_chain_of_that_number_its_rid_is_to_be_named(
    stub: Stub, connect: Connect
) -> None:
    text = b'{"error":"Can\'t find blockchain with chain Iid: 1"}'
    with pytest.raises(UnknownChain, match="no chain under the number 1; name the chain with BRID="):
        connect(stub(answer(text, status="404 Not Found")).url).brid()


def test_a_list_is_asked_for_in_the_form_that_every_version_knows(stub: Stub, connect: Connect) -> None:
    node = stub(listed(4, 3, 2))
    found = connect(node.url).blocks(BRID, before=5, limit=3)
    assert [item.height for item in found] == [4, 3, 2]
    assert node.requests[0].target == f"/blocks/{BRID.hex().upper()}?before-height=5&limit=3&txs=true"


def test_a_list_is_never_asked_for_more_than_a_node_gives(stub: Stub, connect: Connect) -> None:
    node = stub(listed())
    connect(node.url).blocks(BRID, before=5000, limit=1000)
    assert "limit=100&" in node.requests[0].target


@pytest.mark.parametrize("heights", [(), (4,), (4, 3), (3, 1, 0), (0,)])
def test_a_shorter_list_is_given_as_it_is(stub: Stub, connect: Connect, heights: tuple[int, ...]) -> None:
    found = connect(stub(listed(*heights)).url).blocks(BRID, before=5, limit=5)
    assert tuple(item.height for item in found) == heights


def test_a_list_emptied_by_one_large_block_gives_that_block(stub: Stub, connect: Connect) -> None:
    def react(request: Request) -> bytes:
        if "/height/4" in request.target:
            return answer(json.dumps(block(4)).encode())
        return answer(b"[]", headers={"x-data-truncated": "true"})

    found = connect(stub(react).url).blocks(BRID, before=5)
    assert [item.height for item in found] == [4]


def test_hex_may_be_in_either_case(stub: Stub, connect: Connect) -> None:
    upper, lower = block(3), json.loads(json.dumps(block(3)).lower().replace("prevblockrid", "prevBlockRID"))
    bodies = iter([upper, lower])
    client = connect(stub(lambda _: answer(json.dumps(next(bodies)).encode())).url)
    assert client.block_at(BRID, 3) == client.block_at(BRID, 3)


def test_without_transactions_a_block_has_their_rids_and_no_data(stub: Stub, connect: Connect) -> None:
    node = stub(answer(json.dumps(block(3, with_data=False)).encode()))
    found = connect(node.url).block_at(BRID, 3, transactions=False)
    assert found is not None
    assert [(len(tx.rid), len(tx.hash), tx.data) for tx in found.transactions] == [(32, 32, b"")]
    assert "txs=false" in node.requests[0].target


@pytest.mark.parametrize("height", [0, 3, 1000, -1])
def test_a_block_that_does_not_exist_is_none(stub: Stub, connect: Connect, height: int) -> None:
    assert connect(stub(answer(b"null")).url).block_at(BRID, height) is None


def test_a_later_version_may_say_more(stub: Stub, connect: Connect) -> None:
    more = {**block(3), "new": {"field": [1.5, None, True]}}
    found = connect(stub(answer(json.dumps(more).encode())).url).block_at(BRID, 3)
    assert found is not None
    assert found.height == 3


def test_a_configuration_is_found_at_its_exact_height_only(stub: Stub, connect: Connect) -> None:
    def react(request: Request) -> bytes:
        assert request.headers["accept"] == "application/octet-stream"
        if request.target.endswith("?height=0"):
            return answer(gtv.encode({"signers": []}), headers=OCTETS)
        text = gtv.encode("Failed to find configuration")
        return answer(text, status="400 Bad Request", headers=OCTETS)

    client = connect(stub(react).url)
    assert client.configuration(BRID, height=0) == gtv.encode({"signers": []})
    assert client.configuration(BRID, height=1) is None


def test_another_refusal_of_a_configuration_is_no_absence(stub: Stub, connect: Connect) -> None:
    refusal = answer(b'{"error":"query \'height\' must be integer"}', status="400 Bad Request")
    with pytest.raises(Refused, match="must be integer"):
        connect(stub(refusal).url).configuration(BRID, height=-2)


def test_the_walk_over_configurations_ends_with_null(stub: Stub, connect: Connect) -> None:
    found = iter([b'{"blockHeight":0}', b'{"blockHeight":25}', b"null"])
    client = connect(stub(lambda _: answer(next(found))).url)
    assert client.next_configuration_height(BRID, after=-1) == 0
    assert client.next_configuration_height(BRID, after=0) == 25
    assert client.next_configuration_height(BRID, after=25) is None


@pytest.mark.parametrize(("stated", "expected"), [(None, None), ("0", 0), ("115", 115), ("-1", -1)])
def test_a_query_tells_the_height_that_it_read_where_the_node_does(
    stub: Stub, connect: Connect, stated: str | None, expected: int | None
) -> None:
    headers = OCTETS if stated is None else {**OCTETS, "x-block-height": stated}
    node = stub(answer(gtv.encode(7), headers=headers))
    assert connect(node.url).query(BRID, "count", {"b": 1, "a": "x"}) == QueryAnswer(7, expected)
    assert node.requests[0].body == gtv.encode(["count", {"a": "x", "b": 1}])
    assert node.requests[0].headers["content-type"] == "application/octet-stream"


@pytest.mark.parametrize(
    "body",
    [
        b'{"error":"Unknown query: nosuch"}',
        b'{"error":"Unknown query: nosuch","code":"QUERY_NOT_FOUND"}',
        gtv.encode("Unknown query: nosuch"),
        gtv.encode({"code": "QUERY_NOT_FOUND", "error": "Unknown query: nosuch"}),
    ],
)
def test_a_nodes_own_words_are_read_in_each_of_its_shapes(stub: Stub, connect: Connect, body: bytes) -> None:
    with pytest.raises(Refused, match="Unknown query: nosuch") as caught:
        connect(stub(answer(body, status="400 Bad Request")).url).query(BRID, "nosuch", {})
    assert (caught.value.status, caught.value.message) == (400, "Unknown query: nosuch")


def test_an_unknown_chain_has_an_error_of_its_own(stub: Stub, connect: Connect) -> None:
    text = b'{"error":"Can\'t find blockchain with blockchainRID: 00"}'
    with pytest.raises(UnknownChain, match="is it the right node"):
        connect(stub(answer(text, status="404 Not Found")).url).height(BRID)


def test_where_one_of_several_nodes_is_starting_another_connection_finds_the_chain(
    stub: Stub, connect: Connect, waits: Waits
) -> None:
    text = b'{"error":"Can\'t find blockchain with blockchainRID: 00"}'
    starting = answer(text, status="404 Not Found")

    def react(request: Request) -> Reaction:
        return answer(b'{"blockHeight":7}') if request.connection > 2 else starting

    assert connect(stub(react).url).height(BRID) == 7
    assert len(waits.seconds) == 2


def test_a_node_that_is_busy_is_asked_again_over_another_connection(stub: Stub, connect: Connect) -> None:
    busy = answer(b'{"error":"Blockchain is unavailable"}', status="503 Service Unavailable")

    def react(request: Request) -> Reaction:
        return answer(b'{"blockHeight":7}') if request.connection > 1 else busy

    assert connect(stub(react).url).height(BRID) == 7


def test_an_unknown_transaction_is_none_and_an_unknown_route_is_not(stub: Stub, connect: Connect) -> None:
    unknown = answer(b'{"error":"Can\'t find transaction with RID: 00"}', status="404 Not Found")
    client = connect(stub(unknown).url)
    assert client.transaction(BRID, bytes(32)) is None
    client = connect(stub(answer(status="404 Route not found")).url)
    with pytest.raises(NoSuchRoute):
        client.transaction(BRID, bytes(32))


def test_an_old_node_is_not_asked_for_what_it_does_not_know(stub: Stub, connect: Connect) -> None:
    recorded = (RECORDINGS / "one-validator-rest-v4" / "node.jsonl").read_text().splitlines()
    lines = [json.loads(line) for line in recorded]
    by_path = {line["request"]["path"]: line["response"]["body"] for line in reversed(lines)}
    node = stub(lambda request: answer(by_path[request.target].encode()))
    client = connect(node.url)
    assert client.version() == 4
    assert client.node_state(client.brid()) is None
    assert client.height(client.brid()) == 36


@pytest.mark.parametrize("status", ["429 Too Many", "500 Error", "502 Bad", "503 Unavailable", "504 Late"])
def test_what_passes_by_itself_is_tried_again(
    stub: Stub, connect: Connect, waits: Waits, status: str
) -> None:
    node = stub(lambda request: answer(status=status) if request.number < 3 else answer(b'{"version":5}'))
    assert connect(node.url).version() == 5
    assert len(waits.seconds) == 2


def test_a_chain_that_changes_its_configuration_is_waited_for(stub: Stub, connect: Connect) -> None:
    node = stub(lambda request: UNAVAILABLE if request.number < 4 else answer(b'{"blockHeight":31}'))
    assert connect(node.url).height(BRID) == 31


@pytest.mark.parametrize(
    "status", ["400 Bad Request", "403 No", "404 Not Found", "409 Conflict", "413 Large"]
)
def test_what_is_the_callers_is_not_tried_again(
    stub: Stub, connect: Connect, waits: Waits, status: str
) -> None:
    node = stub(answer(b'{"error":"no"}', status=status))
    with pytest.raises(Refused):
        connect(node.url).height(BRID)
    assert (len(node.requests), waits.seconds) == (1, [])


@pytest.mark.parametrize(("random", "expected"), [(1.0, [0.25, 0.5, 1.0]), (0.0, [0.125, 0.25, 0.5])])
def test_waits_double_and_are_shortened_by_chance(
    stub: Stub, connect: Connect, waits: Waits, random: float, expected: list[float]
) -> None:
    client = connect(stub(UNAVAILABLE).url, patience=waits.patience(random=random))
    with pytest.raises(Exception, match="Blockchain is unavailable"):
        client.height(BRID)
    assert waits.seconds == expected


def test_a_wish_to_wait_is_respected(stub: Stub, connect: Connect, waits: Waits) -> None:
    late = answer(status="429 Too Many Requests", headers={"retry-after": "7"})
    node = stub(lambda request: late if request.number == 1 else answer(b'{"version":5}'))
    assert connect(node.url).version() == 5
    assert waits.seconds == [7.0]


@pytest.mark.parametrize("wish", ["Wed, 21 Oct 2065 07:28:00 GMT", "soon", "-1", "9" * 5000, "1e9"])
def test_a_wish_that_is_no_number_of_seconds_counts_as_none(
    stub: Stub, connect: Connect, waits: Waits, wish: str
) -> None:
    late = answer(status="503 Unavailable", headers={"retry-after": wish})
    node = stub(lambda request: late if request.number == 1 else answer(b'{"version":5}'))
    assert connect(node.url).version() == 5
    assert waits.seconds == [0.25]


def test_a_node_that_closes_idle_connections_is_asked_over_a_new_one(stub: Stub, connect: Connect) -> None:
    closing = answer(b'{"blockHeight":7}')
    node = stub(lambda _: lambda connection: connection.sendall(closing))
    client = connect(node.url)
    assert [client.height(BRID) for _ in range(5)] == [7] * 5


@pytest.mark.parametrize("limit", [0, -1])
def test_a_list_of_no_blocks_is_a_mistake_of_the_caller(connect: Connect, limit: int) -> None:
    with pytest.raises(ValueError, match="ask for 1 to 100"):
        connect("http://127.0.0.1:1").blocks(BRID, before=5, limit=limit)


def test_a_rid_of_another_length_is_a_mistake_of_the_caller(connect: Connect) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        connect("http://127.0.0.1:1").height(b"short")
