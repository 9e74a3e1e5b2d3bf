"""What is said of a node that answers, but gives nothing: what came, and what helps."""

from collections.abc import Callable

import pytest

from indexer.node.client import NodeClient
from indexer.node.errors import BadAnswer, NoNodeAnswers, Refused, Unreachable
from indexer.node.pool import NodePool
from tests.indexer.node.blocks import BRID
from tests.indexer.node.conftest import Waits
from tests.indexer.node.stub import Reaction, Request, StubNode, answer

Stub = Callable[[Callable[[Request], Reaction] | bytes], StubNode]
Connect = Callable[..., NodeClient]

PAGES = [b"<!doctype html><p>Hello", b"\n <HTML><title>Sign in</title>", b"\xef\xbb\xbf<!DOCTYPE html>"]


def test_401_asks_for_a_password_in_the_address(stub: Stub, connect: Connect) -> None:
    with pytest.raises(Refused, match="refused us: 401, give user:password@ in its address"):
        connect(stub(answer(status="401 Unauthorized")).url).brid()


def test_401_to_a_password_says_that_it_is_not_accepted(stub: Stub, connect: Connect) -> None:
    url = stub(answer(status="401 Unauthorized")).url.replace("http://", "http://ann:secret@")
    with pytest.raises(Refused, match="the password in its address is not accepted") as caught:
        connect(url).brid()
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("page", PAGES)
def test_403_says_what_came_with_it(stub: Stub, connect: Connect, page: bytes) -> None:
    with pytest.raises(Refused, match=r"refused us: 403.*a web page"):
        connect(stub(answer(page, status="403 Forbidden")).url).brid()


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("asked", [NodeClient.brid, NodeClient.version, lambda node: node.height(BRID)])
def test_a_web_page_is_called_one(
    stub: Stub, connect: Connect, page: bytes, asked: Callable[[NodeClient], object]
) -> None:
    with pytest.raises(BadAnswer, match=r"sent a web page for .*, so it is no node"):
        asked(connect(stub(answer(page)).url))


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (answer(status="401 Unauthorized"), "refused us: 401"),
        (answer(status="403 Forbidden"), "refused us: 403"),
        (answer(status="429 Too Many Requests"), "answered 429"),
        (answer(PAGES[0]), "sent a web page"),
    ],
)
def test_nobody_says_that_no_node_answered_where_one_did(
    stub: Stub, waits: Waits, reply: bytes, said: str
) -> None:
    pool = NodePool([stub(reply).url], patience=waits.patience())
    with pytest.raises(NoNodeAnswers, match=said) as caught:
        pool.ask(lambda node: node.brid())
    pool.close()
    assert "no node answered" not in str(caught.value)


def test_proxies_are_said_not_to_be_used_where_one_is_set(
    stub: Stub, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with pytest.raises(Unreachable, match="proxies are not used"):
        connect("http://127.0.0.1:1").version()
