"""What first pages say while a chain grows: that there is more, never anything that moves."""

from collections.abc import Sequence

import pytest
from playwright.sync_api import Page, expect

from tests.browser.audit import accessibility, nothing
from tests.browser.conftest import Open
from tests.browser.site import Site
from tests.browser.visit import DESKTOP, NARROW, Visit

SOON = 6_000  # ms, after which a page has asked for the first time
LATEST = 81_000  # ms, after which it asks again at the latest
NEWS = "**/news/**"
_HIDE = """
(hidden) => {
  Object.defineProperty(document, "hidden", { get: () => hidden, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}
"""
_PLACES = """
[...document.querySelectorAll("main *, footer *")]
  .filter((each) => !each.closest(".watch"))
  .map((each) => Object.values(each.getBoundingClientRect().toJSON()).join())
"""


def begun(open_window: Open, path: str, *, width: int = DESKTOP) -> Visit:
    """A window with a clock of its own on that page."""
    visit = open_window(width=width)
    visit.page.clock.install()
    return visit.go(path)


def places(page: Page) -> Sequence[str]:
    """Where everything is but the line that says what is new."""
    found: Sequence[str] = page.evaluate(_PLACES)
    return found


def ask(page: Page, *, within: int = LATEST) -> None:
    """Let so much time pass that the page asks, and is answered."""
    with page.expect_response(NEWS):
        page.clock.run_for(within)


@pytest.mark.parametrize("width", [NARROW, DESKTOP])
def test_a_list_says_that_there_is_more_and_moves_nothing_until_it_is_asked(
    width: int, site: Site, open_window: Open
) -> None:
    for path in ("/records", f"{site.growing}/records", site.growing, "/ledger?order=newest"):
        visit = begun(open_window, path, width=width)
        page = visit.page
        expect(page.locator(".watch a")).to_have_text("Newest")
        nothing(visit.overflowing())
        before = places(page)
        number = site.grow()
        ask(page, within=SOON)
        if "ledger" in path:  # a record that is written is no change
            expect(page.locator(".watch a")).to_have_text("Newest")
            continue
        told = page.get_by_role("link", name="1 new record: show")
        expect(told).to_be_visible()
        assert places(page) == before
        nothing(visit.overflowing())
        nothing(accessibility(page))
        with page.expect_navigation():
            told.click()
        if path != "/records":  # where the newest by the time of their blocks are another chain's
            expect(page.locator("main tbody tr").filter(has_text=f"#{number}")).to_have_count(1)
        expect(page.locator(".watch a")).to_have_text("Newest")
        nothing(visit.happened())


def test_news_are_announced_once_and_keep_the_focus(site: Site, open_window: Open) -> None:
    visit = begun(open_window, site.growing)
    page = visit.page
    said = page.locator("[role=status]")
    expect(said).to_have_text("")
    site.grow()
    ask(page, within=SOON)
    expect(said).to_have_text("1 new record: show")
    page.get_by_role("link", name="1 new record").focus()
    site.grow()
    ask(page, within=SOON)
    expect(page.get_by_role("link", name="2 new records")).to_be_focused()
    expect(said).to_have_text("1 new record: show")
    nothing(visit.happened())


def test_a_page_that_nobody_looks_at_does_not_ask(site: Site, open_window: Open) -> None:
    visit = begun(open_window, site.growing)
    page = visit.page
    page.evaluate(_HIDE, True)
    page.clock.run_for(10 * LATEST)
    assert not [each for each in visit.sent if "/news/" in each.url]
    page.evaluate(_HIDE, False)
    ask(page, within=SOON)


def test_a_page_asks_less_and_less_often_while_nothing_comes(site: Site, open_window: Open) -> None:
    visit = begun(open_window, site.growing)
    page = visit.page
    for pause in (5_000, 10_000, 20_000, 40_000, 80_000, 80_000):
        before = len([each for each in visit.sent if "/news/" in each.url])
        page.clock.run_for(pause - 500)
        assert len([each for each in visit.sent if "/news/" in each.url]) == before
        ask(page, within=600)
        page.wait_for_function("() => true")


def test_a_page_that_is_not_answered_ends_to_ask_and_stays_as_it_is(site: Site, open_window: Open) -> None:
    visit = begun(open_window, f"{site.growing}/records")
    page = visit.page
    before = places(page)
    page.route(NEWS, lambda route: route.fulfill(status=503, body="<p>away</p>"))
    for _ in range(3):
        ask(page)
    page.clock.run_for(10 * LATEST)
    assert len([each for each in visit.sent if "/news/" in each.url]) == 3
    expect(page.locator(".watch a")).to_have_text("Newest")
    assert places(page) == before


def test_without_scripts_the_newest_are_a_link_away_and_say_of_when(site: Site, open_window: Open) -> None:
    page = open_window(javascript=False, width=NARROW).go(site.growing).page
    expect(page.locator(".watch")).to_contain_text("as of block ")
    with page.expect_navigation():
        page.get_by_role("link", name="Newest").click()
    assert page.url == site.url + site.growing


def test_on_paper_there_is_no_such_line(site: Site, open_window: Open) -> None:
    page = open_window().go("/records").page
    page.emulate_media(media="print")
    expect(page.locator(".watch")).not_to_be_visible()


def test_in_forced_colours_it_is_a_link_as_others_are(site: Site, open_window: Open) -> None:
    page = open_window(forced_colors=True).go("/records").page
    expect(page.locator(".watch a")).to_be_visible()
    nothing(accessibility(page))


def test_a_feed_is_found_where_it_is_looked_for(site: Site, open_window: Open) -> None:
    page = open_window().go("/records").page
    expect(page.get_by_role("link", name="Feed of this page")).to_have_attribute("href", "/feeds/records")
    expect(page.locator("link[type='application/atom+xml']")).to_have_attribute("href", "/feeds/records")
