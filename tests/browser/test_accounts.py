"""Signing in without scripts, from a page below /my/ and back, by the mail that was written."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import audit
from tests.browser.audit import nothing
from tests.browser.conftest import Open
from tests.browser.site import Site
from tests.browser.visit import NARROW, PHONE, Theme

# As a phone has it, whose owner holds a finger to it whenever he is asked.
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def press(page: Page, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=name).click()


def sign_in(site: Site, page: Page, email: str) -> None:
    """From the page that asks for an address to where it leads."""
    page.get_by_label("Your e-mail address").fill(email)
    press(page, "Send me a code")
    code = re.findall(r"^    (\d{4} \d{4})$", site.mail(), re.MULTILINE)[
        -1
    ]  # one that came before counts no more
    page.get_by_label("The code from the mail").fill(code)
    press(page, "Sign in")


def test_somebody_signs_in_makes_a_key_and_deletes_the_account_without_scripts(
    site: Site, open_window: Open
) -> None:
    page = open_window(javascript=False, width=PHONE).go("/checks").page
    with page.expect_navigation():
        page.get_by_role("link", name="Your account").click()
    assert page.url == f"{site.url}/my/sign-in?next=/my/account"
    sign_in(site, page, "somebody@example.org")
    assert page.url == f"{site.url}/my/account"
    cookies = {each["name"]: each for each in page.context.cookies()}
    assert (cookies["sessionid"]["path"], cookies["sessionid"]["httpOnly"]) == ("/my/", True)
    press(page, "Make a key")
    expect(page.locator("main pre")).to_contain_text("challenge-")
    page.get_by_role("link", name="revoke it on your account page").click()
    press(page, "Revoke")
    expect(page.get_by_text("You have none.")).to_be_visible()
    page.get_by_role("link", name="Delete the account").click()
    page.get_by_label("Your pseudonym").fill(page.locator(".lede strong").inner_text())
    press(page, "Delete the account")
    expect(page.get_by_role("heading", name="Your account is deleted")).to_be_visible()
    assert "sessionid" not in {each["name"] for each in page.context.cookies()}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_of_accounts_can_be_read_by_everybody(theme: Theme, site: Site, open_window: Open) -> None:
    visit = open_window(theme=theme, width=PHONE).go(site.pages["sign-in"].path)
    page = visit.page

    def look() -> None:
        nothing(audit.accessibility(page))
        nothing(visit.resize(NARROW).overflowing())

    press(page, "Send me a code")
    expect(page.get_by_label("Your e-mail address")).to_have_attribute("aria-invalid", "true")
    look()
    page.get_by_label("Your e-mail address").fill(f"{theme}@example.org")
    press(page, "Send me a code")
    look()
    page.get_by_label("The code from the mail").fill("1")
    press(page, "Sign in")
    look()
    page.goto(f"{site.url}/my/sign-in?next=/my/account")
    sign_in(site, page, f"{theme}@example.org")
    look()
    press(page, "Make a key")
    look()
    for path in ("/my/account/delete", "/my/account/mail", "/my/account/passkeys"):
        page.goto(f"{site.url}{path}")
        look()
    nothing(visit.happened())


def test_somebody_adds_a_passkey_and_signs_in_with_it(site: Site, open_window: Open) -> None:
    home = site.url.replace("127.0.0.1", "localhost")  # browsers keep passkeys for names
    visit = open_window(home, width=PHONE).go("/my/sign-in?next=/my/account/passkeys")
    page = visit.page
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    sign_in(site, page, "keeper@example.org")
    page.get_by_label("What you call it").fill("my phone")
    press(page, "Add a passkey")
    expect(page.get_by_text("my phone, added")).to_be_visible()
    nothing(audit.accessibility(page))
    nothing(visit.resize(NARROW).overflowing())
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("has a passkey for your account already")
    page.context.clear_cookies()
    page.goto(f"{home}/my/sign-in?next=/my/account/passkeys")
    sign_in(site, page, "keeper@example.org")
    assert page.url == f"{home}/my/sign-in/passkey"
    nothing(audit.accessibility(page))
    press(page, "Show the passkey")
    assert page.url == f"{home}/my/account/passkeys"
    press(page, "Make recovery codes")
    code = page.locator("main pre").inner_text().splitlines()[0]
    nothing(audit.accessibility(page))
    nothing(visit.overflowing())
    page.context.clear_cookies()
    page.goto(f"{home}/my/sign-in?next=/my/account/passkeys")
    sign_in(site, page, "keeper@example.org")
    with page.expect_navigation():
        page.get_by_role("link", name="Enter a recovery code").click()
    press(page, "Sign in")
    nothing(audit.accessibility(page))
    nothing(visit.overflowing())
    page.get_by_label("One of your recovery codes").fill(code)
    press(page, "Sign in")
    expect(page.get_by_text("You have 9 recovery codes")).to_be_visible()
    press(page, "Remove the passkey my phone")
    expect(page.get_by_text("You have none")).to_be_visible()
    nothing(visit.happened())
