"""How tall the pages of the API's reference are."""

import re

from playwright.sync_api import Page

from tests.browser.conftest import Open
from tests.browser.visit import DESKTOP, NARROW, PHONE

TALLEST = 8_000  # CSS pixels
MOST_WORDS = 12  # pages that have the most to show: none of the others can be taller by much


def test_no_page_of_the_reference_is_too_tall_to_look_over(open_window: Open) -> None:
    visit = open_window(width=DESKTOP).go("/api")
    names = set(re.findall(r'href="(/reference/[^"#]+)"', visit.page.content()))
    assert len(names) > 20
    heights = {"/api": _height(visit.page)}
    for width in (PHONE, NARROW):
        heights[f"/api at {width}"] = _height(open_window(width=width).go("/api").page)
    sizes = {path: len(visit.page.request.get(f"{visit.url}{path}").body()) for path in names}
    for path in sorted(names, key=lambda each: -sizes[each])[:MOST_WORDS]:
        heights[path] = _height(visit.go(path).page)
    assert {path: height for path, height in heights.items() if height > TALLEST} == {}


def _height(page: Page) -> int:
    found: int = page.evaluate("document.documentElement.scrollHeight")
    return found
