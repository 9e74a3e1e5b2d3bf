"""What records have in common, as JSON."""

import pytest
from psycopg.errors import QueryCanceled

from explorer.queries.chain.chains import ChainView
from explorer.queries.lists.search import walking
from explorer.queries.lists.search.walking import Unsearched
from tests.explorer.api.asking import refused, told, walked

pytestmark = pytest.mark.django_db
KINDS = ["chain", "model", "provider", "status", "day"]


def test_each_kind_is_counted_of_one_chain_and_of_all(
    recorded_chain: ChainView, one_validator_chain: ChainView
) -> None:
    one = told(f"/chains/{recorded_chain.rid}/records/facets")
    both = told("/records/facets")
    assert list(one) == list(both) == [*KINDS[:-1], "check", "day", "as_of"]
    assert one["chain"]["values"] == [{"value": recorded_chain.rid, "count": 225, "is_chosen": False}]
    assert [each["count"] for each in both["chain"]["values"]] == [225, one_validator_chain.records]
    for kind in KINDS:
        assert one[kind]["counted"] == {"value": 225, "is_exact": True}
        assert sum(each["count"] for each in one[kind]["values"]) == 225
        assert (one[kind]["back_to"], one[kind]["up_to"], one[kind]["has_more"]) == ([], [], False)
    assert one["as_of"]["chain"] == recorded_chain.rid
    assert [each["chain"] for each in both["as_of"]] == [recorded_chain.rid, one_validator_chain.rid]
    assert told(f"/records/facets?chain={recorded_chain.rid}")["model"] == one["model"]


@pytest.mark.parametrize("filters", ["", "?provider=groq", "?provider=g*", "?check=malformed"])
def test_findings_of_checks_are_counted_as_lists_have_them(recorded_chain: ChainView, filters: str) -> None:
    at = f"/chains/{recorded_chain.rid}/records"
    found = told(f"{at}/facets{filters}")["check"]
    more = filters.replace("?", "&") if "provider" in filters else ""
    assert found["values"]
    assert found["counted"]["is_exact"]
    for each in found["values"]:
        assert len(list(walked(f"{at}?check={each['value']}&limit=100{more}"))) == each["count"]
        assert each["is_chosen"] is (f"check={each['value']}" in filters)


@pytest.mark.parametrize("kind", ["model", "provider", "status"])
def test_a_value_is_what_its_filter_takes(recorded_chain: ChainView, kind: str) -> None:
    at = f"/chains/{recorded_chain.rid}/records"
    named = [each for each in told(f"{at}/facets")[kind]["values"] if each["value"]]
    assert named
    for each in named:
        assert len(list(walked(f"{at}?{kind}={each['value']}&limit=100"))) == each["count"]
        chosen = told(f"{at}/facets?{kind}={each['value']}")
        assert [one["value"] for one in chosen[kind]["values"] if one["is_chosen"]] == [each["value"]]
        assert chosen[kind]["counted"] == {"value": 225, "is_exact": True}
        assert chosen["day"]["counted"] == {"value": each["count"], "is_exact": True}


def test_what_cannot_be_meant_is_refused(recorded_chain: ChainView) -> None:
    for wrong in ("limit=5", "order=oldest", "cursor=x", "before=1", "modle=x", "status=gone", "q=%22x"):
        refused(f"/records/facets?{wrong}", 400, "bad-parameter")
    refused(f"/chains/{'0F' * 32}/records/facets", 404, "not-here")
    refused(f"/records/facets?chain={'0F' * 32}", 404, "not-here")


def test_only_where_nothing_could_be_counted_it_is_too_slow(
    recorded_chain: ChainView, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object, **__: object) -> None:
        raise Unsearched("no chain could be searched in time") from QueryCanceled()

    monkeypatch.setattr(walking, "walk", never)
    told("/records/facets")
    day = told("/records/facets?status=edited")["day"]
    assert (day["values"], day["counted"]) == ([], {"value": 0, "is_exact": False})
    assert {"chain": recorded_chain.rid, "height": None, "at": None} in day["back_to"]
    refused("/records/facets?seed=7", 503, "too-slow")
