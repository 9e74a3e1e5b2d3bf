"""The page between here and elsewhere."""

import pytest
from selectolax.lexbor import LexborHTMLParser

from explorer.pages.rendering.outside import way_to
from tests.explorer.pages.asking import get

pytestmark = pytest.mark.django_db


def test_a_link_of_somebody_says_where_it_leads_and_leads_there() -> None:
    address = "https://bank.example@xn--bcher-kva.example/<script>?q=%22"
    response = get(way_to(address) or "")
    assert response.status_code == 200
    assert response.headers["X-Robots-Tag"] == "noindex"
    shown = LexborHTMLParser(response.content)
    (link,) = shown.css("main a.button")
    assert link.attributes["href"] == address
    assert set((link.attributes["rel"] or "").split()) >= {"nofollow", "ugc", "noopener", "noreferrer"}
    words = shown.css_first("main").text()  # type: ignore[union-attr]
    for said in ("bank.example, is not who is asked", "https://bank.example@b\u00fccher.example", address):
        assert said in " ".join(words.split())
    assert not shown.css("main script")
    assert not response.cookies


@pytest.mark.parametrize("query", ["", "?to=https://evil.example/", "?to=https://evil.example/&signed=abc"])
def test_it_leads_nowhere_by_itself(query: str) -> None:
    response = get(f"/leaving{query}")
    assert response.status_code == 404
    assert not LexborHTMLParser(response.content).css("a[href^='https://evil']")


def test_what_it_does_not_know_is_said() -> None:
    assert get("/leaving?from=a").status_code == 400
    assert get(f"/leaving?to={'a' * 3000}").status_code == 400
