"""What a stranger does on a phone: from a record to the other answers and to what changed, and back."""

import pytest
from playwright.sync_api import expect

from tests.browser import audit
from tests.browser.audit import nothing
from tests.browser.conftest import Open
from tests.browser.site import Site
from tests.browser.visit import DESKTOP, NARROW, PHONE

# CSS pixels; of an answer without an end so much is shown that the smallest does not hold it
PHONES = [
    ("record-edited", PHONE, 800),
    ("record-edited", 375, 667),
    ("record-edited", 360, 640),
    ("record-enormous", PHONE, 800),
    ("record-enormous", 375, 667),
]
INDENT = """
(each) => Math.round(each.getBoundingClientRect().left - each.closest("td").getBoundingClientRect().left)
"""


@pytest.mark.parametrize(("name", "width", "height"), PHONES)
def test_the_answer_and_what_is_proved_stand_within_two_screens(
    name: str, width: int, height: int, site: Site, open_window: Open
) -> None:
    page = open_window(width=width).go(site.pages[name].path).page
    for place in (".evidence", "section[aria-labelledby=answer] .said"):
        box = page.locator(place).first.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 2 * height, place


def test_what_a_record_is_told_by_is_one_line_on_a_phone_and_open_on_a_desktop(
    site: Site, open_window: Open
) -> None:
    visit = open_window(width=PHONE).go(site.pages["record-edited"].path)
    summary, facts = visit.page.locator(".brief > summary"), visit.page.locator(".brief dl")
    expect(summary).to_contain_text("scout")
    expect(facts).to_be_hidden()
    summary.click()
    expect(facts).to_be_visible()
    for width in (PHONE, NARROW):
        nothing(visit.resize(width).overflowing())
        nothing(audit.small(visit.page))
        nothing(audit.sizes(visit.page))
    visit.go(site.pages["record-edited"].path).resize(DESKTOP)
    expect(facts).to_be_visible()
    expect(summary).to_be_hidden()
    nothing(visit.troubles)


def test_from_a_record_to_its_other_answers_their_records_and_back(site: Site, open_window: Open) -> None:
    visit = open_window(width=PHONE, javascript=False).go(site.pages["record-edited"].path)
    page, record = visit.page, visit.page.url
    rows = page.locator("section[aria-labelledby=agreement] > div > table tbody tr")
    other = rows.filter(has_not_text="this record").first
    with page.expect_navigation():
        other.locator("td").first.get_by_role("link").first.click()
    expect(page.locator("main tbody th[scope=row] > a").first).to_be_visible()
    nothing(visit.overflowing())
    with page.expect_navigation():
        page.get_by_role("link", name="All answers to this prompt").click()
    page.goto(record)
    with page.expect_navigation():
        page.get_by_role("link", name="What changed it, in the ledger").click()
    with page.expect_navigation():
        page.locator("main tbody th[scope=row] > a").first.click()
    assert page.url == record
    nothing(visit.troubles)


@pytest.mark.parametrize("width", [PHONE, NARROW])
def test_who_signed_a_change_stands_where_a_line_begins(width: int, open_window: Open) -> None:
    visit = open_window(width=width).go("/ledger")
    signed = visit.page.locator("small.signed").all()
    assert signed
    assert {each.evaluate(INDENT) for each in signed} == {0}
    nothing(visit.overflowing())


def test_blocks_of_all_chains_lead_to_one_of_either_and_to_what_it_did(open_window: Open) -> None:
    visit = open_window(width=NARROW, javascript=False).go("/blocks?limit=100")
    page = visit.page
    chains = {str(each.get_attribute("href")).split("/")[2] for each in page.locator("tbody th > a").all()}
    assert len(chains) == 2
    with page.expect_navigation():
        page.locator("tbody td a", has_text="#").first.click()
    expect(page.locator("h1")).to_contain_text("Record #")
    nothing(visit.troubles)
