"""Comparing in a browser: from a list to a comparison that can be sent on, and back; what it must not do."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.audit import accessibility, nothing
from tests.browser.conftest import Open
from tests.browser.site import Site
from tests.browser.test_hostile import INTRUDERS
from tests.browser.visit import DESKTOP, NARROW, PHONE, Theme, Visit

WORDS = "It is a list of blocks, and each of them names the one before it. "
OF_SCRIPTS = {  # a text, what of it is replaced, by what, and how it is read
    "Hebrew": ("שלום עולם גדול", "עולם", "בית", "rtl"),
    "Arabic": ("هذا نص قصير", "نص", "كتاب", "rtl"),
    "Chinese": ("区块链是一个列表", "个", "张", "ltr"),
    "Japanese": ("これはブロックです", "は", "が", "ltr"),
    "Thai": ("นี่คือบล็อก", "คื", "มื", "ltr"),
}

_CUT = "(found) => found.filter((each) => each.scrollWidth > each.clientWidth).map((each) => each.ariaLabel)"
_SIGN = """(change) => {
  const { marginLeft, marginRight } = getComputedStyle(change, "::before");
  return [marginLeft, marginRight].map((each) => parseFloat(each) < 0);
}"""


def send(visit: Visit, a: str, b: str, *, view: str = "words") -> Page:
    """Have two texts compared by the form."""
    page = visit.go("/compare").page
    page.locator("#a-text").evaluate("(box, text) => { box.value = text; }", a)
    page.locator("#b-text").evaluate("(box, text) => { box.value = text; }", b)
    page.locator(f"input[name=view][value={view}]").check()
    with page.expect_navigation():
        page.get_by_role("button", name="Compare texts").click()
    return page


def tick(page: Page, count: int) -> None:
    """Tick the first records of a list."""
    for each in page.locator(".tick").all()[:count]:
        each.check()


@pytest.mark.parametrize(("javascript", "width"), [(True, DESKTOP), (False, PHONE)])
def test_a_reader_ticks_two_compares_them_sends_the_address_on_and_goes_back(
    javascript: bool, width: int, site: Site, open_window: Open
) -> None:
    visit = open_window(javascript=javascript, width=width).go(site.pages["records"].path)
    page = visit.page
    begun = page.url
    tick(page, 2)
    with page.expect_navigation():
        page.get_by_role("button", name="Compare").click()
    address = page.url
    assert urlsplit(address).path == "/compare"
    expect(page.get_by_text("This address shows the same for ever.")).to_be_visible()
    heading = page.locator("h1").inner_text()
    nothing(visit.overflowing())
    page.go_back()
    assert page.url == begun
    page.goto(address)
    expect(page.locator("h1")).to_have_text(heading)
    nothing(visit.troubles)


@pytest.mark.parametrize("width", [DESKTOP, NARROW])
def test_five_stand_against_one_that_the_reader_chooses(width: int, site: Site, open_window: Open) -> None:
    visit = open_window(width=width).go(site.pages["records"].path)
    page = visit.page
    tick(page, 5)
    with page.expect_navigation():
        page.get_by_role("button", name="Compare").click()
    with page.expect_navigation():
        page.locator("main").get_by_role("link", name="C", exact=True).click()
    assert "baseline=c" in page.url
    nothing(visit.overflowing())
    nothing(page.locator(".wide").evaluate_all(_CUT))
    nothing(accessibility(page))
    nothing(visit.troubles)


@pytest.mark.parametrize("view", ["words", "split", "json", "raw"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_an_edit_changed_is_shown_on_a_phone_too(
    view: str, theme: Theme, site: Site, open_window: Open
) -> None:
    visit = open_window(width=NARROW, theme=theme).go(site.pages["record-edited"].path)
    page = visit.page
    with page.expect_navigation():
        page.get_by_role("link", name="what changed", exact=True).first.click()
    visit.go(f"/compare?{urlsplit(page.url).query}&view={view}")
    nothing(visit.overflowing())
    nothing(accessibility(page))
    visit.resize(DESKTOP)
    nothing(visit.overflowing())
    nothing(visit.troubles)


def test_links_lead_from_change_to_change(site: Site, open_window: Open) -> None:
    page = open_window().go(site.pages["record-edited"].path).page
    with page.expect_navigation():
        page.get_by_role("link", name="what changed", exact=True).first.click()
    page.goto(f"{page.url}&view=words")
    first = page.locator("a.turn").first
    first.focus()
    page.keyboard.press("Enter")
    assert urlsplit(page.url).fragment == (first.get_attribute("href") or "")[1:]


@pytest.mark.parametrize("view", ["words", "split", "json", "raw"])
def test_hostile_words_run_nowhere_within_a_comparison(view: str, site: Site, open_window: Open) -> None:
    ids = [each.rpartition("/")[2] for each in site.records]
    rid = site.records[0].split("/")[2]
    visit = open_window(width=NARROW)
    for one, other in zip(ids[::4], ids[1::4], strict=False):
        visit.page.goto(f"{visit.url}/compare?a={rid}:{one}.1&b={rid}:{other}.1&view={view}")
        nothing([*visit.happened(), *visit.overflowing(), *visit.page.evaluate(INTRUDERS)])


@pytest.mark.parametrize("view", ["words", "split"])
@pytest.mark.parametrize("script", OF_SCRIPTS)
def test_what_changed_is_marked_in_any_script_and_reads_its_way(
    script: str, view: str, open_window: Open
) -> None:
    text, old, new, way = OF_SCRIPTS[script]
    visit = open_window(width=NARROW)
    page = send(visit, f"{text} {text}", f"{text} {text.replace(old, new)}", view=view)
    assert page.locator("del").all_text_contents() == [f"deleted: {old}"]
    assert page.locator("ins").all_text_contents() == [f"inserted: {new}"]
    shown = page.locator(".difference, .split .said").first
    assert shown.evaluate("(each) => getComputedStyle(each).direction") == way
    # The sign stands in the padding where the change begins, whichever side that is.
    assert page.locator("ins, del").first.evaluate(_SIGN) == [way == "ltr", way == "rtl"]
    nothing(visit.overflowing())
    nothing(accessibility(page))
    nothing(visit.troubles)


@pytest.mark.parametrize("view", ["words", "split"])
def test_a_megabyte_a_side_is_a_page_that_a_phone_can_show(view: str, open_window: Open) -> None:
    visit = open_window(width=PHONE)
    long = WORDS * (1_000_000 // len(WORDS))
    page = send(visit, long, f"Before. {long}After.", view=view)
    assert "lines are compared instead" in page.locator("main").inner_text()
    assert int(page.evaluate("document.querySelectorAll('*').length")) < 3_000
    nothing(visit.overflowing())
    nothing(visit.troubles)


def test_the_page_of_an_edited_record_says_what_changed_and_leads_to_the_comparison(
    site: Site, open_window: Open
) -> None:
    visit = open_window(width=NARROW).go(site.pages["record-edited"].path)
    since = visit.page.locator("section[aria-labelledby=since]")
    expect(since.get_by_text("Revision 2 was the last to say otherwise").first).to_be_visible()
    nothing(visit.overflowing())
    with visit.page.expect_navigation():
        since.get_by_role("link", name="Compare them").click()
    expect(visit.page.get_by_text("This address shows the same for ever.")).to_be_visible()
    nothing(visit.troubles)
