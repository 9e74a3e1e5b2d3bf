"""Asking the API, for its tests."""

import json
from collections.abc import Iterator, Sequence
from http import HTTPStatus
from typing import Any

from django.test import Client

from explorer.queries.chain.chains import ChainView
from tests.once import found_once

PROBLEM = "application/problem+json"
_VISITOR = Client()
_asked: dict[str, Sequence[dict[str, Any]]] = {}


def ask(path: str, **headers: str) -> Any:
    """The response to a GET of an address below ``/api/v1``, or of a whole one."""
    whole = path if path.startswith(("/api", "http")) else f"/api/v1{path}"
    return _VISITOR.get(whole, headers={name.replace("_", "-"): value for name, value in headers.items()})


def told(path: str) -> dict[str, Any]:
    """What an address says that is there. Nothing in it is a float."""
    answer = ask(path)
    assert answer.status_code == HTTPStatus.OK, answer.content
    assert answer.headers["Content-Type"] == "application/json"
    found: dict[str, Any] = json.loads(answer.content, parse_float=no_float)
    return found


def refused(path: str, status: int, kind: str, **headers: str) -> dict[str, Any]:
    """The problem that an address answers."""
    answer = ask(path, **headers)
    assert answer.status_code == status, answer.content
    assert answer.headers["Content-Type"] == PROBLEM
    found: dict[str, Any] = json.loads(answer.content, parse_float=no_float)
    assert (found["status"], found["type"]) == (status, f"/api/v1/problems/{kind}")
    assert found["title"]
    assert found["detail"]
    return found


def record(chain: ChainView, prompt_id: int) -> dict[str, Any]:
    """What is said of a record, whatever became of it, however long its texts are."""
    answer = ask(f"/chains/{chain.rid}/records/{prompt_id}?include=texts")
    found: dict[str, Any] = json.loads(answer.content, parse_float=no_float)
    return found if answer.status_code == HTTPStatus.OK else found["record"]


def walked(path: str) -> Iterator[dict[str, Any]]:
    """The results of a list, page after page."""
    following: str | None = path
    while following:
        page = told(following)
        yield from page["results"]
        following = page["next"]


def no_float(text: str) -> None:
    raise AssertionError(f"{text} is a float")


def every(chain: ChainView) -> Sequence[dict[str, Any]]:
    """All records, oldest first. They are asked for once: what is in the tables is the same in each test."""
    if chain.rid not in _asked:
        _asked[chain.rid] = found_once(
            f"records as JSON of {chain.rid}",
            lambda: [record(chain, prompt_id) for prompt_id in range(1, chain.records + 1)],
        )
    return _asked[chain.rid]
