"""The tests' own eyes: each sees what it is there for."""

import http.server
import threading
from collections.abc import Iterator

import pytest

from tests.browser import audit
from tests.browser.conftest import Open
from tests.browser.visit import DESKTOP, NARROW, PHONE

SOUND = """<!doctype html><html lang="en"><head><title>Sound</title></head><body>
<header class="masthead"><a href="/">Home</a></header>
<main id="main"><h1>Sound</h1>{}</main>
<footer>End</footer></body></html>"""


class Handler(http.server.BaseHTTPRequestHandler):
    """A page whose main part is what the address says, after one policy of the site's."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Security-Policy", "script-src 'none'")
        self.end_headers()
        self.wfile.write(SOUND.format(PLANTED.get(self.path[1:], "")).encode())

    def log_message(self, format: str, *arguments: object) -> None:
        """Nobody reads it."""


PLANTED = {
    "sound": "<p>Nothing is wrong here.</p>",
    "script": "<script>alert(1)</script>",
    "handler": "<img src='data:,' alt='' onerror='alert(1)'>",
    "elsewhere": "<img src='http://x.invalid/pixel.png' alt=''>",
    "wide": "<p style='width: 700px'>wide</p>",
    "contained": "<div style='overflow-x: auto' tabindex='0'><p style='width: 700px'>wide</p></div>",
    "pale": "<p style='color: #bbb; background: #fff'>pale</p>",
    "small": "<p><button style='width: 9px; height: 9px; padding: 0' aria-label='a'></button>"
    "<button style='width: 9px; height: 9px; padding: 0' aria-label='b'></button></p>",
    "skipping": "<h3>A level is left out</h3>",
    "second": "<h1>Another title</h1>",
    "paler": "<style>@media (max-width: 500px) { p { color: #bbb } }</style><p>pale on a phone</p>",
    "paler-ground": "<style>@media (max-width: 500px) { main { background: #333 } }</style><p>dark</p>",
    "shown": "<style>p { color: #bbb } @media (min-width: 500px) { p { display: none } }</style><p>pale</p>",
    "hidden": "<a href='/' style='outline: none'>a link</a>",
}


@pytest.fixture(scope="module")
def planted() -> Iterator[str]:
    """The address of a site with one mistake a page."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_nothing_is_found_where_nothing_is_wrong(planted: str, open_window: Open) -> None:
    visit = open_window(planted, width=NARROW).go("/sound")
    assert audit.accessibility(visit.page) == ""
    assert (audit.misordered(visit.page), audit.landmarks(visit.page)) == ([], [1, 1, 1])
    assert audit.without_focus_ring(visit.page) == []
    assert (visit.overflowing(), visit.happened()) == ([], [])


@pytest.mark.parametrize(
    ("page", "told"),
    [("script", "policy: script-src"), ("handler", "policy: script-src"), ("elsewhere", "another host")],
)
def test_what_runs_or_fetches_is_seen(page: str, told: str, planted: str, open_window: Open) -> None:
    visit = open_window(planted).go(f"/{page}")
    assert any(told in each for each in visit.happened()), visit.happened()


def test_what_a_page_would_say_in_a_dialog_is_seen(planted: str, open_window: Open) -> None:
    visit = open_window(planted).go("/sound")
    visit.page.evaluate("alert('here')")
    visit.page.evaluate("setTimeout(() => { throw new Error('an exception') })")
    assert "alert(here)" in visit.happened()
    assert any("an exception" in each for each in visit.happened())


@pytest.mark.parametrize(("page", "rule"), [("pale", "color-contrast"), ("small", "target-size")])
def test_axe_looks_for_it(page: str, rule: str, planted: str, open_window: Open) -> None:
    assert rule in audit.accessibility(open_window(planted).go(f"/{page}").page)


@pytest.mark.parametrize("page", ["paler", "paler-ground", "shown"])
def test_what_looks_otherwise_at_another_width_is_looked_at_again(
    page: str, planted: str, open_window: Open
) -> None:
    visit = open_window(planted, width=DESKTOP).go(f"/{page}")
    assert audit.accessibility(visit.page) == ""
    assert audit.changed(visit.page) == ""
    assert "color-contrast" in audit.changed(visit.resize(PHONE).page)


def test_a_target_may_be_too_small(planted: str, open_window: Open) -> None:
    assert "target-size" in audit.sizes(open_window(planted).go("/small").page)
    assert audit.sizes(open_window(planted).go("/pale").page) == ""


@pytest.mark.parametrize(("page", "levels"), [("skipping", [1, 3]), ("second", [1, 1])])
def test_headings_out_of_order_are_seen(
    page: str, levels: list[int], planted: str, open_window: Open
) -> None:
    assert audit.misordered(open_window(planted).go(f"/{page}").page) == levels


def test_what_sticks_out_is_seen_and_what_scrolls_by_itself_is_not(planted: str, open_window: Open) -> None:
    visit = open_window(planted, width=NARROW)
    assert "p. wide" in visit.go("/wide").overflowing()
    assert visit.go("/contained").overflowing() == []


def test_a_link_that_hides_the_focus_is_seen(planted: str, open_window: Open) -> None:
    (found,) = audit.without_focus_ring(open_window(planted).go("/hidden").page)
    assert "a link" in found
