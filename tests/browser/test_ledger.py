"""The ledger on a phone: what changed, who signed it, and the way to the record and back."""

import pytest
from playwright.sync_api import expect

from tests.browser.audit import accessibility, nothing
from tests.browser.conftest import Open
from tests.browser.site import Site
from tests.browser.visit import NARROW, PHONE


@pytest.mark.parametrize("javascript", [True, False])
def test_a_change_is_found_and_its_record_and_transaction_are_reached(
    javascript: bool, site: Site, open_window: Open
) -> None:
    visit = open_window(width=PHONE, javascript=javascript).go("/ledger")
    page = visit.page
    page.locator("summary", has_text="Filter and sort").click()
    page.get_by_label("Kind").select_option("edit")
    page.get_by_label("Words", exact=True).select_option("changed")
    with page.expect_navigation():
        page.locator("main form").get_by_role("button", name="Show").click()
    assert page.url == f"{site.url}/ledger?kind=edit&wording=changed"
    row = page.locator("main tbody tr:not(.day, .asked)").first
    expect(row).to_contain_text("edited, other words")
    record = row.locator("th a").first
    number = record.inner_text()
    with page.expect_navigation():
        record.click()
    expect(page.locator("h1")).to_have_text(f"Record {number}")
    page.go_back()
    with page.expect_navigation():
        page.locator("main a[href*='/transactions/']").first.click()
    with page.expect_navigation():
        page.get_by_role("link", name="what it changed").click()
    expect(page.locator("main tbody")).to_contain_text(number)
    nothing(visit.resize(NARROW).overflowing())
    nothing(visit.troubles)


def test_a_batch_stands_under_its_transaction(site: Site, open_window: Open) -> None:
    visit = open_window(width=PHONE).go("/ledger?kind=batch-delete")
    expect(visit.page.locator("main .asked").first).to_contain_text("changes on this page, of transaction")
    nothing(accessibility(visit.page))
    nothing(visit.overflowing())


def test_missing_ids_lead_to_what_took_them(site: Site, open_window: Open) -> None:
    visit = open_window(width=PHONE).go(site.pages["missing"].path)
    page = visit.page
    with page.expect_navigation():
        page.locator("main tbody a[href*='/transactions/']").first.click()
    expect(page.locator("h1")).to_contain_text("Transaction")
    nothing(visit.happened())
