"""Whole chains in the test database, for tests that only read.

Each is indexed and committed once a module, in less than half a second; the tables are empty again when the
module is done. A module that asks for several has all of them in its tables. Mark such tests with
`pytest.mark.django_db`: what they write is rolled back. Name the fixture among the test's parameters:
`request.getfixturevalue` would index the chain within the test's transaction, and is refused. Not for modules
that use `transactional_db` or `tests.indexer.fixtures`, both of which empty the tables.
"""

from collections.abc import Iterator

import pytest
from pytest_django import DjangoDbBlocker

from explorer.queries.chain.chains import ChainView
from tests.explorer import shown


@pytest.fixture(scope="module")
def _tables(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[DjangoDbBlocker]:
    """Tables that may be filled, and that are emptied when the module is done."""
    yield django_db_blocker
    with django_db_blocker.unblock():
        shown.empty()


@pytest.fixture(scope="module")
def recorded_chain(_tables: DjangoDbBlocker) -> ChainView:
    """The recorded chain of four validators, indexed from one of its nodes."""
    with _tables.unblock():
        return shown.index_recorded("four-validators")


@pytest.fixture(scope="module")
def one_validator_chain(_tables: DjangoDbBlocker) -> ChainView:
    """The recorded chain of one validator: all of it is proved."""
    with _tables.unblock():
        return shown.index_recorded("one-validator")


@pytest.fixture(scope="module")
def toured_chain(_tables: DjangoDbBlocker) -> ChainView:
    """A devnet's chain with a bit of everything: see `tests.explorer.shown.index_toured`."""
    with _tables.unblock():
        return shown.index_toured()


@pytest.fixture(scope="module", params=["recorded_chain", "one_validator_chain", "toured_chain"])
def each_chain(request: pytest.FixtureRequest) -> ChainView:
    """Each of them in turn."""
    found: ChainView = request.getfixturevalue(request.param)
    return found
