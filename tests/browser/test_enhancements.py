"""What scripts add to pages that are whole without them."""

from playwright.sync_api import expect

from tests.browser.audit import nothing
from tests.browser.conftest import Open
from tests.browser.site import Site


def test_new_records_are_told_of_and_shown_when_asked_for(site: Site, open_window: Open) -> None:
    visit = open_window()
    visit.page.clock.install()
    visit.go(site.growing)
    newest = visit.page.locator("main tbody tr").first
    before = newest.inner_text()
    number = site.grow()
    visit.page.clock.run_for(60_000)
    told = visit.page.get_by_role("link", name="1 new record")
    expect(told).to_be_visible()
    # The list itself has not moved under the reader's eyes.
    assert newest.inner_text() == before
    told.click()
    expect(newest).to_contain_text(str(number))
    nothing(visit.happened())


def test_new_records_are_announced_once_and_keep_the_focus(site: Site, open_window: Open) -> None:
    visit = open_window()
    page = visit.page
    page.clock.install()
    visit.go(site.growing)
    said = page.locator("[role=status]")
    expect(said).to_have_text("")
    site.grow()
    page.clock.run_for(6_000)
    expect(said).to_have_text("1 new record: show")
    page.get_by_role("link", name="1 new record").focus()
    site.grow()
    page.clock.run_for(6_000)
    expect(page.get_by_role("link", name="2 new records")).to_be_focused()
    expect(said).to_have_text("1 new record: show")
    nothing(visit.happened())


def test_without_scripts_new_records_are_a_link_away(site: Site, open_window: Open) -> None:
    page = open_window(javascript=False).go(site.growing).page
    with page.expect_navigation():
        page.get_by_role("link", name="Load again").click()
    assert page.url == site.url + site.growing


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
