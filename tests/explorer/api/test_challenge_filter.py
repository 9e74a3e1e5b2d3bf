"""Which records are challenged, as list, query line, count and facets ask it: of two chains."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, DjangoDbBlocker

from explorer.challenges import acting
from explorer.queries.chain.chains import ChainView
from explorer.queries.records.challenged import ASKED
from explorer.rules.lifecycle import Resolution, Role
from explorer.search.faults import NotUnderstood
from explorer.search.keys import KEYS
from explorer.search.parsing import parse
from tests.explorer import shown
from tests.explorer.api.asking import ask, refused, told
from tests.explorer.challenges import filed, shown_challenges
from tests.explorer.challenges.filed import BROKEN, DELETED, EDITED, UNTOUCHED
from tests.explorer.challenges.test_acting import decide
from tests.explorer.conftest import Tables
from tests.explorer.pages.asking import page

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def chain(recorded_chain: ChainView, _tables: Tables) -> ChainView:
    return _tables.hold("challenged", lambda: shown.index_made(filed.made_chain(), is_kept=True))


@pytest.fixture(scope="module")
def before(chain: ChainView, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """Challenges: an open one, one that was withdrawn, one that was upheld in part and one that is reopened;
    gives the tag of the list of what is open before there was any.
    """
    with django_db_blocker.unblock():
        yield _first(chain)
        shown_challenges.empty()


def _first(chain: ChainView) -> str:
    empty = ask("/records?challenge=open")
    assert empty.json()["results"] == []
    now = timezone.now()
    filed.file(chain, EDITED, by=filed.person("one"), now=now)
    second, by = filed.person("two"), filed.act
    withdrawn = filed.file(chain, UNTOUCHED, "malformed", by=second, now=now)
    acting.withdraw(withdrawn.number, by(Role.CHALLENGER, "two", person=second.id, now=now), words="")
    for at, prompt_id, ground in (
        (now, BROKEN, "malformed"),
        (now - timedelta(90), DELETED, "record-deleted"),
    ):
        number = filed.file(chain, prompt_id, ground, by=filed.person(ground), now=at).number
        acting.respond(number, by(Role.RESPONDENT, "writer", now=at), words="So it is.")
        decide(number, by(Role.ARBITER, "a", now=at), "b", resolution=Resolution.PARTLY_UPHELD)
    assert acting.elapsed_by(number, now=now)
    second_arbiter = by(Role.ARBITER, "b").actor
    acting.reopen(number, by(Role.ARBITER, "a", now=now), second=second_arbiter, words="It was wrong.")
    return str(empty.headers["ETag"])


CASES = [
    ("challenge=open", {EDITED, DELETED}),
    ("challenge=decided", {BROKEN}),
    ("challenge=upheld", {BROKEN}),
    ("challenge=not-upheld", set()),
    ("challenge=inconclusive", set()),
    ("has=challenge", {EDITED, DELETED, BROKEN}),
    ("challenge=open&status=edited", {EDITED}),
    ("challenge=open&status=edited&order=changed", {EDITED}),
    ("challenge=open&order=changed", {EDITED, DELETED}),
    ("q=challenge:open", {EDITED, DELETED}),
    ("q=has:challenge%20-challenge:open", {BROKEN}),
    ("q=earth%20challenge:open", {EDITED}),
    ("q=earth%20challenge:open&order=best", {EDITED}),
    ("q=lake%20OR%20challenge:upheld", {UNTOUCHED, BROKEN}),
    ("q=challenge:open%20model:*%20has:edit", {EDITED}),
]


@pytest.mark.parametrize(("query", "found"), CASES)
def test_records_are_found_by_what_became_of_their_challenges(
    query: str, found: set[int], before: str, chain: ChainView
) -> None:
    own = told(f"/chains/{chain.rid}/records?{query}")["results"]
    assert {each["prompt_id"] for each in own} == found
    every = told(f"/records?{query}")["results"]
    of_chain = {each["prompt_id"] for each in every if each["chain"] == chain.rid}
    assert of_chain == found
    if "OR" not in query and "lake" not in query:
        assert len(every) == len(found)
    text = Client().get(f"/chains/{chain.rid}/records?{query}", follow=True).content.decode()
    assert all(f"/records/{each}" in text for each in found)


def test_they_are_counted_and_what_they_have_in_common_is(before: str, chain: ChainView) -> None:
    found = told(f"/chains/{chain.rid}/records/facets?challenge=open")
    assert {each["value"]: each["count"] for each in found["status"]["values"]} == {"edited": 1, "deleted": 1}


def test_rows_and_pages_say_how_many_and_of_how_many(before: str, chain: ChainView) -> None:
    counts = {
        EDITED: (1, 1, 0), UNTOUCHED: (0, 0, 0), DELETED: (1, 1, 0), BROKEN: (1, 0, 1),
    }  # fmt: skip
    rows = told(f"/chains/{chain.rid}/records")["results"]
    assert {each["prompt_id"]: tuple(each["challenges"].values()) for each in rows} == counts
    text = page(f"/chains/{chain.rid}/records")
    for prompt_id, (every, is_open, upheld) in counts.items():
        one = ask(f"/chains/{chain.rid}/records/{prompt_id}").json()
        assert one.get("record", one)["challenges"] == {
            "count": every, "open": is_open, "upheld": upheld,
        }  # fmt: skip
        so = f"{upheld} upheld{' in whole or part' if upheld else ''}"
        badge = f'/records/{prompt_id}#challenges">{every} challenge, {is_open} open, {so}</a>'
        assert (badge in text) is bool(every)
    of_all = {"records": 3, "open": 2, "upheld": 1}
    row, key = rows[0], told(f"/chains/{chain.rid}/records/1")["prompt_key"]
    of_chain = f"/chains/{chain.rid}"
    for path in (f"{of_chain}/scouts/{row['scout']}", f"/models/{row['model']}",
                 f"/providers/{row['provider']}", f"/prompts/{key}"):  # fmt: skip
        found = told(path)
        assert found["challenged"] == of_all, path
        said = page(path)
        assert f"of {found['records']:,}, 2 open, 1 upheld in whole or part" in said
    assert told(f"{of_chain}/records?has=challenge&scout={row['scout']}")["count"]["value"] == 3


def test_a_challenge_shows_at_once_and_changes_the_tag_of_the_list(before: str, chain: ChainView) -> None:
    now = ask("/records?challenge=open", if_none_match=before)
    assert now.status_code == 200
    assert now.headers["ETag"] != before


@pytest.mark.parametrize("word", ["lost", "closed", "any%20", "upheld%00", "%EF%BF%BD", "%EF%BD%8Fpen"])
def test_no_other_word_is_taken(word: str, before: str) -> None:
    refused(f"/records?challenge={word}", 400, "bad-parameter")


def test_the_line_takes_the_words_of_the_field() -> None:
    for each in ASKED:
        assert parse(f"challenge:{each.value}") is not None
    with pytest.raises(NotUnderstood):
        parse("challenge:any")
    assert "challenge" in KEYS


def test_the_field_asks_no_query_more(
    before: str, chain: ChainView, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(10):
        ask(f"/chains/{chain.rid}/records?challenge=open")
