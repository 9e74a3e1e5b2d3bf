"""The list of records: narrowed by a form, widened by chips, and the same wherever its address is opened."""

from urllib.parse import unquote_plus, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.audit import accessibility, nothing, sizes
from tests.browser.conftest import Open
from tests.browser.site import Site
from tests.browser.visit import DESKTOP, NARROW, PHONE


def numbers(page: Page) -> list[str]:
    """The records that are listed."""
    return page.locator("main tbody th[scope=row] > a").all_text_contents()


def query(page: Page) -> str:
    return urlsplit(page.url).query


@pytest.mark.parametrize("javascript", [True, False])
def test_what_is_set_is_a_chip_and_is_taken_off_by_a_click(
    javascript: bool, site: Site, open_window: Open
) -> None:
    visit = open_window(javascript=javascript).go(site.pages["records"].path)
    page = visit.page
    page.get_by_label("Model", exact=True).fill("gemma2*")
    page.get_by_label("State").select_option("edited")
    with page.expect_navigation():
        page.locator("main form").get_by_role("button", name="Show").click()
    assert query(page) == "status=edited&model=gemma2*"
    chips = page.locator(".chips a")
    expect(chips).to_have_count(4)  # the chain, both filters, and all of them
    with page.expect_navigation():
        chips.filter(has_text="edited").click()
    assert query(page) == "model=gemma2*"
    expect(page.get_by_label("State")).to_have_value("any")
    expect(page.get_by_label("Model", exact=True)).to_have_value("gemma2*")
    page.go_back()
    assert query(page) == "status=edited&model=gemma2*"
    expect(page.get_by_label("State")).to_have_value("edited")
    with page.expect_navigation():
        page.get_by_role("link", name="Clear filters").click()
    assert query(page) == ""
    nothing(visit.troubles)


def test_a_chain_is_chosen_and_given_up(site: Site, open_window: Open) -> None:
    page = open_window(javascript=False).go("/records?has=edit").page
    every = numbers(page)
    page.get_by_label("Chain", exact=True).select_option(index=1)
    with page.expect_navigation():
        page.locator("main form").get_by_role("button", name="Show").click()
    assert urlsplit(page.url).path == site.pages["records"].path
    assert query(page) == "has=edit"
    assert len(numbers(page)) < len(every)
    with page.expect_navigation():
        page.locator(".chips a").first.click()
    assert urlsplit(page.url).path == "/records"
    assert numbers(page) == every


def test_an_address_shows_the_same_to_whoever_opens_it(site: Site, open_window: Open) -> None:
    path = "/records?has=edit&order=changed&limit=25"
    first, second = open_window().go(path).page, open_window(width=PHONE, theme="dark").go(path).page
    assert numbers(first) == numbers(second) != []


def test_a_name_leads_to_its_records(site: Site, open_window: Open) -> None:
    page = open_window().go(site.pages["record"].path).page
    with page.expect_navigation():
        page.locator("#f-model dd a").first.click()
    with page.expect_navigation():
        page.get_by_role("link", name="Its records").click()
    assert query(page).startswith("model=")
    assert numbers(page)
    with page.expect_navigation():
        page.locator("main td a:has(.scout)").first.click()
    with page.expect_navigation():
        page.get_by_role("link", name="Its records").click()
    assert query(page).startswith("scout=")
    assert numbers(page)


def test_fields_are_folded_on_a_phone_and_stand_open_where_there_is_room(
    site: Site, open_window: Open
) -> None:
    visit = open_window(width=DESKTOP).go(site.pages["records-filtered"].path)
    page = visit.page
    expect(page.get_by_label("Scout", exact=True)).to_be_visible()
    expect(page.locator(".fold > summary")).not_to_be_visible()
    visit.resize(NARROW)
    expect(page.get_by_label("Scout", exact=True)).not_to_be_visible()
    page.locator(".fold > summary").click()
    expect(page.get_by_label("Scout", exact=True)).to_be_visible()
    nothing(visit.overflowing())


def test_where_nothing_fits_each_filter_can_be_taken_off(site: Site, open_window: Open) -> None:
    page = open_window(javascript=False).go(site.pages["records-none-fits"].path).page
    offered = page.locator("main .empty li a")
    expect(offered).to_have_count(4)
    with page.expect_navigation():
        offered.filter(has_text="scout -7").click()
    assert query(page) == "status=edited&model=none/of%20them"


def test_what_cannot_be_meant_is_said_and_the_way_back_keeps_what_was_typed(
    site: Site, open_window: Open
) -> None:
    page = open_window().go(site.pages["records"].path).page
    page.get_by_label("Since").fill("2026-02-30")
    with page.expect_navigation():
        page.locator("main form").get_by_role("button", name="Show").click()
    expect(page.locator("main")).to_contain_text("is a day and a time that exist")
    page.go_back()
    expect(page.get_by_label("Since")).to_be_visible()


