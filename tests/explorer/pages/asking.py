"""Asking for pages in tests, and what every one of them must be."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.http import HttpResponse
from django.test import Client
from selectolax.lexbor import LexborHTMLParser

from explorer.queries.chain.chains import ChainView

OUTSIDE = {"https://www.apache.org/licenses/LICENSE-2.0"}
"""What pages of our own words link to."""

_FORBIDDEN = {"iframe", "object", "embed", "base", "style", "img", "video", "audio"}
_ADDRESSES = {"href", "src", "action", "formaction"}


@dataclass(slots=True)
class _Watch:
    """Every element and attribute of a page that could do something; its ids, and how many first headings."""

    faults: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    headings: int = 0

    def see(self, tag: str, given: Mapping[str, str | None]) -> None:
        self.headings += tag == "h1"
        if "id" in given:
            self.ids.append(given["id"] or "")
        if tag in _FORBIDDEN or (tag == "script" and "src" not in given):
            self.faults.append(tag)
        for name, value in given.items():
            if name.startswith("on") or name == "style":
                self.faults.append(f"{tag} {name}")
            if name in _ADDRESSES and not _leads_within(value or ""):
                self.faults.append(f"{tag} {name}={value}")


def _watched(text: str) -> _Watch:
    """What a browser would make of it."""
    watch = _Watch()
    for each in LexborHTMLParser(text).css("*"):
        watch.see(each.tag or "", each.attributes)
    return watch


def _leads_within(address: str) -> bool:
    """Whether it is an address of this site, or of the licence that the operator names."""
    if address in OUTSIDE:
        return True
    return address.startswith(("#", "?")) or (address.startswith("/") and not address.startswith("//"))


def get(path: str) -> HttpResponse:
    """Ask for a page as a stranger would."""
    return Client().get(path)  # type: ignore[return-value]


def page(path: str, *, status: int = 200) -> str:
    """A whole page with that status, which must be one that a browser can trust."""
    response = get(path)
    assert response.status_code == status, (path, response.status_code)
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    text = response.content.decode()
    watch = _watched(text.replace(' rel="canonical" href="http://testserver/', ' rel="canonical" href="/'))
    assert watch.faults == [], path
    assert watch.headings == 1, path
    assert len(watch.ids) == len(set(watch.ids)), path
    assert text.rstrip().endswith("</html>"), path
    return text


def faults_of(text: str) -> list[str]:
    """What in a page could do something that it must not."""
    return _watched(text).faults


def of(chain: ChainView, rest: str = "") -> str:
    """The path of a chain's page."""
    return f"/chains/{chain.rid}{rest}"
