"""The list of records and the page of one: what they say, and what they refuse."""

from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from explorer.queries import records
from explorer.queries.chains import ChainView
from explorer.queries.records import Status
from indexer.dapp import rell_json
from indexer.dapp.operations import signed_hash
from indexer.models import Suppression
from indexer.store.erase import suppress
from tests.explorer import shown
from tests.explorer.pages.asking import SHARED, get, of, page
from tests.indexer.made import MadeChain, add, completion, delete, update

pytestmark = pytest.mark.django_db
SECRET = "call 555-0199 tonight"
REASON = "it is somebody's telephone number"


@pytest.fixture
def small() -> Iterator[ChainView]:
    """Records 1 as first written, 2 edited, 3 deleted after an edit, 4 with a secret."""
    made = MadeChain()
    made.block(add(completion("one")), add(completion("two")), add(completion("three")))
    made.block(update(2, completion("two, edited")), update(3, completion("three, edited")))
    made.block(delete(3))
    made.block(add(completion(SECRET)))
    yield shown.index_made(made)
    shown.forget()


def test_a_record_says_in_a_sentence_how_it_stands(small: ChainView) -> None:
    assert "stands as it was first written" in page(of(small, "/records/1"))
    edited = page(of(small, "/records/2"))
    assert "was replaced once" in edited
    assert "edited once" in edited
    deleted = page(of(small, "/records/3"), status=410)
    assert "was deleted from the table of the chain" in deleted
    assert "deleted after 1 edit" in deleted
    assert "three, edited" in deleted


def test_an_earlier_revision_is_read_at_an_address_of_its_own(small: ChainView) -> None:
    first = page(of(small, "/records/2?revision=1"))
    assert ">two</div>" in first
    assert "two, edited</div>" not in first


def test_a_revision_that_says_nothing_or_is_not_there_is_not_found(small: ChainView) -> None:
    assert "there are 1, 2" in page(of(small, "/records/3?revision=3"), status=404)
    assert "there are 1, 2" in page(of(small, "/records/2?revision=9"), status=404)


def test_a_record_that_is_not_there_names_those_that_are(small: ChainView) -> None:
    assert "ids go from 1 to 4" in page(of(small, "/records/5"), status=404)
    assert "ids go from 1 to 4" in page(of(small, "/records/0"), status=404)


def test_what_the_operator_hides_is_a_451_with_the_reason_and_without_the_words(small: ChainView) -> None:
    key = signed_hash(rell_json.quote(SECRET))
    suppress(Suppression.Subject.CONTENT, key, mode=Suppression.Mode.HIDE, reason=REASON, by="the operator")
    for view in ("text", "json", "raw"):
        text = page(of(small, f"/records/4?view={view}"), status=451)
        assert "somebody&#x27;s telephone number" in text
        assert "555-0199" not in text
    assert get(of(small, "/records/4/raw/1/result")).status_code == 451
    assert "555-0199" not in page(of(small, "/records"))
    assert "hidden by the operator" in page(of(small, "/records"))


def test_pages_with_words_of_records_stay_out_of_search_engines(small: ChainView, settings: Any) -> None:
    for path in ("/records/1", "/records"):
        assert get(of(small, path)).headers["X-Robots-Tag"] == "noindex"
        assert '<meta name="robots" content="noindex">' in page(of(small, path))
    settings.NOINDEX = False
    assert "X-Robots-Tag" not in get(of(small, "/records/1")).headers
    assert get(of(small, "/records/3")).headers["X-Robots-Tag"] == "noindex"


@pytest.mark.parametrize("status", [each.value for each in Status])
def test_a_list_of_one_status_has_those_alone(recorded_chain: ChainView, status: str) -> None:
    text = page(of(recorded_chain, f"/records?status={status}&limit=100"))
    expected = records.page(recorded_chain, status=Status(status), limit=100).rows
    assert text.count('scope="row"') == len(expected)
    assert all(f'/records/{row.prompt_id}"' in text for row in expected)


def test_an_empty_list_names_what_was_asked_for(small: ChainView) -> None:
    text = page(of(small, "/records?status=deleted&before=1"))
    assert "No record of this chain is deleted" in text
    assert "Show all records" in text


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("colour=red", "There is no parameter “colour”"),
        ("limit=7", "limit is one of 100, 25, 50"),
        ("status=fresh", "status is one of deleted, edited, live"),
        ("before=x", "before is a whole number"),
        ("before=1&after=2", "not both"),
        ("order=newest&order=oldest", "given more than once"),
    ],
)
def test_a_query_that_cannot_be_meant_is_refused_with_what_can(
    recorded_chain: ChainView, query: str, words: str
) -> None:
    assert words in page(of(recorded_chain, f"/records?{query}"), status=400)


def test_lower_case_and_a_slash_too_many_lead_to_the_one_address(recorded_chain: ChainView) -> None:
    path = of(recorded_chain, "/records/1")
    for other in (path.replace(recorded_chain.rid, recorded_chain.rid.lower()), f"{path}/"):
        response = get(f"{other}?view=raw")
        assert (response.status_code, response.headers["Location"]) == (301, f"{path}?view=raw")


def test_pages_ask_few_queries(
    recorded_chain: ChainView, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(7 + SHARED):
        page(of(recorded_chain, "/records/2"))
    with django_assert_max_num_queries(4 + SHARED):
        page(of(recorded_chain, "/records?limit=100"))
