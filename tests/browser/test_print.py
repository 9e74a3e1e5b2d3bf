"""Pages on paper."""

import pytest
from playwright.sync_api import Page

from tests.browser.audit import nothing
from tests.browser.conftest import Open
from tests.browser.site import Site

A4 = 794  # CSS pixels
PRINTED_HASHES = """
[...document.querySelectorAll("main [data-full]")].map((each) => [
  each.dataset.full,
  getComputedStyle(each, "::after").content.replaceAll('"', ""),
])
"""


@pytest.fixture
def printed(site: Site, open_window: Open) -> Page:
    """A record's page as it is printed."""
    visit = open_window(theme="dark", width=A4).go(site.pages["record"].path)
    visit.page.emulate_media(media="print")
    nothing(visit.overflowing())
    return visit.page


def test_a_printed_page_has_every_hash_in_full(printed: Page) -> None:
    hashes = printed.evaluate(PRINTED_HASHES)
    assert hashes
    assert [shown for _, shown in hashes] == [full for full, _ in hashes]


def test_a_printed_page_says_of_which_chain_it_is_where_it_was_and_when(printed: Page) -> None:
    assert printed.locator(".switcher summary").is_visible()
    words = printed.locator(".printed").inner_text()
    assert printed.url in words
    assert "UTC. Chain " in words
    printed.emulate_media(media="screen")
    assert not printed.locator(".printed").is_visible()


def test_a_printed_record_has_what_is_folded(printed: Page) -> None:
    for folded in ("#each-check li", "[aria-labelledby=checks] table", "[aria-labelledby=facts] details dl"):
        assert printed.locator(folded).first.is_visible(), folded
    for said in ("Show each check", "not found", "Reported by the provider"):
        assert printed.locator("summary", has_text=said).first.is_visible(), said


def test_what_is_private_is_folded_on_the_screen_and_on_paper(printed: Page) -> None:
    printed.evaluate(
        """document.querySelector(".said").innerHTML +=
        '<details class=private><summary>telephone</summary><b id=kept>555</b></details>'"""
    )
    kept, what = printed.locator("#kept"), printed.locator(".private > summary")
    assert what.is_visible()
    assert not kept.is_visible()
    printed.emulate_media(media="screen")
    assert not kept.is_visible()
    what.click()
    assert kept.is_visible()


def test_a_printed_page_has_no_controls_and_dark_ink(printed: Page) -> None:
    for control in (".masthead form", ".masthead [aria-label=Sections]", ".switcher ul", ".skip", "button"):
        for each in printed.locator(control).all():
            assert not each.is_visible(), each.evaluate("(each) => each.outerHTML")
    red, green, blue = printed.evaluate(
        "getComputedStyle(document.body).color.match(/[\\d.]+/g).map(Number)"
    )[:3]
    assert max(red, green, blue) < 100


def test_a_printed_list_says_what_was_asked_and_how_many_fit(site: Site, open_window: Open) -> None:
    visit = open_window(theme="dark", width=A4).go("/records?q=lighthouse&seed=4217&limit=10")
    page = visit.page
    page.emulate_media(media="print")
    nothing(visit.overflowing())
    assert page.url in page.locator(".printed").inner_text()
    assert page.locator(".chips").inner_text().split("\n") == ["lighthouse", "seed 4217"]
    assert "Exactly" in page.locator("[role=status]").first.inner_text()
    for control in (".query", ".fields", ".pager", "main button", ".views"):
        for each in page.locator(control).all():
            assert not each.is_visible(), each.evaluate("(each) => each.outerHTML")
