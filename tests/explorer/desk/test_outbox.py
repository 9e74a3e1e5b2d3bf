"""The outbox: each entry at least once, by one worker at a time; what fails is kept and tried again."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections, transaction

from explorer.desk import outbox, tasks
from explorer.desk.models import DESK, OutboxEntry, Quota
from explorer.desk.outbox import LEASE, MOST_ATTEMPTS

pytestmark = pytest.mark.django_db(databases=["default", "desk"])
NOW = datetime(2026, 11, 23, 14, 2, 11, tzinfo=UTC)


class Handlers:
    """Handlers that note what they were called with, and fail while they are told to."""

    def __init__(self) -> None:
        self.done: list[Mapping[str, Any]] = []
        self.failure: BaseException | None = None

    def note(self, **arguments: Any) -> None:
        self.done.append(arguments)
        if self.failure is not None:
            raise self.failure


@pytest.fixture
def handlers(monkeypatch: pytest.MonkeyPatch) -> Handlers:
    found = Handlers()
    monkeypatch.setattr(outbox, "handlers", lambda: {"note": found.note})
    return found


def run(now: datetime = NOW, **options: int) -> int:
    return outbox.run_due(clock=lambda: now, **options)


def test_what_is_left_is_done_once_with_its_arguments(handlers: Handlers) -> None:
    outbox.enqueue("note", now=NOW, number=7, words="é")
    assert (run(), run()) == (1, 0)
    assert handlers.done == [{"number": 7, "words": "é"}]
    entry = OutboxEntry.objects.get()
    assert (entry.done_at, entry.due_at, entry.attempts, entry.failure) == (NOW, None, 1, "")


def test_nothing_is_left_for_a_name_that_nobody_knows(handlers: Handlers) -> None:
    with pytest.raises(KeyError):
        outbox.enqueue("indexer.tasks.follow", now=NOW)


def test_the_oldest_comes_first_and_a_lot_at_a_time(handlers: Handlers) -> None:
    for minutes in (3, 1, 2):
        outbox.enqueue("note", now=NOW - timedelta(minutes=minutes), n=minutes)
    assert run(most=2) == 2
    assert handlers.done == [{"n": 3}, {"n": 2}]


def test_what_is_not_due_waits(handlers: Handlers) -> None:
    outbox.enqueue("note", now=NOW + timedelta(seconds=1))
    assert run() == 0


def test_what_fails_is_tried_again_later_and_later_and_keeps_why(handlers: Handlers) -> None:
    handlers.failure = OSError("no route\0to host")
    outbox.enqueue("note", now=NOW)
    assert run() == 1
    entry = OutboxEntry.objects.get()
    assert (entry.attempts, entry.failure, entry.done_at) == (1, "OSError: no routeto host", None)
    assert entry.due_at == NOW + timedelta(minutes=1)
    assert run() == 0
    assert run(entry.due_at) == 1
    entry.refresh_from_db()
    assert entry.due_at == NOW + timedelta(minutes=3)
    handlers.failure = None
    assert run(entry.due_at) == 1
    done = OutboxEntry.objects.get()
    assert (done.attempts, done.failure, done.due_at) == (3, "", None)
    assert done.done_at is not None


def test_pauses_grow_to_six_hours() -> None:
    pauses = [outbox.pause(attempts) for attempts in range(1, MOST_ATTEMPTS)]
    assert pauses[:3] == [timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=4)]
    assert pauses[-1] == timedelta(hours=6)
    assert timedelta(hours=36) < sum(pauses, timedelta()) < timedelta(hours=48)


def test_what_failed_too_often_stays_and_is_left_alone(handlers: Handlers) -> None:
    handlers.failure = OSError("no")
    outbox.enqueue("note", now=NOW)
    OutboxEntry.objects.update(attempts=MOST_ATTEMPTS - 1)
    assert run() == 1
    entry = OutboxEntry.objects.get()
    assert (entry.attempts, entry.due_at, entry.done_at) == (MOST_ATTEMPTS, None, None)
    assert entry.failure == "OSError: no"
    assert run(NOW + timedelta(days=99)) == 0


def test_a_worker_that_dies_leaves_the_entry_to_the_next_one(handlers: Handlers) -> None:
    handlers.failure = KeyboardInterrupt()
    outbox.enqueue("note", now=NOW)
    with pytest.raises(KeyboardInterrupt):
        run()
    handlers.failure = None
    assert run(NOW + LEASE - timedelta(seconds=1)) == 0
    assert run(NOW + LEASE) == 1
    assert OutboxEntry.objects.get().attempts == 2
    assert len(handlers.done) == 2


def test_an_entry_that_ends_every_worker_ends_too(handlers: Handlers) -> None:
    handlers.failure = SystemExit()
    outbox.enqueue("note", now=NOW)
    for attempt in range(MOST_ATTEMPTS):
        with pytest.raises(SystemExit):
            run(NOW + attempt * LEASE)
    assert run(NOW + timedelta(days=9)) == 0


def test_who_comes_back_late_says_nothing_of_what_is_another_s(handlers: Handlers) -> None:
    outbox.enqueue("note", now=NOW)
    mine = outbox._taken(NOW)
    assert mine is not None
    theirs = outbox._taken(NOW + LEASE)
    assert theirs is not None
    outbox._end(mine, failure="", due_at=None, done_at=NOW)
    assert OutboxEntry.objects.get().done_at is None


def test_an_entry_of_a_newer_version_waits_for_a_worker_that_knows_it(handlers: Handlers) -> None:
    OutboxEntry.objects.create(name="to come", created_at=NOW, due_at=NOW)
    assert run() == 1
    entry = OutboxEntry.objects.get()
    assert (entry.failure, entry.due_at) == ("KeyError: 'to come'", NOW + timedelta(minutes=1))


@pytest.mark.django_db(transaction=True, databases=["default", "desk"])
def test_workers_do_not_wait_for_each_other_s_entries(handlers: Handlers) -> None:
    outbox.enqueue("note", now=NOW, n=1)
    outbox.enqueue("note", now=NOW + timedelta(seconds=1), n=2)
    other = connections.create_connection(DESK)
    try:
        with transaction.atomic(using=DESK), other.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SELECT id FROM desk_outboxentry ORDER BY due_at LIMIT 1 FOR UPDATE")
            entry = outbox._taken(NOW + timedelta(minutes=1))
            assert entry is not None
            assert entry.arguments == {"n": 2}
    finally:
        other.close()


def test_the_tasks_do_what_is_due_and_remove_what_is_over(handlers: Handlers) -> None:
    old = datetime(2020, 1, 1, tzinfo=UTC)
    outbox.enqueue("note", now=old)
    tasks.run_outbox()
    assert len(handlers.done) == 1
    OutboxEntry.objects.update(done_at=old)
    OutboxEntry.objects.create(id=uuid4(), name="note", created_at=old, failure="never done")
    Quota.objects.create(scope="x", subject=b"", begun_at=old, expires_at=old)
    tasks.expire()
    assert [each.failure for each in OutboxEntry.objects.all()] == ["never done"]
    assert not Quota.objects.exists()


def test_a_run_ends_with_the_first_that_fails_so_that_nothing_else_is_held_up(handlers: Handlers) -> None:
    for n in (1, 2):
        outbox.enqueue("note", now=NOW, n=n)
    handlers.failure = OSError("the mail server does not answer")
    assert (run(), len(handlers.done)) == (1, 1)
    assert (run(), len(handlers.done)) == (1, 2)


def test_a_run_ends_when_its_time_is_up(handlers: Handlers) -> None:
    for n in (1, 2):
        outbox.enqueue("note", now=NOW, n=n)
    assert outbox.run_due(clock=lambda: NOW, seconds=0.0) == 1


def test_what_a_worker_began_and_left_says_so(handlers: Handlers) -> None:
    outbox.enqueue("note", now=NOW)
    handlers.failure = SystemExit()  # as where the worker is killed: nothing more of it is run
    with pytest.raises(SystemExit):
        run()
    assert "began it" in OutboxEntry.objects.get().failure
