"""The client against nodes that break HTTP, limits or patience: one of our errors, and little held."""

import gzip
import socket
import struct
import threading
import tracemalloc
from collections.abc import Callable
from itertools import count

import pytest

from indexer.node.client import NodeClient
from indexer.node.errors import (
    BadAnswer,
    NodeError,
    NoSuchRoute,
    Redirected,
    Refused,
    TooLarge,
    TooSlow,
    Truncated,
    Unavailable,
    Unreachable,
)
from indexer.node.transport import Limits
from indexer.postchain import gtv
from tests.indexer.node.blocks import BRID
from tests.indexer.node.conftest import Waits
from tests.indexer.node.stub import Reaction, Request, StubNode, answer

Stub = Callable[[Callable[[Request], Reaction] | bytes], StubNode]
Connect = Callable[..., NodeClient]

GZIP = {"content-encoding": "gzip"}
OCTETS = {"content-type": "application/octet-stream"}
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"


def test_an_answer_that_states_too_many_bytes_is_not_read(stub: Stub, connect: Connect) -> None:
    node = stub(lambda _: lambda connection: connection.sendall(HEAD + b"content-length: 2000\r\n\r\n"))
    client = connect(node.url, limits=Limits(blocks_bytes=1999))
    with pytest.raises(TooLarge, match="larger than 1,999 bytes"):
        client.blocks(BRID, before=5)
    assert len(node.requests) == 1


def endless(connection: socket.socket) -> None:
    connection.sendall(HEAD + b"transfer-encoding: chunked\r\n\r\n")
    while True:
        connection.sendall(b"10000\r\n" + b" " * 65536 + b"\r\n")


def test_an_answer_without_end_is_given_up(stub: Stub, connect: Connect) -> None:
    client = connect(stub(lambda _: endless).url)
    with pytest.raises(TooLarge):
        client.height(BRID)


def test_a_small_answer_that_unpacks_to_a_huge_one_is_given_up_unheld(stub: Stub, connect: Connect) -> None:
    bomb = gzip.compress(bytes(64 << 20))
    assert len(bomb) < 70_000
    client = connect(stub(answer(bomb, headers=GZIP)).url)
    tracemalloc.start()
    try:
        with pytest.raises(TooLarge):
            client.height(BRID)
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()


def test_gzip_data_that_goes_on_for_ever_is_given_up(stub: Stub, connect: Connect) -> None:
    def after_the_end(connection: socket.socket) -> None:
        packed = gzip.compress(b'{"blockHeight":7}')
        connection.sendall(HEAD + b"content-encoding: gzip\r\ntransfer-encoding: chunked\r\n\r\n")
        connection.sendall(b"%x\r\n%b\r\n" % (len(packed), packed))
        while True:
            connection.sendall(b"10000\r\n" + b" " * 65536 + b"\r\n")

    with pytest.raises(TooLarge):
        connect(stub(lambda _: after_the_end).url).height(BRID)


PACKED = gzip.compress(b'{"blockHeight":7}', mtime=0)


@pytest.mark.parametrize(
    ("packed", "error"),
    [
        (PACKED[:-9], Truncated),
        (PACKED + b"more", BadAnswer),
        (b"no gzip at all", BadAnswer),
        (b"", BadAnswer),
    ],
    ids=["cut", "surplus", "other bytes", "empty"],
)
def test_damaged_gzip_is_a_bad_answer(
    stub: Stub, connect: Connect, packed: bytes, error: type[NodeError]
) -> None:
    with pytest.raises(error):
        connect(stub(answer(packed, headers=GZIP)).url).height(BRID)


def test_packing_that_was_not_asked_for_is_a_bad_answer(stub: Stub, connect: Connect) -> None:
    with pytest.raises(BadAnswer, match="packed as br"):
        connect(stub(answer(b"x", headers={"content-encoding": "br"})).url).height(BRID)


def test_a_cut_answer_is_asked_for_again(stub: Stub, connect: Connect) -> None:
    cut = answer(b'{"blockHeight":7}', length=1000)
    node = stub(
        lambda request: (
            (lambda connection: connection.sendall(cut))
            if request.number == 1
            else answer(b'{"blockHeight":7}')
        )
    )
    assert connect(node.url).height(BRID) == 7


def test_an_answer_that_is_always_cut_is_a_bad_one(stub: Stub, connect: Connect) -> None:
    cut = answer(b'{"blockHeight":7}', length=1000)
    node = stub(lambda _: lambda connection: connection.sendall(cut))
    with pytest.raises(Truncated, match="breaks off"):
        connect(node.url).height(BRID)
    assert len(node.requests) == 4


def reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def test_a_connection_reset_is_tried_again(stub: Stub, connect: Connect) -> None:
    node = stub(lambda request: reset if request.number == 1 else answer(b'{"blockHeight":7}'))
    assert connect(node.url).height(BRID) == 7


@pytest.mark.parametrize("react", [reset, lambda connection: None])
def test_a_node_that_only_hangs_up_is_unreachable(
    stub: Stub, connect: Connect, react: Callable[[socket.socket], None]
) -> None:
    node = stub(lambda _: react)
    with pytest.raises(Unreachable, match="without an answer"):
        connect(node.url).height(BRID)
    assert len(node.requests) == 4


def test_an_address_where_nobody_listens_is_unreachable(connect: Connect, waits: Waits) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(Unreachable, match="see whether it runs"):
        connect(f"http://127.0.0.1:{port}").version()
    assert len(waits.seconds) == 3


