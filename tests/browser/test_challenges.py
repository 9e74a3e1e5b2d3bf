"""A visitor who has never seen a blockchain questions a record: on a phone, without scripts."""

from playwright.sync_api import Page, expect

from tests.browser import audit
from tests.browser.audit import nothing
from tests.browser.conftest import Open
from tests.browser.site import Site
from tests.browser.visit import NARROW, PHONE


def press(page: Page, button: str) -> None:
    """Send the form."""
    with page.expect_navigation():
        page.get_by_role("button", name=button).click()


def test_a_record_is_questioned_on_a_phone_without_scripts(site: Site, open_window: Open) -> None:
    visit = open_window(javascript=False, width=PHONE).go(site.pages["record-edited"].path)
    page = visit.page
    with page.expect_navigation():
        page.get_by_role("link", name="Question this record").first.click()
    press(page, "Start")
    press(page, "Go on")
    expect(page.get_by_role("alert")).to_contain_text("Choose what you question.")
    expect(page.get_by_role("alert")).to_be_focused()
    page.get_by_role("radio", name="Token counts that cannot be").check()
    press(page, "Go on")
    expect(page.get_by_role("heading", level=1)).to_have_text("Token counts that cannot be")
    page.get_by_label("What do you want to say?").fill("The total is **less** than its parts.")
    press(page, "Go on: look at it once more")
    expect(page.get_by_role("alert")).to_contain_text("Which number?")
    expect(page.get_by_label("What do you want to say?")).to_have_value(
        "The total is **less** than its parts."
    )
    nothing(visit.resize(NARROW).overflowing())
    page.get_by_label("Which number?").select_option("total")
    press(page, "Go on: look at it once more")
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your answers")
    expect(page.locator("dd strong")).to_have_text("less")
    nothing(visit.overflowing())
    with page.expect_navigation():
        page.get_by_role("link", name="Sign in and come back").click()
    assert "/my/sign-in?next=" in page.url


def test_each_step_is_read_by_all(site: Site, open_window: Open) -> None:
    visit = open_window(width=PHONE, theme="dark").go(site.pages["question-evidence"].path)
    press(visit.page, "Go on: look at it once more")
    expect(visit.page.get_by_role("alert")).to_be_visible()
    nothing(audit.accessibility(visit.page))
