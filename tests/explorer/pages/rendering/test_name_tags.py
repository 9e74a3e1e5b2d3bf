"""Names of scouts and models on pages."""

from hashlib import sha256

import pytest
from django.template import Context, Template

from explorer.pages.rendering import name_tags
from tests.explorer.pages.markup import read

HOSTILE = '<script>alert(1)</script>\u202e"onmouseover="x'


def drawn(template: str, **context: object) -> str:
    return Template(template).render(Context(context))


def test_names_are_isolated_bounded_and_never_markup() -> None:
    found = read(name_tags.model(HOSTILE, "x" * 9_999))
    assert {tag for tag, _ in found.elements} == {"bdi", "span", "small"}
    assert found.attributes() <= {"class", "title"}
    assert "<script>" in found.text
    assert "U+202E" in found.text
    assert len(found.text) < 200
    assert found.text.endswith("x…")


@pytest.mark.parametrize("name", ["", "   ", "\n"])
def test_a_name_that_is_none_is_said_to_be(name: str) -> None:
    assert read(name_tags.model(name, "groq")).text == "not named via groq"


@pytest.mark.parametrize("scout", [-1, 0, 2**80])
def test_a_scout_is_a_name_of_digits(scout: int) -> None:
    assert read(name_tags.scout(scout)).text == str(scout)
    assert ("title" in read(name_tags.scout(scout)).attributes()) is (scout > 9_999)


def test_names_are_links_to_their_pages_and_seeds_to_their_records_where_a_list_is_named() -> None:
    rid = "AB" * 32
    drawing = '{% model "a*b/c" "p q" "/records" %} {% provider "" "/records" %} {% scout -7 rid %}'
    found = read(drawn(drawing + '{% seed -1 "/records" %}', rid=rid))
    assert [each["href"] for each in found.named("a")] == [
        "/models/a*b/c",
        "/providers/p%20q",
        f"/providers/{sha256().hexdigest().upper()}",
        f"/chains/{rid}/scouts/-7",
        "/records?seed=-1",
    ]
    bare = drawn('{% model "a" "p" %} {% provider "p" %} {% scout 7 %} {% seed -1 %}')
    assert read(bare).named("a") == []
    assert name_tags.records_of("/records", prompt_key=b"") == ""
