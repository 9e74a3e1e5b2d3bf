"""`make screenshots`: every page as a picture, on a desktop and a phone, light and dark.

They go to STATE/screenshots (by default var/screenshots), named by page, size and theme.
"""

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser

from tests.browser import chromium
from tests.browser.site import ROOT, Site, running
from tests.browser.visit import DESKTOP, PHONE, Theme, Visit, window

SCREENS = {"desktop": DESKTOP, "phone": PHONE}
THEMES: tuple[Theme, ...] = ("light", "dark")
TALLEST = 6_000  # CSS pixels; what is longer is cut off there


def main() -> int:
    """Write all pictures and say where they are; those of an earlier time are removed."""
    folder = Path(os.environ.get("STATE") or ROOT / "var").resolve() / "screenshots"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with running() as site, chromium.driver() as driver:
        browser = chromium.launch(driver)
        look = site.serve(DEBUG="1")
        for theme in THEMES:
            for screen, width in SCREENS.items():
                ending = f"{screen}-{theme}.png"
                _take_all(browser, site, folder, ending, width=width, theme=theme)
                with window(browser, look, width=width, theme=theme) as visit:
                    _take(visit.go("/look/"), folder / f"look-{ending}")
        browser.close()
    print(f"{len(list(folder.iterdir()))} pictures are in {folder}")
    return 0


def _take_all(browser: Browser, site: Site, folder: Path, ending: str, *, width: int, theme: Theme) -> None:
    for name, address in site.pages.items():
        with window(browser, address.site or site.url, width=width, theme=theme) as visit:
            _take(visit.go(address.path, status=address.status), folder / f"{name}-{ending}")


def _take(visit: Visit, to: Path) -> None:
    height = min(TALLEST, int(visit.page.evaluate("document.documentElement.scrollHeight")))
    width = visit.page.evaluate("innerWidth")
    clip = {"x": 0, "y": 0, "width": width, "height": height}
    visit.page.screenshot(path=to, full_page=True, clip=clip)  # type: ignore[arg-type]


if __name__ == "__main__":
    sys.exit(main())
