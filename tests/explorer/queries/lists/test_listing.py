"""The list of records."""

import pytest
from pytest_django import DjangoAssertNumQueries

from explorer.queries.chain.chains import ChainView
from explorer.queries.db.errors import BadQuestion, NotHere
from explorer.queries.db.pagination import PageRequest
from explorer.queries.lists import listing
from explorer.queries.lists.filter import RecordFilter
from explorer.queries.records.record import record
from explorer.queries.records.states import Status
from indexer.models import Chain
from tests.explorer import shown
from tests.explorer.queries.every import walked
from tests.indexer.made import MadeChain, add, completion, delete, update

pytestmark = pytest.mark.django_db
# Rows and how they are joined, before and after, what some say beside their words, the gate, long messages
# as a whole, what lies beyond.
MOST_QUERIES = 7


def test_snippets_are_one_bounded_line_whatever_the_text_is(toured_chain: ChainView) -> None:
    rows = walked(toured_chain)
    for row in rows:
        for snippet in (row.prompt, row.answer):
            assert len(snippet.text) <= 200
            assert "\n" not in snippet.text
            assert snippet.text == snippet.text.strip()
    assert any(row.answer.cut for row in rows)


def test_a_prompt_s_snippet_is_the_question(toured_chain: ChainView) -> None:
    questions = {row.prompt.text for row in walked(toured_chain)}
    assert "Why do cats purr?" in questions
    assert any(each.startswith("What did I ask first?") for each in questions)


def test_a_list_holds_every_record_newest_first(recorded_chain: ChainView) -> None:
    rows = walked(recorded_chain)
    assert [each.prompt_id for each in rows] == [*range(recorded_chain.records, 0, -1)]
    assert [each.position for each in rows] == sorted((each.position for each in rows), reverse=True)


@pytest.mark.parametrize("status", Status)
def test_a_list_of_one_status_holds_those_and_no_others(recorded_chain: ChainView, status: Status) -> None:
    expected = [each for each in walked(recorded_chain) if each.status is status]
    assert walked(recorded_chain, RecordFilter(status)) == expected
    assert expected


def test_the_newest_are_the_first_of_the_list(recorded_chain: ChainView) -> None:
    assert listing.latest([recorded_chain], count=10) == walked(recorded_chain)[:10]


@pytest.mark.parametrize("limit", [0, -1, 101])
def test_a_page_of_no_possible_size_is_refused(recorded_chain: ChainView, limit: int) -> None:
    with pytest.raises(BadQuestion, match="1 to 100"):
        listing.page(recorded_chain, request=PageRequest(limit=limit))


def test_a_page_goes_one_way(recorded_chain: ChainView) -> None:
    with pytest.raises(BadQuestion, match="not both"):
        listing.page(recorded_chain, request=PageRequest(before=5, after=2))


def test_a_list_costs_a_fixed_number_of_queries(
    toured_chain: ChainView, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for status in (None, *Status):
        with django_assert_max_num_queries(MOST_QUERIES):
            listing.page(toured_chain, RecordFilter(status), PageRequest(limit=100, before=2**63 - 1))


def test_an_empty_chain_has_an_empty_list() -> None:
    chain = Chain.objects.create(brid=b"\x07" * 32)
    view = ChainView(chain.id, 1, b"\x07" * 32, "", "", 0, 0, b"", None)  # type: ignore[arg-type]
    found = listing.page(view)
    assert (found.rows, found.newer, found.older) == ([], None, None)
    with pytest.raises(NotHere, match="it has none yet"):
        record(view, 1)


def test_an_edit_that_left_the_words_the_same_is_told_from_others() -> None:
    made = MadeChain()
    made.block(
        add(completion("one")), add(completion("two")), add(completion("three")), add(completion("four"))
    )
    made.block(update(2, completion("two").replace(" ", "")), update(3, completion("other")), update(4, "{}"))
    made.block(update(4, completion("four", id="another")), delete(1))
    chain = shown.index_made(made)
    try:
        found = {row.prompt_id: row.same_words for row in listing.page(chain).rows}
        assert found == {1: False, 2: True, 3: False, 4: False}  # the fourth said something else between
        assert found == {each: record(chain, each).row.same_words for each in found}
    finally:
        shown.forget()


def test_the_newest_and_those_that_were_edited_are_read_together(
    recorded_chain: ChainView, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(2):  # the rows, the gate
        latest, edited = listing.latest_and_edited(recorded_chain, count=3)
    assert latest == walked(recorded_chain)[:3]
    assert edited == walked(recorded_chain, RecordFilter(Status.EDITED))[:3]
    assert edited
