"""The list of records of a chain: what it says, how it goes on, and what it refuses."""

import re

import pytest
from pytest_django import DjangoAssertNumQueries

from explorer.queries.chain.chains import ChainView
from explorer.queries.db.pagination import PageRequest
from explorer.queries.lists import listing
from explorer.queries.lists.filter import RecordFilter
from explorer.queries.records.states import Status
from tests.explorer.pages.asking import get, of, page
from tests.explorer.pages.markup import read

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("status", [each.value for each in Status])
def test_a_list_of_one_status_has_those_alone(recorded_chain: ChainView, status: str) -> None:
    text = page(of(recorded_chain, f"/records?status={status}&limit=100"))
    expected = listing.page(recorded_chain, RecordFilter(Status(status)), PageRequest(limit=100)).rows
    assert text.count('scope="row"') == len(expected)
    assert all(f'/records/{row.prompt_id}"' in text for row in expected)


@pytest.mark.parametrize("path", ["/records", "/blocks"])
def test_rows_do_not_name_the_only_chain(path: str, recorded_chain: ChainView) -> None:
    rows = page(path).partition("<tbody")[2].partition("</table>")[0]
    assert of(recorded_chain) in rows
    assert of(recorded_chain, '/records"') not in rows


def test_what_the_form_sends_is_understood(recorded_chain: ChainView) -> None:
    markup = read(page(of(recorded_chain, "/records")))
    assert [each["name"] for each in markup.named("select")] == [
        "status", "has", "check", "challenge", "order", "limit",
    ]  # fmt: skip
    assert {"any", "oldest"} <= {each.get("value") for each in markup.named("option")}
    named = {each["name"] for each in [*markup.named("select"), *markup.named("input")]}
    assert {*RecordFilter.declarations(), "order", "limit"} <= named
    assert page(of(recorded_chain, "/records?limit=25")).count('scope="row"') == 25


@pytest.mark.parametrize(
    ("sent", "address"),
    [
        ("status=any&order=newest&limit=50&model=&scout=&seed=", ""),
        ("limit=25&status=&has=any&order=oldest&cursor=", "?order=oldest&limit=25"),
        ("scout=3&status=edited&scout=+3+", "?status=edited&scout=3"),
        ("model=google%2Fgemma*&since=2026-10-01T00%3A00", "?model=google/gemma*&since=2026-10-01"),
        ("block=7..7&changed=2026-10-01..2026-10-02", "?block=7&changed=2026-10-01"),
        ("tx=" + "ab" * 32, "?tx=" + "AB" * 32),
        ("seed=-0", "?seed=0"),
    ],
)
def test_what_a_form_sends_leads_to_the_one_address(
    recorded_chain: ChainView, sent: str, address: str
) -> None:
    for path in (of(recorded_chain, "/records"), "/records"):
        response = get(f"{path}?{sent}")
        assert (response.status_code, response.headers["Location"]) == (302, f"{path}{address}")
        page(f"{path}{address}")


def test_another_spelling_of_the_one_address_leads_nowhere(recorded_chain: ChainView) -> None:
    page(of(recorded_chain, "/records?model=google%2Fgemma%2A"))


def test_a_page_may_have_any_number_of_rows_and_offers_a_few(recorded_chain: ChainView) -> None:
    text = page(of(recorded_chain, "/records?limit=10"))
    assert text.count('scope="row"') == 10
    offered = text.partition('name="limit">')[2].partition("</select>")[0]
    assert read(offered).text == "102550100"
    assert "<option selected>10</option>" in offered


def test_a_list_that_begins_with_the_oldest_goes_on_to_newer_ones(recorded_chain: ChainView) -> None:
    text = page(of(recorded_chain, "/records?order=oldest&limit=25"))
    assert "This is the oldest page" in text
    onward = next(each["href"] for each in read(text).named("a") if each.get("rel") == "next")
    assert onward is not None
    further = page(onward.replace("&amp;", "&"))
    assert '/records/26"' in further
    assert 'rel="prev">← Older' in further


def test_states_of_records_are_links_too(recorded_chain: ChainView) -> None:
    links = {each["href"] for each in read(page(of(recorded_chain, "/records"))).named("a")}
    assert {of(recorded_chain, f"/records?status={each.value}") for each in Status} <= links


