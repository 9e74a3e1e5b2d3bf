"""Every page, in every way in which it is looked at."""

import pytest

from tests.browser import audit
from tests.browser.audit import nothing
from tests.browser.conftest import Open
from tests.browser.pages import NAMES
from tests.browser.site import Site
from tests.browser.visit import DESKTOP, NARROW, PHONE

pytestmark = pytest.mark.parametrize("name", NAMES)


def test_a_page_is_sound_on_a_desktop_in_light(name: str, site: Site, open_window: Open) -> None:
    address = site.pages[name]
    visit = open_window(address.site, theme="light", width=DESKTOP).go(address.path, status=address.status)
    assert (audit.misordered(visit.page), audit.landmarks(visit.page)) == ([], [1, 1, 1])
    nothing(audit.accessibility(visit.page))
    nothing(visit.overflowing())
    nothing(audit.visibility(visit.resize(PHONE).page))
    nothing(visit.happened())


def test_a_page_is_sound_on_a_phone_in_the_dark(name: str, site: Site, open_window: Open) -> None:
    address = site.pages[name]
    visit = open_window(address.site, theme="dark", width=PHONE).go(address.path, status=address.status)
    nothing(audit.accessibility(visit.page))
    nothing(visit.overflowing())
    nothing(visit.resize(NARROW).overflowing())
    nothing(audit.visibility(visit.resize(DESKTOP).page))
    nothing(visit.happened())


def test_a_page_needs_neither_javascript_nor_a_mouse(name: str, site: Site, open_window: Open) -> None:
    address = site.pages[name]
    visit = open_window(address.site, width=DESKTOP, javascript=False).go(address.path, status=address.status)
    assert visit.page.locator("main h1").is_visible()
    nothing(audit.without_focus_ring(visit.page))
    for width in (DESKTOP, PHONE, NARROW):
        nothing(visit.resize(width).overflowing())
    nothing(visit.troubles)


def test_what_stands_by_itself_is_large_enough_to_touch(name: str, site: Site, open_window: Open) -> None:
    address = site.pages[name]
    nothing(audit.small(open_window(width=PHONE).go(address.path, status=address.status).page))
