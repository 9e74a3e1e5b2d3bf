"""The site's own words."""

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from pytest_django import Settings

from tests.explorer.pages.markup import read

WORDS = ["/privacy", "/terms", "/contact", "/data-licence", "/checks"]
pytestmark = pytest.mark.django_db


def words(path: str) -> str:
    response = Client().get(path)
    assert response.status_code == 200
    return " ".join(read(response.content.decode()).text.split())


@pytest.mark.parametrize("path", WORDS)
def test_each_page_is_there_and_takes_no_parameters(path: str) -> None:
    assert words(path)
    assert Client().get(path, {"page": "2"}).status_code == 400


@pytest.mark.parametrize("path", WORDS)
def test_each_page_is_there_without_a_database(path: str) -> None:
    def away(*_: object) -> None:
        raise DatabaseError("it is away")

    with connection.execute_wrapper(away):
        assert Client().get(path).status_code == 200


@pytest.mark.parametrize("path", WORDS)
def test_every_page_leads_to_each_of_them(path: str) -> None:
    links = {each.get("href") for each in read(Client().get(path).content.decode()).named("a")}
    assert set(WORDS) <= links


def test_an_operator_who_is_not_named_is_told_what_to_set() -> None:
    contact = words("/contact")
    assert "set OPERATOR to your name and CONTACT to" in contact
    assert "set DATA_LICENCE" in words("/data-licence")
    assert "have not said yet who they are" in words("/privacy")


def test_an_operator_who_is_named_is_named(settings: Settings) -> None:
    settings.OPERATOR, settings.CONTACT, settings.DATA_LICENCE = "Ada <b>", "ada@example.org", "CC0-1.0"
    contact = words("/contact")
    assert "Ada <b> runs this site. Write to ada@example.org." in contact
    assert "OPERATOR" not in contact
    assert "Ada <b>, who runs this site." in words("/privacy")
    licence = words("/data-licence")
    assert "Licence: CC0-1.0." in licence
    assert "DATA_LICENCE" not in licence
    assert 'href="mailto:ada@example.org"' in Client().get("/contact").content.decode()


@pytest.mark.parametrize(
    ("hides", "said"), [(True, "ask search engines not to list them"), (False, "lets search engines list")]
)
def test_privacy_says_whether_search_engines_may_list_records(
    hides: bool, said: str, settings: Settings
) -> None:
    settings.NOINDEX = hides
    assert said in words("/privacy")


def test_checks_names_the_states_in_the_words_of_records() -> None:
    said = words("/checks")
    for state in ("on chain", "as first written", "on chain, by signers that one node stated"):
        assert state in said
    assert "witness not checked" in said


def test_robots_keep_out_of_what_is_not_for_reading() -> None:
    response = Client().get("/robots.txt")
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    lines = response.content.decode().splitlines()
    assert {"User-agent: *", "Disallow: /find", "Disallow: /theme", "Disallow: /api/"} <= set(lines)
    assert "Disallow: /" not in lines


def test_the_icon_is_where_programs_look_for_it() -> None:
    response = Client().get("/favicon.svg")
    assert response.status_code == 302
    assert response.headers["Location"].startswith("/static/favicon")
