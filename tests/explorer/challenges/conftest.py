"""The site as the web server's two roles see it, and forms to send to it."""

from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, connections
from django.test import Client

from local.servers import desk, readers
from local.supervision.command import opened

ADDRESS = "/my/report"
Send = Callable[..., Any]
"""Gives what Django's test client gives."""


@pytest.fixture
def visitor() -> Client:
    """Somebody whose forms are checked as those of a browser are."""
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def send(visitor: Client) -> Send:
    """Opens the form and sends it; `fields` replace those of the form, None leaves one out."""

    def sent(**fields: Any) -> Any:
        form = visitor.get(ADDRESS, {"page": "/checks"})
        assert form.status_code == HTTPStatus.OK
        given = {
            "csrfmiddlewaretoken": str(form.context["csrf_token"]),
            "token": str(form.context["form"]["token"].value()),
            "page": "/checks",
            "text": "It is wrong.",
            "contact": "",
        } | fields
        return visitor.post(ADDRESS, {name: value for name, value in given.items() if value is not None})

    return sent


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
