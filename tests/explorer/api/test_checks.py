"""Checks in the API and on pages: the same of both, with denominators, and nothing of what is withheld."""

import json
from typing import Any

import pytest

from explorer.diff.likeness import likeness
from explorer.queries.chain.chains import ChainView
from explorer.queries.records import checks as queries
from explorer.queries.records.record import record as read_record
from indexer.dapp import rell_json
from indexer.dapp.operations import signed_hash
from indexer.models import DerivationCheckpoint, Suppression
from tests.explorer import shown
from tests.explorer.api.asking import ask, refused, told
from tests.explorer.pages.asking import page
from tests.indexer.made import MadeChain, add, completion, delete, update

pytestmark = pytest.mark.django_db
THOUGHT = "what was thought of it, and is private"


def results(chain: ChainView, prompt_id: int) -> dict[str, dict[str, Any]]:
    found = told(f"/chains/{chain.rid}/records/{prompt_id}/checks")
    return {each["check"]: each for each in found["results"]}


@pytest.fixture
def made_chain() -> ChainView:
    made = MadeChain()
    thoughtful = json.dumps(
        {
            "model": "another",
            "choices": [{"message": {"content": "An answer.", "reasoning_content": THOUGHT}}],
        }
    )
    made.block(add(completion("three.")), add(completion("gone.")), add(thoughtful))
    made.block(update(1, completion("five.")), delete(2))
    return shown.index_made(made)


def test_what_checks_say_of_a_record_is_said_with_values_and_causes(made_chain: ChainView) -> None:
    altered = results(made_chain, 1)["altered"]
    assert (altered["result"], altered["reason"], altered["version"]) == ("fail", "words-changed", 1)
    assert (altered["since"], altered["height"]) == (1, 1)
    first, last = read_record(made_chain, 1).revisions
    said = [
        signed_hash(rell_json.normalise(str(each.result and each.result.value))) for each in (first, last)
    ]
    assert altered["values"] == {
        "first_height": 0,
        "first_result": said[0].hex().upper(),
        "last_height": 1,
        "last_result": said[1].hex().upper(),
    }
    assert len(altered["causes"]) >= 1
    changes = told(f"/chains/{made_chain.rid}/records/1/checks")["changes"]
    assert {"check": "altered", "height": 1, "was": "never-edited", "now": "words-changed"} in changes
    text = page(f"/chains/{made_chain.rid}/records/1")
    for value in altered["values"].values():
        assert str(value) in text
    assert "1 found: altered" in text


def test_a_deleted_record_has_its_checks_too(made_chain: ChainView) -> None:
    deleted = results(made_chain, 2)["deleted"]
    assert (deleted["result"], deleted["since"]) == ("fail", 1)
    assert deleted["values"] == {"height": 1, "written_height": 0}
    assert "found" in page(f"/chains/{made_chain.rid}/records/2", status=410)


def test_each_finding_that_is_named_is_one_of_its_record(made_chain: ChainView) -> None:
    for each in told("/checks")["results"]:
        for finding in told(f"/checks/{each['check']}")["findings"]:
            own = results(made_chain, finding["prompt_id"])[each["check"]]
            assert own == {name: value for name, value in finding.items() if name in own}


def test_the_page_of_a_check_shows_what_was_measured_and_leads_to_both_records() -> None:
    words = [f"word{at}" for at in range(60)]
    made = MadeChain()
    made.block(
        add(completion(" ".join(words))),
        add(completion(" ".join([*words[:-1], "other"])), messages='[{"role": "user", "content": "and?"}]'),
    )
    chain = shown.index_made(made)
    (finding,) = told("/checks/near-duplicate")["findings"]
    measured = likeness(" ".join(words), " ".join([*words[:-1], "other"])).jaccard
    assert finding["values"] == {"similarity": f"{measured:.3f}", "other_record": 1}
    html = page("/checks/near-duplicate")
    assert f'similarity</dt><dd class="mono name">{measured:.3f}</dd>' in html
    assert f"/compare?a={chain.rid}:2.1&amp;b={chain.rid}:1.1" in html


def test_hashes_are_left_to_the_record_itself(made_chain: ChainView) -> None:
    (example,) = queries.entry([made_chain], "altered").examples
    assert example.numbers == {"first_height": 0, "last_height": 1}
    assert set(example.values) - set(example.numbers) == {"first_result", "last_result"}


def test_a_check_that_there_is_not_and_a_record_that_there_is_not(made_chain: ChainView) -> None:
    assert "altered" in refused("/checks/true", 404, "not-here")["detail"]
    assert "altered" in page("/checks/true", status=404)
    refused(f"/chains/{made_chain.rid}/records/99/checks", 404, "not-here")
    assert ask("/checks?since=5").status_code == 400


def test_what_was_read_in_a_result_is_not_told_while_a_part_of_it_is_withheld(made_chain: ChainView) -> None:
    key = signed_hash(rell_json.quote(THOUGHT))
    assert results(made_chain, 3)["field-contradiction"]["result"] == "fail"
    assert [each["prompt_id"] for each in told("/checks/field-contradiction")["findings"]] == [3]
    Suppression.objects.create(subject="content", hash=key, mode="hide", reason="private", by="a test")
    found = results(made_chain, 3)
    assert (found["field-contradiction"]["result"], found["field-contradiction"]["reason"]) == (
        "unknown",
        "hidden",
    )
    assert found["field-contradiction"]["values"] == {}
    assert found["altered"]["result"] == "pass"
    assert told("/checks/field-contradiction")["findings"] == []
    assert "field contradiction" not in page(f"/chains/{made_chain.rid}/records/3", status=451)


def test_what_is_not_judged_yet_is_said_to_be_so(made_chain: ChainView) -> None:
    DerivationCheckpoint.objects.filter(name="checks").delete()
    found = told(f"/chains/{made_chain.rid}/records/1/checks")
    assert (found["results"], found["height"]) == ([], -1)
    assert "Not made of this record yet" in page(f"/chains/{made_chain.rid}/records/1")
    assert [each["height"] for each in told("/checks")["counted_to"]] == [-1]
    assert "Not counted yet" in page("/checks")


def test_without_a_chain_there_are_checks_all_the_same() -> None:
    listed = told("/checks")
    assert [each["records"] for each in listed["results"]] == [0] * len(listed["results"])
    assert listed["as_of"] == []
    assert "Checks" in page("/checks")
    assert queries.catalogue([])
