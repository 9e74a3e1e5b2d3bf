"""What readers are told of a text from the moment it is hidden, until all that was made from it is remade."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from explorer.queries.chain import chains
from explorer.queries.db.state import state
from indexer import derive
from indexer.checks.registry import by_name
from indexer.dapp import rell_json
from indexer.models import Chain
from indexer.records import withdrawing
from indexer.records.erase import take_back
from tests.explorer import shown
from tests.indexer.made import MadeChain, add, completion, update
from tests.indexer.records.erasing import (
    CONTENT,
    SECRET,
    TRANSACTION,
    answer_key,
    erase,
    hide,
    indexed,
    key_of,
    ordered,
)

pytestmark = pytest.mark.django_db

ASKED = json.dumps([{"role": "user", "content": "zasked telephone"}])
THOUGHT = json.dumps({"choices": [{"message": {"content": "zbeside telephone", "reasoning": "zthought"}}]})
USAGE = {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 9}
FINDING = "usage-implausible"


def made_chain() -> MadeChain:
    made = MadeChain()
    made.block(
        add(completion(SECRET, usage=USAGE)),
        add(completion("telephone, harmless", usage=USAGE)),
        add(completion("before an edit")),
        add(completion("harmless"), messages=ASKED),
        add(THOUGHT),
    )
    made.block(update(3, completion(SECRET)))
    return made


KEYS: dict[str, tuple[Any, Callable[[MadeChain], bytes], list[int]]] = {
    "an answer": (CONTENT, lambda _: answer_key(SECRET), [1, 3]),
    "messages": (CONTENT, lambda _: key_of(rell_json.normalise(ASKED)), [4]),
    "a text within a result": (CONTENT, lambda _: answer_key("zthought"), [5]),
    "a transaction": (TRANSACTION, lambda made: made.blocks[1].transactions[0].rid, [3]),
}


@pytest.fixture
def made() -> MadeChain:
    shown.empty()
    return made_chain()


@pytest.fixture
def chain(made: MadeChain) -> Chain:
    row = indexed(made)
    derive.catch_up(row)
    return row


def found(client: Client, **asked: str) -> list[int]:
    return sorted(each["prompt_id"] for each in told(client, **asked)["results"])


def told(client: Client, **asked: str) -> Any:
    return client.get("/api/v1/records", asked).json()


@pytest.mark.parametrize("withhold", [hide, erase])
@pytest.mark.parametrize("name", KEYS)
def test_no_word_finds_who_says_it_from_the_first_moment_on(
    name: str, withhold: Callable[..., int], made: MadeChain, chain: Chain, client: Client
) -> None:
    subject, key, ids = KEYS[name]
    others = sorted({1, 2, 3, 4, 5} - set(ids))
    assert found(client, q="telephone") == [1, 2, 3, 4, 5]
    before = state()
    ordered(withhold, subject, key(made))
    assert state() != before
    for line in ("telephone", "-absent", "telephone -absent", "tele* OR absent"):
        answer = told(client, q=line)
        assert [each["prompt_id"] for each in answer["results"]] == others[::-1], line
        assert answer["count"] == {"value": len(others), "is_exact": False}
        assert [each["withdraws"] for each in answer["words_to"]] == [True]
    page = client.get("/records", {"q": "telephone"}).content.decode()
    assert "A text was hidden, erased or shown again: records" in page
    assert "No match" not in client.get("/records", {"q": "absent"}).content.decode()
    assert found(client, q="block:0") == [1, 2, 3, 4, 5]
    withdrawing.carry_out_all()
    assert told(client, q="telephone")["words_to"] is None
    assert told(client, q="telephone")["count"]["is_exact"]
    kept = {"an answer": [2, 4, 5], "messages": [1, 2, 3, 5], "a text within a result": [1, 2, 3, 4]}
    assert found(client, q="telephone") == kept.get(name, [1, 2, 4, 5])


def test_what_is_shown_again_is_found_when_all_its_words_are(chain: Chain, client: Client) -> None:
    hide(CONTENT, answer_key(SECRET))
    assert found(client, q="edit") == [3]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(withdrawing, "carry_out", lambda *_: None)
        take_back(CONTENT, answer_key(SECRET))
    assert found(client, q="edit -telephone") == []
    assert found(client, q="telephone") == [2, 4, 5]
    withdrawing.carry_out_all()
    assert found(client, q="edit -telephone") == []
    assert found(client, q="telephone") == [1, 2, 3, 4, 5]


def test_checks_do_not_know_meanwhile_what_they_would_have_to_read(chain: Chain, client: Client) -> None:
    at = f"/chains/{bytes(chain.brid).hex().upper()}/records/1"

    def said(name: str) -> dict[str, Any]:
        listed = client.get(f"/api/v1{at}/checks").json()["results"]
        return next(each for each in listed if each["check"] == name)

    def examples() -> list[int]:
        entry = client.get(f"/api/v1/checks/{FINDING}").json()
        return sorted(each["prompt_id"] for each in entry["findings"])

    def facet() -> dict[str, Any]:
        return dict(client.get("/api/v1/records/facets").json()["check"])

    def counted() -> int:
        return next(int(each["count"]) for each in facet()["values"] if each["value"] == FINDING)

    assert (said(FINDING)["result"], said("deleted")["result"]) == ("fail", "pass")
    assert (found(client, check=FINDING), examples(), counted()) == ([1, 2], [1, 2], 2)
    assert by_name()[FINDING].reads_texts
    hide(CONTENT, answer_key(SECRET))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(withdrawing, "carry_out", lambda *_: None)
        take_back(CONTENT, answer_key(SECRET))
    assert (said(FINDING)["result"], said(FINDING)["reason"]) == ("unknown", "judged-anew")
    assert said("deleted")["result"] == "pass"
    assert (found(client, check=FINDING), examples(), counted()) == ([2], [2], 1)
    assert not facet()["counted"]["is_exact"]
    assert "of which a text was hidden, erased or shown again are not counted yet" in " ".join(
        client.get("/records/facets").content.decode().split()
    )
    assert found(client, q=f"check:{FINDING}") == [2]
    assert client.get("/api/v1/checks").json()["are_judged_anew"] is True
    assert "being judged anew" in client.get("/checks").content.decode()
    assert "being judged anew" in client.get(f"/checks/{FINDING}").content.decode()
    withdrawing.carry_out_all()
    assert said(FINDING)["result"] == "fail"
    assert client.get("/api/v1/checks").json()["are_judged_anew"] is False
    assert (found(client, check=FINDING), examples(), counted()) == ([1, 2], [1, 2], 2)


def test_a_chain_that_has_nothing_to_be_remade_is_asked_nothing_more(chain: Chain) -> None:
    assert not chains.chain_with(bytes(chain.brid)).withdraws
    ordered(hide, CONTENT, answer_key("nobody ever said this"))
    assert chains.chain_with(bytes(chain.brid)).withdraws
    withdrawing.carry_out_all()
    assert not chains.chain_with(bytes(chain.brid)).withdraws
