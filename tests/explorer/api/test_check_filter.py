"""Lists of the records of which a check finds something, beside all other filters."""

from typing import Any

import pytest

from explorer.queries.chain.chains import ChainView
from explorer.search.keys import CHECKS
from indexer.checks.registry import by_name
from tests.explorer.api.asking import refused, told, walked
from tests.explorer.pages.asking import page

pytestmark = pytest.mark.django_db


def ids(chain: ChainView, query: str) -> list[int]:
    return [each["prompt_id"] for each in walked(f"/chains/{chain.rid}/records?{query}&limit=5&order=oldest")]


def found(chain: ChainView, name: str) -> list[int]:
    """Record by record."""

    def finds(prompt_id: int) -> bool:
        results: list[dict[str, Any]] = told(f"/chains/{chain.rid}/records/{prompt_id}/checks")["results"]
        return any(each["check"] == name and each["result"] == "fail" for each in results)

    return [each for each in range(1, chain.records + 1) if finds(each)]


def test_a_list_by_a_finding_holds_the_records_that_have_it(recorded_chain: ChainView) -> None:
    for name in ("altered", "field-contradiction", "time-inconsistent"):
        asked = found(recorded_chain, name)
        assert asked
        assert ids(recorded_chain, f"check={name}") == asked
        assert ids(recorded_chain, f"q=check:{name}") == asked
        assert ids(recorded_chain, f"q=check:{name}%3Dfail") == asked
    every = ids(recorded_chain, "check=malformed")
    assert every
    assert ids(recorded_chain, "q=-check:malformed") == [
        each for each in range(1, recorded_chain.records + 1) if each not in every
    ]


def test_it_goes_with_other_filters(recorded_chain: ChainView) -> None:
    own = ids(recorded_chain, "check=field-contradiction&provider=groq")
    assert own == ids(recorded_chain, "q=check:field-contradiction+provider:groq")
    assert set(own) <= set(ids(recorded_chain, "provider=groq"))
    facets = told(f"/chains/{recorded_chain.rid}/records/facets?check=deleted")
    assert facets
    text = page(f"/chains/{recorded_chain.rid}/records?check=altered")
    assert "altered found" in text


def test_a_check_that_there_is_not_is_refused(recorded_chain: ChainView) -> None:
    refused(f"/chains/{recorded_chain.rid}/records?check=true", 400, "bad-parameter")
    refused(f"/chains/{recorded_chain.rid}/records?q=check:alterd", 400, "bad-parameter")


def test_a_line_knows_every_check() -> None:
    assert tuple(by_name()) == CHECKS
