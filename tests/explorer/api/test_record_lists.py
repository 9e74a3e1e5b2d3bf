"""Lists of records as JSON: walks that meet each once, filters, and what is refused."""

import pytest
from pytest_django import DjangoAssertNumQueries

from explorer.queries.chain import chains
from explorer.queries.chain.chains import ChainView
from explorer.queries.lists.filter import RecordFilter
from tests.explorer.api.asking import ask, every, refused, told, walked

pytestmark = pytest.mark.django_db
MOST_QUERIES = 9


@pytest.mark.parametrize("limit", [3, 7, 50, 100])
@pytest.mark.parametrize("order", ["newest", "oldest"])
def test_a_walk_meets_every_record_once_in_order(recorded_chain: ChainView, limit: int, order: str) -> None:
    found = [
        int(each["position"])
        for each in walked(f"/chains/{recorded_chain.rid}/records?limit={limit}&order={order}")
    ]
    assert len(found) == len(set(found)) == recorded_chain.records
    assert found == sorted(found, reverse=order == "newest")


@pytest.mark.parametrize("status", ["live", "edited", "deleted"])
def test_a_walk_of_one_status_meets_its_records_alone(recorded_chain: ChainView, status: str) -> None:
    path = f"/chains/{recorded_chain.rid}/records"
    found = [each["prompt_id"] for each in walked(f"{path}?limit=10&status={status}")]
    everything = {each["prompt_id"]: each["status"] for each in walked(path)}
    assert sorted(found) == sorted(key for key, value in everything.items() if value == status)
    assert found


def test_after_the_last_known_position_comes_what_was_written_since(recorded_chain: ChainView) -> None:
    path = f"/chains/{recorded_chain.rid}/records"
    oldest = [each["position"] for each in walked(f"{path}?order=oldest")]
    since = [each["position"] for each in walked(f"{path}?order=oldest&limit=10&after={oldest[99]}")]
    assert since == oldest[100:]
    assert told(f"{path}?after={oldest[-1]}")["results"] == []
    assert told(f"{path}?after={oldest[-1]}")["next"] is None
    assert told(f"{path}?before={oldest[0]}")["results"] == []


def test_a_walk_goes_on_in_the_direction_in_which_it_began(recorded_chain: ChainView) -> None:
    path = f"/chains/{recorded_chain.rid}/records"
    oldest = [each["position"] for each in walked(f"{path}?order=oldest")]
    upwards = [each["position"] for each in walked(f"{path}?after={oldest[9]}&limit=20")]
    downwards = [each["position"] for each in walked(f"{path}?before={oldest[200]}&order=oldest&limit=20")]
    assert sorted(upwards, key=int) == oldest[10:]
    assert sorted(downwards, key=int) == oldest[:200]
    assert upwards[:20] == oldest[29:9:-1]
    assert downwards[:20] == oldest[180:200]


def test_the_next_page_is_in_the_link_header_too(recorded_chain: ChainView) -> None:
    answer = ask(f"/chains/{recorded_chain.rid}/records?limit=2&status=live")
    following = answer.json()["next"]
    assert following.startswith("http://testserver/api/v1/chains/")
    assert "status=live" in following
    assert answer.headers["Link"] == f'<{following}>; rel="next"'
    assert "Link" not in ask(f"/chains/{recorded_chain.rid}/records?order=oldest&after={2**62}").headers


def test_more_peers_than_are_listed_are_tallied(toured_chain: ChainView) -> None:
    crowded = [each for each in every(toured_chain) if each["tallies"] is not None]
    assert crowded
    for found in crowded:
        assert found["peer_count"] > len(found["peers"]) == 60
        assert found["peer_count_is_exact"] is True
        for tally in (found["tallies"]["first"], found["tallies"]["now"]):
            clustered = sum(each["count"] for each in tally["clusters"])
            assert clustered + tally["others"] + tally["deleted"] == found["peer_count"]
        assert any(each["has_this"] for each in found["tallies"]["first"]["clusters"])


def test_a_row_says_the_same_as_its_record(recorded_chain: ChainView) -> None:
    same = ("prompt_id", "position", "height", "scout", "seed", "model", "provider", "created_at", "block_at")
    for row in walked(f"/chains/{recorded_chain.rid}/records?limit=100"):
        found = every(recorded_chain)[row["prompt_id"] - 1]
        assert {name: row[name] for name in same} == {name: found[name] for name in same}
        assert (row["status"], row["revision_count"]) == (found["status"], found["revision_count"])


def test_a_list_is_dated(recorded_chain: ChainView) -> None:
    page = told(f"/chains/{recorded_chain.rid}/records?limit=1")
    assert set(page) == {"results", "next", "as_of", "count", "searched_to", "words_to", "ranking"}
    assert (page["count"], page["searched_to"]) == ({"value": 225, "is_exact": True}, None)
    assert page["as_of"]["height"] == recorded_chain.freshness.height


