"""Models, providers and scouts as JSON: the same as reading record by record."""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from explorer.queries.chain.chains import ChainView
from explorer.queries.groups.naming import part_of
from indexer.models import DerivationCheckpoint
from indexer.store.names import hash_of
from tests.explorer import shown
from tests.explorer.api.asking import ask, refused, told, walked
from tests.indexer.made import MadeChain, add

pytestmark = pytest.mark.django_db
LISTS = ("models", "providers", "scouts")
NAMES = ("a/b", "a:b", "0123", " ", "", "x" * 12_000, "\u202e", "ab" * 32, "a//b", "..")


def counted(kind: str) -> dict[tuple[str, ...], list[dict[str, Any]]]:
    """All records by what they name."""
    found: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for row in walked("/records?limit=100"):
        key = (row["chain"], row["scout"]) if kind == "scouts" else (row[kind.removesuffix("s")],)
        found[key].append(row)
    return found


@pytest.mark.parametrize("kind", LISTS)
def test_numbers_are_what_counting_the_list_of_records_gives(
    kind: str, recorded_chain: ChainView, one_validator_chain: ChainView
) -> None:
    expected = counted(kind)
    assert expected
    of = kind.removesuffix("s")
    seen = set()
    for row in walked(f"/{kind}?limit=7"):
        key = (row["chain"], row["scout"]) if of == "scout" else (row[of],)
        assert key not in seen
        seen.add(key)
        rows = expected[key]
        states = [each["status"] for each in rows]
        assert (row["records"], row["edited"], row["deleted"]) == (
            len(rows),
            states.count("edited"),
            states.count("deleted"),
        )
        assert row["live"] == row["records"] - row["deleted"]
        one = told(row["url"])
        assert {name: one[name] for name in row} == row
        if of != "scout":
            assert row["sha256"] == hash_of(row[of]).hex().upper()
            assert sum(each["records"] for each in one["chains"]) == row["records"]
            beside = one["providers" if of == "model" else "models"]
            assert sum(each["records"] for each in beside) == row["records"]
            assert [each["chain"] for each in one["as_of"]] == [
                recorded_chain.rid,
                one_validator_chain.rid,
            ]
    assert seen == set(expected)


@pytest.mark.parametrize("kind", LISTS)
def test_the_oldest_come_first_where_that_is_asked(
    kind: str, recorded_chain: ChainView, one_validator_chain: ChainView
) -> None:
    newest = list(walked(f"/{kind}?limit=7"))
    oldest = list(walked(f"/{kind}?limit=7&order=oldest"))
    assert oldest == newest[::-1]
    for share in ("edited", "deleted", "agreeing"):
        refused(f"/{kind}?order={share}", 400, "bad-parameter")


@pytest.mark.parametrize("kind", LISTS)
def test_each_order_has_all_of_them_once_and_in_order(
    kind: str, recorded_chain: ChainView, one_validator_chain: ChainView
) -> None:
    chains = [recorded_chain.rid, one_validator_chain.rid]
    of = kind.removesuffix("s")

    def place(row: dict[str, Any]) -> int:
        return chains.index(row["chain"]) if of == "scout" else 0

    ways: dict[str, Callable[[dict[str, Any]], Any]] = {
        "newest": lambda row: (place(row), reverse_of(row["first_at"])),
        "seen": lambda row: (place(row), reverse_of(row["last_at"])),
        "records": lambda row: (place(row), -most[row["url"]]),
        "name": lambda row: (place(row), int(row[of]) if of == "scout" else row[of].lower()),
    }
    usual = {row["url"]: row for row in walked(f"/{kind}?limit=100")}
    most = {url: int(row["records"]) if of == "scout" else most_of(url) for url, row in usual.items()}
    for order, way in ways.items():
        rows = list(walked(f"/{kind}?limit=3&order={order}" if of != "scout" else f"/{kind}?order={order}"))
        assert [way(row) for row in rows] == sorted(map(way, rows)), order
        assert len(rows) == len(usual)
        assert {row["url"] for row in rows} == usual.keys()


def most_of(url: str) -> int:
    """The records of a name on the chain that has most of them."""
    return max(int(each["records"]) for each in told(url)["chains"])


