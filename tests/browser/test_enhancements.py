"""What scripts add to pages that are whole without them."""

from playwright.sync_api import expect

from tests.browser.audit import nothing
from tests.browser.conftest import Open
from tests.browser.site import Site


def test_a_hash_is_copied_in_full(site: Site, open_window: Open) -> None:
    visit = open_window().go(site.pages["transaction"].path)
    page = visit.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site.url)
    button = page.locator("main button.copy").first
    expect(button).to_have_text("Copy transaction RID")
    button.click()
    expect(button).to_have_text("Copied")
    rid = site.pages["transaction"].path.rpartition("/")[2]
    assert page.evaluate("navigator.clipboard.readText()") == rid
    nothing(visit.happened())


def test_where_copying_is_not_allowed_that_is_said(site: Site, open_window: Open) -> None:
    page = open_window().go(site.pages["transaction"].path).page
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')); }")
    button = page.locator("main button.copy").first
    button.click()
    expect(button).to_have_text("Not allowed")


def test_without_scripts_there_is_no_button_that_does_nothing(site: Site, open_window: Open) -> None:
    page = open_window(javascript=False).go(site.pages["transaction"].path).page
    assert page.locator("main button").count() == 0
