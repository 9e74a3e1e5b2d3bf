"""What the chain holds of hostile text: it runs nowhere, fetches nothing, and breaks no page."""

from collections.abc import Sequence
from http import HTTPStatus
from urllib.parse import quote

import pytest

from tests.browser.audit import nothing
from tests.browser.conftest import Open
from tests.browser.site import Site
from tests.browser.visit import NARROW, Visit

PARTS = 4

# What would stand in the page's own words if a text had got out of its place: none of it is ours.
INTRUDERS = """
[...document.querySelectorAll("main *")].filter((each) =>
  ["SCRIPT", "IFRAME", "OBJECT", "EMBED", "IMG", "STYLE", "LINK", "BASE", "META"].includes(each.tagName)
  || [...each.attributes].some((one) => one.name.startsWith("on"))
  || (each.href && !["http:", "https:", "mailto:"].includes(new URL(each.href.baseVal ?? each.href).protocol))
  || (each.action && new URL(each.action).host !== location.host)
).map((each) => each.outerHTML.slice(0, 200))
"""

# One of the texts would hide the rest of the page, others would end it.
MISSING = """
["header.masthead", "main h1", "footer.colophon"].filter(
  (needed) => !document.querySelector(needed)?.checkVisibility()
).map((needed) => `${needed} is not to be seen`)
"""


def walk(visit: Visit, paths: Sequence[str]) -> dict[str, list[str]]:
    """Open every one of the paths in a narrow window; what is wrong with each."""
    return {path: found for path in paths if (found := _wrong_with(visit, path))}


def _wrong_with(visit: Visit, path: str) -> list[str]:
    visit.troubles.clear()
    answer = visit.page.goto(visit.url + path)
    assert answer is not None
    found = [*visit.happened(), *visit.overflowing(), *visit.page.evaluate(INTRUDERS)]
    if answer.status not in {HTTPStatus.OK, HTTPStatus.GONE, HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS}:
        found.append(f"it answers {answer.status}")
    return [*found, *visit.page.evaluate(MISSING)]


@pytest.mark.parametrize("part", range(PARTS))
def test_no_record_does_any_harm(part: int, site: Site, open_window: Open) -> None:
    nothing(walk(open_window(width=NARROW), site.records[part::PARTS]))


@pytest.mark.parametrize("view", ["json", "raw"])
def test_no_record_does_any_harm_in_another_view(view: str, site: Site, open_window: Open) -> None:
    nothing(walk(open_window(width=NARROW), [f"{each}?view={view}" for each in site.records[::PARTS]]))


def test_what_was_signed_is_downloaded_never_shown(site: Site, open_window: Open) -> None:
    visit = open_window().go(site.pages["record-hostile"].path)
    for link in ("messages as signed", "result as signed"):
        with visit.page.expect_download() as awaited:
            visit.page.get_by_role("link", name=link).click()
        assert awaited.value.suggested_filename.endswith(".json")
    assert visit.page.url == site.url + site.pages["record-hostile"].path


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


SEARCHES = {
    "hits in all that is hostile": "q=alert%20OR%20script%20OR%20onerror%20OR%20evil%20OR%20href&limit=100",
    "a hit in a word of a megabyte": "q=aaaaaaa*%20OR%20xxxxxxx*%20OR%20invoice",
    "a name of twelve kilobytes": "model=" + "x" * 12_000,
    "a name that is markup": "model=" + quote('"><script>alert(1)</script><img src=x onerror=alert(1)>'),
    "a name that turns the line": "provider=" + quote("\u202e\u2066gnp.exe \u0e01" + "\u0e49" * 1_000),
    "markup in the line": "q=" + quote('"<script>alert(1)</script>" -"</title><h1>" answer:"{{7*7}}"'),
    "a word as long as a line": "q=" + "x" * 4_096,
    "a hundred chips": "q=" + quote(" ".join(f"-word{each:0>30}" for each in range(100))),
    "a heap of marks": "q=" + quote("z" + "\u0321" * 2_000),
    "a line that turns and is refused": "q=" + quote('modle:\u202e"<img/src=x onerror=alert(1)>'),
    "a heap of marks that is refused": "q=" + quote('"z' + "\u0321" * 2_000),
    "a long word that is refused": "q=" + quote("(" + "x" * 4_000),
    "markup in a field that is refused": "since=" + quote("<script>alert(1)</script>" * 90) + "&q=%22",
}


def test_no_search_does_any_harm(site: Site, open_window: Open) -> None:
    """In names, chips, snippets, hits, titles and what is refused."""
    visit = open_window(width=NARROW)
    wrong: dict[str, list[str]] = {}
    for name, query in SEARCHES.items():
        found = [each for each in _wrong_with(visit, f"/records?{query}") if each != "it answers 400"]
        title = visit.page.title()
        if len(title) > 300 or "\u202e" in title:
            found.append(f"its title is {title[:80]}")
        if visit.page.url != f"{site.url}/records?{query}" and "q=" not in visit.page.url:
            found.append(f"it leads to {visit.page.url[:200]}")
        if found:
            wrong[name] = found
    nothing(wrong)


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
    answer = visit.page.goto(site.url + path + quote(asked))
    assert answer is not None
    assert answer.status < HTTPStatus.INTERNAL_SERVER_ERROR
    nothing([each for each in visit.happened() if "Failed to load resource" not in each])
    nothing(visit.overflowing())
    assert visit.page.url.startswith(site.url)
