"""Whatever goes wrong under /api/ is a problem document, explained at the address that is its type."""

import json

import pytest
from django.test import Client

from explorer.api import problems
from explorer.queries.chain.chains import ChainView
from tests.explorer.api.asking import PROBLEM, ask, refused, told

pytestmark = pytest.mark.django_db
VISITOR = Client(raise_request_exception=False)
UNANSWERED = pytest.mark.urls("tests.explorer.api.routes")


@pytest.mark.parametrize("kind", problems.KINDS, ids=lambda kind: kind.name)
def test_the_type_of_a_problem_is_the_address_of_its_entry(kind: problems.Kind) -> None:
    found = told(kind.type)
    assert found == {
        "type": kind.type,
        "status": int(kind.status),
        "title": kind.title,
        "meaning": kind.meaning,
    }
    assert found in told("/problems")["results"]


def test_kinds_have_names_of_their_own() -> None:
    assert len({each.name for each in problems.KINDS}) == len(problems.KINDS)


def test_an_unknown_kind_says_which_there_are() -> None:
    assert "bad-parameter" in refused("/problems/nothing", 404, "not-here")["detail"]


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/chains/x/y/z",
        "/api/v2/chains",
        "/api/v1/chains//records",
        "/Chains",
        "/records/1",
        "/%00",
        "/%0d%0aSet-Cookie:%20a=b",
        "/..%2f..%2fetc",
        "/chains.json",
    ],
)
def test_an_unknown_route_is_a_problem(path: str) -> None:
    refused(path, 404, "no-such-address")


def test_every_address_takes_no_more_parameters_than_it_knows(recorded_chain: ChainView) -> None:
    for path in ("/", "/schema/", "/problems", "/problems/broken", "/status", "/chains"):
        problem = refused(f"{path}?x=1", 400, "bad-parameter")
        assert [(each["parameter"], each["code"]) for each in problem["errors"]] == [("x", "unknown")]
    for below in ("", "/records", "/records/1", "/blocks", "/blocks/0", "/configurations/0"):
        refused(f"/chains/{recorded_chain.rid}{below}?x=1", 400, "bad-parameter")


def test_a_hostile_query_is_told_as_it_was_and_no_longer_than_need_be() -> None:
    problem = refused("/status?%3Cscript%3E=%00%E2%80%AE", 400, "bad-parameter")
    assert problem["errors"][0]["parameter"] == "<script>"
    assert problem["instance"] == "/api/v1/status?%3Cscript%3E=%00%E2%80%AE"
    assert len(ask("/status?" + "&".join(f"{'x' * 30}{each}=1" for each in range(99))).content) < 60_000


def test_a_query_in_no_encoding_is_refused_not_broken() -> None:
    refused("/status?%ff=%fe", 400, "bad-parameter")
    refused("/chains/%ff", 404, "not-here")


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "trace"])
def test_nothing_can_be_written(recorded_chain: ChainView, method: str) -> None:
    for path in ("/chains", f"/chains/{recorded_chain.rid}/records/1", "/schema/", "/problems/broken"):
        answer = getattr(VISITOR, method)(f"/api/v1{path}")
        assert (answer.status_code, answer.headers["Content-Type"]) == (405, PROBLEM)
        assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"
        assert json.loads(answer.content)["type"] == "/api/v1/problems/method-not-allowed"


@pytest.mark.parametrize("accept", ["text/html", "text/csv", "application/xml", "image/*", "nonsense"])
def test_another_form_than_json_is_not_acceptable(recorded_chain: ChainView, accept: str) -> None:
    for path in ("/chains", f"/chains/{recorded_chain.rid}/records/1"):
        refused(path, 406, "not-acceptable", accept=accept)


@pytest.mark.parametrize(
    "accept",
    ["*/*", "application/json", "application/*", "text/html,application/xhtml+xml,*/*;q=0.8"],
)
def test_who_asks_for_anything_gets_json(accept: str) -> None:
    assert ask("/chains", accept=accept).headers["Content-Type"] == "application/json"


def test_an_address_that_is_too_long_is_a_problem() -> None:
    refused("/chains?" + "a" * 20_000, 414, "address-too-long")


def test_another_host_s_name_is_a_problem() -> None:
    refused("/chains", 400, "bad-request", host="evil.example")


@UNANSWERED
def test_a_query_that_takes_too_long_is_no_empty_answer() -> None:
    assert ask("/fails/slow").headers["Retry-After"] == "5"
    refused("/fails/slow", 503, "too-slow")


@UNANSWERED
def test_a_database_that_is_away_is_told() -> None:
    assert ask("/fails/away").headers["Retry-After"] == "5"
    refused("/fails/away", 503, "database-away")


@UNANSWERED
@pytest.mark.parametrize("name", ["broken", "unwritable"])
def test_a_mistake_of_ours_is_a_problem_without_details(name: str) -> None:
    answer = VISITOR.get(f"/api/v1/fails/{name}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (500, PROBLEM)
    assert answer.json()["type"] == "/api/v1/problems/broken"
    assert b"detail that nobody" not in answer.content
    assert answer.headers["Cache-Control"] == "no-store"


@UNANSWERED
@pytest.mark.parametrize(
    ("name", "status", "kind"),
    [
        ("missing", 404, "no-such-address"),
        ("suspicious", 400, "bad-request"),
        ("forbidden", 403, "forbidden"),
    ],
)
def test_what_django_refuses_is_a_problem_too(name: str, status: int, kind: str) -> None:
    refused(f"/fails/{name}", status, kind)


def test_problems_are_not_kept_but_for_those_that_hold_records(recorded_chain: ChainView) -> None:
    deleted = ask(f"/chains/{recorded_chain.rid}/records?status=deleted&limit=1").json()["results"][0]
    gone = ask(f"/chains/{recorded_chain.rid}/records/{deleted['prompt_id']}")
    assert (gone.status_code, gone.headers["Cache-Control"]) == (410, "public, max-age=30")
    for path in ("/nothing", "/chains/x", "/chains?x=1", f"/chains/{recorded_chain.rid}/records/1042"):
        assert ask(path).headers["Cache-Control"] == "no-store"


def test_a_query_of_too_many_parameters_is_a_problem() -> None:
    refused("/status?" + "&".join(["a"] * 101), 400, "bad-request")
