"""Fixtures of the indexer's tests."""

from collections.abc import Iterator

import pytest

from config.celery import app
from tests.indexer.fixtures import _nothing_remembered, kept_chains, kept_earlier, old, stored

__all__ = ["_nothing_remembered", "eager", "kept_chains", "kept_earlier", "old", "stored"]


@pytest.fixture
def eager() -> Iterator[None]:
    """A task runs at once, in this process, where it is sent, and its errors come out."""
    before = (app.conf.task_always_eager, app.conf.task_eager_propagates)
    app.conf.update(task_always_eager=True, task_eager_propagates=True)
    yield
    app.conf.update(task_always_eager=before[0], task_eager_propagates=before[1])
