"""The API keeps to its own schema: what schemathesis makes of it is answered as it says, always the same way."""

import copy
from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.config import SchemathesisConfig
from schemathesis.schemas import BaseSchema

from explorer.api.schema import document
from explorer.queries.chains import ChainView
from tests.explorer.api.asking import record

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
# Another way to write an address leads to the one there is.
REFUSALS = ["301", "400", "404", "406", "414"]
CONFIG = SchemathesisConfig.from_dict({"checks": {"negative_data_rejection": {"expected-statuses": REFUSALS}}})


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
    }


@pytest.fixture
def api(recorded_chain: ChainView) -> BaseSchema:
    """The schema, over the application itself, with the names of what there is."""
    described: Any = copy.deepcopy(document())
    names = known(recorded_chain)
    for operations in described["paths"].values():
        for parameter in operations["get"].get("parameters", ()):
            if parameter["in"] == "path":
                parameter["schema"]["enum"] = names[parameter["name"]]
    schema = schemathesis.openapi.from_dict(described, config=CONFIG)
    schema.app = get_wsgi_application()
    return schema


@pytest.mark.parametrize("mode", GenerationMode, ids=lambda mode: mode.value)
@pytest.mark.parametrize("path", sorted(document()["paths"]))
def test_every_answer_is_as_the_schema_says(api: BaseSchema, path: str, mode: GenerationMode) -> None:
    @settings(
        max_examples=30,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=api[path]["GET"].as_strategy(generation_mode=mode))
    def check(case: Case) -> None:
        case.call_and_validate()

    check()
