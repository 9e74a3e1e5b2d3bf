"""People who sign in, as a browser does, with the mail that a worker sends them."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from pytest_django import Settings

from explorer.desk import outbox

MAIL = "me@example.org"
Answer = Any
"""What Django's test client gives."""


@pytest.fixture(autouse=True)
def _open(settings: Settings) -> None:
    """The site lets people sign in."""
    settings.CHALLENGES = True


class Person:
    """Somebody with a browser of his own, whose forms are checked as those of a browser are."""

    def __init__(self, **headers: str) -> None:
        self.client = Client(enforce_csrf_checks=True, headers=headers)

    def get(self, path: str, **query: str) -> Answer:
        return self.client.get(path, query)

    def send(self, path: str, *, form_at: str = "", **fields: str) -> Answer:
        """A form of the page at ``form_at``, which is where it is sent unless another is named."""
        form = self.client.get(form_at or path)
        token = str(form.context["csrf_token"]) if form.context else ""
        return self.client.post(path, {"csrfmiddlewaretoken": token, **fields})

    def ask(self, email: str = MAIL, *, onward: str = "") -> Answer:
        return self.send("/my/sign-in", email=email, next=onward)

    def enter(self, code: str) -> Answer:
        return self.send("/my/sign-in/code", code=code)

    def sign_in(self, email: str = MAIL, *, onward: str = "") -> Answer:
        """Ask for a code, read the mail, enter the code."""
        self.ask(email, onward=onward)
        return self.enter(mailed_code(email))

    @property
    def session(self) -> str:
        """The key of the browser's session; empty where it has none."""
        cookie = self.client.cookies.get("sessionid")
        return str(cookie.value) if cookie else ""


NewPerson = Callable[..., Person]


def mailed_code(email: str = MAIL) -> str:
    """The code in the last mail to an address, once workers sent what waits."""
    outbox.run_due()
    sent = [each for each in mail.outbox if each.to == [email]]
    (code,) = re.findall(r"^    (\d{4} \d{4})$", str(sent[-1].body), re.MULTILINE)
    return str(code)


@pytest.fixture
def person() -> Person:
    return Person()
