"""The page of all components."""

import re
from pathlib import Path

import pytest
from django.test import Client
from django.urls import NoReverseMatch, reverse

from tests.explorer.pages.markup import read


def test_outside_development_it_is_not_there() -> None:
    with pytest.raises(NoReverseMatch):
        reverse("look")


@pytest.mark.urls("tests.explorer.pages.look_routes")
def test_it_shows_every_class_that_a_component_has() -> None:
    found = read(Client().get("/look/").content.decode())
    shown = {name for _, attributes in found.elements for name in (attributes.get("class") or "").split()}
    components = """
        mark edited deleted holds unchecked failed challenged hash full facts strip said prompt removed cut
        withheld unseen strata rail open tally counts ledger fixed restack numbers query fields chips form
        rendered choice hint error error-message steps note empty pager code freshness switcher next facets
    """
    assert set(components.split()) <= shown


@pytest.mark.urls("tests.explorer.pages.look_routes")
def test_words_that_attack_are_only_words() -> None:
    html = Client().get("/look/").content.decode()
    found = read(html)
    assert all(each.get("src", "").startswith("/static/") for each in found.named("script"))  # type: ignore[union-attr]
    assert not found.named("img")
    assert not found.named("style")
    assert not {name for name in found.attributes() if name.startswith("on") or name == "style"}
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00\x1b]", html)


@pytest.mark.django_db
@pytest.mark.urls("tests.explorer.pages.look_routes")
@pytest.mark.parametrize("status", [400, 403, 404, 410, 451, 500, 503])
def test_every_error_can_be_looked_at(status: int) -> None:
    assert Client().get(f"/look/{status}").status_code == status
    assert (Path(__file__).parents[4] / "templates" / "errors" / f"{status}.html").exists()
