"""Every page, in every way in which it is looked at."""

import pytest

from tests.browser import audit
from tests.browser.audit import nothing
from tests.browser.conftest import Look
from tests.browser.pages import NAMES
from tests.browser.visit import DESKTOP, NARROW, PHONE

pytestmark = pytest.mark.parametrize("name", NAMES)


def test_a_page_is_sound_in_both_themes_at_each_width(name: str, look: Look) -> None:
    visit = look(name, theme="light", width=DESKTOP)
    assert (audit.misordered(visit.page), audit.landmarks(visit.page)) == ([], [1, 1, 1])
    nothing(audit.accessibility(visit.page))
    nothing(visit.overflowing())
    nothing(audit.changed(visit.resize(PHONE).page))
    nothing(audit.small(visit.page))
    nothing(audit.accessibility(visit.turn("dark").page))
    nothing(visit.overflowing())
    nothing(visit.resize(NARROW).overflowing())
    nothing(audit.changed(visit.resize(DESKTOP).page))
    nothing(visit.happened())


def test_a_page_needs_neither_javascript_nor_a_mouse(name: str, look: Look) -> None:
    visit = look(name, width=DESKTOP, javascript=False)
    assert visit.page.locator("main h1").is_visible()
    nothing(audit.without_focus_ring(visit.page))
    for width in (DESKTOP, PHONE, NARROW):
        nothing(visit.resize(width).overflowing())
    nothing(visit.troubles)
