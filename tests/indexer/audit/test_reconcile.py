"""Our records against a node's own queries: what differs is told, what moves meanwhile is not."""

import random
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from devnet.rest.exchange import CORS, OCTETS, Answer, Question, Spelling
from devnet.serving.node import DevnetNode, open_node
from indexer.audit import reconcile
from indexer.follow import sync
from indexer.models import Chain, Incident, Node, Reconciliation
from indexer.node.client import NodeClient
from indexer.node.errors import NodeError
from indexer.node.pool import NodePool
from indexer.postchain import gtv
from tests.devnet.grown import add, grown, submit, wanted
from tests.devnet.served import serving
from tests.indexer import kept
from tests.indexer.serving import IMPATIENT, pool_of, recorded, refused

pytestmark = pytest.mark.django_db


def is_query(question: Question, name: str = "") -> bool:
    return question.path[0] == "query_gtv" and name in str(question.body)


def says(value: gtv.Encodable, *headers: tuple[str, str]) -> Answer:
    return Answer(200, "OK", (("content-type", OCTETS), *headers, *CORS), gtv.encode(value))


class Altered:
    """A devnet's node whose answers may be altered; ``asked`` counts its queries."""

    def __init__(self, node: DevnetNode) -> None:
        self.begin_anew(node)

    def begin_anew(self, node: DevnetNode) -> None:
        """Have no answer of a node altered."""
        self.node = node
        self.asked = 0
        self.alter: Callable[[Question, Answer], Answer] = lambda _, answer: answer

    @property
    def spelling(self) -> Spelling:
        return self.node.spelling

    def answer(self, question: Question) -> Answer:
        answer = self.node.answer(question)
        self.asked += is_query(question)
        return self.alter(question, answer)


class Place:
    """An indexed devnet, and what reconciles with its node."""

    def __init__(self, altered: Altered, pool: NodePool) -> None:
        self.altered = altered
        self.pool = pool
        self.chain = sync.chain_of(self.pool, None)
        self.catch_up()

    @property
    def node(self) -> NodeClient:
        return self.pool.current

    def catch_up(self) -> None:
        sync.sync(self.chain, self.pool, options=kept.HERE)

    def grow(self) -> None:
        """A block with a new record."""
        submit(self.altered.node.dapp, add(f'{{"n": {self.altered.node.dapp.next_height}}}'))
        self.altered.node.dapp.close_block()

    def reach(self, height: int) -> bool:
        self.catch_up()
        return True

    def reconcile(self, *, reach: reconcile.Reach | None = None) -> Reconciliation | None:
        return reconcile.reconcile(self.chain, self.node, reach=reach or self.reach, chance=random.Random(1))

    def differences(self) -> str:
        found = self.reconcile()
        assert found is not None
        assert found.differing == (1 if found.detail else 0), found.detail
        return found.detail


@dataclass(frozen=True, slots=True)
class Devnet:
    """A node that is served at one address for all tests of this module, and what was indexed from it."""

    node: DevnetNode
    altered: Altered
    url: str

    @contextmanager
    def place(self) -> Iterator[Place]:
        """In tables that are empty."""
        self.altered.begin_anew(self.node)
        with closing(NodePool([self.url], patience=IMPATIENT)) as pool:
            yield Place(self.altered, pool)


@pytest.fixture(scope="module")
def devnet(django_db_setup: None, django_db_blocker: DjangoDbBlocker, worker_id: str) -> Iterator[Devnet]:
    """What is indexed from it is kept aside by each worker: its node has an address of its own."""
    with closing(grown()) as node, serving(altered := Altered(node)) as served:
        made = Devnet(node, altered, served.server.url)
        with django_db_blocker.unblock(), kept.keeping(kept_as(worker_id)), made.place():
            pass
        yield made


def kept_as(worker_id: str) -> str:
    return f"reconciled in {worker_id}"


@pytest.fixture
def place(devnet: Devnet, worker_id: str) -> Iterator[Place]:
    """For tests that change nothing of the node."""
    kept.fill(kept_as(worker_id))
    with devnet.place() as found:
        yield found


@pytest.fixture
def growing(place: Place) -> Iterator[Place]:
    """The same with a node of the test's own, which it may change."""
    with closing(grown()) as node:
        place.altered.begin_anew(node)
        yield place


def test_a_node_that_says_the_same_differs_in_nothing(place: Place) -> None:
    found = place.reconcile()
    assert found is not None
    assert (found.differing, found.detail) == (0, "")
    assert found.height == place.altered.node.dapp.next_height - 1
    assert found.asked > 3 + reconcile.NEWEST
    assert (len(found.records), found.differing_records) == (found.asked - 3, [])
    assert found.node == Node.objects.get()
    assert not Incident.objects.exists()


