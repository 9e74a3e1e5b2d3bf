"""One site a worker, for the whole run; one browser while tests of this folder run.

Playwright's loop lives in the thread of the tests, and Django would refuse to work in it, so no test here
uses the database itself.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright

from tests.browser import chromium
from tests.browser.site import Site, running
from tests.browser.visit import DESKTOP, Theme, Visit, window
from tests.plugin import FOLDER, STATES

Open = Callable[..., Visit]
"""Opens a window, see `tests.browser.visit.window`; it is closed after the test."""
Look = Callable[..., Visit]
"""Has a window look at a page by its name, see `looking`."""


@pytest.fixture(scope="session")
def site(prepared: Path) -> Iterator[Site]:
    """A site with a recorded chain and a devnet's, which holds all that is hostile."""
    with running(Path(os.environ[FOLDER]) / STATES, prepared=prepared) as found:
        yield found


@pytest.fixture(scope="package")
def driver() -> Iterator[Playwright]:
    """Playwright, which drives browsers."""
    with chromium.driver() as found:
        yield found


@pytest.fixture(scope="package")
def browser(driver: Playwright) -> Iterator[Browser]:
    """A real Chromium, with the fonts of most machines that run Linux."""
    with chromium.launch(driver) as found:
        yield found


@pytest.fixture
def open_window(site: Site, browser: Browser) -> Iterator[Open]:
    """Opens windows on the site."""
    with ExitStack() as stack:

        def opened(url: str = "", **options: object) -> Visit:
            return stack.enter_context(window(browser, url or site.url, **options))  # type: ignore[arg-type]

        yield opened


@contextmanager
def looking(site: Site, browser: Browser) -> Iterator[Look]:
    """Opens pages in windows that are kept, one with scripts and one without, each time as if it were a fresh
    one: for what looks at every page, and would spend half of its time on windows.
    """
    with ExitStack() as stack:

        @cache
        def kept(*, javascript: bool) -> Visit:
            return stack.enter_context(window(browser, site.url, javascript=javascript))

        def look(
            name: str, *, width: int = DESKTOP, theme: Theme = "light", javascript: bool = True
        ) -> Visit:
            address = site.pages[name]
            visit = kept(javascript=javascript)
            visit.begin_anew(address.site or site.url, width=width, theme=theme)
            return visit.go(address.path, status=address.status)

        yield look


@pytest.fixture(scope="module")
def look(site: Site, browser: Browser) -> Iterator[Look]:
    """Opens a page by its name, for tests that look at every one."""
    with looking(site, browser) as found:
        yield found
