"""Forms of challenges, sent as a browser does."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.test import Client

from explorer.challenges.person import Person
from explorer.queries.chain.chains import ChainView
from tests.explorer.challenges.filed import EDITED, WHY
from tests.explorer.pages.asking import faults_of

SignIn = Callable[[Person | None], None]
"""Has everybody who asks be this person, or nobody."""


def send(visitor: Client, path: str, **fields: str) -> Any:
    """Open a form and send it, as a browser does."""
    form = visitor.get(path)
    assert form.status_code == HTTPStatus.OK, form.content.decode()
    assert faults_of(form.content.decode()) == []
    token = {"csrfmiddlewaretoken": str(form.context["csrf_token"])}
    return visitor.post(path, token | fields)


def send_anyway(visitor: Client, path: str, **fields: str) -> Any:
    """Send a form that was opened while it could be sent, which it can no more. Whoever opens it now is told
    so before he types anything.
    """
    refused = visitor.get(path)
    assert refused.status_code == HTTPStatus.CONFLICT
    assert "<textarea" not in refused.content.decode()
    token = {"csrfmiddlewaretoken": str(visitor.get("/my/challenges/new").context["csrf_token"])}
    return visitor.post(path, token | fields)


def begun(visitor: Client, chain: ChainView, prompt_id: int = EDITED) -> str:
    """Begin a draft about a record; gives the beginning of its addresses."""
    answer = send(visitor, "/my/challenges/new", record=f"{chain.rid}:{prompt_id}")
    assert answer.status_code == HTTPStatus.FOUND
    return str(answer.headers["Location"]).removesuffix("/ground")


def drafted(
    visitor: Client, chain: ChainView, prompt_id: int = EDITED, ground: str = "result-altered", **fields: str
) -> str:
    """The same with a ground and two sentences."""
    at = begun(visitor, chain, prompt_id)
    assert send(visitor, f"{at}/ground", ground=ground).headers["Location"] == f"{at}/evidence"
    assert send(visitor, f"{at}/evidence", statement=WHY, **fields).headers["Location"] == f"{at}/check"
    return at
