"""The project's commands within the tests' own process, for cases in which the process is not the subject.

`manage.py` is run whole, over a database of its own in the run's server. What a process of its own would have
besides is an interpreter that starts and a PostgreSQL that starts and stops.
"""

import io
import logging
import runpy
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import Any
from unittest import mock

import psycopg
from django.conf import settings
from django.utils.log import configure_logging

from tests import databases
from tests.endtoend.commands import ROOT, Ended, State

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class InProcess(State):
    """A database that commands are run over."""

    def __init__(self, database: str) -> None:
        self.database = database

    def connect(self) -> psycopg.Connection[tuple[Any, ...]]:
        """A connection of one's own to it."""
        return databases.connect(self.database)

    def run(self, *arguments: str) -> Ended:
        out, err = io.StringIO(), io.StringIO()
        with (
            databases.connected_to(self.database),
            _signals_left(),
            _logging_left(),
            redirect_stdout(out),
            redirect_stderr(err),
        ):
            status = _status(arguments)
        return Ended(status, out.getvalue(), err.getvalue()).in_plain_words()


def _status(arguments: Sequence[str]) -> int:
    """What a process would end with."""
    with mock.patch.object(sys, "argv", ["manage.py", *arguments]):
        try:
            runpy.run_path(str(ROOT / "manage.py"), run_name="__main__")
        except SystemExit as end:
            return 0 if end.code is None else int(end.code)
    return 0


@contextmanager
def _signals_left() -> Iterator[None]:
    """A command listens to signals to its end, which here is not the process's."""
    before = {each: signal.getsignal(each) for each in _SIGNALS}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


@contextmanager
def _logging_left() -> Iterator[None]:
    """A command sets up logging, which takes the handlers of the tests away and writes to its own stderr."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    try:
        yield
    finally:
        configure_logging(settings.LOGGING_CONFIG, settings.LOGGING)
        root.handlers[:] = handlers
        root.setLevel(level)
