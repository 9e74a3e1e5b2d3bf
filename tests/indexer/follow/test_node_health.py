"""What is known of a chain's nodes: who answered, at which height, who did not and why."""

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from devnet.rest.exchange import Answer, Question
from indexer.follow import networks, node_health, sync
from indexer.follow.networks import Named
from indexer.models import Chain, Node
from indexer.node.errors import NoNodeAnswers
from indexer.node.pool import NodePool
from indexer.trust import failover
from tests.indexer import kept
from tests.indexer.made import MadeChain, add
from tests.indexer.serving import IMPATIENT, AlteredNode, pool_of, refused
from tests.indexer.writing import row_of

pytestmark = pytest.mark.django_db

NOBODY = "http://127.0.0.1:9"


def made(blocks: int = 2) -> MadeChain:
    found = MadeChain()
    for _ in range(blocks):
        found.block(add())
    return found


def known(made: MadeChain, pool: NodePool) -> Chain:
    """A chain whose nodes are written down."""
    row = row_of(made)
    return networks.register(Named(bytes(row.brid)), [node.name for node in pool.nodes])


def asks(*path: str) -> Callable[[Question], bool]:
    return lambda question: all(part in question.path for part in path)


def failing(is_failing: Callable[[Question], bool]) -> Callable[[Question, Answer], Answer]:
    return lambda question, answer: refused(question, 404, "not now") if is_failing(question) else answer


def test_every_node_that_says_its_height_is_remembered_with_it() -> None:
    with pool_of(AlteredNode(made(2).recording()), AlteredNode(made(1).recording())) as pool:
        chain = known(made(), pool)
        assert sync.head(chain, pool) == 1
        found = {each.url: each for each in Node.objects.all()}
        assert [found[node.name].height for node in pool.nodes] == [1, 0]
    assert all(each.answered_at is not None and each.failed_at is None for each in found.values())
    assert {each.version for each in found.values()} == {5}


def test_nodes_gave_a_chain_before_where_one_of_them_was_heard_of_it() -> None:
    with pool_of(AlteredNode(made(2).recording()), AlteredNode(made(1).recording())) as pool:
        chain = known(made(), pool)
        urls = [node.name for node in pool.nodes]
        brid = bytes(chain.brid)
        assert not node_health.gave_before(brid, urls)
        sync.head(chain, pool)
        assert node_health.gave_before(brid, urls)
        assert node_health.gave_before(None, urls)
        assert not node_health.gave_before(bytes(32), urls)
        assert not node_health.gave_before(brid, [NOBODY])


def test_the_time_of_the_last_answer_moves_with_each_look_where_nothing_is_new() -> None:
    with pool_of(AlteredNode(made().recording())) as pool:
        chain = sync.chain_of(pool, None)
        seen: list[datetime] = []
        for _ in range(3):
            sync.sync(chain, pool, options=kept.HERE)
            answered_at = Node.objects.get().answered_at
            assert answered_at is not None
            seen.append(answered_at)
    assert seen == sorted(set(seen))


def test_where_no_node_answers_each_of_them_says_why() -> None:
    pool = NodePool([NOBODY, "http://127.0.0.1:8"], patience=IMPATIENT)
    chain = known(made(), pool)
    with closing(pool), pytest.raises(NoNodeAnswers):
        sync.head(chain, pool)
    for node in Node.objects.all():
        assert (node.height, node.answered_at) == (None, None)
        assert node.failure
        assert node.failed_at is not None
        assert timezone.now() - node.failed_at < timedelta(minutes=1)
    assert Node.objects.count() == 2


def test_a_node_that_fails_later_in_a_run_says_why() -> None:
    def asks_a_page(question: Question) -> bool:
        return "blocks" in question.path and "height" not in question.path

    with pool_of(AlteredNode(made(5).recording(), failing(asks_a_page))) as pool:
        chain = known(made(5), pool)
        with pytest.raises(NoNodeAnswers):
            sync.sync(chain, pool, options=kept.HERE)
    node = Node.objects.get()
    assert node.height == 4
    assert "not now" in node.failure


