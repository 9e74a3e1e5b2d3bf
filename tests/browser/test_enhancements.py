"""What scripts add to pages that are whole without them."""

import re

from playwright.sync_api import expect

from tests.browser.audit import nothing
from tests.browser.conftest import Open
from tests.browser.site import Site
from tests.browser.visit import Visit


def hostile_list(site: Site, open_window: Open) -> Visit:
    """The newest records of the chain that can grow, with a clock that the test moves."""
    visit = open_window()
    visit.page.clock.install()
    return visit.go(site.records[0].rpartition("/")[0])


def test_new_records_are_told_of_and_shown_when_asked_for(site: Site, open_window: Open) -> None:
    visit = hostile_list(site, open_window)
    before = visit.page.locator("main table tbody tr").first.inner_text()
    number = site.grow()
    visit.page.clock.run_for(60_000)
    told = visit.page.get_by_role("link", name=re.compile(r"1 new record"))
    expect(told).to_be_visible()
    # The list itself has not moved under the reader's eyes.
    assert visit.page.locator("main table tbody tr").first.inner_text() == before
    told.click()
    expect(visit.page.locator("main table tbody tr").first).to_contain_text(f"{number:,}")
    nothing(visit.happened())


def test_a_hash_is_copied_in_full(site: Site, open_window: Open) -> None:
    visit = open_window().go(site.pages["transaction"].path)
    page = visit.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site.url)
    button = page.get_by_role("button", name=re.compile("^Copy")).first
    button.click()
    expect(button).to_have_text("Copied")
    rid = site.pages["transaction"].path.rpartition("/")[2]
    assert page.evaluate("navigator.clipboard.readText()") == rid
    nothing(visit.happened())


def test_where_copying_is_not_allowed_that_is_said(site: Site, open_window: Open) -> None:
    page = open_window().go(site.pages["transaction"].path).page
    page.evaluate("navigator.clipboard.writeText = () => Promise.reject(new Error('no'))")
    button = page.get_by_role("button", name=re.compile("^Copy")).first
    button.click()
    expect(button).to_have_text(re.compile("[Nn]ot allowed|select"))


def test_without_scripts_there_is_no_button_that_does_nothing(site: Site, open_window: Open) -> None:
    page = open_window(javascript=False).go(site.pages["transaction"].path).page
    assert page.get_by_role("button", name=re.compile("^Copy")).count() == 0
