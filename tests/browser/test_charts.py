"""A chart of many days, and the way from a list of models to its numbers, on a phone and in every colour."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.template.loader import render_to_string
from playwright.sync_api import Page, expect

from explorer.pages.rendering.chart import chart_of
from explorer.queries.groups.days import Day
from tests.browser import audit
from tests.browser.audit import nothing
from tests.browser.conftest import Open
from tests.browser.site import Site
from tests.browser.visit import DESKTOP, NARROW

DAYS = [
    Day(date(2026, 10, 1) + timedelta(days=at), 1_204_331 + at, at % 5, at % 3, 900_000, 700_000 + at)
    for at in range(30)
]

# What is drawn of each chart, by the colour that it has: none may be that of the page.
DRAWN = """
() => [...document.querySelectorAll("main .chart path:is(.base, .over, .apart, .hatch)")].filter((each) => {
  const { fill, stroke } = getComputedStyle(each), page = getComputedStyle(document.body).backgroundColor;
  return [fill, stroke].every((color) => ["none", page].includes(color));
}).map((each) => each.outerHTML.slice(0, 120))
"""


def draw(page: Page) -> None:
    """Put a chart of numbers as large as they come in the place of what a page shows."""
    told = render_to_string(
        "parts/chart.html", {"chart": chart_of(DAYS), "request": SimpleNamespace(path="/")}
    )
    page.locator("main").evaluate("(main, told) => { main.innerHTML = `<h1>Days</h1>${told}`; }", told)
    page.locator("main details").evaluate("(each) => { each.open = true; }")


@pytest.mark.parametrize("width", [NARROW, DESKTOP])
def test_a_chart_is_sound_in_every_colour_and_width(width: int, site: Site, open_window: Open) -> None:
    visit = open_window(width=width).go(site.pages["glossary"].path)
    draw(visit.page)
    for media in (
        {"color_scheme": "light"},
        {"color_scheme": "dark"},
        {"color_scheme": "light", "forced_colors": "active"},
    ):
        visit.page.emulate_media(**media)  # type: ignore[arg-type]
        nothing(audit.accessibility(visit.page))
        nothing(audit.visibility(visit.page))
        nothing(visit.page.evaluate(DRAWN))
        nothing(visit.overflowing())
    nothing(visit.happened())


def test_a_reader_goes_from_the_list_to_a_model_and_its_numbers_without_scripts(
    site: Site, open_window: Open
) -> None:
    visit = open_window(width=NARROW, javascript=False).go("/models")
    page = visit.page
    for name in ("Seen last", "Most records", "By name"):
        with page.expect_navigation():
            page.get_by_role("link", name=name, exact=True).click()
        expect(page.get_by_role("link", name=name, exact=True)).to_have_attribute("aria-current", "true")
        nothing(visit.overflowing())
    page.locator("main tbody summary").first.click()  # of a model of several names
    nothing(visit.overflowing())
    with page.expect_navigation():
        page.locator("main tbody details[open] a").first.click()
    page.get_by_text("The same as a table").click()
    nothing(visit.overflowing())
    written = page.locator("section[aria-labelledby=daily] td[data-label=written]").all_inner_texts()
    with page.expect_download() as downloaded:
        page.get_by_role("link", name="These days as CSV").click()
    lines = downloaded.value.path().read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("day_utc,written,")
    assert [line.split(",")[1] for line in lines[1:]] == [each.replace(",", "") for each in written[::-1]]
    nothing(visit.troubles)
