"""Forms are sent as they were before scripts, and show what was asked."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.site import Site


def show(page: Page) -> None:
    """Send the form of the list."""
    with page.expect_navigation():
        page.locator("main form").get_by_role("button").click()


def test_a_list_is_narrowed_and_keeps_what_was_chosen(site: Site, open_window: Open) -> None:
    page = open_window(javascript=False).go(site.pages["records"].path).page
    page.get_by_label("State").select_option("deleted")
    page.get_by_label("Order").select_option("oldest")
    page.get_by_label("On a page").select_option("25")
    show(page)
    assert page.locator("main tbody tr").count() == 25
    assert page.get_by_text("as first written", exact=True).locator("visible=true").count() == 0
    expect(page.get_by_label("State")).to_have_value("deleted")
    expect(page.get_by_label("Order")).to_have_value("oldest")
    expect(page.get_by_label("On a page")).to_have_value("25")


def test_the_next_page_keeps_what_was_chosen(site: Site, open_window: Open) -> None:
    page = open_window(javascript=False).go(f"{site.pages['records-deleted'].path}&limit=25").page
    first = page.locator("main tbody tr").all_inner_texts()
    with page.expect_navigation():
        page.locator("a[rel=next]").first.click()
    second = page.locator("main tbody tr").all_inner_texts()
    assert len(second) == 25
    assert not set(first) & set(second)
    expect(page.get_by_label("State")).to_have_value("deleted")
    with page.expect_navigation():
        page.locator("a[rel=prev]").first.click()
    assert page.locator("main tbody tr").all_inner_texts() == first


def test_a_search_for_one_thing_leads_to_it(site: Site, open_window: Open) -> None:
    path = site.pages["transaction"].path
    page = open_window(javascript=False).go("/").page
    page.locator("header [name=q]").fill(f"  {path.rpartition('/')[2].lower()} ")
    with page.expect_navigation():
        page.locator("header").get_by_role("button", name="Search").click()
    assert page.url == site.url + path
