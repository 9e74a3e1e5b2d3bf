"""The ledger as JSON: the same changes as the page, and the ids that are missing."""

import pytest

from explorer.queries.chain.chains import ChainView
from explorer.queries.db.pagination import LARGEST_PAGE, PageRequest
from explorer.queries.ledger import ledger, missing
from tests.explorer.api.asking import ask, refused, told, walked

pytestmark = pytest.mark.django_db


def test_a_walk_gives_every_change_once(toured_chain: ChainView) -> None:
    found = list(walked(f"/chains/{toured_chain.rid}/ledger?limit=7"))
    first = ledger.page([toured_chain], request=PageRequest(limit=LARGEST_PAGE))
    assert [(each["kind"], each["position"], each["prompt_id"]) for each in found[: len(first.rows)]] == [
        (row.kind.value, str(row.position), row.prompt_id) for row in first.rows
    ]
    named = {(each["position"], each["prompt_id"], each["kind"]) for each in found}
    assert len(named) == len(found)
    assert list(walked(f"/chains/{toured_chain.rid}/ledger?limit=7&order=oldest")) == found[::-1]


def test_a_row_names_its_chain_and_its_transaction(toured_chain: ChainView) -> None:
    for each in told(f"/chains/{toured_chain.rid}/ledger?limit=100")["results"]:
        assert each["chain"] == toured_chain.rid
        is_of_network = each["kind"] in ("signers", "code", "settings")
        assert (each["transaction"] is None) is is_of_network
        assert (each["prompt_id"] is None) is (is_of_network or each["kind"] == "owner")
        if each["transaction"] is not None:
            assert ask(f"/chains/{each['chain']}/transactions/{each['transaction']}").status_code in (
                200,
                451,
            )


def test_all_chains_are_in_one_ledger_or_the_one_that_is_chosen(
    recorded_chain: ChainView, toured_chain: ChainView
) -> None:
    found = told("/ledger?limit=100&order=oldest")
    assert {each["chain"] for each in found["as_of"]} == {recorded_chain.rid, toured_chain.rid}
    chosen = list(walked(f"/ledger?chain={toured_chain.rid}&kind=edit"))
    assert chosen == list(walked(f"/chains/{toured_chain.rid}/ledger?kind=edit"))
    assert {each["kind"] for each in chosen} == {"edit"}


def test_what_cannot_be_asked_is_refused(toured_chain: ChainView) -> None:
    at = f"/chains/{toured_chain.rid}"
    assert refused(f"{at}/ledger?kind=add", 400, "bad-parameter")["errors"][0]["code"] == "not-a-choice"
    assert refused(f"{at}/ledger?before=5", 400, "bad-parameter")["errors"][0]["code"] == "unknown"
    assert refused(f"{at}/missing?kind=edit", 400, "bad-parameter")["errors"][0]["code"] == "unknown"


def test_missing_ids_come_with_their_total(toured_chain: ChainView) -> None:
    at = f"/chains/{toured_chain.rid}/missing"
    found = list(walked(f"{at}?limit=2"))
    whole = missing.page(toured_chain)
    assert sum(each["count"] for each in found) == told(at)["total"] == whole.total
    assert [(each["first"], each["last"], each["kind"]) for each in found][: len(whole.rows)] == [
        (row.first, row.last, row.why.value) for row in whole.rows
    ]
    assert told(at)["given"] == toured_chain.records
