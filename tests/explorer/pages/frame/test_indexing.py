"""Search engines are asked to leave out all but home and what explains, unless the operator lets them."""

import pytest
from django.http import HttpRequest
from django.test import RequestFactory
from django.urls import resolve
from pytest_django import Settings

from explorer.pages.frame.indexing import is_left_out
from tests.explorer.pages.routes import routes, written

EXPLAINING = {
    *("", "glossary", "how-checks-are-made", "privacy", "terms", "contact", "data-licence", "source"),
    *("api", "reference/<slug:name>", "find", "compare", "status", "checks", "checks/<str:name>", "grounds"),
    *("challenges", "challenges/metrics", "challenges/<challenge:number>"),
}
NEVER = {"records/facets", "chains/<rid:brid>/records/facets"}


def asked(path: str, query: str = "") -> HttpRequest:
    request = RequestFactory().get(f"{path}?{query}")
    request.resolver_match = resolve(path)
    return request


@pytest.mark.parametrize("hides", [True, False])
def test_every_page_is_in_or_out_by_this_table(settings: Settings, hides: bool) -> None:
    settings.NOINDEX = hides
    every = set(routes())
    shown = {each for each in every if not is_left_out(asked(written(each)), 200)}
    assert every >= EXPLAINING | NEVER
    assert shown == (EXPLAINING if hides else every - NEVER)


def test_what_is_asked_typed_refused_or_somebodys_own_is_never_found(settings: Settings) -> None:
    settings.NOINDEX = False
    for path in ("/records", "/find", "/compare", "/blocks", "/models", "/prompts"):
        assert not is_left_out(asked(path), 200)
        assert is_left_out(asked(path, "q=a"), 200)
        for status in (300, 400, 404, 410, 451):
            assert is_left_out(asked(path), status)
    assert is_left_out(asked("/my/report"), 200)
    sent = RequestFactory().post("/compare")
    sent.resolver_match = resolve("/compare")
    assert is_left_out(sent, 200)