@pytest.mark.parametrize("javascript", [True, False])
def test_words_are_searched_from_the_box_above_and_taken_off_one_by_one(
    javascript: bool, site: Site, open_window: Open
) -> None:
    visit = open_window(javascript=javascript).go("/")
    page = visit.page
    page.get_by_role("searchbox", name="Search words").fill("lighthouse receivers")
    with page.expect_navigation():
        page.get_by_role("button", name="Search").first.click()
    assert urlsplit(page.url).path == "/records"
    expect(page.locator("mark").first).to_be_visible()
    both = numbers(page)
    with page.expect_navigation():
        page.locator(".chips a").filter(has_text="receivers").click()
    assert query(page) == "q=lighthouse"
    assert len(numbers(page)) >= len(both) > 0
    page.go_back()
    expect(page.get_by_role("searchbox", name="Search words")).to_have_value("lighthouse receivers")
    nothing(visit.troubles)


def test_a_line_that_cannot_be_meant_stays_to_be_mended(site: Site, open_window: Open) -> None:
    page = open_window().go("/find?q=modle:gemma*%20lighthouse", status=400).page
    expect(page.locator("main mark")).to_have_text("modle:gemma*")
    expect(page.get_by_role("searchbox", name="Your search")).to_have_value("modle:gemma* lighthouse")
    with page.expect_navigation():
        page.locator("main").get_by_role("link", name="model:gemma* lighthouse").click()
    assert unquote_plus(query(page)) == "q=model:gemma* lighthouse"


@pytest.mark.parametrize("width", [NARROW, DESKTOP])
def test_what_records_have_in_common_is_loaded_when_it_is_opened(
    width: int, site: Site, open_window: Open
) -> None:
    visit = open_window(width=width).go("/records?model=*")
    page = visit.page
    counted = page.locator("details[hx-get]")
    expect(counted.locator(".facets")).to_have_count(0)
    before = len(visit.sent)
    counted.locator("summary").click()
    edited = counted.get_by_role("link", name="edited")
    expect(edited).to_be_visible()
    assert len([each for each in visit.sent[before:] if "/records/facets?" in each.url]) == 1
    nothing(visit.overflowing())
    nothing(accessibility(page))
    number = int(counted.locator("li").filter(has_text="edited").locator(".n").inner_text())
    with page.expect_navigation():
        edited.click()
    assert query(page) == "status=edited&model=*"
    assert len(numbers(page)) == number
    page.locator("details[hx-get] summary").click()
    with page.expect_navigation():
        page.locator(".facets [aria-current]").click()
    assert query(page) == "model=*"
    nothing(visit.troubles)


def test_without_a_script_a_link_leads_to_what_records_have_in_common(site: Site, open_window: Open) -> None:
    page = open_window(javascript=False).go("/records?model=*&order=oldest").page
    page.locator("main details summary").filter(has_text="Count by").click()
    with page.expect_navigation():
        page.get_by_role("link", name="Show the numbers").click()
    assert urlsplit(page.url).path == "/records/facets"
    assert query(page) == "model=*&order=oldest"
    with page.expect_navigation():
        page.locator(".facets").get_by_role("link", name="edited").click()
    assert urlsplit(page.url).path == "/records"
    assert query(page) == "status=edited&model=*&order=oldest"
    assert numbers(page)


@pytest.mark.parametrize("javascript", [True, False])
def test_a_refused_line_is_mended_where_it_stands_and_the_rest_is_kept(
    javascript: bool, site: Site, open_window: Open
) -> None:
    visit = open_window(javascript=javascript, width=PHONE).go("/records?q=has:edits&limit=25", status=400)
    page = visit.page
    line = page.get_by_role("searchbox", name="Your search")
    expect(line).to_have_attribute("aria-invalid", "true")
    expect(page.locator(f"#{line.get_attribute('aria-describedby')}")).to_contain_text(
        "is one of edit, deletion"
    )
    line.fill("has:edit")
    with page.expect_navigation():
        line.press("Enter")
    assert query(page) == "q=has:edit&limit=25"
    assert numbers(page)
    page.go_back()
    expect(page.get_by_role("searchbox", name="Your search")).to_have_value("has:edits")


def test_what_may_have_been_meant_is_offered_and_leads_to_it(site: Site, open_window: Open) -> None:
    page = open_window(javascript=False).go("/records?q=model:gemma2").page
    with page.expect_navigation():
        page.locator(".hints").get_by_role("link", name="model:gemma2*").click()
    assert query(page) == "q=model:gemma2*"
    assert numbers(page)


def test_a_link_of_a_hash_among_facts_can_be_hit_on_the_narrowest_screen(
    site: Site, open_window: Open
) -> None:
    nothing(sizes(open_window(width=NARROW).go(site.pages["transaction"].path).page))
