"""Fixtures for everything that has to do with the indexer's tables. Import them into a folder's conftest."""

from collections.abc import Callable, Iterator

import pytest
from pytest_django import DjangoDbBlocker

from indexer.models import Chain
from indexer.store import names
from tests.indexer import kept


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    """Ids of names are remembered by the process; the tables of a test go away under it."""
    for each in names.ALL:
        each.forget()
    yield
    for each in names.ALL:
        each.forget()


@pytest.fixture(scope="session")
def kept_chains(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """The recorded chains and the varied one, ingested once a run."""
    with django_db_blocker.unblock():
        kept.keep_all()


@pytest.fixture
def stored(kept_chains: None) -> Callable[[str], Chain]:
    """Puts a chain into the test's tables, as it was after it had been ingested and folded."""
    return kept.put_back


@pytest.fixture(scope="session")
def kept_earlier(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """The index that an earlier version made, brought up to date once a run."""
    with django_db_blocker.unblock():
        kept.keep_earlier()


@pytest.fixture
def old(kept_earlier: None, transactional_db: None) -> Chain:
    """The chain of an index that an earlier version made, in tables of today, its records as then."""
    return kept.put_back(kept.EARLIER)
