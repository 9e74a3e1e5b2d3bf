"""The API keeps to its own schema: what schemathesis makes of it is answered as it says."""

import copy
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import pytest
import schemathesis
from django.test.client import ClientHandler
from hypothesis import HealthCheck, assume, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.config import SchemathesisConfig
from schemathesis.schemas import BaseSchema

from explorer.api.schema import document
from explorer.queries.chain.chains import ChainView
from tests.explorer.api.asking import record

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.slow,
    pytest.mark.usefixtures("recorded_chain", "reviewed_challenge"),
]
# Another way to write an address leads to the one there is.
REFUSALS = ["301", "400", "404", "406", "414"]
SITE = ClientHandler()
CHALLENGE = "C-2026-000001"  # of ``reviewed_challenge``, the first one of its year
CONFIG = SchemathesisConfig.from_dict(
    {"checks": {"negative_data_rejection": {"expected-statuses": REFUSALS}}}
)


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    """The site over WSGI, as a process keeps it. Like Django's test client it leaves the test's transaction
    open.
    """
    response: Any = SITE(environ)
    start_response(f"{response.status_code} {response.reason_phrase}", list(response.items()))
    return [response.content]


READ = sorted(path for path, operations in document()["paths"].items() if "get" in operations)


def known(chain: ChainView) -> dict[str, list[Any]]:
    """Names of what is there, so that not every question is in vain."""
    revision = record(chain, 1)["revisions"][0]
    return {
        "brid": [chain.rid],
        "rid": [revision["transaction"]],
        "block": [revision["block"], "0", "5"],
        "prompt_id": [1, 5, 225, 226],
        "height": [0, 30, 115, 117],
        "name": ["broken", "not-here"],
        "key": [record(chain, 1)["prompt_key"], record(chain, 225)["prompt_key"]],
        "model in path": ["gemma2-9b-it", "gemma2", "a/b"],
        "provider in path": ["groq", "0" * 64],
        "uid": ["22", "-1"],
        "number": [CHALLENGE, "C-2026-999999"],
        "chain": [chain.rid],
        "a": [f"{chain.rid}:5.1", f"{chain.rid}:5", f"{chain.rid}:1@200"],
        "b": [f"{chain.rid}:5.2", f"{chain.rid}:999"],
        "block in query": ["5", "5..9", "..9"],
        "since": ["2026-11-01", "2026-11-23T22:47:00Z"],
        "until": ["2026-12-01"],
        "due_before": ["2026-12-24", "2026-12-14T07:58:07Z"],
        "changed": ["2026-11-23", "2026-11-01..2026-12-01", "2026-11-01.."],
        "tx": [revision["transaction"]],
        "model": ["gemma2-9b-it", "gemma*"],
        "q": ["5", "#225", "block 7", chain.rid, revision["transaction"][:12], revision["result_sha256"]],
    }


@lru_cache(maxsize=1)
def of_what_is_there(chain: ChainView) -> BaseSchema:
    """For all tests of it: to read the schema, and to find what its parameters may be, takes long."""
    return schema(known(chain))


@lru_cache(maxsize=1)
def of_anything(chain: ChainView) -> BaseSchema:
    """The same of one chain, and of whatever else."""
    return schema({"brid": [chain.rid]})


def schema(names: dict[str, list[Any]]) -> BaseSchema:
    """The API's, over the application itself. Parameters that have names of what is there are one of them."""
    described: Any = copy.deepcopy(document())
    for operations in (each for each in described["paths"].values() if "get" in each):
        asked = operations["get"].get("parameters", [])
        # What it may be, no schema can say.
        operations["get"]["parameters"] = [each for each in asked if each["name"] != "cursor"]
        for parameter in operations["get"]["parameters"]:
            name = f"{parameter['name']} in {parameter['in']}"
            known_of = names.get(name, names.get(parameter["name"]))
            if known_of is not None:
                parameter["schema"]["enum"] = known_of
    found = schemathesis.openapi.from_dict(described, config=CONFIG)
    found.app = application
    return found


def judge(api: BaseSchema, path: str, mode: GenerationMode) -> None:
    """Ask what schemathesis makes up, and hold the answers to the schema."""

    @settings(
        max_examples=30,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=api[path]["GET"].as_strategy(generation_mode=mode))
    def check(case: Case[Any]) -> None:
        # What excludes what, and what goes together, is said in words alone.
        asked = case.query or {}
        assume(("a" in asked) == ("b" in asked))
        assume(not {"before", "after"} <= set(asked))
        assume(asked.get("order") not in ("changed", "best") or not {"before", "after"} & set(asked))
        assume(asked.get("order") != "best" or "q" in asked)
        case.call_and_validate(headers={"Accept-Encoding": "identity"})

    check()


@pytest.mark.parametrize("path", READ)
def test_what_may_be_asked_is_answered_as_the_schema_says(recorded_chain: ChainView, path: str) -> None:
    judge(of_what_is_there(recorded_chain), path, GenerationMode.POSITIVE)


@pytest.mark.parametrize("path", [each for each in READ if "{" in each])
def test_what_may_not_be_asked_is_refused_as_the_schema_says(recorded_chain: ChainView, path: str) -> None:
    judge(of_anything(recorded_chain), path, GenerationMode.NEGATIVE)
