"""A program that sends something with a key."""

import json
from collections.abc import Sequence
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import encode_multipart
from django.utils import timezone

from explorer.accounts import keys
from explorer.accounts.models import Account, ApiKey
from explorer.challenges.person import Person

PROBLEM = "application/problem+json"


class Program:
    """One that acts for a person, with a key of his; with none where there is nobody."""

    def __init__(self, person: Person | None) -> None:
        self._headers = {"User-Agent": "a program"}
        if person is not None:
            account = Account.objects.get(pk=person.id)
            secret = keys.make(account, ApiKey.Scope.CHALLENGE, now=timezone.now()).secret
            self._headers["Authorization"] = f"Bearer {secret}"

    def post(self, path: str, body: Any, **headers: str) -> Any:
        """What Django's client gives; a body of bytes is sent as it is."""
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self._sent(path, sent, "application/json", headers)

    def post_form(
        self, path: str, files: Sequence[tuple[str, bytes]], *, boundary: str = "cut", parts: Any = None,
        body: Any = None, **headers: str,
    ) -> Any:  # fmt: skip
        """The same of a form with files, each a name and bytes, and with what else is in ``parts``."""
        chosen = [SimpleUploadedFile(name, data) for name, data in files]
        given = {"body": json.dumps(body)} if body is not None else {}
        sent = encode_multipart(boundary, {**given, "files": chosen, **(parts or {})})
        return self._sent(path, sent, f"multipart/form-data; boundary={boundary}", headers)

    def _sent(self, path: str, sent: bytes, kind: str, headers: dict[str, str]) -> Any:
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        return Client(enforce_csrf_checks=True).post(
            f"/api/v1{path}", sent, content_type=kind, headers=self._headers | more
        )


def refused(answer: Any, status: int, kind: str) -> dict[str, Any]:
    """The problem that was answered."""
    assert answer.status_code == status, answer.content
    assert answer.headers["Content-Type"] == PROBLEM
    assert answer.headers["Cache-Control"] == "no-store"
    found: dict[str, Any] = answer.json()
    assert (found["status"], found["type"]) == (status, f"/api/v1/problems/{kind}")
    return found


def faults(answer: Any) -> set[tuple[str, str]]:
    """What is wrong with which member."""
    return {(each["parameter"], each["code"]) for each in refused(answer, 422, "invalid-fields")["errors"]}
