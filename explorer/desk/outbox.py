"""What the web leaves for workers: it has no broker and writes to no disk.

An entry is written in the transaction of what asks for it, so there is never one without the other. Workers
look for entries that are due, and run what their name stands for, **at least once**: a worker that dies in
the middle leaves the entry to the next one. What fails is tried again, later and later; what failed too often
stays in the table, with why.
"""

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from explorer.desk.handlers import handlers
from explorer.desk.models import DESK, OutboxEntry

logger = logging.getLogger(__name__)

MOST_ATTEMPTS = 16  # over 44 hours
LEASE = timedelta(minutes=15)
"""How long an entry is its worker's: longer than a task may take."""

AT_ONCE = 100
SECONDS = 20.0  # of one run, before other tasks have their turn
KEPT = timedelta(days=30)
_FIRST_PAUSE = timedelta(minutes=1)
_LONGEST_PAUSE = timedelta(hours=6)
_LONGEST_FAILURE = 500  # characters
_UNHEARD = "a worker began it, and was not heard of since"


def enqueue(name: str, *, now: datetime, due_at: datetime | None = None, **arguments: object) -> None:
    """Have a worker call the handler of that name, once the transaction over the desk is committed, and not
    before ``due_at`` where that is given.

    ``arguments`` can be written as JSON. Raises KeyError where there is no such handler.
    """
    enqueue_each(name, [arguments], now=now, due_at=due_at)


def enqueue_each(
    name: str, every: Iterable[Mapping[str, object]], *, now: datetime, due_at: datetime | None = None
) -> None:
    """The same once for each of these arguments, in one statement however many they are."""
    handlers()[name]
    OutboxEntry.objects.bulk_create(
        OutboxEntry(name=name, arguments=dict(each), created_at=now, due_at=due_at or now) for each in every
    )


def run_due(
    *, clock: Callable[[], datetime] = timezone.now, most: int = AT_ONCE, seconds: float = SECONDS
) -> int:
    """Run what is due, the oldest first, at most so many; gives how many were run. Any number of workers may
    do so at once.

    It ends after ``seconds``, and with the first one that fails: what a dead mail server holds up is left to
    the next run, so that no worker waits for it again and again.
    """
    begun = time.monotonic()
    for count in range(most):
        entry = _taken(clock())
        if entry is None:
            return count
        if not _run(entry, clock=clock) or time.monotonic() - begun > seconds:
            return count + 1
    return most


def expire(*, now: datetime) -> int:
    """Remove what was done long ago; gives how many."""
    count, _ = OutboxEntry.objects.filter(done_at__lte=now - KEPT).delete()
    return count


def pause(attempts: int) -> timedelta:
    """How long to wait after so many attempts that failed."""
    return min(_FIRST_PAUSE * (1 << (attempts - 1)), _LONGEST_PAUSE)


def _taken(now: datetime) -> OutboxEntry | None:
    """The entry that has been due longest, which is this worker's for a while. Each time counts as an
    attempt, so that one that ends its worker ends too.
    """
    with transaction.atomic(using=DESK):
        due = OutboxEntry.objects.select_for_update(skip_locked=True).filter(due_at__lte=now)
        entry = due.order_by("due_at").first()
        if entry is None:
            return None
        entry.attempts += 1
        entry.due_at = now + LEASE if entry.attempts < MOST_ATTEMPTS else None
        entry.failure = _UNHEARD
        entry.save(update_fields=["attempts", "due_at", "failure"])
    return entry


def _run(entry: OutboxEntry, *, clock: Callable[[], datetime]) -> bool:
    """Whether it was done. Outside of any transaction: mail may take long."""
    try:
        handlers()[entry.name](**entry.arguments)
    except Exception as error:
        logger.warning("outbox: %s failed (attempt %d): %s", entry.name, entry.attempts, error)
        is_last = entry.attempts >= MOST_ATTEMPTS
        _end(
            entry,
            failure=f"{type(error).__name__}: {error}".replace("\0", "")[:_LONGEST_FAILURE],
            due_at=None if is_last else clock() + pause(entry.attempts),
        )
        return False
    _end(entry, failure="", due_at=None, done_at=clock())
    return True


def _end(entry: OutboxEntry, **outcome: object) -> None:
    """Unless another worker has it by now."""
    OutboxEntry.objects.filter(pk=entry.pk, attempts=entry.attempts).update(**outcome)
