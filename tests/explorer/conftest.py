"""Whole chains in the test database, for tests that only read.

Each is committed once a module: indexed by the first module of a run that wants the same chains, put back as
it was then for all others, in whichever worker. The tables are empty again when the module is done. A module
that asks for several has all of them in its tables. Mark such tests with `pytest.mark.django_db`: what they
write is rolled back. Name the fixture among the test's parameters: `request.getfixturevalue` would index the
chain within the test's transaction, and is refused. Not for modules that use `transactional_db` or
`tests.indexer.fixtures`, both of which empty the tables.
"""

from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import patch

import pytest
from django.conf import settings
from django.core.handlers.base import BaseHandler
from django.db import connection, connections
from django.test.client import ClientHandler
from django.test.signals import setting_changed
from pytest_django import DjangoDbBlocker

from explorer.queries.chain.chains import ChainView
from explorer.queries.compare import edits
from explorer.queries.lists import facets, walk
from explorer.queries.lists.search import ranking, walking
from local.servers import desk, readers
from local.supervision.command import opened
from tests.explorer import shown
from tests.indexer import kept
from tests.once import once


class Tables:
    """Tables that are filled with one whole chain after another. What comes of it is kept, and put back where
    the same chains are wanted again, as if they had been indexed just now.
    """

    def __init__(self, blocker: DjangoDbBlocker) -> None:
        self._blocker = blocker
        self._chains: list[str] = []

    def hold(self, name: str, index: Callable[[], ChainView]) -> ChainView:
        """Have one more chain in them."""
        self._chains.append(name)
        kept_as = " and ".join(self._chains)
        with self._blocker.unblock():
            shown.refuse_to_be_rolled_back()
            once(kept_as, lambda: self._keep(kept_as, index))
            shown.empty()
            shown.put_back(kept_as)
            return shown.newest()

    def _keep(self, kept_as: str, index: Callable[[], ChainView]) -> None:
        index()
        kept.keep(kept_as)

    def empty(self) -> None:
        """Have none in them."""
        with self._blocker.unblock():
            shown.empty()


@pytest.fixture(autouse=True)
def _unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists and counts are whole however slow the machine is; who tests how they end early says so."""
    monkeypatch.setattr(walk, "SOON", 60.0)
    monkeypatch.setattr(walking, "SECONDS", 60.0)
    monkeypatch.setattr(walking, "COUNT_SECONDS", 60.0)
    monkeypatch.setattr(facets, "SECONDS", 60.0)
    monkeypatch.setattr(facets, "SOON", 60.0)
    monkeypatch.setattr(ranking, "SECONDS", 60.0)
    monkeypatch.setattr(ranking, "SOON", 60.0)
    monkeypatch.setattr(edits, "SECONDS", 60.0)
    monkeypatch.setattr(edits, "LISTED_SECONDS", 60.0)


@pytest.fixture(autouse=True, scope="package")
def _one_site() -> Iterator[None]:
    """Every client asks the site as a process keeps it: its middleware is made with the first question, not
    with each client's, and again where a setting is another one.
    """
    made: list[dict[str, Any]] = []

    def load(handler: ClientHandler, is_async: bool = False) -> None:
        if not made:
            before = set(vars(handler))
            BaseHandler.load_middleware(handler, is_async)
            made.append({name: value for name, value in vars(handler).items() if name not in before})
        vars(handler).update(made[0])

    def forget(**_: object) -> None:
        made.clear()

    setting_changed.connect(forget)
    with patch.object(ClientHandler, "load_middleware", load):
        yield
    setting_changed.disconnect(forget)


@pytest.fixture(scope="module")
def _tables(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Tables]:
    """Tables that may be filled, and that are emptied when the module is done."""
    tables = Tables(django_db_blocker)
    yield tables
    tables.empty()


@pytest.fixture(scope="module")
def recorded_chain(_tables: Tables) -> ChainView:
    """The recorded chain of four validators, indexed from one of its nodes."""
    return _tables.hold("four", lambda: shown.index_recorded("four-validators"))


@pytest.fixture(scope="module")
def one_validator_chain(_tables: Tables) -> ChainView:
    """The recorded chain of one validator: all of it is proved."""
    return _tables.hold("one", lambda: shown.index_recorded("one-validator"))


@pytest.fixture(scope="module")
def toured_chain(_tables: Tables) -> ChainView:
    """A devnet's chain with a bit of everything: see `tests.explorer.shown.index_toured`."""
    return _tables.hold("toured", shown.index_toured)


@pytest.fixture(scope="module", params=["recorded_chain", "one_validator_chain", "toured_chain"])
def each_chain(request: pytest.FixtureRequest) -> ChainView:
    """Each of them in turn."""
    found: ChainView = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def as_web(transactional_db: None) -> Iterator[None]:
    """Every connection of this thread is one of the web server's roles."""
    owner = opened(connection)
    readers.grant(owner)
    desk.grant(owner, settings.DESK_RIGHTS)
    roles = {"default": (readers.ROLE, readers.restricted), "desk": (desk.ROLE, desk.restricted)}
    before = {alias: dict(connections[alias].settings_dict) for alias in roles}
    try:
        for alias, (role, restricted) in roles.items():
            connections[alias].close()
            connections[alias].settings_dict |= restricted({**before[alias], "USER": role})
        yield
    finally:
        for alias, entry in before.items():
            connections[alias].close()
            connections[alias].settings_dict |= entry
