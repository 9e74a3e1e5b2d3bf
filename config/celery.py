"""The Celery application: its settings are Django's CELERY_…, its tasks are in each app's `tasks`.

The schedule is static. What is not taken in time is sent again by the next turn, so it expires: a worker that
is busy or away finds no more of it than can still be of use. What comes every half second looks in the tables
whose turn it is (``indexer.follow.turns``), and mostly finds nobody.
"""

import os
from typing import Any

from celery import Celery
from kombu import Queue

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# Django's checks look at pages and the API too, and to import those takes a worker longer than all the rest.
os.environ.setdefault("CELERY_SKIP_CHECKS", "1")


def every(seconds: float, task: str) -> dict[str, Any]:
    """A task, so often."""
    return {
        "task": task,
        "schedule": seconds,
        "options": {"expires": min(10 * seconds, max(seconds, 30.0))},
    }


SCHEDULE = {
    "follow": every(0.5, "indexer.tasks.follow_all"),
    "after-fold": every(60.0, "indexer.tasks.after_fold_all"),
    "rollup": every(60.0, "indexer.tasks.rollup_all"),
    "withdraw": every(60.0, "indexer.tasks.withdraw"),
    "reconcile": every(300.0, "indexer.tasks.reconcile_all"),
    "outbox": every(10.0, "explorer.desk.tasks.run_outbox"),
    "challenges": every(60.0, "explorer.challenges.tasks.go_round"),
    "challenged-records": every(600.0, "explorer.challenges.tasks.tell_of_changes"),
    "sweep-files": every(3600.0, "explorer.challenges.tasks.sweep_files"),
    "end-overdue": every(10.0, "indexer.tasks.end_overdue"),
    "expire": every(3600.0, "explorer.desk.tasks.expire"),
    "expire-accounts": every(3600.0, "explorer.accounts.tasks.expire"),
}

app = Celery("chasm")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    beat_schedule=SCHEDULE,
    # A worker takes from both in turn, so that windows of a backfill keep nothing else waiting.
    task_queues=[Queue("celery"), Queue("windows")],
    task_default_queue="celery",
    task_routes={
        "indexer.tasks.backfill": {"queue": "windows"},
        "indexer.tasks.fill_window": {"queue": "windows"},
    },
)
app.autodiscover_tasks()
