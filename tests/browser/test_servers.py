"""Other web servers over the same state: in development, and without a database."""

from http import HTTPStatus

import httpx
import psycopg
import pytest

from tests.browser import audit
from tests.browser.audit import nothing
from tests.browser.conftest import Open
from tests.browser.site import Site
from tests.browser.visit import DESKTOP, NARROW, PHONE, Theme


@pytest.fixture(scope="module")
def developing(site: Site) -> str:
    """A web server with DEBUG on."""
    return site.serve(DEBUG="1")


@pytest.fixture(scope="module")
def stranded(site: Site) -> str:
    """A web server whose database is not there."""
    nowhere = "postgres:///none?host=/nowhere"
    return site.serve(DATABASE_URL=nowhere, READER_DATABASE_URL=nowhere, DESK_DATABASE_URL=nowhere)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_of_all_that_repeats_is_sound(theme: Theme, developing: str, open_window: Open) -> None:
    visit = open_window(developing, theme=theme).go("/look/")
    for width in (DESKTOP, PHONE):
        nothing(audit.accessibility(visit.resize(width).page))
    nothing(visit.resize(NARROW).overflowing())
    nothing(audit.misordered(visit.page))
    nothing(audit.without_focus_ring(visit.page))
    nothing(visit.happened())


def test_visitors_do_not_see_it(site: Site, open_window: Open) -> None:
    open_window().go("/look/", status=HTTPStatus.NOT_FOUND)


@pytest.mark.parametrize("name", ["home", "records", "record", "status"])
def test_without_a_database_a_page_says_so(name: str, site: Site, stranded: str, open_window: Open) -> None:
    visit = open_window(stranded).go(site.pages[name].path, status=HTTPStatus.SERVICE_UNAVAILABLE)
    assert "The database does not answer" in visit.page.locator("h1").inner_text()
    nothing(audit.accessibility(visit.page))
    nothing(visit.overflowing())
    nothing(visit.happened())


def test_what_the_database_does_not_answer_in_time_is_a_503_and_never_an_empty_list(site: Site) -> None:
    path = site.pages["records"].path
    with psycopg.connect(**site.database) as owner:
        owner.execute("LOCK TABLE indexer_record")
        page, api = httpx.get(site.url + path), httpx.get(f"{site.url}/api/v1{path}")
    assert page.status_code == api.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert "This takes too long" in page.text
    assert api.json()["title"] == "This takes too long"
    assert httpx.get(site.url + path).status_code == HTTPStatus.OK


def test_without_a_database_the_api_says_so(site: Site, stranded: str) -> None:
    answer = httpx.get(f"{stranded}/api/v1{site.pages['records'].path}")
    assert answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Retry-After"] == "5"


@pytest.mark.parametrize(
    "name", ["privacy", "terms", "contact", "data-licence", "source", "how-checks-are-made", "glossary"]
)
def test_without_a_database_what_needs_none_is_still_there(
    name: str, site: Site, stranded: str, open_window: Open
) -> None:
    open_window(stranded).go(site.pages[name].path)


def test_without_a_database_the_process_lives_and_is_not_ready(stranded: str) -> None:
    assert httpx.get(f"{stranded}/healthz").status_code == HTTPStatus.OK
    answer = httpx.get(f"{stranded}/readyz")
    assert (answer.status_code, answer.json()["reasons"]) == (503, ["database: it does not answer"])


def test_the_site_is_ready(site: Site) -> None:
    assert httpx.get(f"{site.url}/readyz").status_code == HTTPStatus.OK


def test_a_server_that_cannot_start_fails_who_ordered_it_and_no_other(site: Site) -> None:
    with pytest.raises(AssertionError, match=r"(?s)the web server ended with .* before it answered.*DEBUG"):
        site.serve(DEBUG="perhaps")
    assert site.process.poll() is None
    assert httpx.get(f"{site.url}/readyz").status_code == HTTPStatus.OK
    assert httpx.get(f"{site.serve()}/readyz").status_code == HTTPStatus.OK
