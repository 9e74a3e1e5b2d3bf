"""Ports of the loopback interface: which are free, and what answers on them."""

import socket
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from local.servers import ports
from local.servers.errors import PortTrouble


def listening(host: str) -> socket.socket:
    """A listener on a port that the system chooses."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, 0), family=family)


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "::1"])
def test_a_port_at_which_somebody_listens_is_taken(host: str) -> None:
    try:
        listener = listening(host)
    except OSError:
        pytest.skip(f"this machine has no {host}")
    with listener, pytest.raises(PortTrouble, match=r"^Port \d+ is taken by another program\.$"):
        ports.check(listener.getsockname()[1])


def test_a_port_that_was_given_back_is_free() -> None:
    with listening("127.0.0.1") as listener:
        port = listener.getsockname()[1]
        other = ports.free(port)
        assert other not in (0, port)
    ports.check(port)
    assert ports.free(port) == port


def test_any_port_will_do() -> None:
    ports.check(0)
    ports.check(ports.free())


class Page(BaseHTTPRequestHandler):
    """Answers /status/NUMBER with that status."""

    def do_GET(self) -> None:
        self.send_response(int(self.path.rpartition("/")[2]))
        self.end_headers()
        self.wfile.write(b"a" * 70_000)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def page() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Page) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/status"
        server.shutdown()


def test_only_a_success_is_an_answer_and_not_more_of_it_than_one_wants(
    page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")  # which answers nobody
    assert ports.answer(f"{page}/200") == "a" * 64 * 1024
    assert ports.answer(f"{page}/503") is None
    assert ports.answer(f"{page}/404") is None


def test_nobody_s_answer_is_none() -> None:
    assert ports.answer(f"http://127.0.0.1:{ports.free()}/") is None
    assert ports.answer("http://127.0.0.1:99999999/") is None
