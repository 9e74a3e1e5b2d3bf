"""A visitor who has never seen a blockchain questions a record: on a phone, without scripts."""

import re

from playwright.sync_api import Page, expect

from tests.browser import audit
from tests.browser.audit import nothing
from tests.browser.conftest import Open
from tests.browser.site import Site
from tests.browser.test_accounts import sign_in
from tests.browser.visit import NARROW, PHONE

WHAT_IT_IS = "What do you want to say?"
FIELDS = {"textbox", "combobox", "spinbutton", "radio", "checkbox"}
"""Roles in the tree of a screen reader in which something is typed or chosen."""


def press(page: Page, button: str) -> None:
    """Send the form."""
    with page.expect_navigation():
        page.get_by_role("button", name=button).click()


def lose_session(page: Page) -> None:
    """As it is when its time is over, or it was ended elsewhere."""
    page.context.clear_cookies(name="sessionid")


def test_a_record_is_questioned_and_that_withdrawn_on_a_phone_without_scripts(
    site: Site, open_window: Open
) -> None:
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
    sign_in(site, page, "filer@example.org")
    expect(page.locator("dd strong")).to_have_text("less")
    press(page, "File the challenge")
    expect(page.get_by_role("heading", level=1)).to_have_text(
        re.compile(r"^Challenge C-\d{4}-\d{6} is filed$")
    )
    visit.go("/my/challenges")
    with page.expect_navigation():
        page.get_by_role("link", name="Withdraw").click()
    press(page, "Withdraw the challenge")
    expect(page.get_by_role("heading", level=1)).to_have_text("You withdrew the challenge")
    with page.expect_navigation():
        page.get_by_role("link", name="Challenge C-").click()
    expect(page.get_by_text("It was closed: withdrawn by whoever filed it.")).to_be_visible()
    nothing(visit.overflowing())
    visit.go("/my/challenges")
    expect(page.get_by_role("link", name="Withdraw")).to_have_count(0)


def test_somebody_joins_and_loses_nothing_where_his_session_ends_meanwhile(
    site: Site, open_window: Open
) -> None:
    visit = open_window(width=PHONE, theme="dark").go(site.pages["challenge"].path)
    page, words = visit.page, "I saw it too: <b>the first</b> result was another."
    with page.expect_navigation():
        page.get_by_role("link", name="Join it").click()
    with page.expect_navigation():
        page.get_by_role("link", name="Sign in and come back").click()
    sign_in(site, page, "joiner@example.org")
    page.get_by_label(WHAT_IT_IS).fill(words)
    lose_session(page)
    press(page, "Join the challenge")
    expect(page.get_by_role("heading", level=1)).to_have_text("You are not signed in")
    expect(page.get_by_role("textbox")).to_have_value(words)
    nothing(audit.accessibility(page))
    nothing(visit.resize(NARROW).overflowing())
    with page.expect_navigation():
        page.get_by_role("link", name="Sign in and come back").click()
    sign_in(site, page, "joiner@example.org")
    for _ in range(2):
        expect(page.get_by_label(WHAT_IT_IS)).to_have_value(words)
        page.reload()
    press(page, "Join the challenge")
    expect(page.get_by_role("heading", level=1)).to_have_text("You joined the challenge")
    expect(page.get_by_text(words)).to_be_visible()
    nothing(audit.accessibility(page))
    nothing(visit.overflowing())
    with page.expect_navigation():
        page.get_by_role("link", name="Challenge C-").click()
    expect(page.get_by_text("1 who joined")).to_be_visible()
    page.goto(f"{page.url.replace('/challenges/', '/my/challenges/')}/join")
    expect(page.get_by_text("You take part in this challenge already.")).to_be_visible()
    expect(page.get_by_role("textbox", name=WHAT_IT_IS)).to_have_count(0)
    nothing(visit.happened())


def test_a_screen_reader_is_told_what_each_field_wants_and_what_is_wrong(
    site: Site, open_window: Open
) -> None:
    page = open_window(width=PHONE).go(site.pages["question-evidence"].path).page
    expect(page.locator("body")).to_match_aria_snapshot("""
        - link "Skip to content"
        - banner
        - main:
          - heading [level=1]
          - region "Known already":
            - heading "Known already" [level=2]
          - paragraph:
            - 'button "Go on: look at it once more"'
        - contentinfo
    """)
    before = fields(page)
    assert before
    for each in before:
        assert each["name"], each
        assert each["description"] == each["hint"], each
        assert not each["invalid"], each
    press(page, "Go on: look at it once more")
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.locator("main")).to_match_aria_snapshot("""
        - alert:
          - heading "There is something to mend" [level=2]
          - list:
            - listitem:
              - link
    """)
    wrong = [each for each in fields(page) if each["invalid"]]
    assert wrong
    for each in wrong:
        assert each["error"], each
        assert each["error"] in each["description"], each
        page.get_by_role("alert").get_by_role("link", name=each["error"]).click()
        assert page.evaluate("document.activeElement.id") == each["id"]


def fields(page: Page) -> list[dict[str, str]]:
    """Each field of the form as a screen reader has it, with what is written beside it."""
    session = page.context.new_cdp_session(page)
    tree = session.send("Accessibility.getFullAXTree")["nodes"]
    found = []
    for each in tree:
        if each["ignored"] or each["role"]["value"] not in FIELDS:
            continue
        node = session.send("DOM.describeNode", {"backendNodeId": each["backendDOMNodeId"]})["node"]
        attributes = dict(zip(node["attributes"][::2], node["attributes"][1::2], strict=True))
        if (own := attributes.get("id", "")).startswith("id_"):
            properties = {one["name"]: one["value"].get("value") for one in each["properties"]}
            found.append({
                "id": own, "name": each["name"]["value"],
                "description": each.get("description", {}).get("value", ""),
                "invalid": properties.get("invalid", "false").replace("false", ""),
                "hint": beside(page, f"{own}_helptext"), "error": beside(page, f"{own}_error"),
            })  # fmt: skip
    return found


def beside(page: Page, name: str) -> str:
    """The text of that id; nothing where there is none."""
    found = page.locator(f"[id='{name}']")
    return found.inner_text() if found.count() else ""


def test_each_step_is_read_by_all(site: Site, open_window: Open) -> None:
    visit = open_window(width=PHONE, theme="dark").go(site.pages["question-evidence"].path)
    press(visit.page, "Go on: look at it once more")
    expect(visit.page.get_by_role("alert")).to_be_visible()
    nothing(audit.accessibility(visit.page))
