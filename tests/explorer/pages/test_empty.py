"""The site before any chain is indexed."""

import pytest

from tests.explorer.pages.asking import get, page

pytestmark = pytest.mark.django_db


def test_the_home_page_says_what_is_awaited() -> None:
    text = page("/")
    assert "No chain is indexed yet" in text
    assert "make run NODE=" in text


def test_status_says_that_there_is_no_chain() -> None:
    assert "No chain is indexed yet" in page("/status")


def test_search_finds_nothing_and_says_what_could_be_found() -> None:
    assert "What can be found" in page("/find?q=1", status=404)


def test_a_chain_says_that_none_is_indexed() -> None:
    assert "None is yet" in page(f"/chains/{'AB' * 32}", status=404)


def test_the_readiness_is_not_about_chains() -> None:
    assert get("/readyz").status_code == 200