def test_records_that_were_deleted_are_asked_for_and_must_be_refused(place: Place) -> None:
    refusals: list[Answer] = []

    def note(question: Question, answer: Answer) -> Answer:
        if is_query(question) and answer.status != 200:
            refusals.append(answer)
        return answer

    place.altered.alter = note
    assert place.differences() == ""
    assert {each.status for each in refusals} == {400}
    assert len(refusals) >= reconcile.DELETED


def altered_record(**fields: gtv.Encodable) -> Callable[[Question, Answer], Answer]:
    """Every record says something else."""

    def alter(question: Question, answer: Answer) -> Answer:
        if not is_query(question, "get_prompt_history\\xa4") or answer.status != 200:
            return answer
        value = gtv.decode(answer.body)
        assert isinstance(value, dict)
        return says({**value, **fields})

    return alter


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("UID", -5),
        ("created_at", 5),
        ("seed", 5),
        ("model", "another"),
        ("provider", "another"),
        ("messages", "[1]"),
        ("result", b"no text"),
    ],
)
def test_each_field_of_a_record_is_compared(place: Place, name: str, value: gtv.Encodable) -> None:
    place.altered.alter = altered_record(**{name: value})
    found = place.reconcile()
    assert found is not None
    assert found.differing >= reconcile.NEWEST
    assert f"gives another {name}" in found.detail


@pytest.mark.parametrize(
    ("said", "differs"),
    [
        ('{"n":99999999999999990000000,"s":"99999999999999990000000"}', False),
        ('{"n":100000000000000000000000,"s":"99999999999999990000000"}', False),
        ('{"n":99999999999999980000000,"s":"99999999999999990000000"}', True),
        ('{"n":99999999999999990000000,"s":"100000000000000000000000"}', True),
    ],
)
def test_the_digits_that_another_java_chooses_for_a_double_are_no_difference(
    growing: Place, said: str, differs: bool
) -> None:
    submit(growing.altered.node.dapp, add('{"n": 1e23, "s": "99999999999999990000000"}'))
    growing.altered.node.dapp.close_block()
    growing.catch_up()

    def alter(question: Question, answer: Answer) -> Answer:
        if not is_query(question, "get_prompt_history\\xa4") or answer.status != 200:
            return answer
        value = gtv.decode(answer.body)
        assert isinstance(value, dict)
        return says({**value, "result": said}) if '"s":' in str(value["result"]) else answer

    growing.altered.alter = alter
    assert ("another result" in growing.differences()) is differs


@pytest.mark.parametrize(
    ("query", "value", "told"),
    [
        ("get_prompt_history_count", 7, "gives 7, where the records say"),
        ("get_prompt_history_count", "\u202eseven\0", "gives"),
        ("latest_prompt_id", -1, "gives -1, where the records say"),
        ("get_owner", b"\x05", "gives 05, where the records say"),
        ("get_owner", None, "gives None, where the records say"),
    ],
)
def test_what_a_node_says_of_the_whole_is_compared(
    place: Place, query: str, value: gtv.Encodable, told: str
) -> None:
    place.altered.alter = lambda question, answer: (
        says(value) if is_query(question, query + "\\xa4") else answer
    )
    assert told in place.differences()


def test_a_difference_that_holds_is_an_incident_told_once(place: Place) -> None:
    place.altered.alter = lambda question, answer: says(7) if is_query(question, "count") else answer
    for _ in range(2):
        place.reconcile()
    incident = Incident.objects.get()
    assert (incident.kind, incident.subject, incident.times) == ("state-differs", place.node.name, 2)
    assert "get_prompt_history_count()" in incident.message


def test_a_difference_that_is_gone_when_asked_again_is_none(place: Place) -> None:
    """As of a node behind a balancer that was late once."""
    times: list[None] = []

    def once(question: Question, answer: Answer) -> Answer:
        if is_query(question, "count") and not times:
            times.append(None)
            return says(7)
        return answer

    place.altered.alter = once
    assert place.differences() == ""
    assert not Incident.objects.exists()


def test_a_node_that_goes_on_while_it_is_asked_is_no_difference(growing: Place) -> None:
    every_third = iter(range(10_000))

    def grow(question: Question, answer: Answer) -> Answer:
        if is_query(question) and next(every_third) % 3 == 0:
            growing.grow()
        return answer

    growing.altered.alter = grow
    for _ in range(3):
        assert growing.differences() == ""
    assert not Incident.objects.exists()