@pytest.mark.parametrize("status", ["edited", "deleted"])
def test_what_was_changed_comes_by_when_and_says_it(recorded_chain: ChainView, status: str) -> None:
    path = of(recorded_chain, "/records")
    for at in (path, "/records"):
        text = page(f"{at}?status={status}&limit=25")
        wanted = RecordFilter(Status(status))
        expected = listing.page(recorded_chain, wanted, PageRequest(limit=25, changed_first=True)).rows
        ids = re.findall(r'scope="row"><a href="[^"]*/records/(\d+)"', text)
        assert [int(each) for each in ids] == [row.prompt_id for row in expected]
        assert f'href="/api/v1{at}?status={status}&amp;limit=25&amp;order=changed"' in text
        assert f'<a href="{at}?limit=25"' in text  # all of them, the newest first
    newest = page(f"{path}?status={status}&order=newest")
    row = listing.page(recorded_chain, wanted, PageRequest(limit=1)).rows[0]
    assert row.changed_at is not None
    stated = f'<time class="stacked" datetime="{row.changed_at:%Y-%m-%dT%H:%M:%S}Z">'
    assert newest.partition('class="state"')[2].partition("</td>")[0].count(stated) == 1


def test_pages_of_what_was_changed_go_on_by_when(recorded_chain: ChainView) -> None:
    path = of(recorded_chain, "/records?status=edited&limit=2")
    seen: list[str] = []
    while path:
        text = page(path)
        seen += re.findall(r'scope="row"><a href="[^"]*/records/(\d+)"', text)
        path = "".join(re.findall(r'href="([^"]*)" rel="next"', text)).replace("&amp;", "&")
    request = PageRequest(limit=100, changed_first=True)
    expected = listing.page(recorded_chain, RecordFilter(Status.EDITED), request).rows
    assert [int(each) for each in seen][:100] == [row.prompt_id for row in expected]
    assert len(seen) > 2


def test_an_address_that_goes_on_by_position_still_does(recorded_chain: ChainView) -> None:
    before = listing.page(recorded_chain, RecordFilter(Status.EDITED), PageRequest(limit=3)).rows[-1]
    text = page(of(recorded_chain, f"/records?status=edited&limit=3&before={before.position}"))
    request = PageRequest(limit=3, before=before.position)
    expected = listing.page(recorded_chain, RecordFilter(Status.EDITED), request).rows
    ids = re.findall(r'scope="row"><a href="[^"]*/records/(\d+)"', text)
    assert [int(each) for each in ids] == [row.prompt_id for row in expected]


def test_an_empty_list_names_what_was_asked_for(recorded_chain: ChainView) -> None:
    text = page(of(recorded_chain, "/records?status=deleted&before=1"))
    assert "No deleted record is on this page" in text
    assert "Clear filters" in text


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("colour=red", "There is no parameter “colour”"),
        ("limit=101", "limit is a whole number from 1 to 100"),
        ("status=fresh", "status is one of any, deleted, edited, live"),
        ("seed=x", "seed is a whole number from -9223372036854775808"),
        ("seed=1&seed=2", "given more than once"),
        ("since=2026-02-30", "since is a day and a time that exist, not “2026-02-30”"),
        ("since=yesterday", "since is a day as 2026-10-01 or a moment"),
        ("since=2026-10-02&until=2026-10-01", "until is after since, which is 2026-10-02"),
        ("block=9..7", "block goes from the lower to the higher: 7..9"),
        (
            "changed=2026-11-01..2026-10-01",
            "changed goes from the earlier to the later: 2026-10-01..2026-11-01",
        ),
        ("tx=abc", "tx is 64 hex digits"),
        ("cursor=x", "cursor is what a page of this list gave"),
        ("modle=x", "Did you mean model?"),
        ("before=x", "before is a whole number"),
        ("before=1&after=2", "not both"),
        ("order=newest&order=oldest", "given more than once"),
    ],
)
def test_a_query_that_cannot_be_meant_is_refused_with_what_can(
    recorded_chain: ChainView, query: str, words: str
) -> None:
    assert words in page(of(recorded_chain, f"/records?{query}"), status=400)


def test_lists_ask_few_queries(
    recorded_chain: ChainView, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    # The chains, the records of the page, their rows between two settings, the gate, and how many there are.
    for query in ("limit=100", "order=oldest", "before=99999999", "order=changed", "scout=1&seed=2"):
        with django_assert_max_num_queries(7):
            page(of(recorded_chain, f"/records?{query}"))
    with django_assert_max_num_queries(10):
        page(of(recorded_chain, "/records?status=edited&model=*&since=2026-01-01&order=oldest"))
