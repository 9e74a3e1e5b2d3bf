"""A chain with records, challenges of these, and forms to send to the site."""

from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from explorer.challenges import person
from explorer.challenges.models import Challenge
from explorer.challenges.person import Person
from explorer.queries.chain.chains import ChainView
from tests.explorer.challenges import filed
from tests.explorer.challenges.filed import UNTOUCHED
from tests.explorer.challenges.filing_forms import SignIn

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
def sign_in(monkeypatch: pytest.MonkeyPatch) -> SignIn:
    """Have everybody who asks be this person, or nobody."""

    def signed_in(somebody: Person | None) -> None:
        monkeypatch.setattr(person, "person_of", lambda request: somebody)

    return signed_in


@pytest.fixture
def kept(settings: Settings, tmp_path: Path) -> Path:
    """Where the bytes are; the site takes challenges."""
    settings.CHALLENGES = True
    settings.MEDIA_ROOT = tmp_path / "evidence"
    return tmp_path / "evidence"


@pytest.fixture
def taking(settings: Settings) -> None:
    """The site takes challenges."""
    settings.CHALLENGES = True


@pytest.fixture
def chain() -> ChainView:
    """With the records that ``filed`` names."""
    return filed.indexed()


@pytest.fixture
def challenge(chain: ChainView) -> Challenge:
    """One that is being screened, by somebody of that name."""
    return filed.file(chain, UNTOUCHED, by=filed.person("challenger"))
