"""How often checks find something: numbers with their denominators, over whole chains, and of the records of
each name and prompt.
"""

from collections.abc import Callable, Iterator
from urllib.parse import urlencode

import pytest

from explorer.queries.chain.chains import ChainView
from indexer.checks.check import Result
from indexer.checks.registry import checks
from indexer.models import Checked
from tests.explorer import shown
from tests.explorer.api.asking import told, walked
from tests.explorer.pages.asking import page
from tests.indexer.made import MadeChain, add, completion
from tests.indexer.records.erasing import CONTENT, SECRET, answer_key, erase, hide

pytestmark = pytest.mark.django_db


def test_counts_have_their_denominators(each_chain: ChainView) -> None:
    listed = told("/checks")
    for each in listed["results"]:
        parts = (each["found"], each["passed"], each["not_applicable"], each["unknown"])
        assert each["records"] == sum(parts)
        assert sum(one["records"] for one in each["outcomes"]) == each["records"]
        one = told(f"/checks/{each['check']}")
        assert {name: one[name] for name in each} == each
        assert bool(one["findings"]) is bool(each["found"])
        assert each["title"] in page(f"/checks/{each['check']}")
    assert "Checks" in page("/checks")


def named() -> Iterator[tuple[str, dict[str, str]]]:
    """The address of each model, provider and scout of a page of these, and of some prompts, with the filters
    that its records fit.
    """
    for of in ("model", "provider"):
        yield from ((row["url"], {of: row[of]}) for row in walked(f"/{of}s?limit=100") if row[of])
    for row in walked("/scouts?limit=100"):
        yield row["url"], {"scout": str(row["scout"]), "chain": row["chain"]}
    for row in told("/prompts?limit=10")["results"]:
        yield f"/prompts/{row['prompt_key']}", {"prompt_key": row["prompt_key"]}


def judged(wanted: dict[str, str]) -> list[bytes]:
    """What is kept of what checks say of the records that fit, one by one."""
    of = {(each["chain"], each["prompt_id"]) for each in walked(f"/records?{urlencode(wanted)}&limit=100")}
    kept = Checked.objects.values_list("chain__brid", "prompt_id", "outcomes")
    return [
        bytes(outcomes) for brid, prompt_id, outcomes in kept if (bytes(brid).hex().upper(), prompt_id) in of
    ]


def test_of_names_and_prompts_they_are_what_counting_record_by_record_gives(toured_chain: ChainView) -> None:
    found = 0
    for url, wanted in named():
        of, counts = judged(wanted), told(url)["checks"]
        assert counts["records"] == len(of)
        assert not counts["counted_to"]
        assert not counts["are_judged_anew"]
        for check, each in zip(checks(), counts["results"], strict=True):
            results = [check.outcome(outcomes[check.number]).result for outcomes in of]
            assert each == {
                "check": check.name,
                "title": check.title,
                "found": results.count(Result.FAIL),
                "passed": results.count(Result.PASS),
                "not_applicable": results.count(Result.NOT_APPLICABLE),
                "unknown": results.count(Result.UNKNOWN),
            }
            found += each["found"]
        facet = told(f"/records/facets?{urlencode(wanted)}")["check"]
        assert facet["counted"]["value"] == len(of)
        assert {each["value"]: each["count"] for each in facet["values"]} == {
            each["check"]: each["found"] for each in counts["results"] if each["found"]
        }
    assert found > 10


def test_a_page_says_them_and_leads_to_the_records(toured_chain: ChainView) -> None:
    for url, _ in named():
        (most, *_) = sorted(told(url)["checks"]["results"], key=lambda each: -int(each["found"]))
        if most["found"]:
            text = page(url.removeprefix("/api/v1"))
            assert f"{most['found']}<span" in text
            assert f"of {most['found'] + most['passed']}" in text
            assert f"check={most['check']}" in text
            return
    pytest.fail("nothing is found of any")


def count(url: str, result: str) -> int:
    counted: int = next(
        each[result] for each in told(url)["checks"]["results"] if each["check"] == "field-contradiction"
    )
    return counted


@pytest.mark.parametrize("withhold", [hide, erase])
def test_what_was_found_in_a_withheld_text_counts_as_not_known(withhold: Callable[..., int]) -> None:
    made = MadeChain()
    made.block(add(completion(SECRET, model="another"), model="one"), add(completion("x"), model="one"))
    shown.index_made(made)
    assert (count("/models/one", "found"), count("/models/one", "unknown")) == (1, 1)
    withhold(CONTENT, answer_key(SECRET))
    assert (count("/models/one", "found"), count("/models/one", "unknown")) == (0, 2)
