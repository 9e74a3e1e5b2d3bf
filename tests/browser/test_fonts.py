"""The pages with each of the stated sets of fonts, whose letters differ in height and width."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Playwright

from tests.browser import audit, chromium
from tests.browser.audit import nothing
from tests.browser.conftest import Look, looking
from tests.browser.fonts import DEJAVU, LIBERATION, SETS, Fonts
from tests.browser.pages import NAMES
from tests.browser.site import Site
from tests.browser.visit import DESKTOP, NARROW, PHONE, Visit, window


@pytest.fixture(scope="module")
def other(driver: Playwright) -> Iterator[Browser]:
    """A Chromium with other fonts than all other tests have."""
    with chromium.launch(driver, using=LIBERATION) as found:
        yield found


@pytest.fixture(scope="module")
def look_in_others(site: Site, other: Browser) -> Iterator[Look]:
    """Opens a page by its name in that one."""
    with looking(site, other) as found:
        yield found


PLAIN = """<!doctype html><style>p { font-family: sans-serif } h1 { font-family: serif }</style>
<h1>A title</h1> <p>Some words.</p> <code>code</code>"""


@pytest.mark.parametrize("fonts", SETS, ids=lambda each: each.name)
def test_a_browser_draws_in_the_fonts_of_the_set(fonts: Fonts, driver: Playwright) -> None:
    """Whatever the machine has, which may be none; the browser is fetched where there is none either."""
    with chromium.launch(driver, using=fonts) as browser, window(browser, "") as visit:
        visit.page.set_content(PLAIN)
        assert _families(visit) == _of(fonts)


@pytest.mark.parametrize("fonts", SETS, ids=lambda each: each.name)
def test_pages_are_shown_in_the_fonts_of_the_set(
    fonts: Fonts, site: Site, browser: Browser, other: Browser
) -> None:
    """However many others the machine has."""
    with window(browser if fonts is DEJAVU else other, site.url) as visit:
        visit.go(site.pages["record"].path)
        assert _families(visit) == _of(fonts)


@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_sound_in_other_fonts(name: str, look_in_others: Look) -> None:
    visit = look_in_others(name, width=PHONE)
    nothing(audit.small(visit.page))
    nothing(audit.sizes(visit.page))
    for width in (DESKTOP, PHONE, NARROW):
        nothing(visit.resize(width).overflowing())


def _of(fonts: Fonts) -> dict[str, set[str]]:
    return {"p": {fonts.sans}, "h1": {fonts.serif}, "code": {fonts.mono}}


def _families(visit: Visit) -> dict[str, set[str]]:
    return {each: _shown(visit, each) for each in ("p", "h1", "code")}


def _shown(visit: Visit, selector: str) -> set[str]:
    """The families in which the letters of the first such element are drawn."""
    session = visit.page.context.new_cdp_session(visit.page)
    for domain in ("DOM", "CSS"):
        session.send(f"{domain}.enable")
    root = session.send("DOM.getDocument")["root"]["nodeId"]
    node = session.send("DOM.querySelector", {"nodeId": root, "selector": selector})["nodeId"]
    found = session.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
    return {each["familyName"] for each in found}
