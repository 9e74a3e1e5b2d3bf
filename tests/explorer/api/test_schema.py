"""The schema is OpenAPI 3.1, whole, and true to its own examples."""

import copy
import json
from io import StringIO
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
import yaml
from django.core.management import call_command
from django.urls import URLPattern

from config import methods
from explorer.api import problems, urls
from explorer.api.schema import document
from explorer.challenges.api import urls as sending
from tests.explorer.api.asking import ask

EVERY = [(path, method, each) for path, of in document()["paths"].items() for method, each in of.items()]
OPERATIONS = [(path, each) for path, method, each in EVERY if method == "get"]
SENT = [(path, each) for path, method, each in EVERY if method == "post"]
WITH_EXAMPLES = [(path, each) for path, each in OPERATIONS if path != "/api/v1/schema/"]


def ids(value: Any) -> str:
    return value if isinstance(value, str) else ""


def test_it_is_valid_and_made_without_a_warning() -> None:
    call_command("spectacular", validate=True, fail_on_warn=True, stdout=StringIO())


def test_it_is_served_as_json_unless_yaml_is_asked_for() -> None:
    answer = ask("/schema/")
    assert answer.headers["Content-Type"] == "application/json"
    found = json.loads(answer.content)
    assert found["openapi"].startswith("3.1")
    for accept in ("application/yaml", "application/vnd.oai.openapi"):
        answer = ask("/schema/", accept=accept)
        assert answer.headers["Content-Type"].startswith(accept)
        assert yaml.safe_load(answer.content) == found
    assert json.loads(ask("/schema/", accept="application/vnd.oai.openapi+json").content) == found


def test_each_form_has_a_version_of_its_own() -> None:
    assert ask("/schema/").headers["ETag"] != ask("/schema/", accept="application/yaml").headers["ETag"]
    assert "Accept" in ask("/schema/").headers["Vary"]


def test_every_route_is_in_it() -> None:
    every = [*urls.urlpatterns, *sending.urlpatterns]
    routes = {str(each.pattern) for each in every if isinstance(each, URLPattern) and each.name}
    assert len(routes) == len(document()["paths"])


@pytest.mark.parametrize(("path", "operation"), OPERATIONS, ids=ids)
def test_every_address_is_described(path: str, operation: dict[str, Any]) -> None:
    assert operation["summary"]
    assert operation["description"]
    assert len(operation["tags"]) == 1
    for parameter in operation.get("parameters", ()):
        assert parameter["description"]
    for status in ("200", "304", "400", "406", "500", "503"):
        assert operation["responses"][status]["description"]
    if "{" in path:
        assert {"301", "404"} <= set(operation["responses"])


def test_what_can_be_sent_is_what_the_site_takes() -> None:
    taken = {path for path, _ in SENT}
    assert taken == {each.replace("*", "{number}") for each in methods.LARGEST if each.startswith("/api/")}


@pytest.mark.parametrize(("path", "operation"), SENT, ids=ids)
def test_what_can_be_sent_is_described(path: str, operation: dict[str, Any]) -> None:
    assert operation["summary"]
    assert operation["description"]
    takes_a_key = path not in methods.KEEPING_NOTHING
    assert ({"key": []} in operation.get("security", ())) == takes_a_key
    if takes_a_key:
        takes_files = methods.LARGEST[path.replace("{number}", "*")] == methods.WITH_FILES
        assert operation["requestBody"]["content"].keys() == {
            "application/json", *(["multipart/form-data"] if takes_files else []),
        }  # fmt: skip
        assert {"201", "400", "401", "403", "413", "422", "429"} <= operation["responses"].keys()
        assert {"no-key", "invalid-fields", "key-reused", "too-many"} <= set(operation["x-problems"])


def test_nobody_who_reads_needs_a_key() -> None:
    assert [path for path, each in OPERATIONS if {"key": []} in each.get("security", ())] == []


def test_operations_have_names_of_their_own() -> None:
    assert len({each["operationId"] for *_, each in EVERY}) == len(EVERY)


@pytest.mark.parametrize(("path", "operation"), WITH_EXAMPLES, ids=ids)
def test_every_address_has_an_example(path: str, operation: dict[str, Any]) -> None:
    (content,) = operation["responses"]["200"]["content"].values()
    missing = f"{path} has no example when the run begins: test_examples.py writes it with REWRITE_EXAMPLES=1"
    assert content.get("examples"), missing


@pytest.mark.parametrize(("path", "operation"), OPERATIONS, ids=ids)
def test_examples_are_as_the_schema_says(path: str, operation: dict[str, Any]) -> None:
    for response in operation["responses"].values():
        for content in response.get("content", {}).values():
            for example in content.get("examples", {}).values():
                whole = {**content["schema"], "components": document()["components"]}
                jsonschema.Draft202012Validator(whole).validate(example["value"])


@pytest.mark.parametrize(("path", "operation"), [*OPERATIONS, *SENT], ids=ids)
def test_errors_are_problems(path: str, operation: dict[str, Any]) -> None:
    for status, response in operation["responses"].items():
        if int(status) >= 400:
            assert list(response["content"]) == [problems.MEDIA_TYPE]


def test_no_number_of_an_answer_is_a_fraction_but_measures_of_likeness() -> None:
    described = copy.deepcopy(document())
    measures = described["components"]["schemas"].pop("Similarity")
    assert '"type": "number"' not in json.dumps(described)
    assert {name for name, each in measures["properties"].items() if "number" in each["type"]} == {
        "word_match",
        "jaccard_5",
        "length_ratio",
    }


def test_every_field_that_is_not_plain_is_described() -> None:
    for name, shape in document()["components"]["schemas"].items():
        assert shape.get("description") or name.startswith(("Problem", "Deleted", "Withheld")), name
