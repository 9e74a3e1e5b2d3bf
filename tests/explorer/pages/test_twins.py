"""Every page has its like in JSON at the same address below /api/v1, which says the same."""

import re
from collections.abc import Mapping

import pytest
from django.urls import Resolver404, resolve
from pytest_django import Settings
from selectolax.lexbor import LexborHTMLParser

from explorer.api import site_words
from explorer.queries.chain.chains import ChainView
from tests.explorer.pages.asking import get
from tests.explorer.pages.routes import OTHERS, every_route, routes, written

pytestmark = pytest.mark.django_db

WITHOUT: Mapping[str, str] = {
    "reference/<slug:name>": "a part of the schema, in words",
}
"""The pages that have no like in JSON, and why. What lies below /my/ are forms, for people alone."""


def has_twin(route: str) -> bool:
    try:
        return resolve(f"/api/v1{written(route)}") is not None
    except Resolver404:
        return False


def test_every_page_has_its_like_in_json_but_for_these() -> None:
    every = list(routes())
    assert len(every) > 40
    assert [each for each in every if not has_twin(each)] == list(WITHOUT)


def test_what_is_no_page_is_there() -> None:
    every = list(every_route())
    assert [name for name in OTHERS if not any(each.startswith(name) for each in every)] == []


def test_every_page_of_the_site_leads_to_its_like_and_that_answers(recorded_chain: ChainView) -> None:
    plain = [f"/{each}" for each in routes() if "<" not in each]
    assert {"/", "/glossary", "/find", "/compare", "/status", "/models"} <= set(plain)
    elsewhere = {"/": f"/chains/{recorded_chain.rid}", "/api": "/schema/"}
    for path in plain:
        response = get(path)
        if response.status_code == 302:
            assert path in ("/chains", "/records/facets"), path
            continue
        (link,) = LexborHTMLParser(response.content).css("link[rel=alternate][type='application/json']")
        twin = link.attributes["href"] or ""
        assert twin.partition("?")[0] == f"/api/v1{elsewhere.get(path, path)}"
        assert get(twin).status_code == 200


@pytest.mark.parametrize("has_accounts", [False, True])
def test_explanations_are_in_the_words_of_their_pages(
    settings: Settings, has_accounts: bool, recorded_chain: ChainView
) -> None:
    settings.CHALLENGES = has_accounts
    settings.OPERATOR, settings.CONTACT = "Ada <b>", "ada@example.org"
    for path in (*site_words.PAGES, "find", "compare"):
        shown = LexborHTMLParser(get(f"/{path}").content).css_first("main")
        assert shown is not None
        words = _plain(shown.text())
        answer = get(f"/api/v1/{path}").json()  # type: ignore[attr-defined]
        told = answer.get("explanation", answer)
        lines = [*told["opening"], *(line for each in told["sections"] for line in each["lines"])]
        assert all(_plain(said) in words for line in lines for said in _said(line)), path
        assert [each["title"] for each in told["sections"]] == [each.text() for each in shown.css("h2")]
        anchors = {each.attributes["id"] for each in shown.css("dt[id]")}
        assert {line["id"] for line in lines if line["id"]} == anchors
        # Nothing of any length is left out.
        if path == "compare":  # but for what is a form
            continue
        rest = words
        for said in sorted((_plain(each) for line in lines for each in _said(line)), key=len, reverse=True):
            rest = rest.replace(said, "", 1)
        assert len(rest) < len(words) / 5, (path, rest)


def _said(line: Mapping[str, str]) -> list[str]:
    """The name and the words of a line, those of a row cell by cell, without heads and marks of links."""
    plain = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", f"{line['name']}\n{line['text']}").replace("`", "")
    name, _, text = plain.partition("\n")
    cells = [re.sub(r"^What [a-z ]+: ", "", each) for each in text.split(" · ")]
    return [each for each in (name, *cells) if each]


def _plain(text: str) -> str:
    return re.sub(r"\W", "", text)
