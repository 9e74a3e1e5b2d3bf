"""Things done at once, each over a connection of its own."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from django.db import connection, connections, transaction

T = TypeVar("T")
LONGEST = 60.0  # seconds until a test that hangs is given up


def _with_connection(do: Callable[[], T]) -> T:
    try:
        with connection.cursor() as cursor:
            # A deadlock is then found at once, and a lock that is never given is an error, not a hang.
            cursor.execute("SET deadlock_timeout = '100ms'")
            cursor.execute("SET lock_timeout = '30s'")
        return do()
    finally:
        connections.close_all()


def at_once(jobs: Sequence[Callable[[], T]]) -> list[T]:
    """Do all of it at once; gives what came of each, in their order, or raises the first error."""
    barrier = threading.Barrier(len(jobs))

    def begin(job: Callable[[], T]) -> T:
        barrier.wait(LONGEST)
        return job()

    with ThreadPoolExecutor(len(jobs)) as executor:
        running = [executor.submit(_with_connection, lambda job=job: begin(job)) for job in jobs]
        return [each.result(LONGEST) for each in running]


def all_at_a_table(table: str, jobs: Sequence[Callable[[], T]]) -> list[T]:
    """Do all of it at once, let go when each of them is about to write into the table."""

    def lock() -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE")

    with holding(lock):
        running = [begun(job) for job in jobs]
        wait_until_blocked(*running)
    return [each.result(LONGEST) for each in running]


def begun(job: Callable[[], T]) -> "Future[T]":
    """Do something in another thread; `result(LONGEST)` waits for it."""
    executor = ThreadPoolExecutor(1)
    try:
        return executor.submit(_with_connection, job)
    finally:
        executor.shutdown(wait=False)


def wait_until_blocked(*running: "Future[T]") -> None:
    """Wait until so many connections wait for a lock, which each of `running` is expected to do.

    Looks through a connection of its own, so that the caller's may be in the middle of something.
    """
    begun(lambda: _see_blocked(running)).result(LONGEST)


def _see_blocked(running: Sequence["Future[T]"]) -> None:
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            (blocked,) = cursor.fetchone()
        if blocked >= len(running):
            return
        for each in running:
            if each.done():
                raise AssertionError(f"it waited for nothing and gave {each.result()!r}")


@contextmanager
def holding(take: Callable[[], object]) -> Iterator[None]:
    """Another connection holds a transaction open while the block runs, in which `take` was done."""
    taken, done = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            take()
            taken.set()
            done.wait(LONGEST)

    with ThreadPoolExecutor(1) as executor:
        running = executor.submit(_with_connection, hold)
        while not taken.wait(0.01):
            if running.done():
                running.result()
        try:
            yield
        finally:
            done.set()
            running.result(LONGEST)
