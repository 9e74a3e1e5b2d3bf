"""The theme, kept in a cookie by a link."""

import pytest
from django.http import HttpResponse
from django.test import Client

DARK = {"to": "dark", "next": "/privacy"}


def choose(visitor: Client, **query: str) -> HttpResponse:
    return visitor.get("/theme", query)  # type: ignore[return-value]


@pytest.fixture
def visitor() -> Client:
    return Client()


@pytest.mark.django_db
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_choice_is_kept_and_leads_back(visitor: Client, theme: str) -> None:
    response = choose(visitor, to=theme, next="/privacy?a=1&b=2")
    assert (response.status_code, response.headers["Location"]) == (302, "/privacy?a=1&b=2")
    assert f'data-theme="{theme}"' in visitor.get("/privacy").content.decode()


@pytest.mark.django_db
def test_the_systems_theme_forgets_the_choice(visitor: Client) -> None:
    choose(visitor, **DARK)
    response = choose(visitor, to="system", next="/")
    assert response.cookies["theme"]["max-age"] == 0
    assert "data-theme" not in visitor.get("/privacy").content.decode()


def test_the_cookie_is_for_this_site_alone(visitor: Client) -> None:
    kept = choose(visitor, **DARK).cookies["theme"]
    assert kept["samesite"] == "Lax"
    assert kept["httponly"]
    assert not kept["secure"]
    assert visitor.get("/theme", DARK, secure=True).cookies["theme"]["secure"]


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://elsewhere.example/",
        "//elsewhere.example",
        "/\\elsewhere.example",
        "\\\\elsewhere.example",
        "///elsewhere.example",
        "/\t/elsewhere.example",
        "http:elsewhere.example",
        "javascript:alert(1)",
        "elsewhere",
        "\x08/elsewhere",
        " //elsewhere.example",
        "",
    ],
)
def test_it_leads_nowhere_but_here(visitor: Client, elsewhere: str) -> None:
    place = choose(visitor, to="dark", next=elsewhere).headers["Location"]
    assert place == "/" or (place.startswith("/%09/") and elsewhere.startswith("/\t"))


def test_a_line_end_in_the_address_adds_no_header(visitor: Client) -> None:
    response = choose(visitor, to="dark", next="/a\r\nSet-Cookie: b=c")
    assert "\n" not in response.headers["Location"]
    assert list(response.cookies) == ["theme"]


@pytest.mark.parametrize("query", [{"to": "sepia"}, {"to": "dark", "nxt": "/"}])
def test_what_cannot_be_meant_is_refused_and_keeps_nothing(visitor: Client, query: dict[str, str]) -> None:
    response = choose(visitor, **query)
    assert response.status_code == 400
    assert not response.cookies


@pytest.mark.django_db
def test_pages_say_that_they_depend_on_the_cookie(visitor: Client) -> None:
    assert "Cookie" in visitor.get("/privacy").headers["Vary"]
    assert visitor.get("/theme", DARK).headers["Cache-Control"] == "no-store"
