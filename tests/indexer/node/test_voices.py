"""One node under several names is one voice, whatever it is called; no lie makes voices more."""

import json
from collections.abc import Callable

import pytest

from indexer.node import voices as module
from indexer.node.client import NodeClient
from indexer.node.voices import voices
from tests.indexer.node.blocks import BRID
from tests.indexer.node.stub import Reaction, Request, StubNode, answer

Stub = Callable[[Callable[[Request], Reaction] | bytes], StubNode]
Connect = Callable[..., NodeClient]

FIRST, SECOND = "02" + "AA" * 32, "03" + "BB" * 32
UNKNOWN = answer(b'{"error":"no such thing"}', status="404 Not Found")


def telling(key: object) -> bytes:
    return answer(json.dumps({"pubKey": key, "state": "HaveBlock"}).encode())


def counted(*nodes: NodeClient) -> list[list[str]]:
    return sorted(sorted(each.name for each in voice) for voice in voices(nodes, BRID))


def test_nodes_with_keys_of_their_own_are_apart(stub: Stub, connect: Connect) -> None:
    one, other = connect(stub(telling(FIRST)).url), connect(stub(telling(SECOND)).url)
    assert len(counted(one, other)) == 2


@pytest.mark.parametrize("name", ["localhost", "127.0.0.2", "[::1]", "0.0.0.0"])
def test_one_place_under_two_names_is_one_voice(stub: Stub, connect: Connect, name: str) -> None:
    node = stub(UNKNOWN)
    assert len(counted(connect(node.url), connect(f"http://{name}:{node.port}"))) == 1


def test_a_proxy_on_another_port_is_one_voice_with_its_node(stub: Stub, connect: Connect) -> None:
    node, proxy = stub(telling(FIRST)), stub(telling(FIRST.lower()))
    assert len(counted(connect(node.url), connect(proxy.url))) == 1


@pytest.mark.parametrize("said", [UNKNOWN, telling(7), telling("no hex"), answer(b"garbage")])
def test_nodes_that_tell_no_key_are_known_by_their_place(stub: Stub, connect: Connect, said: bytes) -> None:
    one, other = stub(said), stub(said)
    assert len(counted(connect(one.url), connect(other.url))) == 2
    assert len(counted(connect(one.url), connect(f"http://localhost:{one.port}"))) == 1


def test_whoever_tells_the_key_of_another_makes_voices_fewer(stub: Stub, connect: Connect) -> None:
    honest, second, liar = stub(telling(FIRST)), stub(telling(SECOND)), stub(telling(FIRST))
    found = counted(connect(honest.url), connect(second.url), connect(liar.url))
    assert found == sorted([[second.url], sorted([honest.url, liar.url])])


def test_what_two_names_have_in_common_joins_a_third(stub: Stub, connect: Connect) -> None:
    """The place joins the first two, the key the last two."""
    node = stub(lambda request: UNKNOWN if request.number == 1 else telling(FIRST))
    proxy = stub(telling(FIRST))
    named = connect(node.url), connect(proxy.url), connect(f"http://localhost:{node.port}")
    assert len(counted(*named)) == 1


def test_addresses_of_this_machine_are_one_host_and_those_of_others_are_not() -> None:
    assert module._host("127.0.0.1") == module._host("::1") == module._host("::ffff:127.0.0.1")
    assert module._host("192.0.2.1") == module._host("::ffff:192.0.2.1") == "192.0.2.1"
    assert module._host("fe80::1%lo") == "fe80::1"
