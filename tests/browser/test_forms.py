"""Forms are sent as they were before scripts, and show what was asked."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser import audit
from tests.browser.audit import nothing
from tests.browser.conftest import Open
from tests.browser.site import Site
from tests.browser.visit import NARROW, PHONE, Theme


def show(page: Page) -> None:
    """Send the form of the list."""
    with page.expect_navigation():
        page.locator("main form").get_by_role("button", name="Show").click()


def test_a_list_is_narrowed_and_keeps_what_was_chosen(site: Site, open_window: Open) -> None:
    page = open_window(javascript=False).go(site.pages["records"].path).page
    page.get_by_label("State").select_option("deleted")
    page.get_by_label("Order").select_option("oldest")
    page.get_by_label("On a page").select_option("25")
    show(page)
    assert page.locator("main tbody th[scope=row]").count() == 25
    assert page.get_by_text("as first written", exact=True).locator("visible=true").count() == 0
    expect(page.get_by_label("State")).to_have_value("deleted")
    expect(page.get_by_label("Order")).to_have_value("oldest")
    expect(page.get_by_label("On a page")).to_have_value("25")


def test_the_next_page_keeps_what_was_chosen(site: Site, open_window: Open) -> None:
    page = open_window(javascript=False).go(f"{site.pages['records-deleted'].path}&limit=25").page
    first = page.locator("main tbody th[scope=row]").all_inner_texts()
    with page.expect_navigation():
        page.locator("a[rel=next]").first.click()
    second = page.locator("main tbody th[scope=row]").all_inner_texts()
    assert len(second) == 25
    assert not set(first) & set(second)
    expect(page.get_by_label("State")).to_have_value("deleted")
    with page.expect_navigation():
        page.locator("a[rel=prev]").first.click()
    assert page.locator("main tbody th[scope=row]").all_inner_texts() == first


def fill_in(page: Page, text: str) -> None:
    """The form of a report, sent."""
    page.get_by_label("What is wrong?").fill(text)
    with page.expect_navigation():
        page.get_by_role("button", name="Send to the operator").click()


def test_a_problem_with_a_page_is_reported_without_scripts(site: Site, open_window: Open) -> None:
    path = site.pages["records-deleted"].path
    page = open_window(javascript=False, width=PHONE).go(path).page
    with page.expect_navigation():
        page.get_by_role("link", name="Report a problem with this page").click()
    expect(page.get_by_label("Which page?")).to_have_value(path)
    fill_in(page, "The third row says otherwise.")
    assert page.url.startswith(f"{site.url}/my/report/sent/")
    expect(page.get_by_text("Your reference is report")).to_be_visible()
    (cookie,) = page.context.cookies()
    assert (cookie["name"], cookie["path"], cookie["httpOnly"]) == ("csrftoken", "/my/", True)
    page.reload()
    expect(page.get_by_text("Your reference is report")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_is_missing_is_said_beside_it_and_what_was_typed_stays(
    theme: Theme, site: Site, open_window: Open
) -> None:
    visit = open_window(theme=theme, width=PHONE).go(site.pages["report"].path)
    page = visit.page
    page.get_by_label("Your e-mail address").fill("me@example.org")
    fill_in(page, "")
    expect(page.get_by_role("alert")).to_contain_text("Say what is wrong, in a few words.")
    expect(page.get_by_label("What is wrong?")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Your e-mail address")).to_have_value("me@example.org")
    nothing(audit.accessibility(page))
    nothing(visit.resize(NARROW).overflowing())
    nothing(visit.happened())
    fill_in(page, "Now it is said.")
    assert page.url.startswith(f"{site.url}/my/report/sent/")


def test_who_goes_back_has_what_was_typed(site: Site, open_window: Open) -> None:
    page = open_window().go(site.pages["report"].path).page
    fill_in(page, "Typed once.")
    page.go_back()
    expect(page.get_by_label("What is wrong?")).to_have_value("Typed once.")
    fill_in(page, "Typed once.")
    assert page.url.startswith(f"{site.url}/my/report/sent/")


def test_a_search_for_one_thing_leads_to_it(site: Site, open_window: Open) -> None:
    path = site.pages["transaction"].path
    page = open_window(javascript=False).go("/").page
    page.locator("header [name=q]").fill(f"  {path.rpartition('/')[2].lower()} ")
    with page.expect_navigation():
        page.locator("header").get_by_role("button", name="Search").click()
    assert page.url == site.url + path
