"""The page of the API, held to the schema that it is made of."""

from functools import cache

import pytest
from django.test import Client

from explorer.api import problems, reference, schema
from explorer.api.reference import Member
from tests.explorer.pages.markup import Markup, read

pytestmark = pytest.mark.django_db


@pytest.fixture
def shown() -> Markup:
    return at("/api")


@cache
def at(path: str) -> Markup:
    """A page that says the same whoever asks for it, and when."""
    response = Client().get(path)
    assert response.status_code == 200, path
    return read(response.content.decode())


def anchors(found: Markup) -> set[str | None]:
    return {attributes.get("id") for _, attributes in found.elements}


def address(path: str) -> reference.Address:
    return next(each for each in reference.reference().addresses if each.path == path)


def test_every_address_shape_and_problem_is_on_the_overview_at_the_anchor_it_ever_had(shown: Markup) -> None:
    document = schema.document()
    for path in document["paths"]:
        assert path in shown.text
    operations = {each.operation for each in reference.reference().addresses}
    kinds = {each.name for each in problems.KINDS}
    assert anchors(shown) >= {*document["components"]["schemas"], *operations, *kinds}


def test_every_address_has_a_page_with_what_it_takes() -> None:
    for each in reference.reference().addresses:
        found = at(f"/reference/{each.operation}")
        assert f"{each.method} {each.path}" in found.text
        assert each.body is None or each.body.shape in found.text
        for parameter in each.parameters:
            assert parameter.name in found.text


def test_every_shape_has_a_page_with_its_members_and_where_it_stands() -> None:
    for each in reference.reference().shapes:
        found = at(f"/reference/{each.name}")
        for member in each.members:
            assert member.name in found.text
    assert {"href": "/reference/get_record"} in at("/reference/Record").named("a")


def test_what_the_api_does_not_have_is_not_here() -> None:
    assert Client().get("/reference/Nothing").status_code == 404


def test_every_link_of_the_reference_leads_somewhere(shown: Markup) -> None:
    names = [each.operation for each in reference.reference().addresses]
    names += [each.name for each in reference.reference().shapes]
    pages = {"/api": shown, **{f"/reference/{each}": at(f"/reference/{each}") for each in names}}
    anchors_of = {path: anchors(found) for path, found in pages.items()}
    for path, found in pages.items():
        for href in (each["href"] or "" for each in found.named("a")):
            page, _, anchor = (path + href if href.startswith("#") else href).partition("#")
            if page.startswith(("/api#", "/reference/")) or page == "/api":
                assert page in pages, href
                assert not anchor or anchor in anchors_of[page], href


def test_examples_name_the_address_that_was_asked() -> None:
    asked = Client().get("/api", headers={"Host": "localhost:8123"}).content.decode()
    assert "curl http://localhost:8123/api/v1/chains\n" in asked


def test_it_takes_no_parameters() -> None:
    assert Client().get("/api", {"page": "2"}).status_code == 400


def test_another_spelling_leads_there() -> None:
    moved = Client().get("/api/")
    assert (moved.status_code, moved.headers["Location"]) == (301, "/api")


def test_parameters_stand_as_in_the_path_and_those_of_the_query_after_them() -> None:
    configuration = address("/api/v1/chains/{brid}/configurations/{height}")
    assert [each.name for each in configuration.parameters] == ["brid", "height"]
    records = address("/api/v1/chains/{brid}/records")
    assert records.parameters[0].name == "brid"
    limit = next(each for each in records.parameters if each.name == "limit")
    assert limit.kind == "a whole number, 1 to 100; 50 unless given"


def test_values_are_told_in_words() -> None:
    shapes = {
        each.name: {member.name: member for member in each.members} for each in reference.reference().shapes
    }
    assert shapes["Record"]["scout"].kind == "a whole number as text"
    assert shapes["Record"]["status"].kind == "one of live, edited, deleted"
    assert shapes["Block"]["digest"].kind == "64 hex digits or null"
    assert shapes["Block"]["dependencies"].kind == "a list or null, each hex or null"
    assert shapes["Record"]["revisions"] == Member(
        "revisions", "a list", shapes["Record"]["revisions"].about, "Revision"
    )
    assert (shapes["Record"]["tallies"].kind, shapes["Record"]["tallies"].shape) == (
        "an object or null",
        "Tallies",
    )


def test_a_pattern_that_has_no_words_is_text() -> None:
    assert reference._plain("string", {"pattern": "^x$"}) == "text"


def test_only_problems_that_an_address_may_answer_are_named() -> None:
    record = address("/api/v1/chains/{brid}/records/{prompt_id}")
    assert {"deleted", "withheld", "not-here"} <= {each.name for each in record.refusals}
    assert "deleted" not in {each.name for each in address("/api/v1/chains").refusals}
    named = schema.document()["paths"]["/api/v1/chains"]["get"]["x-problems"]
    assert [each.name for each in address("/api/v1/chains").refusals] == named


def test_every_anchor_is_there_once(shown: Markup) -> None:
    named = [attributes["id"] for _, attributes in shown.elements if attributes.get("id")]
    assert len(named) == len(set(named))
