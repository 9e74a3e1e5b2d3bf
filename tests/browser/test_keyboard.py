"""The pages by keyboard alone."""

import pytest

from tests.browser.conftest import Open
from tests.browser.site import Site

FOCUSED = "document.activeElement"


@pytest.mark.parametrize("name", ["home", "records", "record"])
def test_the_first_stop_is_a_link_that_skips_to_the_content(name: str, site: Site, open_window: Open) -> None:
    page = open_window().go(site.pages[name].path).page
    page.keyboard.press("Tab")
    assert page.evaluate(f"{FOCUSED}.className") == "skip"
    box = page.locator(".skip").bounding_box()
    assert box is not None
    assert (box["x"] >= 0, box["y"] >= 0, box["height"] >= 24) == (True, True, True)
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate(f"document.querySelector('main').contains({FOCUSED})")


def test_a_search_needs_no_mouse(site: Site, open_window: Open) -> None:
    page = open_window().go("/").page
    page.locator("header [name=q]").focus()
    page.keyboard.type("block 1")
    page.keyboard.press("Enter")
    page.wait_for_url("**/find?q=block+1")


def test_what_has_the_focus_is_not_covered(site: Site, open_window: Open) -> None:
    page = open_window(width=390).go(site.pages["records"].path).page
    for _ in range(40):
        page.keyboard.press("Tab")
        covered = page.evaluate(
            """() => {
              const box = document.activeElement.getBoundingClientRect();
              const at = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
              return !(at && (document.activeElement.contains(at) || at.contains(document.activeElement)));
            }"""
        )
        assert not covered, page.evaluate(f"{FOCUSED}.outerHTML")
