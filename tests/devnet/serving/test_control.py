"""The test control, in process."""

import json
from collections.abc import Iterator
from contextlib import closing

import pytest

from devnet.chain.configurations import changed
from devnet.serving.control import ControlledNode
from devnet.serving.node import DevnetNode, open_node
from tests.devnet.grown import FOUR, Ticking, wanted
from tests.devnet.served import Got, Served, serving

JSON = {"content-type": "application/json"}


@pytest.fixture(scope="module")
def node() -> Iterator[DevnetNode]:
    with closing(open_node(None, wanted(), clock=Ticking())) as opened:
        opened.dapp.close_block()
        yield opened


@pytest.fixture(scope="module")
def served(node: DevnetNode) -> Iterator[Served]:
    with serving(ControlledNode(node)) as found:
        yield found


def control(served: Served, action: str, body: object, *, method: str = "POST") -> Got:
    return served.ask(f"/control/{action}", method=method, headers=JSON, body=json.dumps(body).encode())


@pytest.mark.parametrize(
    ("action", "body", "text"),
    [
        ("close", {"at": 5}, "cannot be of 5 ms"),
        ("close", {"at": "x"}, "at must be a number of ms"),
        ("close", {"signers": ["00"]}, "00 is no validator whose private key is known here"),
        ("close", {"signers": ["x"]}, "x is no validator whose private key is known here"),
        ("close", {"signers": 7}, "signers must be a list of keys in hex"),
        ("close", [], "the body must be a JSON object"),
        ("configure", {}, "give height, a number, and configuration, GTV in hex"),
        ("configure", {"height": 1, "configuration": 7}, "give height, a number"),
        ("configure", {"height": 1, "configuration": "00"}, "are no GTV"),
        ("configure", {"height": 1, "configuration": "a4023000"}, "lists no signers"),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(
    served: Served, node: DevnetNode, action: str, body: object, text: str
) -> None:
    before = node.dapp.next_height
    got = control(served, action, body)
    assert (got.status, text in json.loads(got.body)["error"]) == (400, True), got.body
    assert node.dapp.next_height == before


def test_a_configuration_is_set_for_a_height_to_come(served: Served, node: DevnetNode) -> None:
    height = node.dapp.next_height + 50
    raw = changed(node.dapp.configuration.raw, {"signers": FOUR[:3]})
    assert control(served, "configure", {"height": height, "configuration": raw.hex()}).status == 200
    assert json.loads(served.ask(f"/config/iid_1/next_height?height={height - 1}").body) == {
        "blockHeight": height
    }
    past = control(served, "configure", {"height": 0, "configuration": raw.hex()})
    assert (past.status, b"can be set for it or a later one" in past.body) == (400, True)


def test_other_actions_and_methods_are_refused_and_the_rest_is_the_nodes(served: Served) -> None:
    assert control(served, "no-such", {}).status == 404
    assert control(served, "close", {}, method="PUT").status == 405
    assert json.loads(served.ask("/version").body) == {"version": 5}
    assert served.ask("/").status == 404
