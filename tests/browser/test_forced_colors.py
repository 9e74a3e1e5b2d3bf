"""Lists and searches where the reader's own few colours take the place of ours."""

from types import SimpleNamespace

import pytest
from django.template.loader import render_to_string
from playwright.sync_api import Page

from tests.browser import audit
from tests.browser.audit import nothing
from tests.browser.conftest import Open
from tests.browser.site import Site
from tests.browser.visit import NARROW

LISTS = {
    "records-searched": "&limit=10",
    "records-of-all-chains": "?limit=10",
    "records-refused": "",
    "records-none-fits": "",
    "find-several": "",
}
"""Pages by their names, and what is asked for besides: few rows."""

# What tells a hit, a chip and the field of a refused line from what stands around them, but for colour.
LINED = """
() => [["mark", "Bottom"], [".chips a", "Top"], ["[aria-invalid]", "Top"]].flatMap(([kind, side]) =>
  [...document.querySelectorAll("main " + kind)].filter((each) => {
    const { [`border${side}Style`]: style, [`border${side}Width`]: width } = getComputedStyle(each);
    return style !== "solid" || parseFloat(width) < 1;
  }).map((each) => each.outerHTML.slice(0, 120)))
"""
# The glyph of each state, and the line under a day.
SHOWN = """
() => [...document.querySelectorAll("main .mark")].filter((each) => {
  const { backgroundColor, width } = getComputedStyle(each, "::before");
  return backgroundColor === getComputedStyle(document.body).backgroundColor || parseFloat(width) < 4;
}).map((each) => each.outerHTML.slice(0, 120))
"""


@pytest.mark.parametrize("name", LISTS)
def test_a_list_is_sound_and_nothing_is_told_by_colour_alone(
    name: str, site: Site, open_window: Open
) -> None:
    address = site.pages[name]
    visit = open_window(forced_colors=True, width=NARROW).go(
        address.path + LISTS[name], status=address.status
    )
    nothing(audit.visibility(visit.page))
    nothing(visit.page.evaluate(LINED))
    nothing(visit.page.evaluate(SHOWN))
    nothing(visit.overflowing())
    nothing(visit.happened())


def test_an_early_end_is_sound_in_every_colour_and_width(site: Site, open_window: Open) -> None:
    """As a list shows it, whose time is up."""
    visit = open_window(width=NARROW).go(site.pages["records-none-fits"].path)
    end_early(visit.page, site)
    nothing(audit.accessibility(visit.page))
    nothing(visit.overflowing())
    visit.page.emulate_media(color_scheme="dark")
    nothing(audit.visibility(visit.page))
    visit.page.emulate_media(color_scheme="light", forced_colors="active")
    nothing(audit.visibility(visit.page))


def end_early(page: Page, site: Site) -> None:
    """Put the words of an early end in the place of those of an empty list."""
    rid = site.pages["chain"].path.rpartition("/")[2]
    chains = [SimpleNamespace(rid=rid, name=name, network="", is_made_up=False) for name in ("", "name" * 60)]
    told = render_to_string(
        "parts/searched.html",
        {
            "searched": [SimpleNamespace(chain=each, height=1_204_331, at=None) for each in chains],
            "unsearched": [(each, f"/chains/{rid}/records?q=x") for each in chains],
            "words_to": [],
            "is_downwards": True,
            "url": "/records?cursor=x",
        },
    )
    page.locator("main .empty").evaluate("(each, told) => { each.outerHTML = told; }", told)
    assert "Searched back to block 1,204,331" in page.locator("#searched").inner_text()
