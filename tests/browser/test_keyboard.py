"""The pages by keyboard alone."""

import pytest

from tests.browser.audit import nothing
from tests.browser.conftest import Open
from tests.browser.site import Site
from tests.browser.visit import DESKTOP, NARROW

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


STOP = """
() => {
  const each = document.activeElement;
  if (each === document.body) return null;
  const all = [...document.querySelectorAll("*")];
  const { outlineStyle, outlineWidth } = getComputedStyle(each);
  const { width, height } = each.getBoundingClientRect();
  return {
    at: all.indexOf(each),
    place: each.closest(".masthead, .query, .chips, .fields, .ledger, .pager, .colophon")?.className ?? "",
    html: each.outerHTML.slice(0, 120),
    isSeen: (outlineStyle === "auto" || parseFloat(outlineWidth) >= 2) && width > 0 && height > 0,
  };
}
"""


@pytest.mark.parametrize("width", [DESKTOP, NARROW])
def test_the_tab_key_goes_through_a_search_in_order_and_out_again(
    width: int, site: Site, open_window: Open
) -> None:
    page = open_window(width=width).go("/records?q=lighthouse%20-zebra&limit=3").page
    stops = []
    for _ in range(150):
        page.keyboard.press("Tab")
        stop = page.evaluate(STOP)
        if stop is None:
            break
        stops.append(stop)
    else:
        pytest.fail(f"it does not end: {stops[-1]['html']}")
    assert [each["at"] for each in stops] == sorted({each["at"] for each in stops})
    nothing([each["html"] for each in stops if not each["isSeen"]])
    passed = list(dict.fromkeys(each["place"].split(" ")[0] for each in stops if each["place"]))
    fields = ["fields"] if width == DESKTOP else []
    assert passed == ["masthead", "query", *fields, "chips", "ledger", "pager", "colophon"]


def test_filters_are_opened_set_and_taken_off_by_keys_alone(site: Site, open_window: Open) -> None:
    page = open_window(width=NARROW).go("/records?q=lighthouse").page
    page.locator(".fold > summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate(f"{FOCUSED}.name") == "chain"
    page.get_by_label("State").focus()
    page.keyboard.type("edited")
    page.get_by_label("Scout", exact=True).focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/records?q=lighthouse&status=edited")
    page.locator(".chips a").last.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/records")