def reverse_of(moment: str) -> float:
    return -datetime.fromisoformat(moment).timestamp()


@pytest.mark.parametrize("kind", LISTS)
def test_agreement_with_peers_adds_up_to_that_of_the_chains(
    kind: str, recorded_chain: ChainView, one_validator_chain: ChainView
) -> None:
    rows = list(walked(f"/{kind}?limit=100"))
    of = [told(f"/chains/{each.rid}") for each in (recorded_chain, one_validator_chain)]
    for name in ("with_peers", "agreeing"):
        total = sum(each["figures"][name] for each in of)
        assert sum(row[name] for row in rows) == total > 0
        assert sum(day[name] for each in of for day in each["days"]) == total
    assert all(row["agreeing"] <= row["with_peers"] <= row["records"] for row in rows)


@pytest.mark.parametrize("kind", ["models", "providers"])
def test_the_days_of_a_name_are_those_of_its_records(
    kind: str, recorded_chain: ChainView, one_validator_chain: ChainView
) -> None:
    for row in walked(f"/{kind}?limit=100"):
        days = told(row["url"])["days"]
        assert len(days) == 30
        assert [each["day"] for each in days] == sorted(each["day"] for each in days)
        assert sum(each["written"] for each in days) == row["records"]
        assert sum(each["deletions"] for each in days) == row["deleted"]
        assert sum(each["with_peers"] for each in days) == row["with_peers"]
        assert sum(each["agreeing"] for each in days) == row["agreeing"]


def test_the_first_and_last_record_are_those_of_the_list(recorded_chain: ChainView) -> None:
    at = f"/chains/{recorded_chain.rid}"
    for row in told(f"{at}/scouts?limit=100")["results"][:10]:
        one = told(row["url"])
        ids = [each["prompt_id"] for each in walked(f"{at}/records?scout={row['scout']}&limit=100")]
        assert (one["last"], one["first"]) == (ids[0], ids[-1])


def test_whatever_a_name_is_it_has_an_address() -> None:
    made = MadeChain()
    made.block(*(add(model=name, provider=name) for name in NAMES), add(uid=-5))
    chain = shown.index_made(made)
    shown.forget()
    for kind in ("model", "provider"):
        listed = list(walked(f"/{kind}s?limit=100"))
        for name in NAMES:
            (row,) = [each for each in listed if each[kind] == name]
            assert told(row["url"])[kind] == name
            digits = hash_of(name).hex()
            way = ask(f"/{kind}s/{digits}")
            if way.status_code == 301 and way.headers["Location"].endswith(digits.upper()):
                way = ask(way.headers["Location"])
            assert way.headers.get("Location", row["url"]) == row["url"]
            assert (way.status_code == 301) is (part_of(name) == name), name[:80]
    assert told(f"/chains/{chain.rid}/scouts/-5")["scout"] == "-5"


def test_what_is_not_there_is_said(recorded_chain: ChainView) -> None:
    refused("/models/nobody", 404, "not-here")
    refused(f"/providers/{'0' * 64}", 404, "not-here")
    for uid in ("999999", "x", "9" * 30):
        refused(f"/chains/{recorded_chain.rid}/scouts/{uid}", 404, "not-here")


def test_what_is_not_counted_yet_is_said(recorded_chain: ChainView) -> None:
    assert told("/models")["counted_to"] == []
    DerivationCheckpoint.objects.filter(name="presence", chain_id=recorded_chain.id).update(height=100)
    late = [{"chain": recorded_chain.rid, "height": 100}]
    assert told("/models")["counted_to"] == told("/models/gemma2-9b-it")["counted_to"] == late
    one = told("/models/gemma2-9b-it")
    assert one["providers_to"] == one["days_to"] == one["agreement_to"] == []
    DerivationCheckpoint.objects.filter(name="prompts", chain_id=recorded_chain.id).update(height=99)
    DerivationCheckpoint.objects.filter(name="days", chain_id=recorded_chain.id).delete()
    one = told("/models/gemma2-9b-it")
    assert one["agreement_to"] == told("/scouts")["agreement_to"] == [late[0] | {"height": 99}]
    assert one["days_to"] == [late[0] | {"height": -1}]
