"""Which of Celery's lines are left out of the logs."""

import logging
from collections.abc import Iterator

import pytest
from celery.app.trace import logger as trace
from celery.worker.strategy import logger as strategy

from config.celery import SCHEDULE
from config.routine import ROUTINE
from indexer import tasks

beat = logging.getLogger("celery.beat")
TURN, OTHER = tasks.take_turn.name, tasks.rollup.name


@pytest.fixture(autouse=True)
def _informing() -> Iterator[None]:
    """As a worker logs."""
    before = {each: each.level for each in (trace, strategy, beat)}
    for each in before:
        each.setLevel(logging.INFO)
    yield
    for each, level in before.items():
        each.setLevel(level)


@pytest.mark.parametrize("logger", [trace, strategy])
def test_a_turn_that_comes_and_goes_is_not_told_and_any_other_task_is(
    logger: logging.Logger, caplog: pytest.LogCaptureFixture
) -> None:
    for name in (TURN, OTHER):
        logger.info("Task %(name)s[%(id)s] received", {"name": name, "id": "1"})
    assert [each.getMessage() for each in caplog.records] == [f"Task {OTHER}[1] received"]


def test_what_goes_wrong_in_a_turn_is_told(caplog: pytest.LogCaptureFixture) -> None:
    trace.error("Task %(name)s[%(id)s] raised", {"name": TURN, "id": "1"})
    assert TURN in caplog.text


def test_beat_tells_what_it_sends_but_for_what_comes_all_the_time(caplog: pytest.LogCaptureFixture) -> None:
    for name in ("follow", "outbox"):
        beat.info("Scheduler: Sending due task %s (%s)", name, SCHEDULE[name]["task"])
    beat.info("beat: Starting...")
    assert [each.getMessage() for each in caplog.records] == [
        f"Scheduler: Sending due task outbox ({SCHEDULE['outbox']['task']})",
        "beat: Starting...",
    ]


def test_routine_is_what_comes_more_often_than_every_five_seconds() -> None:
    often = {each["task"] for each in SCHEDULE.values() if each["schedule"] < 5}
    assert often | {TURN} == ROUTINE
