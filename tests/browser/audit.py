"""What must hold of any page, looked at in a window."""

from collections.abc import Mapping, Sequence

from axe_playwright_python.base import AXE_SCRIPT, AxeResults  # type: ignore[import-untyped]
from playwright.sync_api import Page

_EVERYTHING = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
_BUT_SIZES = {"resultTypes": ["violations"]}
_SEEN = {
    "resultTypes": ["violations"],
    "runOnly": [
        "color-contrast",
        "link-in-text-block",
        "nested-interactive",
        "scrollable-region-focusable",
        "summary-name",
        "target-size",
    ],
}
_COLOURS = {"resultTypes": ["violations"], "runOnly": ["color-contrast"]}
_SIZES = {"resultTypes": ["violations"], "runOnly": ["target-size"]}

# What makes axe-core quick enough. It reads the same few colours thousands of times: here each once a page.
# And it measures the contrast of each element, most of which look as another one does that stands in what
# looks the same: here of the first of each.
_PREPARE = """
(() => {
  const { Color } = axe.commons.color;
  const read = Color.prototype.parseString;
  const known = new Map();
  Color.prototype.parseString = function (text) {
    if (!known.has(text)) {
      read.call(this, text);
      known.set(text, [this.r, this.g, this.b, this.alpha]);
    }
    [this.r, this.g, this.b, this.alpha] = known.get(text);
    return this;
  };
  axe.configure({ rules: [{ id: "color-contrast", selector: "[data-first-of-a-look]" }] });
})()
"""

# Marks the first element of each look that is not among those seen already. A look is all that contrast hangs
# on, of the element and of each that it stands in. What cannot be seen has none.
_MARK = """
(anew) => {
  const seen = anew ? new Set() : window.__looks;
  const looks = new Map();
  for (const each of document.querySelectorAll("body, body *")) {
    each.removeAttribute("data-first-of-a-look");
    if (!each.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    const style = getComputedStyle(each);
    const { color, backgroundColor, backgroundImage, opacity, fontSize, fontWeight, position } = style;
    const own = [color, backgroundColor, backgroundImage, opacity, fontSize, fontWeight, position].join();
    const says = [...each.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
    const around = looks.get(each.parentElement) ?? "";
    const look = own === around.split("|").at(-1) ? around : `${around}|${own}`;
    looks.set(each, look);
    if (!(says || each.matches("input, select, textarea")) || seen.has(look)) continue;
    seen.add(look);
    each.setAttribute("data-first-of-a-look", "");
  }
  window.__looks = seen;
}
"""

_IS_LOOKED_AT = "window === top && location.href !== 'about:blank'"

_HEADINGS = "[...document.querySelectorAll('h1, h2, h3, h4, h5, h6')].map((each) => Number(each.tagName[1]))"

_LANDMARKS = """
['header.masthead', 'main#main', 'footer'].map((each) => document.querySelectorAll('body > ' + each).length)
"""

_ALONE = (
    ":is(.masthead, .bar, .views, .colophon, .index) a:not(.skip):visible, button:visible, summary:visible"
)
_SMALL = """
(found) => found.map((each) => ({ html: each.outerHTML.slice(0, 160), box: each.getBoundingClientRect() }))
  .filter(({ box }) => Math.min(box.width, box.height) < 24)
  .map(({ html, box }) => `${box.width} by ${box.height}: ${html}`)
"""

# Every stop of the Tab key: does it show that it has the focus, and is it where it can be seen?
_FOCUS = """
() => {
  const kinds = "a[href], button, input, select, textarea, summary, [tabindex]";
  const stops = [...document.querySelectorAll(kinds)]
    .filter((each) => each.tabIndex >= 0 && !each.disabled && each.checkVisibility());
  return stops.filter((each) => {
    each.focus();
    const { outlineStyle, outlineWidth } = getComputedStyle(each);
    return outlineStyle === "none" || (outlineStyle !== "auto" && parseFloat(outlineWidth) < 2);
  }).map((each) => each.outerHTML.slice(0, 160));
}
"""


def nothing(found: str | Sequence[object] | Mapping[str, object]) -> None:
    """Fail with all that was found, where anything was."""
    if isinstance(found, Mapping):
        found = [f"{name}: {what}" for name, what in found.items()]
    assert not found, found if isinstance(found, str) else "\n".join(map(str, found))


def accessibility(page: Page) -> str:
    """What axe-core finds wrong; empty where it finds nothing."""
    return _report(page, _EVERYTHING)


def accessibility_but_sizes(page: Page) -> str:
    """The same without the size of targets, which takes half of the time and belongs to narrow windows."""
    return _report(page, _BUT_SIZES)


def visibility(page: Page) -> str:
    """What axe-core finds wrong of that which depends on theme and width: contrast, the size of targets, what
    scrolls, and the parts that a narrow window alone shows to be folded.
    """
    return _report(page, _SEEN)


def changed(page: Page) -> str:
    """What it finds wrong with the colours of what looks as nothing did when one of these looked before."""
    return _report(page, _COLOURS, anew=False)


def sizes(page: Page) -> str:
    """What it finds too small to be pressed, or too near to something else."""
    return _report(page, _SIZES)


def _report(page: Page, options: Mapping[str, object], *, anew: bool = True) -> str:
    if not page.evaluate("'axe' in window"):
        _bring_axe(page)
    page.evaluate(_MARK, anew)
    found = AxeResults(page.evaluate("(options) => axe.run(document, options)", options))
    return str(found.generate_report()) if found.violations_count else ""


def _bring_axe(page: Page) -> None:
    """Have it in this page, and in each that its window opens afterwards, which finds it in the browser:
    to hand it over takes as long as what it measures. The empty page between two others has no use for it.
    """
    page.evaluate(AXE_SCRIPT)
    page.evaluate(_PREPARE)
    page.context.add_init_script(f"if ({_IS_LOOKED_AT}) {{ {AXE_SCRIPT}\n{_PREPARE} }}")


def misordered(page: Page) -> list[int]:
    """The levels of the headings where the only h1 is not first or a level is left out; else empty."""
    levels: list[int] = page.evaluate(_HEADINGS)
    steps = zip([0, *levels], levels, strict=False)
    right = levels.count(1) == 1 and all(to <= before + 1 for before, to in steps)
    return [] if right else levels


def landmarks(page: Page) -> list[int]:
    """How many mastheads, main parts and colophons the page has, in this order."""
    found: list[int] = page.evaluate(_LANDMARKS)
    return found


def without_focus_ring(page: Page) -> list[str]:
    """Elements that the Tab key reaches and that do not show it."""
    page.keyboard.press("Tab")
    found: list[str] = page.evaluate(_FOCUS)
    return found


def small(page: Page) -> Sequence[str]:
    """What is to be pressed, stands by itself, and is less than 24 px wide or high."""
    found: Sequence[str] = page.locator(_ALONE).evaluate_all(_SMALL)
    return found
