"""Light and dark: as the system has it, or as the reader chose."""

from playwright.sync_api import Page

from tests.browser.conftest import Open
from tests.browser.site import Site

GROUND = """
[document.documentElement, document.body].map((each) => getComputedStyle(each).backgroundColor).join()
"""


def test_without_a_choice_it_is_as_the_system_has_it(site: Site, open_window: Open) -> None:
    grounds = {theme: open_window(theme=theme).go("/").page.evaluate(GROUND) for theme in ("light", "dark")}
    assert grounds["light"] != grounds["dark"]


def choose(page: Page, theme: str) -> None:
    """Follow a theme's link in the colophon."""
    with page.expect_navigation():
        page.locator("footer").get_by_role("link", name=theme).click()


def test_a_choice_counts_on_every_page_until_it_is_taken_back(site: Site, open_window: Open) -> None:
    page = open_window(theme="light", javascript=False).go(site.pages["records-deleted"].path).page
    light = page.evaluate(GROUND)
    choose(page, "dark")
    assert page.url == site.url + site.pages["records-deleted"].path
    assert page.evaluate(GROUND) != light
    page.goto(f"{site.url}/status")
    assert page.evaluate(GROUND) != light
    choose(page, "system")
    assert page.evaluate(GROUND) == light


def test_a_page_sets_no_cookie_before_a_choice(site: Site, open_window: Open) -> None:
    for name in ("home", "records", "record"):
        visit = open_window().go(site.pages[name].path)
        assert visit.page.context.cookies() == []


def test_the_cookie_holds_the_choice_alone_and_no_script_reads_it(site: Site, open_window: Open) -> None:
    page = open_window().go("/").page
    choose(page, "dark")
    (cookie,) = page.context.cookies()
    assert (cookie["name"], cookie["value"]) == ("theme", "dark")
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Lax")