def test_a_list_costs_few_queries_whatever_its_size(
    each_chain: ChainView, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for query in ("", "?limit=100", "?order=oldest&limit=100", "?after=5&status=live"):
        with django_assert_max_num_queries(MOST_QUERIES):
            told(f"/chains/{each_chain.rid}/records{query}")


@pytest.mark.parametrize(
    ("query", "parameter", "code"),
    [
        ("limit=0", "limit", "out-of-range"),
        ("limit=101", "limit", "out-of-range"),
        ("limit=", "limit", "not-a-number"),
        ("limit=5.0", "limit", "not-a-number"),
        ("before=-1", "before", "not-a-number"),
        ("before=9223372036854775808", "before", "out-of-range"),
        (f"after={'9' * 900}", "after", "out-of-range"),
        ("order=random", "order", "not-a-choice"),
        ("status=LIVE", "status", "not-a-choice"),
        ("status=", "status", "not-a-choice"),
        ("before=1&after=1", "after", "not-together"),
        ("limit=5&limit=6", "limit", "repeated"),
        ("Limit=5", "Limit", "unknown"),
        ("format=json", "format", "unknown"),
        ("cursor=x", "cursor", "not-a-cursor"),
        ("seed=9223372036854775808", "seed", "out-of-range"),
        ("scout=1.5", "scout", "not-a-number"),
        ("block=7-9", "block", "not-a-range"),
        ("block=..", "block", "not-a-range"),
        ("block=9..7", "block", "upside-down"),
        ("block=8796093022208", "block", "out-of-range"),
        ("since=2026-02-29", "since", "no-such-time"),
        ("since=2026-10-01T24:00:00Z", "since", "no-such-time"),
        ("since=1.10.2026", "since", "not-a-time"),
        ("until=2026-10-01%2B02:00", "until", "not-a-time"),
        ("since=2026-10-01&until=2026-10-01", "until", "upside-down"),
        ("changed=2026-10-01T12:00:00Z", "changed", "not-a-time"),
        ("changed=2026-11-01..2026-10-01", "changed", "upside-down"),
        ("tx=12", "tx", "out-of-range"),
        ("writer=xyz", "writer", "not-hex"),
        ("has=answer", "has", "not-a-choice"),
        ("words=word", "words", "unknown"),
        ("q=modle:x", "q", "unknown-key"),
        ("q=%20", "q", "no-word"),
        ("q=", "q", "no-word"),
    ],
)
def test_a_query_that_cannot_be_meant_is_refused_by_name(
    recorded_chain: ChainView, query: str, parameter: str, code: str
) -> None:
    problem = refused(f"/chains/{recorded_chain.rid}/records?{query}", 400, "bad-parameter")
    assert [(each["parameter"], each["code"]) for each in problem["errors"]] == [(parameter, code)]
    assert problem["errors"][0]["detail"] == problem["detail"]


def test_everything_that_is_wrong_with_a_query_is_told_at_once(recorded_chain: ChainView) -> None:
    problem = refused(f"/chains/{recorded_chain.rid}/records?limt=5&limit=0&order=up", 400, "bad-parameter")
    assert [each["parameter"] for each in problem["errors"]] == ["limt", "limit", "order"]
    names = sorted(["after", "before", "cursor", "limit", "order", *RecordFilter.declarations()])
    assert f"Did you mean limit? There are: {', '.join(names)}." in problem["detail"]


# All chains


def test_the_list_of_all_chains_names_the_chain_of_each(
    recorded_chain: ChainView, one_validator_chain: ChainView
) -> None:
    for order in ("newest", "oldest"):
        found = list(walked(f"/records?limit=17&order={order}"))
        assert len(found) == sum(each.records for each in chains.chains())
        times = [each["block_at"] for each in found]
        assert times == sorted(times, reverse=order == "newest")
        assert len({(each["chain"], each["prompt_id"]) for each in found}) == len(found)


def test_the_list_of_all_chains_says_as_of_when_each_is_told(
    recorded_chain: ChainView, one_validator_chain: ChainView
) -> None:
    page = told("/records?limit=1&status=edited")
    assert [each["chain"] for each in page["as_of"]] == [each.rid for each in chains.chains()]
    assert page["searched_to"] is None
    every = list(walked("/records?status=edited"))
    assert page["count"] == {"value": len(every), "is_exact": True}


def test_one_of_the_chains_may_be_chosen(recorded_chain: ChainView, one_validator_chain: ChainView) -> None:
    found = list(walked(f"/records?chain={one_validator_chain.rid}&limit=7"))
    own = list(walked(f"/chains/{one_validator_chain.rid}/records"))
    assert [{name: each[name] for name in each if name != "chain"} for each in found] == own
    refused(f"/records?chain={'AB' * 32}", 404, "not-here")
    refused("/records?chain=AB", 400, "bad-parameter")


@pytest.mark.parametrize("query", ["before=5", "after=5"])
def test_the_list_of_all_chains_goes_on_by_its_cursor_alone(recorded_chain: ChainView, query: str) -> None:
    problem = refused(f"/records?{query}", 400, "bad-parameter")
    assert problem["errors"][0]["code"] == "unknown"


def test_a_cursor_of_another_list_is_refused(
    recorded_chain: ChainView, one_validator_chain: ChainView
) -> None:
    following = told("/records?limit=3&order=changed")["next"]
    told(following)
    assert "another list" in refused(f"{following}&scout=1", 400, "bad-parameter")["detail"]
    other = following.replace("order=changed", "order=newest")
    assert "another list" in refused(other, 400, "bad-parameter")["detail"]


def test_the_list_by_change_has_each_that_was_changed_once(recorded_chain: ChainView) -> None:
    path = f"/chains/{recorded_chain.rid}/records"
    found = [each["prompt_id"] for each in walked(f"{path}?order=changed&limit=3")]
    changed = {
        each["prompt_id"] for status in ("edited", "deleted") for each in walked(f"{path}?status={status}")
    }
    assert (len(found), set(found)) == (len(changed), changed)


def test_the_list_of_all_chains_costs_few_queries(
    recorded_chain: ChainView,
    one_validator_chain: ChainView,
    toured_chain: ChainView,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for query in ("", "?limit=100", "?order=changed&limit=100"):
        with django_assert_max_num_queries(8):
            told(f"/records{query}")
    with django_assert_max_num_queries(8 + 2 + 3):  # what edits changed, and of each chain what was signed
        told("/records?model=*&status=edited&since=2026-01-01&limit=100")
