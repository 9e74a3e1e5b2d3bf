"""One look at one page: a browser window that writes down all that should not happen in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Dialog,
    Page,
    Request,
    Response,
)

Theme = Literal["light", "dark"]
DESKTOP, PHONE, NARROW = 1280, 390, 320  # CSS pixels
HEIGHT = 900

# Set before any script of the page runs. What is hostile would have to call one of these, or say so itself.
_WATCH = """
window.__happened = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.__happened.push(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
for (const name of ["alert", "confirm", "prompt", "print", "open"])
  window[name] = (...words) => window.__happened.push(`${name}(${words})`);
"""

_OVERFLOW = """
(() => {
  const wide = document.documentElement.scrollWidth;
  if (wide <= window.innerWidth) return [];
  const scrolls = (element) => {
    for (let each = element.parentElement; each && each !== document.body; each = each.parentElement)
      if (["auto", "scroll", "hidden", "clip"].includes(getComputedStyle(each).overflowX)) return true;
    return false;
  };
  const found = [...document.body.querySelectorAll("*")]
    .filter((each) => each.getBoundingClientRect().right > window.innerWidth + 0.5 && !scrolls(each))
    .map((each) => `${each.tagName.toLowerCase()}.${each.className} ${each.textContent.trim().slice(0, 40)}`);
  return [`${wide} px wide`, ...found.slice(0, 5)];
})()
"""


@dataclass(slots=True)
class Visit:
    """A window. `troubles` are console errors, failed requests, exceptions, dialogs and foreign requests."""

    page: Page
    url: str
    troubles: list[str] = field(default_factory=list)
    sent: list[Response] = field(default_factory=list)

    def go(self, path: str, *, status: int = 200) -> "Visit":
        """Open a page of the site; it must answer with this status."""
        answer = self.page.goto(self.url + path, wait_until="load")
        assert answer is not None
        assert answer.status == status, f"{path} answers {answer.status}, not {status}"
        return self

    def begin_anew(self, url: str, *, width: int, theme: Theme) -> "Visit":
        """Be as a fresh window on the site at `url`: nothing seen, nothing kept but the site's files."""
        self.page.goto("about:blank")
        self.page.context.clear_cookies()
        self.troubles.clear()
        self.sent.clear()
        self.url = url
        return self.turn(theme).resize(width)

    def turn(self, theme: Theme) -> "Visit":
        """Have the system light or dark from now on."""
        self.page.emulate_media(color_scheme=theme)
        return self

    def resize(self, width: int) -> "Visit":
        """Make the window this wide."""
        self.page.set_viewport_size({"width": width, "height": HEIGHT})
        return self

    def overflowing(self) -> list[str]:
        """What sticks out to the right of the window, so that the page scrolls sideways."""
        found: list[str] = self.page.evaluate(_OVERFLOW)
        return found

    def happened(self) -> list[str]:
        """All that should not have happened so far."""
        seen: list[str] = self.page.evaluate("window.__happened || []")
        return [*self.troubles, *seen]

    def _watch(self) -> None:
        window = self.page.context
        window.on("weberror", lambda error: self.troubles.append(f"exception: {error.error}"))
        # Playwright marks the methods that it is given, which objects with slots do not take.
        window.on("dialog", lambda dialog: self._on_dialog(dialog))
        window.on("console", lambda message: self._on_console(message))
        window.on("request", lambda request: self._on_request(request))
        window.on("page", lambda page: self.troubles.append(f"another window: {page.url}"))
        self.page.on("response", lambda response: self.sent.append(response))

    def _on_dialog(self, dialog: Dialog) -> None:
        self.troubles.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _on_console(self, message: ConsoleMessage) -> None:
        """That the page itself answers 404 or 410 the browser calls an error too: that is no trouble."""
        if message.type not in {"error", "warning"}:
            return
        if message.text.startswith("Failed to load resource") and message.location["url"] == self.page.url:
            return
        self.troubles.append(f"console: {message.text} ({message.location['url']})")

    def _on_request(self, request: Request) -> None:
        if urlsplit(request.url).netloc != urlsplit(self.url).netloc:
            self.troubles.append(f"request to another host: {request.url[:200]}")


@contextmanager
def window(
    browser: Browser,
    url: str,
    *,
    width: int = DESKTOP,
    theme: Theme = "light",
    javascript: bool = True,
    forced_colors: bool = False,
) -> Iterator[Visit]:
    """A fresh window on the site at `url`, without cookies; closed afterwards."""
    with browser.new_context(
        viewport={"width": width, "height": HEIGHT},
        color_scheme=theme,
        forced_colors="active" if forced_colors else "none",
        java_script_enabled=javascript,
        reduced_motion="reduce",
        locale="en-GB",
        timezone_id="Asia/Kathmandu",
    ) as context:
        context.add_init_script(_WATCH)
        visit = Visit(context.new_page(), url)
        visit._watch()
        yield visit
