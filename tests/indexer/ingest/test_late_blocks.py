"""A block that is not there yet: asked for again over another connection, and when that is a lie."""

import pytest

from indexer.ingest.late_blocks import block_or_count
from indexer.node.client import NodeClient
from indexer.node.errors import Refused
from indexer.postchain.verify import Refusal, StatedBlock
from tests.endtoend.hostile import HostileNode, balanced, failure, of, said, to_path
from tests.indexer.made import MadeChain, add
from tests.indexer.serving import IMPATIENT, Rule


def made(blocks: int) -> MadeChain:
    found = MadeChain()
    for _ in range(blocks):
        found.block(add())
    return found


def asked(node: HostileNode, chain: MadeChain, height: int) -> StatedBlock | int:
    client = NodeClient(node.url, patience=IMPATIENT)
    try:
        return block_or_count(client, chain.brid, height)
    finally:
        client.close()


@pytest.mark.parametrize("nth", [1, 2, 3])
def test_another_connection_may_reach_a_node_that_has_it(nth: int) -> None:
    chain = made(3)
    with HostileNode(made(2).recording(), other=chain.recording(), nth=nth) as node:
        found = asked(node, chain, 2)
    assert isinstance(found, StatedBlock)
    assert found.rid == chain.blocks[2].rid


def test_where_every_connection_reaches_nodes_without_it_the_most_blocks_of_any_count() -> None:
    chain = made(5)
    with HostileNode(made(2).recording(), other=made(4).recording()) as node:
        assert asked(node, chain, 4) == 4


def test_a_block_that_is_said_to_be_there_and_never_comes_is_refused() -> None:
    withheld = of(to_path("blocks", "*", "height", "2"), said("null"))
    chain = made(3)
    with HostileNode(chain.recording(), withheld) as node, pytest.raises(Refusal, match="has 3 blocks"):
        asked(node, chain, 2)


def absent(message: str | None) -> Rule:
    """What stands in front of a node says 404 where that says `null`."""
    refusal = failure(404, "Not Found", message)
    return lambda _, answer: refusal if answer.body.strip() == b"null" else None


MESSAGES = ["Block not found", None]


@pytest.mark.parametrize("message", MESSAGES)
def test_a_404_says_that_a_block_is_not_there_yet(message: str | None) -> None:
    chain = made(5)
    behind = balanced(made(3).recording(), lambda number: number % 2 == 0)
    with HostileNode(made(4).recording(), behind, absent(message)) as node:
        assert asked(node, chain, 4) == 4
        assert isinstance(asked(node, chain, 3), StatedBlock)


@pytest.mark.parametrize("message", MESSAGES)
def test_a_node_that_refuses_the_block_it_counts_tells_no_lie(message: str | None) -> None:
    withheld = of(to_path("blocks", "*", "height", "2"), said("null"))
    chain = made(3)
    with (
        HostileNode(chain.recording(), withheld, absent(message)) as node,
        pytest.raises(Refused, match=message or "has no route"),
    ):
        asked(node, chain, 2)


def test_another_refusal_of_a_block_is_told_at_once() -> None:
    refused = of(to_path("blocks"), failure(403, "Forbidden", "not for you"))
    chain = made(3)
    with HostileNode(chain.recording(), refused) as node, pytest.raises(Refused, match="not for you"):
        asked(node, chain, 2)


def test_after_asking_anew_another_connection_is_used() -> None:
    chain = made(1)
    with HostileNode(chain.recording(), other=made(3).recording()) as node:
        client = NodeClient(node.url, patience=IMPATIENT)
        assert [client.height(chain.brid) for _ in range(2)] == [1, 1]
        client.ask_anew()
        assert [client.height(chain.brid) for _ in range(2)] == [3, 3]
        client.close()