@pytest.mark.parametrize(
    "said", [b"SSH-2.0-OpenSSH_9\r\n\r\n", b"\x15\x03\x01\x00\x02\x02\x28" * 20, b"HTTP/9 x\r\n\r\n"]
)
def test_what_is_no_http_is_a_bad_answer(stub: Stub, connect: Connect, said: bytes) -> None:
    node = stub(lambda _: said)
    with pytest.raises(BadAnswer):
        connect(node.url).version()


def test_headers_without_end_are_a_bad_answer(stub: Stub, connect: Connect) -> None:
    def headers(connection: socket.socket) -> None:
        connection.sendall(HEAD)
        for number in count():
            connection.sendall(b"x-%d: %b\r\n" % (number, b"x" * 8000))

    with pytest.raises(BadAnswer):
        connect(stub(lambda _: headers).url).version()


@pytest.mark.parametrize("before", [b"", HEAD, HEAD + b"content-length: 100000\r\n\r\n"])
def test_a_node_that_drips_is_given_up_once_and_for_all(
    stub: Stub, connect: Connect, waits: Waits, before: bytes
) -> None:
    over = threading.Event()

    def drip(connection: socket.socket) -> None:
        connection.sendall(before or b"HTTP/1.1 200 OK\r\nx-slow: ")
        while not over.wait(0.02):
            connection.sendall(b"x")

    node = stub(lambda _: drip)
    client = connect(node.url, limits=Limits(read_seconds=10, total_seconds=0.3))
    try:
        with pytest.raises(TooSlow, match=r"did not finish its answer .* in 0\.3 s"):
            client.version()
    finally:
        over.set()
    assert (len(node.requests), waits.seconds) == (1, [])


def test_a_silent_node_is_unreachable(stub: Stub, connect: Connect) -> None:
    over = threading.Event()

    def silent(connection: socket.socket) -> None:
        over.wait()

    node = stub(lambda _: silent)
    client = connect(node.url, limits=Limits(read_seconds=0.05))
    try:
        with pytest.raises(Unreachable, match=r"no answer to GET /version in 0\.05 s"):
            client.version()
    finally:
        over.set()
    assert len(node.requests) == 4


@pytest.mark.parametrize(
    "status", ["301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"]
)
def test_no_redirect_is_followed(stub: Stub, connect: Connect, status: str) -> None:
    elsewhere = stub(answer(b'{"version":5}'))
    target = elsewhere.url.replace("http://", "http://user:secret@") + "/version"
    node = stub(answer(status=status, headers={"location": target}))
    with pytest.raises(Redirected, match="not followed") as caught:
        connect(node.url).version()
    assert elsewhere.requests == []
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("location", ["", "http://[", "/other", "\x07" * 10, "x" * 60_000])
def test_a_redirect_to_nowhere_is_told_as_one(stub: Stub, connect: Connect, location: str) -> None:
    with pytest.raises(BadAnswer):
        connect(stub(answer(status="307 T", headers={"location": location})).url).version()


@pytest.mark.parametrize("status", ["600 Odd", "999 Odd", "204 No Content", "206 Partial"])
def test_a_status_that_no_node_gives_is_a_bad_answer(stub: Stub, connect: Connect, status: str) -> None:
    with pytest.raises(BadAnswer):
        connect(stub(answer(status=status)).url).version()


def test_a_node_that_is_always_unavailable_says_so_in_its_own_words(stub: Stub, connect: Connect) -> None:
    node = stub(answer(b'{"error":"Too many concurrent requests"}', status="503 Service Unavailable"))
    with pytest.raises(Unavailable, match="Too many concurrent requests") as caught:
        connect(node.url).version()
    assert (len(node.requests), caught.value.status) == (4, 503)


def test_a_node_that_asks_for_an_hour_is_not_waited_for(stub: Stub, connect: Connect, waits: Waits) -> None:
    node = stub(answer(status="429 Too Many Requests", headers={"retry-after": "3600"}))
    with pytest.raises(Unavailable, match="asks to wait 3600 s") as caught:
        connect(node.url).version()
    assert caught.value.retry_after == 3600
    assert (len(node.requests), waits.seconds) == (1, [])


@pytest.mark.parametrize(
    "body",
    [b'{"error":"\x1b[31mred\\u0000\\u202e"}', b'{"error":"' + b"x" * 60_000 + b'"}', b'{"error":"a\\nb"}'],
)
def test_a_nodes_words_are_cut_and_cleaned_before_they_are_told(
    stub: Stub, connect: Connect, body: bytes
) -> None:
    with pytest.raises(Refused) as caught:
        connect(stub(answer(body, status="400 Bad Request")).url).version()
    told = str(caught.value)
    assert told.isprintable()
    assert len(told) < 500


@pytest.mark.parametrize(
    "body", [b"", b"<html>not here</html>", b'{"error":{}}', b"[" * 100_000, gtv.encode([1])]
)
def test_not_found_without_a_nodes_words_points_at_the_address(
    stub: Stub, connect: Connect, body: bytes
) -> None:
    with pytest.raises(NoSuchRoute, match="not the root"):
        connect(stub(answer(body, status="404 Not Found")).url).version()


def test_of_an_error_page_without_end_no_more_is_read_than_is_told(stub: Stub, connect: Connect) -> None:
    def page(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\ntransfer-encoding: chunked\r\n\r\n")
        while True:
            connection.sendall(b"10000\r\n" + b"x" * 65536 + b"\r\n")

    with pytest.raises(Refused, match="no reason given"):
        connect(stub(lambda _: page).url).version()


def test_no_cookie_is_kept(stub: Stub, connect: Connect) -> None:
    node = stub(answer(b'{"blockHeight":7}', headers={"set-cookie": "id=1; Path=/"}))
    client = connect(node.url)
    client.height(BRID)
    client.height(BRID)
    assert "cookie" not in node.requests[1].headers
