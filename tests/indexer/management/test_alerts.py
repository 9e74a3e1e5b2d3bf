"""When no node of a chain answers, and when one does again; and which chain nodes have."""

import shutil
import socket
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from indexer.follow import networks
from indexer.follow.networks import Named
from indexer.management.alerts import MIB, Alerts, FirstChain, Room
from indexer.models import Chain, Node
from indexer.trust import incidents
from tests.indexer.serving import recorded, serving

ONE, OTHER = b"\x01" * 32, b"\x02" * 32
LONGEST = 30.0  # seconds


def fails(url: str, why: str = "it is away?", *, chain: Chain) -> None:
    Node.objects.filter(url=url, chain=chain).update(failed_at=timezone.now(), failure=why)


def answers(url: str, *, chain: Chain) -> None:
    Node.objects.filter(url=url, chain=chain).update(answered_at=timezone.now() + timedelta(microseconds=1))


def told(alerts: Alerts, *, looks: int = 4) -> list[str]:
    return [line for _ in range(looks) for line in alerts.lines()]


def chain(
    brid: bytes = ONE, name: str = "One", nodes: tuple[str, ...] = ("http://a:1", "http://b:1")
) -> Chain:
    return networks.register(Named(brid, name), nodes)


@pytest.mark.django_db
def test_nothing_is_told_before_a_node_was_asked() -> None:
    chain()
    assert told(Alerts()) == []


@pytest.mark.django_db
def test_a_silence_is_told_once_and_its_end_too() -> None:
    one, alerts = chain(), Alerts()
    for url in ("http://a:1", "http://b:1"):
        fails(url, chain=one)
    (line,) = told(alerts, looks=9)
    assert line.startswith(
        "One: its nodes give nothing (http://b:1: it is away?). It is tried again and again;"
    )
    answers("http://a:1", chain=one)
    assert told(alerts, looks=9) == ["One: a node answers again."]
    assert told(alerts) == []


@pytest.mark.django_db
def test_one_node_that_answers_is_enough() -> None:
    one = chain()
    fails("http://a:1", chain=one)
    assert told(Alerts()) == []


@pytest.mark.django_db
def test_a_failure_that_is_over_at_once_is_no_silence() -> None:
    one, alerts = chain(nodes=("http://a:1",)), Alerts()
    for _ in range(3):
        fails("http://a:1", chain=one)
        assert told(alerts, looks=2) == []
        answers("http://a:1", chain=one)
        assert told(alerts, looks=1) == []


@pytest.mark.django_db
def test_chains_are_told_apart_and_called_by_their_rid_where_they_have_no_name() -> None:
    chain()
    other = chain(OTHER, "", ("http://a:1",))
    fails("http://a:1", 2000 * "x", chain=other)
    (line,) = told(Alerts())
    assert line.startswith(f"{OTHER.hex().upper()}: its nodes give nothing (http://a:1: xxx")
    assert len(line) < 500


@pytest.mark.django_db
def test_an_incident_is_told_once_for_each_kind_and_node() -> None:
    one = chain()

    def happens(kind: str, *, height: int, node: str, why: str = "it is false") -> None:
        incidents.record(one.id, kind, why, height=height, subject=node)

    happens("refused-gap", height=1, node="http://a:1")
    alerts = Alerts()
    assert told(alerts) == []
    happens("refused-gap", height=1, node="http://a:1")
    assert told(alerts) == ["One: incident refused-gap, see the status page: it is false"]
    happens("refused-gap", height=1, node="http://a:1")
    happens("refused-gap", height=2, node="http://a:1")
    assert told(alerts) == []
    happens("refused-gap", height=2, node="http://b:1", why="\x1b[2J")
    happens("block-changed", height=2, node="http://a:1")
    assert [each.partition(",")[0] for each in told(alerts)] == [
        "One: incident refused-gap",
        "One: incident block-changed",
    ]


@pytest.mark.django_db
def test_a_chain_without_nodes_is_not_told_of() -> None:
    chain(nodes=())
    assert told(Alerts()) == []


def test_nodes_tell_their_first_chain_as_soon_as_one_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        silent = f"http://127.0.0.1:{taken.getsockname()[1]}"
    node = recorded("four-validators")
    with serving(node) as url, FirstChain([silent, url]) as first:
        await_that(lambda: first.brid)
        assert first.brid == bytes.fromhex(node.spelling.brid)


def test_that_none_tells_is_news_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        silent = f"http://127.0.0.1:{taken.getsockname()[1]}"
    with FirstChain([silent]) as first:
        await_that(lambda: first.failure)
        assert first.failure.startswith(f"{silent}: no connection")
        assert [first.is_news, first.is_news] == [True, False]
        assert first.brid is None


def await_that(is_so: Callable[[], object]) -> None:
    deadline = time.monotonic() + LONGEST
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_full_disk_is_told_once_and_that_there_is_room_again_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the disk's own figures but for what is free, for filling one takes another one."""
    free = [5 * MIB]
    real = shutil.disk_usage(tmp_path)
    monkeypatch.setattr("shutil.disk_usage", lambda _: real._replace(free=free[0]))
    room = Room(tmp_path, least=48 * MIB)
    (line,) = [line for _ in range(3) for line in room.lines()]
    assert line == (
        f"The disk of {tmp_path} is full: 5 MiB are left. Make room: nothing more is taken in before that, "
        "and nothing is lost."
    )
    free[0] = 50 * MIB
    assert list(room.lines()) == []
    free[0] = 100 * MIB
    assert [line for _ in range(3) for line in room.lines()] == [
        f"There is room on the disk of {tmp_path} again."
    ]


def test_of_a_disk_with_room_nothing_is_told(tmp_path: Path) -> None:
    assert list(Room(tmp_path, least=0).lines()) == []


@pytest.mark.django_db
def test_a_node_that_refuses_is_not_said_to_give_no_answer() -> None:
    one, alerts = chain(nodes=("http://a:1",)), Alerts()
    fails("http://a:1", "refused us: 401, give user:password@ in its address", chain=one)
    (line,) = told(alerts)
    assert "its nodes give nothing (http://a:1: refused us: 401" in line
    assert "answer" not in line
