"""Errors as pages."""

from http import HTTPStatus

import pytest
from django.test import RequestFactory

from explorer.pages.frame.errors import error
from explorer.queries.chain.chains import ChainView
from tests.explorer.pages.markup import read

OTHERS = [
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.METHOD_NOT_ALLOWED,
    HTTPStatus.REQUEST_URI_TOO_LONG,
    HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.SERVICE_UNAVAILABLE,
]
KNOWING = [HTTPStatus.NOT_FOUND, HTTPStatus.GONE, HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS]


def page(status: HTTPStatus, what_to_do: str = "Do this.", address: str = "/a?b=c") -> str:
    response = error(RequestFactory().get(address), status, "What happened", what_to_do)
    assert response.status_code == status
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Robots-Tag"] == "noindex"
    assert "Cookie" in response.headers["Vary"]
    return response.content.decode()


# Without the mark, asking the database anything is an error.
@pytest.mark.parametrize("status", OTHERS)
def test_an_error_asks_the_database_nothing(status: HTTPStatus) -> None:
    found = read(page(status))
    assert "What happened" in found.text
    assert "Do this." in found.text
    assert f"Error {status:d}" in found.text


@pytest.mark.django_db
@pytest.mark.parametrize("status", KNOWING)
def test_where_nothing_is_broken_the_chains_sections_are_offered(
    status: HTTPStatus, recorded_chain: ChainView
) -> None:
    links = [each.get("href") for each in read(page(status)).named("a")]
    assert f"/chains/{recorded_chain.rid}/records" in links


@pytest.mark.django_db
@pytest.mark.parametrize("status", OTHERS + KNOWING)
def test_every_error_says_what_to_do_next(status: HTTPStatus) -> None:
    found = read(page(status))
    links = {str(each.get("href")) for each in found.named("a")}
    assert {"/", "#find"} <= links
    assert len(found.named("h1")) == 1
    assert found.named("meta")


def test_what_a_stranger_wrote_is_only_words() -> None:
    html = page(HTTPStatus.BAD_REQUEST, "<script>\u202e" + "x" * 9_999)
    assert "<script>" in read(html).text
    assert "U+202E" in read(html).text
    assert "\u202e" not in html
    assert "x" * 2_001 not in html


@pytest.mark.parametrize("status", [HTTPStatus.INTERNAL_SERVER_ERROR, HTTPStatus.SERVICE_UNAVAILABLE])
def test_what_may_pass_can_be_tried_again_at_the_same_address(status: HTTPStatus) -> None:
    links = [each.get("href") for each in read(page(status, address='/a?b="><script>')).named("a")]
    assert "/a?b=%22%3E%3Cscript%3E" in [str(each) for each in links] or '/a?b="><script>' in links


@pytest.mark.django_db
def test_what_is_withheld_names_who_withholds_it() -> None:
    status = HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS
    response = error(RequestFactory().get("/"), status, "Withheld", "Because.")
    assert response.headers["Link"] == '</contact>; rel="blocked-by"'


def test_a_question_that_cannot_be_meant_offers_the_page_without_it() -> None:
    found = read(page(HTTPStatus.BAD_REQUEST, address="/records?modle=x"))
    assert {"href": "/records"} in found.named("a")
