"""How much a page weighs: limits that keep it quick on a slow line and an old telephone."""

import gzip

import httpx
import pytest

from tests.browser.conftest import Open
from tests.browser.site import ROOT, Site

KB = 1000


def packed(data: bytes) -> int:
    return len(gzip.compress(data))


def test_the_style_sheet_is_small() -> None:
    assert packed(b"".join(each.read_bytes() for each in sorted((ROOT / "static").rglob("*.css")))) <= 20 * KB


def test_our_own_scripts_are_small() -> None:
    assert packed(b"".join(each.read_bytes() for each in sorted((ROOT / "static").rglob("*.js")))) <= 12 * KB


@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("home", 40),
        ("records", 40),
        ("records-of-all-chains", 40),
        ("records-of-hostile-texts", 40),
        ("record", 60),
    ],
)
def test_a_page_is_sent_small(name: str, most: int, site: Site) -> None:
    with httpx.stream("GET", site.url + site.pages[name].path, headers={"Accept-Encoding": "gzip"}) as answer:
        assert answer.headers["Content-Encoding"] == "gzip"
        assert sum(map(len, answer.iter_raw())) <= most * KB


@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("home", 1_500),
        ("records", 1_500),
        ("records-of-all-chains", 1_500),
        ("records-of-hostile-texts", 1_500),
        ("record", 3_000),
    ],
)
def test_a_page_has_few_nodes(name: str, most: int, site: Site, open_window: Open) -> None:
    page = open_window().go(site.pages[name].path).page
    assert page.evaluate("document.querySelectorAll('*').length") <= most


def test_what_a_page_needs_is_kept_by_the_browser(site: Site, open_window: Open) -> None:
    visit = open_window().go("/")
    needed = [each for each in visit.sent if "/static/" in each.url]
    assert needed
    for each in needed:
        assert "immutable" in each.headers["cache-control"], each.url
        assert each.headers.get("content-encoding") == "gzip" or int(each.headers["content-length"]) < KB, (
            each.url
        )
