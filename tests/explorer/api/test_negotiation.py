"""In which form an answer comes: never in one that was refused."""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def asked(accept: str, address: str = "/api/v1/chains") -> tuple[int, str]:
    answer = Client().get(address, headers={"Accept": accept})
    return answer.status_code, answer.headers["Content-Type"]


@pytest.mark.parametrize(
    "accept",
    [
        "application/json;q=0",
        "*/*;q=0",
        "application/*;q=0.0, text/html",
        "*/*, application/json;q=0",
        "application/json; charset=utf-8; q=0, */*;q=0",
        "application/json ; q=0.000",
        "text/html",
    ],
)
def test_what_is_refused_is_not_sent(accept: str) -> None:
    assert asked(accept) == (406, "application/problem+json")


@pytest.mark.parametrize(
    "accept",
    [
        "*/*",
        "application/json",
        "text/html;q=0, */*",
        "application/json;q=0.001",
        "*/*;q=0, application/json",
        "",
        " ",
    ],
)
def test_what_is_not_refused_is_sent(accept: str) -> None:
    assert asked(accept) == (200, "application/json")


@pytest.mark.parametrize("accept", ["application/json;q=x", ";;;", "a/b/c;q=0", "q=0", "\u00e9;q=0"])
def test_what_cannot_be_read_breaks_nothing(accept: str) -> None:
    assert asked(accept)[0] in (200, 406)


def test_of_two_forms_the_other_one_is_sent() -> None:
    status, form = asked("application/json;q=0, application/vnd.oai.openapi+json;q=0, */*", "/api/v1/schema/")
    assert (status, "yaml" in form) == (200, True)
