"""What the chain holds of hostile text: it runs nowhere, fetches nothing, and breaks no page."""

from urllib.parse import quote

import pytest

from tests.browser.audit import nothing
from tests.browser.conftest import Open
from tests.browser.site import Site
from tests.browser.visit import NARROW, Visit

PARTS = 4


def walk(visit: Visit, paths: tuple[str, ...]) -> dict[str, list[str]]:
    """Open every one of the paths in a narrow window; what is wrong with each."""
    wrong = {}
    for path in paths:
        answer = visit.page.goto(visit.url + path)
        assert answer is not None
        assert answer.status in {200, 410, 451}, path
        found = [*visit.happened(), *visit.overflowing()]
        # One of the texts would hide or replace the rest of the page.
        for needed in ("header.masthead", "main h1", "footer.colophon"):
            if not visit.page.locator(needed).is_visible():
                found.append(f"{needed} is not to be seen")
        visit.troubles.clear()
        if found:
            wrong[path] = found
    return wrong


@pytest.mark.parametrize("part", range(PARTS))
def test_no_record_does_any_harm(part: int, site: Site, open_window: Open) -> None:
    nothing(walk(open_window(width=NARROW), site.records[part::PARTS]))


@pytest.mark.parametrize("part", range(PARTS))
def test_no_transaction_does_any_harm(part: int, site: Site, open_window: Open) -> None:
    nothing(walk(open_window(width=NARROW), site.transactions[part::PARTS]))


def test_no_list_of_them_does_any_harm(site: Site, open_window: Open) -> None:
    visit = open_window(width=NARROW)
    pages, older = 0, "a[rel=next]"
    path = site.records[0].rpartition("/")[0]
    nothing(walk(visit, (path,)))
    while visit.page.locator(older).count():
        path = str(visit.page.locator(older).first.get_attribute("href"))
        nothing(walk(visit, (path,)))
        pages += 1
    assert pages >= 4


@pytest.mark.parametrize(
    "asked",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "javascript:alert(1)",
        "{{ 7*7 }}{% debug %}",
        "\u202eevil\u2066\x00\x1b[31m",
        "a" * 3000,
    ],
)
@pytest.mark.parametrize("path", ["/find?q=", "/theme?to=dark&next=", "/nothing/", "/status?"])
def test_nothing_that_stands_in_an_address_does_any_harm(
    path: str, asked: str, site: Site, open_window: Open
) -> None:
    visit = open_window(width=NARROW)
    visit.page.goto(site.url + path + quote(asked))
    nothing([each for each in visit.happened() if "Failed to load resource" not in each])
    nothing(visit.overflowing())
    assert visit.page.url.startswith(site.url)
