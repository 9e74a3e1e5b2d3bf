"""Prompts on a phone, without JavaScript: from the list to a prompt, its answers and records, and back."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.audit import nothing
from tests.browser.conftest import Open
from tests.browser.site import Site
from tests.browser.visit import DESKTOP, NARROW, PHONE


@pytest.mark.parametrize("width", [PHONE, NARROW])
def test_a_reader_goes_from_the_list_to_an_answer_and_back(width: int, site: Site, open_window: Open) -> None:
    visit = open_window(width=width, javascript=False).go("/prompts")
    page = visit.page
    with page.expect_navigation():
        page.get_by_role("link", name="Most disagreement").click()
    nothing(visit.overflowing())
    with page.expect_navigation():
        page.locator("main tbody a.line").first.click()
    prompt = page.url
    expect(page.locator("h1")).to_have_text("Prompt")
    nothing(visit.overflowing())
    answers = page.locator("section[aria-labelledby=answers] tbody tr")
    count = answers.first.locator("td a").first
    number = int((re.match("[0-9]+", count.inner_text()) or ["0"])[0])
    with page.expect_navigation():
        count.click()
    expect(page.locator("main tbody th[scope=row] > a")).to_have_count(number)
    with page.expect_navigation():
        page.get_by_role("link", name="All answers to this prompt").click()
    assert page.url == prompt
    with page.expect_navigation():
        page.locator(":is([aria-labelledby=differing], [aria-labelledby=undecided]) tbody th a").first.click()
    with page.expect_navigation():
        page.get_by_role("link", name="All answers to this prompt").click()
    assert page.url == prompt
    nothing(visit.troubles)


@pytest.mark.parametrize("width", [NARROW, PHONE, DESKTOP])
def test_each_model_of_an_answer_has_lines_of_its_own_and_no_comma_begins_one(
    width: int, site: Site, open_window: Open
) -> None:
    visit = open_window(width=width).go(site.pages["prompt-with-dissent"].path)
    models = visit.page.locator("section[aria-labelledby=answers] td[data-label=models]")
    assert max(each.locator(".run").count() for each in models.all()) > 1
    for each in models.all():
        tops = [box["y"] for run in each.locator(".run").all() if (box := run.bounding_box())]
        assert tops == sorted(set(tops))
        assert not re.search(r"^\s*,", each.inner_text(), re.MULTILINE)
    nothing(visit.overflowing())