def test_a_failure_keeps_its_time_and_does_not_go_with_the_next_answer() -> None:
    node = AlteredNode(made().recording(), failing(asks("height")))
    with pool_of(node) as pool:
        chain = known(made(), pool)
        with pytest.raises(NoNodeAnswers):
            sync.head(chain, pool)
        failed = Node.objects.get()
        node.rules.clear()
        sync.head(chain, pool)
    answered = Node.objects.get()
    assert (answered.failed_at, answered.failure) == (failed.failed_at, failed.failure)
    assert failed.failed_at is not None
    assert answered.answered_at is not None
    assert answered.answered_at > failed.failed_at


def test_what_a_node_said_that_was_found_false_does_not_count() -> None:
    """Its height would have readers told that they are far behind."""

    def lie(question: Question, answer: Answer) -> Answer:
        if question.path[-1] == "height":
            return Answer(200, "OK", answer.headers, b'{"blockHeight": 900000}')
        return answer

    with pool_of(AlteredNode(made().recording(), lie)) as pool:
        chain = known(made(), pool)
        with pytest.raises(failover.Contradiction):
            sync.head(chain, pool)
    node = Node.objects.get()
    assert node.height is None
    assert node.failure
    assert node.was_false


def test_a_node_is_believed_again_once_what_it_gives_holds_and_not_before() -> None:
    with pool_of(AlteredNode(made().recording())) as pool:
        chain = known(made(), pool)
        Node.objects.update(was_false=True)
        sync.head(chain, pool)
        assert Node.objects.get().was_false
        sync.sync(chain, pool, options=kept.HERE)
        assert not Node.objects.get().was_false


def test_a_node_that_nobody_is_to_ask_any_more_is_not_written_down_again() -> None:
    with pool_of(AlteredNode(made().recording())) as pool:
        chain = known(made(), pool)
        networks.forget_nodes(chain, but=[])
        sync.sync(chain, pool, options=kept.HERE)
    assert not Node.objects.exists()


def test_a_node_that_has_failed_lately_is_asked_only_where_there_is_no_other() -> None:
    chain = Chain.objects.create(brid=b"\x01" * 32)
    now = datetime.now(UTC)
    Node.objects.create(chain=chain, url="http://rests", answered_at=now, failed_at=now)
    assert node_health.known_urls(chain) == ["http://rests"]
    Node.objects.create(chain=chain, url="http://well", answered_at=now - timedelta(days=1))
    assert node_health.known_urls(chain) == ["http://well"]


def test_a_node_that_only_fails_is_asked_before_one_whose_answer_was_false() -> None:
    chain = Chain.objects.create(brid=b"\x01" * 32)
    now = datetime.now(UTC)
    Node.objects.create(chain=chain, url="http://false", answered_at=now, failed_at=now, was_false=True)
    assert node_health.known_urls(chain) == ["http://false"]
    fails = Node.objects.create(chain=chain, url="http://fails", answered_at=now, failed_at=now)
    assert node_health.known_urls(chain) == ["http://fails"]
    Node.objects.filter(id=fails.id).update(answered_at=None)
    assert node_health.known_urls(chain) == []


@pytest.mark.parametrize(
    ("answered", "failed", "is_asked"),
    [
        (None, 31, True),
        (None, 29, False),
        (24, 20, True),
        (44, 20, True),
        (50, 20, False),
        (2, 1, True),
        (9999, 31, True),
    ],
)
def test_where_all_fail_each_pauses_for_as_long_as_it_has_been_failing(
    answered: int | None, failed: int, is_asked: bool
) -> None:
    """Seconds ago."""
    chain = Chain.objects.create(brid=b"\x01" * 32)
    ago = [None if each is None else timezone.now() - timedelta(seconds=each) for each in (answered, failed)]
    Node.objects.create(chain=chain, url="http://fails", answered_at=ago[0], failed_at=ago[1])
    assert bool(node_health.known_urls(chain)) is is_asked


def test_a_node_that_says_no_version_is_none_the_worse() -> None:
    with pool_of(AlteredNode(made().recording(), failing(asks("version")))) as pool:
        sync.sync(sync.chain_of(pool, None), pool, options=kept.HERE)
    node = Node.objects.get()
    assert (node.height, node.version, node.failure) == (1, None, "")
