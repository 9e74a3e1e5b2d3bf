"""One site a worker, for the whole run; one browser while tests of this folder run.

Playwright's loop lives in the thread of the tests, and Django would refuse to work in it, so no test here
uses the database itself.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright

from tests.browser import chromium
from tests.browser.site import Site, running
from tests.browser.visit import Visit, window
from tests.plugin import FOLDER, STATES

Open = Callable[..., Visit]
"""Opens a window, see `tests.browser.visit.window`; it is closed after the test."""


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
