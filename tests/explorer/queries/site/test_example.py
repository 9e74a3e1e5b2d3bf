"""The record by which records are explained."""

from collections.abc import Callable, Iterator

import pytest
from pytest_django import DjangoAssertNumQueries

from explorer.queries.chain.chains import ChainView
from explorer.queries.lists import listing
from explorer.queries.records.record import record
from explorer.queries.records.states import Status
from explorer.queries.site.example import Example, example
from indexer.dapp import rell_json
from indexer.dapp.operations import signed_hash
from indexer.models import Suppression
from indexer.records.erase import suppress
from tests.explorer import shown
from tests.indexer.made import MadeChain, add, completion, update

pytestmark = pytest.mark.django_db


@pytest.fixture
def index() -> Iterator[Callable[[MadeChain], ChainView]]:
    """Chains that one test makes."""
    yield shown.index_made
    shown.forget()


def chosen(chain: ChainView) -> Example:
    found = example(chain, *listing.latest_and_edited(chain))
    assert found is not None
    return found


def hide(text: str) -> None:
    key = signed_hash(rell_json.quote(text))
    suppress(Suppression.Subject.CONTENT, key, mode=Suppression.Mode.HIDE, reason="private", by="operator")


def test_an_edited_record_is_chosen_with_what_it_said_at_first(
    recorded_chain: ChainView, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    latest, edited = listing.latest_and_edited(recorded_chain)
    with django_assert_num_queries(3):
        found = example(recorded_chain, latest, edited)
    assert found is not None
    assert found.row.status is Status.EDITED
    first = record(recorded_chain, found.row.prompt_id).revisions[0].answer
    assert first is not None
    assert first.value is not None
    assert found.first is not None
    assert first.value.startswith(found.first.text[:20])


def test_one_that_says_something_else_goes_before_newer_ones(
    index: Callable[[MadeChain], ChainView],
) -> None:
    made = MadeChain()
    made.block(add(completion("one")), add(completion("two")), add(completion("three")))
    made.block(update(1, completion("uno")), update(2, completion("two", id=2)))
    found = chosen(index(made))
    assert (found.row.prompt_id, found.first and found.first.text) == (1, "one")


def test_without_edits_it_is_the_newest_that_says_anything(
    index: Callable[[MadeChain], ChainView],
) -> None:
    made = MadeChain()
    made.block(add(completion("one")), add(completion("two")), add(completion("")))
    chain = index(made)
    assert (chosen(chain).row, chosen(chain).first) == (listing.latest([chain])[1], None)


def test_what_is_withheld_explains_nothing(index: Callable[[MadeChain], ChainView]) -> None:
    made = MadeChain()
    made.block(add(completion("secret")), add(completion("two")), add(completion("three")))
    made.block(update(1, completion("uno")), update(2, completion("dos")))
    chain = index(made)
    hide("dos")
    assert (chosen(chain).row.prompt_id, chosen(chain).first is None) == (1, False)
    hide("secret")
    assert (chosen(chain).row.prompt_id, chosen(chain).first) == (1, None)
    hide("uno")
    assert chosen(chain).row.prompt_id == 3
    hide("three")
    assert example(chain, *listing.latest_and_edited(chain)) is None


def test_a_chain_without_records_has_none(index: Callable[[MadeChain], ChainView]) -> None:
    made = MadeChain()
    made.block()
    assert example(index(made), (), ()) is None


def test_an_edit_that_left_the_words_the_same_is_no_example(index: Callable[[MadeChain], ChainView]) -> None:
    made = MadeChain()
    made.block(add(completion("one")), add(completion("two")))
    made.block(update(2, completion("two").replace(" ", "")))
    chain = index(made)
    assert [each.same_words for each in listing.latest([chain])] == [True, False]
    found = chosen(chain)
    assert (found.row.prompt_id, found.first) == (1, None)


def test_edits_of_white_space_alone_or_taken_back_are_an_example_only_where_there_is_no_other(
    index: Callable[[MadeChain], ChainView],
) -> None:
    made = MadeChain()
    made.block(add(completion("a. b")), add(completion("two")), add(completion("three")))
    made.block(update(1, completion("a.\nb")), update(2, completion("dos")))
    made.block(update(2, completion("two")))
    found = chosen(index(made))
    assert (found.row.prompt_id, found.first) == (3, None)
