"""What Celery logs of tasks that come every second: left out, since it would bury everything else."""

import logging
from collections.abc import Mapping

ROUTINE = frozenset({"indexer.tasks.follow_all", "indexer.tasks.take_turn"})


class WithoutRoutine(logging.Filter):
    """Leaves out that such a task was sent, received or done; what goes wrong in it is told."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line is told."""
        return record.levelno > logging.INFO or not ROUTINE & _named(record)


def _named(record: logging.LogRecord) -> set[object]:
    """What a line is about: Celery gives a task's name among its values."""
    said = record.args
    return {said.get("name")} if isinstance(said, Mapping) else set(said or ())
