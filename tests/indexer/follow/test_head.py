"""What one question to the leading node brings in, and what it leaves to a whole round."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from devnet.rest.exchange import Answer, Question
from indexer.follow import head, sync
from indexer.follow.head import Found
from indexer.models import Block, Chain, Checkpoint, Incident, Node, UncheckedWitness
from tests.indexer.made import STRANGER, VALIDATORS, MadeChain, add, with_witness
from tests.indexer.serving import AlteredNode, refused, serving
from tests.indexer.writing import row_of, write

pytestmark = pytest.mark.django_db


def made(blocks: int) -> MadeChain:
    found = MadeChain()
    for _ in range(blocks):
        found.block(add())
    return found


@contextmanager
def level(chain: MadeChain, *, nodes: int = 1) -> Iterator[tuple[Chain, list[AlteredNode]]]:
    """A chain that is in and folded, and nodes that serve it."""
    with ExitStack() as stack:
        served = [AlteredNode(chain.recording()) for _ in range(nodes)]
        row = row_of(chain)
        for node in served:
            url = stack.enter_context(serving(node))
            Node.objects.create(chain=row, url=url, height=chain.next_height - 1, answered_at=timezone.now())
        write(row, chain.blocks)
        sync.fold_all(row)
        yield row, served


def folded() -> int:
    return Checkpoint.objects.get().height


def paths(node: AlteredNode) -> list[str]:
    return ["/".join(each.path[2:]) for each in node.asked]


def test_where_nothing_is_new_one_question_is_asked() -> None:
    with level(made(3)) as (row, (node,)):
        assert head.look(row) == Found.NOTHING
        assert paths(node) == ["height/3"]
    assert folded() == 2


def test_the_next_block_comes_with_the_question_for_it_and_is_folded() -> None:
    chain = made(3)
    with level(chain) as (row, (node,)):
        now = timezone.now().timestamp() * 1000
        chain.block(add(), at=int(now))
        node.become(chain.recording())
        assert head.look(row) == Found.BLOCKS
        assert folded() == 3
        assert len(node.asked) == 1 or paths(node) == ["height/3", "height/4"]
        assert Node.objects.get().height == 3
    assert not UncheckedWitness.objects.exists()
    assert not Incident.objects.exists()


def test_what_should_be_there_by_the_chain_s_own_time_is_asked_for_at_once() -> None:
    chain = made(3)
    with level(chain) as (row, (node,)):
        for _ in range(4):
            chain.block(add())
        node.become(chain.recording())
        assert head.look(row) == Found.BLOCKS
        assert paths(node) == [f"height/{each}" for each in (3, 4, 5, 6, 7)]
    assert folded() == 6


def test_a_look_ends_after_some_blocks() -> None:
    chain = made(1)
    with level(chain) as (row, (node,)):
        for _ in range(head.MOST + 5):
            chain.block()
        node.become(chain.recording())
        assert head.look(row) == Found.BLOCKS
        assert folded() == head.MOST
        assert head.look(row) == Found.BLOCKS
    assert folded() == head.MOST + 5


def test_the_node_with_most_blocks_is_asked() -> None:
    with level(made(3), nodes=3) as (row, nodes):
        urls = list(Node.objects.order_by("id").values_list("url", flat=True))
        Node.objects.filter(url=urls[0]).update(height=1)
        Node.objects.filter(url=urls[2]).update(height=None)
        head.look(row)
        assert [len(each.asked) for each in nodes] == [0, 1, 0]


def test_a_node_that_lost_blocks_is_told_from_one_that_is_level_once_a_block_is_missed() -> None:
    chain, fewer = made(3), made(2)
    chain.block(add(), at=int((timezone.now().timestamp() - 20) * 1000))
    with level(chain) as (row, (node,)):
        row.longest_block_ms = 3000
        node.become(fewer.recording())
        assert head.look(row) == Found.NOTHING
        assert paths(node) == ["height/4", "height"]
        assert Node.objects.get().height == 1
        node.become(chain.recording())
        assert head.look(row) == Found.NOTHING
        assert Node.objects.get().height == 3


@pytest.mark.parametrize("age", [timedelta(0), timedelta(days=3)], ids=["none is missed", "it stands still"])
def test_a_node_is_not_asked_what_it_has_where_that_tells_nothing(age: timedelta) -> None:
    chain = made(2)
    chain.block(add(), at=int((timezone.now() - age).timestamp() * 1000))
    with level(chain) as (row, (node,)):
        row.longest_block_ms = 30_000
        assert head.look(row) == Found.NOTHING
        assert paths(node) == ["height/3"]


def test_an_answer_is_kept_in_the_node_s_row_but_not_each_second() -> None:
    with level(made(2)) as (row, _):
        before = Node.objects.get().answered_at
        head.look(row)
        assert Node.objects.get().answered_at == before
        Node.objects.update(answered_at=F("answered_at") - timedelta(seconds=10))
        head.look(row)
        assert before is not None
        assert Node.objects.get().answered_at > before  # type: ignore[operator]


def test_a_new_configuration_is_for_a_whole_round() -> None:
    chain = made(2)
    with level(chain) as (row, (node,)):
        chain.configure(VALIDATORS[:1], more={"upgraded": 1})
        chain.block(add())
        node.become(chain.recording())
        assert head.look(row) == Found.MORE_TO_ASK
        assert folded() == 1


def test_a_chain_whose_headers_name_nothing_is_for_a_whole_round_where_there_is_a_block() -> None:
    chain = MadeChain(is_named=False)
    for _ in range(2):
        chain.block(add())
    with level(chain) as (row, (node,)):
        assert head.look(row) == Found.NOTHING
        chain.block(add())
        node.become(chain.recording())
        assert head.look(row) == Found.MORE_TO_ASK


def forged(chain: MadeChain) -> None:
    chain.blocks[-1] = with_witness(chain.blocks[-1], keys=[STRANGER])


def unlinked(chain: MadeChain) -> None:
    chain.blocks.pop()
    chain.block(add(), previous_rid=b"\x09" * 32)


def misstated(chain: MadeChain) -> None:
    chain.blocks[-1] = replace(chain.blocks[-1], rid=b"\x08" * 32)


@pytest.mark.parametrize("spoil", [forged, unlinked, misstated])
def test_a_block_that_does_not_hold_is_not_taken_and_left_to_a_whole_round(spoil: object) -> None:
    chain = made(2)
    with level(chain) as (row, (node,)):
        chain.block(add())
        spoil(chain)  # type: ignore[operator]
        node.become(chain.recording())
        assert head.look(row) == Found.MORE_TO_ASK
    assert Block.objects.count() == 2
    assert not Incident.objects.exists()


def test_a_node_that_fails_is_for_a_whole_round() -> None:
    def fails(question: Question, answer: Answer) -> Answer:
        return refused(question, 403, "not now")

    with level(made(2)) as (row, (node,)):
        node.rules.append(fails)
        assert head.look(row) == Found.MORE_TO_ASK


def test_a_404_for_the_next_block_says_that_it_is_not_there_yet() -> None:
    def not_yet(question: Question, answer: Answer) -> Answer:
        return refused(question, 404, "Block not found")

    with level(made(2)) as (row, (node,)):
        node.rules.append(not_yet)
        assert head.look(row) == Found.NOTHING


def test_where_blocks_are_missing_or_unfolded_nobody_is_asked() -> None:
    chain = made(4)
    with level(made(1)) as (row, (node,)):
        write(row, chain.blocks[2:3])
        assert head.look(row) == Found.MORE_TO_ASK
        assert node.asked == []


def test_where_no_node_is_known_there_is_more_to_ask() -> None:
    with level(made(1), nodes=0) as (row, _):
        assert head.look(row) == Found.MORE_TO_ASK