def test_a_node_that_goes_on_with_every_question_is_not_compared(growing: Place) -> None:
    def grow(question: Question, answer: Answer) -> Answer:
        if is_query(question):
            growing.grow()
        return answer

    growing.altered.alter = grow
    assert growing.reconcile() is None
    assert not Reconciliation.objects.exists()


def test_a_node_that_says_its_height_beside_the_answer_is_compared_there(growing: Place) -> None:
    """Newer nodes do: whatever happens meanwhile, the answer is of that block."""

    def grow(question: Question, answer: Answer) -> Answer:
        if not is_query(question):
            return answer
        at = growing.altered.node.dapp.next_height - 1
        growing.grow()
        return Answer(
            answer.status, answer.reason, (*answer.headers, ("x-block-height", str(at))), answer.body
        )

    growing.altered.alter = grow
    found = growing.reconcile()
    assert found is not None
    assert (found.differing, found.detail) == (0, "")
    assert found.asked >= reconcile.NEWEST


def test_records_that_cannot_be_folded_so_far_are_not_compared(growing: Place) -> None:
    growing.grow()
    assert growing.reconcile(reach=lambda _: False) is None
    assert not Reconciliation.objects.exists()


def test_records_that_are_behind_are_folded_first(growing: Place) -> None:
    growing.grow()
    assert growing.differences() == ""
    assert Reconciliation.objects.get().height == growing.altered.node.dapp.next_height - 1


def test_a_record_that_is_wrong_here_is_found(place: Place) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE indexer_record SET scout = scout # 1")
        cursor.execute("UPDATE indexer_checkpoint SET live = live + 1")
    found = place.reconcile()
    assert found is not None
    assert found.differing > reconcile.NEWEST
    assert len(found.differing_records) == found.differing - 1  # and the count of all
    assert set(found.differing_records) <= set(found.records)
    assert "another UID" in found.detail


def test_a_record_that_is_deleted_here_alone_is_found(place: Place) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE indexer_revision SET kind = 3 WHERE kind = 1")
    found = place.reconcile()
    assert found is not None
    assert "gives a record, where there is none" in found.detail


def test_a_record_that_is_deleted_there_alone_is_found(place: Place) -> None:
    place.altered.alter = lambda question, answer: (
        refused(question, 400, "Query 'get_prompt_history' failed: No records found")
        if is_query(question, "get_prompt_history\\xa4")
        else answer
    )
    found = place.reconcile()
    assert found is not None
    assert "gives none, where there is a record" in found.detail


def test_a_node_that_does_not_know_the_queries_differs_in_nothing() -> None:
    with pool_of(recorded("four-validators")) as pool:
        chain = sync.chain_of(pool, None)
        sync.sync(chain, pool, options=kept.HERE)
        found = reconcile.reconcile(chain, pool.current, reach=lambda _: True, chance=random.Random(1))
    assert found is not None
    assert (found.height, found.asked, found.differing) == (-1, 0, 0)
    assert found.detail.startswith("get_prompt_history_count() is refused: This is a recording")
    assert not Incident.objects.exists()


def test_a_node_that_fails_is_no_difference(place: Place) -> None:
    place.altered.alter = lambda question, answer: (
        refused(question, 500, "trouble") if is_query(question) else answer
    )
    with pytest.raises(NodeError):
        place.reconcile()
    assert not Reconciliation.objects.exists()


def test_an_unknown_owner_is_not_compared(place: Place) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE indexer_owner SET key = NULL")
    assert place.differences() == ""


def test_the_newest_few_results_of_each_node_stay(place: Place) -> None:
    other = Node.objects.create(chain=place.chain, url="http://other")
    Reconciliation.objects.create(node=other, height=1, at=timezone.now(), asked=1, differing=0)
    for _ in range(reconcile.KEPT + 2):
        place.reconcile()
    kept_ids = [each.id for each in Reconciliation.objects.exclude(node=other).order_by("id")]
    assert len(kept_ids) == reconcile.KEPT
    assert Reconciliation.objects.filter(node=other).count() == 1


def test_a_chain_without_a_block_is_not_compared() -> None:
    with closing(open_node(None, wanted())) as empty, serving(empty) as served:
        pool = NodePool([served.server.url], patience=IMPATIENT)
        chain = Chain.objects.create(brid=bytes(empty.dapp.brid))
        with closing(pool):
            assert (
                reconcile.reconcile(chain, pool.current, reach=lambda _: False, chance=random.Random(1))
                is None
            )
