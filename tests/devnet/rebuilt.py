"""Recorded chains built again by the devnet: from their configurations, their validators' keys and what was
posted, with each block closed at the time, and signed by the validators, that were recorded.

So everything agrees to the byte, and what does not is named in `test_conformance`.
"""

import http.client
import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from devnet.chain.chain import Chain, begin
from devnet.chain.store import Store
from devnet.dapp.dapp import Dapp
from devnet.recorded.recording import Block
from devnet.rest.exchange import OCTETS
from devnet.rest.server import NodeServer
from devnet.serving.control import ControlledNode
from devnet.serving.node import DevnetNode
from tests.devnet.replayed import Told, told
from tests.devnet.served import Got, sent_body, target


@dataclass(frozen=True, slots=True)
class Post:
    """A submission as it was made and answered, and the RID that its bytes have."""

    line: dict[str, Any]
    data: str


@dataclass(frozen=True)
class Rebuilt:
    """A recorded chain's double, served over HTTP, and what it answered to each recorded post."""

    told: Told
    node: DevnetNode
    connection: http.client.HTTPConnection
    posts: list[tuple[dict[str, Any], Got]] = field(default_factory=list)

    def ask(self, request: dict[str, Any]) -> Got:
        """Asks what was asked of the recorded node."""
        headers = dict(request.get("headers") or {})
        headers |= {"accept": request["accept"]} if "accept" in request else {}
        headers |= {"content-type": request["content_type"]} if "content_type" in request else {}
        headers["accept-encoding"] = "identity"
        return self.send(target(request), method=request["method"], headers=headers, body=sent_body(request))

    def send(
        self,
        path: str,
        *,
        method: str = "GET",
        headers: dict[str, str] | None = None,
        body: bytes | None = None,
    ) -> Got:
        """Asks anything."""
        self.connection.request(method, path, body=body, headers=headers or {})
        response = self.connection.getresponse()
        names = {name.lower(): value for name, value in response.getheaders()}
        return Got(response.status, response.reason, names, response.read())

    def control(self, action: str, **given: Any) -> Any:
        """Uses the test control."""
        headers = {"content-type": "application/json"}
        got = self.send(f"/control/{action}", method="POST", headers=headers, body=json.dumps(given).encode())
        assert got.status == 200, got.body
        return json.loads(got.body)

    @cached_property
    def late(self) -> Block | None:
        """The block that was built while the chain of the four validators was being recorded."""
        for line in lines_of(self.told, "block-lists.jsonl"):
            newest = json.loads(line["response"]["body"])[0]
            return Block.read(newest) if newest["height"] == self.told.recording.next_height else None
        return None

    def close(self, block: Block) -> None:
        """Closes a block as it was recorded."""
        made = self.control("close", at=block.timestamp, signers=block.stated["witnesses"])
        assert (made["height"], made["rid"]) == (block.height, block.rid)


@contextmanager
def rebuilt(name: str) -> Iterator[Rebuilt]:
    """The double of the recorded chain in this folder, built up to where its record ends."""
    about = told(name)
    store = Store(None)
    begin(store, about.recording.configurations[0])
    node = DevnetNode({1: Chain(store, make=Dapp)})
    with NodeServer(ControlledNode(node)) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        with closing(http.client.HTTPConnection("127.0.0.1", server.server_address[1])) as connection:
            double = Rebuilt(about, node, connection)
            _build(double)
            yield double
        server.shutdown()
        thread.join()
    node.close()


def _build(double: Rebuilt) -> None:
    recording = double.told.recording
    for height, raw in recording.configurations.items():
        if height > 0:
            double.control("configure", height=height, configuration=raw.hex())
    by_height = _posts_by_height(double.told)
    for block in recording.blocks:
        posts = by_height.get(block.height, [])
        _post_block(double, block, posts)
        double.close(block)
        for post in posts:
            if post.line["response"]["status"] == 409:
                double.posts.append((post.line, double.ask(post.line["request"])))


def _post_block(double: Rebuilt, block: Block, posts: Sequence[Post]) -> None:
    """Posts what the block holds in the block's order, which is not always that of posting (four nodes tell
    each other), then what it does not hold.
    """
    posted = {post.data: post for post in posts if post.line["response"]["status"] == 200}
    for tx in block.stated["transactions"]:
        post = posted.pop(tx["data"], None)
        if post is None:
            headers = {"content-type": OCTETS}
            path = f"/tx/{double.told.recording.spelling.brid}"
            got = double.send(path, method="POST", headers=headers, body=bytes.fromhex(tx["data"]))
            assert got.status == 200
        else:
            double.posts.append((post.line, double.ask(post.line["request"])))
    for post in posts:
        if post.data in posted or post.line["response"]["status"] not in (200, 409):
            double.posts.append((post.line, double.ask(post.line["request"])))


def _posts_by_height(about: Told) -> dict[int, list[Post]]:
    """Posts by the block that was closed next: that which holds the transaction, else that of its step."""
    heights = {tx.data: tx.block.height for tx in about.recording.transactions.values()}
    found: dict[int, list[Post]] = {}
    for line in lines_of(about, "posts.jsonl"):
        data = (sent_data(line["request"])).hex().upper()
        step = about.height_of(line["label"])
        height = heights.get(data, step) if line["response"]["status"] == 200 else step
        found.setdefault(height, []).append(Post(line, data))
    return found


def sent_data(request: dict[str, Any]) -> bytes:
    """The transaction in a recorded post."""
    body = sent_body(request)
    assert body is not None
    return bytes.fromhex(json.loads(body)["tx"]) if "json" in request["content_type"] else body


def lines_of(about: Told, name: str) -> Iterator[dict[str, Any]]:
    """The lines of a file of the recording."""
    path = about.folder / name
    yield from map(json.loads, path.read_text().splitlines() if path.exists() else ())
