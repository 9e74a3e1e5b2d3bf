"""Every page, in every way in which it is looked at."""

import pytest

from tests.browser import audit
from tests.browser.conftest import Open
from tests.browser.pages import NAMES
from tests.browser.site import Site
from tests.browser.visit import DESKTOP, NARROW, PHONE, Theme

pytestmark = pytest.mark.parametrize("name", NAMES)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_page_is_sound_on_every_screen(name: str, theme: Theme, site: Site, open_window: Open) -> None:
    address = site.pages[name]
    visit = open_window(theme=theme, width=DESKTOP).go(address.path, status=address.status)
    assert audit.misordered(visit.page) == []
    assert audit.landmarks(visit.page) == [1, 1, 1]
    for width in (DESKTOP, PHONE):
        assert audit.accessibility(visit.resize(width).page) == ""
    for width in (DESKTOP, PHONE, NARROW):
        assert visit.resize(width).overflowing() == []
    assert visit.happened() == []


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_a_page_needs_no_javascript(name: str, width: int, site: Site, open_window: Open) -> None:
    address = site.pages[name]
    visit = open_window(width=width, javascript=False).go(address.path, status=address.status)
    assert visit.page.locator("main h1").is_visible()
    assert visit.page.locator(".skip").count() == 1
    assert visit.overflowing() == []
    assert visit.troubles == []


def test_a_page_shows_where_the_keyboard_is(name: str, site: Site, open_window: Open) -> None:
    address = site.pages[name]
    visit = open_window().go(address.path, status=address.status)
    assert audit.without_focus_ring(visit.page) == []
