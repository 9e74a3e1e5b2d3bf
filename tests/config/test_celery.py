"""The schedule and the queues: static, complete, and nothing that piles up."""

import pytest
from celery.beat import ScheduleEntry

from config.celery import SCHEDULE, app


def test_every_entry_names_a_task_that_there_is() -> None:
    app.loader.import_default_modules()
    for name, entry in SCHEDULE.items():
        assert entry["task"] in app.tasks, name


def test_tasks_of_every_app_are_found() -> None:
    app.loader.import_default_modules()
    packages = {name.rpartition(".tasks.")[0] for name in app.tasks if not name.startswith("celery.")}
    assert packages == {"indexer", "explorer.accounts", "explorer.challenges", "explorer.desk"}


def test_the_schedule_has_all_that_must_come_again_by_itself() -> None:
    assert {name: entry["schedule"] for name, entry in SCHEDULE.items()} == {
        "follow": 0.5,
        "after-fold": 60.0,
        "withdraw": 60.0,
        "rollup": 60.0,
        "reconcile": 300.0,
        "outbox": 10.0,
        "challenges": 60.0,
        "challenged-records": 600.0,
        "sweep-files": 3600.0,
        "end-overdue": 10.0,
        "expire": 3600.0,
        "expire-accounts": 3600.0,
    }


def test_beat_takes_the_schedule() -> None:
    entries = [ScheduleEntry(name=name, app=app, **entry) for name, entry in app.conf.beat_schedule.items()]
    assert [each.name for each in entries] == list(SCHEDULE)
    assert all(each.is_due() for each in entries)


@pytest.mark.parametrize("name", SCHEDULE)
def test_what_nobody_takes_expires_before_a_dozen_of_it_wait(name: str) -> None:
    entry = SCHEDULE[name]
    assert entry["schedule"] <= entry["options"]["expires"] <= 12 * entry["schedule"]


def test_windows_wait_in_a_queue_of_their_own_and_a_worker_takes_from_both() -> None:
    queues = [each.name for each in app.conf.task_queues]
    assert queues == ["celery", "windows"]
    for task, queue in (("fill_window", "windows"), ("backfill", "windows"), ("follow", "celery")):
        assert app.amqp.router.route({}, f"indexer.tasks.{task}")["queue"].name == queue
