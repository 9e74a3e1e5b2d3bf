"""Nodes, served, and what their files say was asked and answered."""

import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from devnet.recorded.node import RecordedNode
from devnet.recorded.recording import Recording, load
from devnet.rest.exchange import OCTETS
from devnet.rest.server import AnsweringNode, NodeServer

ROOT = Path(__file__).parent.parent.parent
RECORDINGS = ROOT / "tests" / "recordings"
CHAINS = ["four-validators", "one-validator"]


@dataclass(frozen=True, slots=True)
class Got:
    """An answer as it came over HTTP, header names in lowercase."""

    status: int
    reason: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Served:
    """A node that is being served, and a connection to it that is kept; `folder` is its recording's."""

    folder: Path
    server: NodeServer
    connection: http.client.HTTPConnection

    @property
    def recording(self) -> Recording:
        node = self.server.node
        assert isinstance(node, RecordedNode)
        return node.recording

    @property
    def brid(self) -> str:
        return self.server.node.spelling.brid

    @property
    def next_height(self) -> int:
        got = self.ask(f"/blockchain/{self.brid}/height")
        return int(json.loads(got.body)["blockHeight"])

    def ask(
        self,
        target: str,
        *,
        method: str = "GET",
        headers: dict[str, str] | None = None,
        body: bytes | None = None,
    ) -> Got:
        self.connection.request(method, target, body=body, headers=headers or {})
        response = self.connection.getresponse()
        names = {name.lower(): value for name, value in response.getheaders()}
        return Got(response.status, response.reason, names, response.read())

    def blocks(self, query: str = "") -> list[dict[str, Any]]:
        got = self.ask(f"/blocks/{self.brid}{query}")
        assert got.status == 200
        found: list[dict[str, Any]] = json.loads(got.body)
        return found


def serve(folder: Path) -> Iterator[Served]:
    """A recorded chain."""
    with serving(RecordedNode(load(folder)), folder=folder) as served:
        yield served


@contextmanager
def serving(node: AnsweringNode, *, folder: Path = RECORDINGS) -> Iterator[Served]:
    """Any node."""
    with NodeServer(node) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        with closing(http.client.HTTPConnection("127.0.0.1", server.server_address[1])) as connection:
            yield Served(folder, server, connection)
        server.shutdown()
        thread.join()


def lines(folder: Path) -> Iterator[dict[str, Any]]:
    """Every recorded exchange, as it stands in its file."""
    for path in sorted(folder.glob("*.jsonl")):
        for text in path.read_text().splitlines():
            line = json.loads(text)
            if "request" in line:
                yield line | {"file": path.name}


def target(request: dict[str, Any]) -> str:
    path: str = request["path"]
    return f"{path}?{urlencode(request['query'])}" if request.get("query") else path


def sent_body(request: dict[str, Any]) -> bytes | None:
    if "body_hex" in request:
        return bytes.fromhex(request["body_hex"])
    text = request.get("body")
    return (
        None if text is None else bytes.fromhex(text) if request["content_type"] == OCTETS else text.encode()
    )


def again(served: Served, request: dict[str, Any]) -> Got:
    """Asks the server what was asked of the node."""
    headers = dict(request.get("headers") or {})
    headers |= {"accept": request["accept"]} if "accept" in request else {}
    headers |= {"content-type": request["content_type"]} if "content_type" in request else {}
    headers["accept-encoding"] = "identity"
    return served.ask(target(request), method=request["method"], headers=headers, body=sent_body(request))


def told(line: dict[str, Any]) -> str:
    request = line["request"]
    return f"{request['method']} {target(request)} {request.get('accept', '')}".strip()
