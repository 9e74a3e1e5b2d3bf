"""What tasks do of a backfill: windows that are filled by whoever takes them, until nothing is missing."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from config.celery import app
from devnet.rest.exchange import Answer, Question
from indexer import tasks
from indexer.models import Block, Chain, Checkpoint, Node
from indexer.store import coverage, locks
from tests.indexer.followed import followed, made
from tests.indexer.serving import refused
from tests.indexer.threads import holding
from tests.indexer.writing import write

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("eager")]


def test_a_backfill_is_begun_where_none_is_under_way() -> None:
    with followed(made(tasks.FOLLOWED_AT_ONCE + 2)) as (row, _):
        Chain.objects.update(backfilled_at=timezone.now())
        tasks.follow.delay(row.id)
        assert not Block.objects.exists()
        Chain.objects.update(backfilled_at=timezone.now() - timedelta(minutes=6))
        tasks.follow.delay(row.id)
        assert Block.objects.count() == tasks.FOLLOWED_AT_ONCE + 2
    assert Chain.objects.get().backfilled_at is None


def test_a_backfill_that_no_node_answers_is_over() -> None:
    row = Chain.objects.create(brid=b"\x01" * 32, backfilled_at=timezone.now())
    tasks.backfill.delay(row.id)
    assert Chain.objects.get().backfilled_at is None


def test_a_window_that_is_filled_is_a_sign_of_a_backfill_under_way() -> None:
    begun_at = timezone.now() - timedelta(minutes=1)
    with followed(made(5)) as (row, _):
        tasks.fill_window.delay(row.id, 0, 1)
        assert Chain.objects.get().backfilled_at is None
        Chain.objects.update(backfilled_at=begun_at)
        tasks.fill_window.delay(row.id, 2, 4)
    assert Chain.objects.filter(backfilled_at__gt=begun_at).exists()


def test_a_backfill_goes_on_by_itself_lot_by_lot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "SENT_AT_ONCE", 1)
    with followed(made(250)) as (row, _):
        tasks.backfill.delay(row.id)
    assert Checkpoint.objects.get().height == 249


def test_a_backfill_that_gets_nowhere_is_not_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_lists(question: Question, answer: Answer) -> Answer:
        is_list = question.path[0] == "blocks" and len(question.path) == 2
        return refused(question, 404, "not now") if is_list else answer

    app.conf.update(task_eager_propagates=False)
    with followed(made(250)) as (row, node):
        node.rules.append(no_lists)
        tasks.backfill.delay(row.id)
        asked = sum(question.path[-1] == "height" for question in node.asked)
    assert 1 <= asked <= 2
    assert not Block.objects.exists()


def test_a_backfill_whose_nodes_do_not_answer_says_so_in_their_rows() -> None:
    row = Chain.objects.create(brid=b"\x01" * 32)
    Node.objects.create(chain=row, url="http://127.0.0.1:9")
    tasks.backfill.delay(row.id)
    assert Node.objects.get().failure


@pytest.mark.django_db(transaction=True)
def test_a_window_that_another_one_fills_is_left_to_it() -> None:
    with followed(made(5)) as (row, node):

        def fill() -> None:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s::bigint)", [row.id << 48])

        with holding(fill):
            assert locks.is_filled(row.id)
            tasks.fill_window.delay(row.id, 0, 4)
            assert not Block.objects.exists()
            assert not node.asked
        assert not locks.is_filled(row.id)
        tasks.fill_window.delay(row.id, 0, 4)
        assert coverage.gaps(row.id, last=4) == []


def test_a_window_that_is_in_asks_nobody() -> None:
    chain = made(5)
    with followed(chain) as (row, node):
        write(row, chain.blocks)
        tasks.fill_window.delay(row.id, 1, 3)
        assert node.asked == []


def test_windows_of_other_chains_are_not_held() -> None:
    with locks.filling(3, 2**40) as mine, locks.filling(4, 2**40) as other:
        assert (mine, other) == (True, True)
        assert (locks.is_filled(3), locks.is_filled(4), locks.is_filled(5)) == (True, True, False)
    assert (locks.is_filled(3), locks.is_filled(4)) == (False, False)
