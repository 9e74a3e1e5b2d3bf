"""The best of the newest matches: which come first, page by page, and how many were compared."""

import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

import pytest
from django.db import OperationalError, connection
from django.test import Client
from pytest_django import DjangoDbBlocker

from explorer.queries.chain.chains import ChainView
from explorer.queries.db.errors import BadQuestion
from explorer.queries.db.pagination import PageRequest
from explorer.queries.lists import listing
from explorer.queries.lists.filter import RecordFilter
from explorer.queries.lists.search import decided, finding, ranking, walking
from explorer.queries.lists.search.asked import asked_of
from explorer.queries.lists.search.walking import Line
from explorer.queries.records.row import RecordRow
from explorer.search.parsing import parse
from indexer.models import Answer, Prompt, Suppression
from indexer.records import erase
from tests.explorer.queries.lists.search.filled import Filled, filled, kept, some
from tests.explorer.queries.lists.search.test_finding import Ticking
from tests.explorer.shown import index_made
from tests.indexer.made import MadeChain, add, completion, update

pytestmark = pytest.mark.django_db
BEST = PageRequest(best_first=True, limit=7)
Name = tuple[bytes, int]


def chain_of(*answers: str, asked: Sequence[str] = ()) -> ChainView:
    """A chain of records that answer so, each in a block of its own, the first one the oldest."""
    made = MadeChain()
    for number, each in enumerate(answers):
        prompt = asked[number] if asked else f"Question {number}?"
        made.block(add(completion(each), messages=json.dumps([{"role": "user", "content": prompt}])))
    return index_made(made)


def ranked(chain: ChainView, line: str, request: PageRequest = BEST) -> list[int]:
    return [each.prompt_id for each in listing.page(chain, RecordFilter(q=parse(line)), request).rows]


def test_where_a_word_stands_more_often_or_less_stands_beside_it_comes_first() -> None:
    chain = chain_of("heron and much else that is said", "heron heron heron", "heron", "heron, heron", "owl")
    assert ranked(chain, "heron") == [2, 4, 3, 1]


def test_what_fits_alike_comes_newest_first() -> None:
    chain = chain_of(*["a heron"] * 4)
    assert ranked(chain, "heron") == [4, 3, 2, 1]


def test_words_that_stand_close_together_in_one_text_come_first() -> None:
    apart = "heron " + "and so on " * 9 + "owl"
    chain = chain_of(
        "heron owl " + "and so on " * 9, apart, "heron " + "and so on " * 9, asked=["", "", "owl"]
    )
    assert ranked(chain, "heron owl") == [1, 2, 3]
    assert set(ranked(chain, "heron OR lark")) == {1, 2, 3}


def test_phrases_and_beginnings_of_words_count_where_they_stand() -> None:
    chain = chain_of("a grey heron, a grey heron", "a grey heron, heron grey", "herons herons herons")
    assert ranked(chain, '"grey heron"') == [1, 2]
    assert ranked(chain, "heron*")[0] == 3


def test_one_word_that_is_everywhere_does_not_outweigh_two() -> None:
    chain = chain_of("owl heron, owl heron", "owl " * 200, "heron " * 200)
    assert ranked(chain, "owl OR heron")[0] == 1


def test_versions_that_do_not_count_rank_nowhere() -> None:
    made = MadeChain()
    made.block(add(completion("heron heron heron")), add(completion("heron")))
    made.block(update(1, completion("heron, and this and that and more")))
    chain = index_made(made)
    assert ranked(chain, "heron") == [1, 2]
    assert ranked(chain, "heron said:now") == [2, 1]
    assert ranked(chain, "heron said:first") == [1, 2]


@pytest.mark.parametrize("mode", Suppression.Mode)
def test_what_is_withheld_counts_nowhere(mode: Suppression.Mode) -> None:
    chain = chain_of("heron", "heron " * 3, "heron " * 5, asked=["?", "heron?", "heron?"])
    assert ranked(chain, "heron") == [3, 2, 1]
    erase.suppress(
        Suppression.Subject.CONTENT,
        bytes(Answer.objects.get(text="heron " * 5).pk),
        mode=mode, reason="wish", by="me",
    )  # fmt: skip
    found = listing.page(chain, RecordFilter(q=parse("heron")), BEST)
    assert [each.prompt_id for each in found.rows] == [2, 3, 1]
    asked = bytes(Prompt.objects.filter(text__contains="heron?")[0].pk)
    erase.suppress(Suppression.Subject.CONTENT, asked, mode=mode, reason="wish", by="me")
    assert ranked(chain, "heron") == [2, 1]
    assert ranked(chain, "prompt:heron") == []


def test_what_no_word_is_asked_of_counts_nothing_but_is_there() -> None:
    chain = chain_of("heron", "owl", "lark")
    assert ranked(chain, "heron OR scout:118 OR block:..2") == [1, 3, 2]


@pytest.mark.parametrize("q", ["-heron", "scout:7", "status:live -heron", None])
def test_an_order_by_words_needs_one(q: str | None) -> None:
    chain = chain_of("owl")
    wanted = RecordFilter(q=None if q is None else parse(q))
    with pytest.raises(BadQuestion, match="give q a word to look for, or take order=newest"):
        listing.page(chain, wanted, BEST)
    with pytest.raises(BadQuestion, match="give q a word to look for, or take order=newest"):
        listing.page_of_all([chain], wanted, BEST)


def test_a_place_of_another_list_is_refused() -> None:
    chain = chain_of("owl")
    with pytest.raises(BadQuestion, match="by what its pages give"):
        listing.page(chain, RecordFilter(q=parse("owl")), replace(BEST, before=5))


# Pages


@pytest.fixture(scope="module")
def chains(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Sequence[Filled]]:
    chance = random.Random(5)
    with kept(django_db_blocker):
        yield [
            filled(some(60, chance), brid=b"\x11" * 32, chance=chance),
            filled(some(45, chance), brid=b"\x22" * 32, chance=chance),
        ]


def views(chains: Sequence[Filled]) -> Sequence[ChainView]:
    return [each.chain for each in chains]


def names(rows: Sequence[RecordRow]) -> list[Name]:
    return [(each.chain, each.position) for each in rows]


def pages(of: Sequence[ChainView], line: str) -> list[listing.Records]:
    """Every page, the best first."""
    wanted, request = RecordFilter(q=parse(line)), BEST
    found = []
    while True:
        found.append(listing.page_of_all(of, wanted, request))
        if found[-1].older is None:
            return found
        request = found[-1].older


def newest(of: Sequence[ChainView], line: str) -> list[Name]:
    page = listing.page_of_all(of, RecordFilter(q=parse(line)), PageRequest(limit=100))
    assert page.older is None
    return names(page.rows)


LINES = ("cat", "cat dog", '"silver anchor"', "cat OR rare", "everywhere scout:7", "cat said:now", "absent")


@pytest.mark.parametrize("line", LINES)
def test_pages_hold_each_match_once_by_how_well_it_fits(chains: Sequence[Filled], line: str) -> None:
    every = pages(views(chains), line)
    found = [name for page in every for name in names(page.rows)]
    assert sorted(found) == sorted(newest(views(chains), line))
    assert all(each.ranking == listing.Ranking(len(found), None) for each in every)
    counted = listing.count(views(chains), RecordFilter(q=parse(line)), BEST, every[0])
    assert (counted.value, counted.is_exact) == (len(found), True)
    assert [len(each.rows) for each in every[:-1]] == [7] * (len(every) - 1)


def test_going_back_gives_the_pages_that_there_were(chains: Sequence[Filled]) -> None:
    every = pages(views(chains), "cat")
    assert len(every) > 3
    assert every[0].newer is None
    for before, after in pairwise(every):
        assert after.newer is not None
        again = listing.page_of_all(views(chains), RecordFilter(q=parse("cat")), after.newer)
        assert names(again.rows) == names(before.rows)
        assert again.older == before.older


def test_no_more_than_so_many_are_compared_and_the_rest_is_a_list_of_its_own(
    chains: Sequence[Filled], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranking, "MOST", 20)
    by_age = newest(views(chains), "everywhere cat")
    every = pages(views(chains), "everywhere cat")
    found = [name for page in every for name in names(page.rows)]
    assert sorted(found) == sorted(by_age[:20])
    for page in every:
        assert page.ranking is not None
        assert (page.ranking.value, page.ranking.is_all) == (20, False)
        assert page.ranking.rest is not None
        rest = listing.page_of_all(
            views(chains), RecordFilter(q=parse("everywhere cat")), replace(page.ranking.rest, limit=100)
        )
        assert names(rest.rows) == by_age[20:]
    one = listing.page(views(chains)[0], RecordFilter(q=parse("everywhere cat")), BEST)
    assert one.ranking is not None
    assert one.ranking.rest is not None
    assert one.ranking.rest.before is not None
    count = listing.count(views(chains), RecordFilter(q=parse("everywhere cat")), BEST, every[0])
    assert (count.value, count.is_exact) == (len(by_age), True)


def test_what_comes_meanwhile_shifts_nothing() -> None:
    made = MadeChain()
    for each in range(12):
        made.block(add(completion("heron " * (each % 5 + 1))))
    chain, wanted = index_made(made), RecordFilter(q=parse("heron"))
    request = replace(BEST, limit=4)
    first = listing.page(chain, wanted, request)
    expected = [each.prompt_id for each in listing.page(chain, wanted, replace(BEST, limit=50)).rows]
    made.block(add(completion("heron " * 9)), add(completion("heron")))
    later = index_made(made)
    found, page = names(first.rows), first
    while page.older is not None:
        page = listing.page(later, wanted, page.older)
        assert page.ranking is not None
        assert page.ranking.value == 12
        found += names(page.rows)
    assert [each >> 20 for _, each in found] == [each - 1 for each in expected]


# Time


@pytest.mark.parametrize("is_one", [True, False])
def test_where_time_is_up_the_best_of_what_was_found_is_given_and_the_rest_is_older(
    chains: Sequence[Filled], monkeypatch: pytest.MonkeyPatch, is_one: bool
) -> None:
    of, wanted = views(chains)[: 1 if is_one else 2], RecordFilter(q=parse("cat"))
    expected, how = newest(of, "cat"), set()
    monkeypatch.setattr(walking, "SIZES", finding.Sizes(first=(3,), walk=3, units=1))
    monkeypatch.setattr(ranking, "SOON", 10_000.0)
    for seconds in (2, 4, 6, 20, 40, 60, 90, 130, 180, 240, 5_000):
        for each in (walking, ranking):
            monkeypatch.setattr(each, "SECONDS", float(seconds))
        try:
            page = listing.page_of_all(of, wanted, replace(BEST, limit=100), clock=Ticking())
        except OperationalError:
            how.add("nothing")
            continue
        assert page.ranking is not None
        assert page.ranking.value == len(page.rows)
        is_cut = bool(page.searched_to) or page.ranking.is_late
        how.add("early" if is_cut else "all")
        assert is_cut == (page.ranking.rest is not None)
        assert sorted(older_than(page, of, "cat") + names(page.rows)) == sorted(expected)
    assert {"early", "all"} <= how


def test_where_time_is_up_before_all_were_compared_it_is_said_how_many_were(
    chains: Sequence[Filled], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranking, "SOON", 10_000.0)
    monkeypatch.setattr(ranking, "_AT_ONCE", 2)
    monkeypatch.setattr(ranking, "_SHARE", 0.97)
    of, wanted, late = views(chains)[:1], RecordFilter(q=parse("cat")), 0
    for seconds in range(9, 30, 4):
        for each in (walking, ranking):
            monkeypatch.setattr(each, "SECONDS", float(seconds))
        page = listing.page_of_all(of, wanted, replace(BEST, limit=100), clock=Ticking())
        assert page.ranking is not None
        late += page.ranking.is_late
        assert len(page.rows) == page.ranking.value
        assert sorted(older_than(page, of, "cat") + names(page.rows)) == sorted(newest(of, "cat"))
    assert late


def test_a_later_page_for_which_less_was_compared_in_time_is_asked_for_again(
    chains: Sequence[Filled], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walking, "SIZES", finding.Sizes(first=(3,), walk=3, units=1))
    of, wanted = views(chains), RecordFilter(q=parse("cat"))
    first = listing.page_of_all(of, wanted, replace(BEST, limit=4))
    assert first.older is not None
    monkeypatch.setattr(ranking, "SECONDS", 60.0)
    with pytest.raises(OperationalError):
        listing.page_of_all(of, wanted, first.older, clock=Ticking())
    again = listing.page_of_all(of, wanted, first.older)
    assert again.ranking is not None
    assert first.ranking is not None
    assert again.ranking.value == first.ranking.value
    assert not set(names(first.rows)) & set(names(again.rows))


def older_than(page: listing.Records, of: Sequence[ChainView], line: str) -> list[Name]:
    """What the list holds that the page offers of those that were not compared."""
    assert page.ranking is not None
    if page.ranking.rest is None:
        return []
    rest = replace(page.ranking.rest, limit=100)
    return names(listing.page_of_all(of, RecordFilter(q=parse(line)), rest).rows)


# Where it is read


def test_units_are_read_by_their_key_each_once(chains: Sequence[Filled]) -> None:
    for line in ("cat", "cat dog said:now"):
        asked = asked_of(chains[0].chain, parse(line))
        queries = ranking.queries_of(Line(parse(line)))
        parameters = {f"rank{number}": each for number, each in enumerate(queries)}
        positions = [each.position for each in chains[0].records]
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE indexer_searchrecord, indexer_searchunit")
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(
                f"EXPLAIN (COSTS OFF) {ranking.statement(asked, len(queries))}",
                {"chain": chains[0].chain.id, "positions": positions, **parameters},
            )
            plan = "\n".join(row for (row,) in cursor.fetchall())
        assert "using indexer_searchrecord_pkey" in plan
        assert re.search(r"Index Scan using indexer_searchunit_pkey", plan), plan
        assert "Seq Scan on indexer_search" not in plan


def test_a_site_that_searches_what_stands_ranks_what_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    made = MadeChain()
    made.block(add(completion("heron heron heron")), add(completion("heron heron")))
    made.block(update(1, completion("one heron beside a lot of other words")))
    chain = index_made(made)
    assert ranked(chain, "heron") == [1, 2]
    monkeypatch.setattr(decided, "SEARCHES_DELETED", False)
    assert ranked(chain, "heron") == [2, 1]


def test_the_page_says_among_how_many_and_offers_the_rest(
    chains: Sequence[Filled], monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    monkeypatch.setattr(ranking, "MOST", 20)
    page = client.get("/records?q=everywhere&order=best&limit=10").content.decode()
    assert "The best of the newest 20 matches." in page
    assert 'class="day"' not in page
    assert "These were all of them" not in page
    (following,) = re.findall(r'href="([^"]+)" rel="next"', page)
    last = client.get(following.replace("&amp;", "&")).content.decode()
    (rest,) = re.findall(r'href="([^"]+)">older ones, newest first', last)
    assert "order=best" not in rest
    assert client.get(rest.replace("&amp;", "&")).status_code == 200
    # A chip that takes the words off takes their order off too.
    assert 'href="/records?order=best"' not in page
    every = client.get("/records?q=rare&order=best").content.decode()
    assert "Best match first." in every


def test_the_page_of_a_refusal_offers_the_same_list_newest_first(
    chains: Sequence[Filled], client: Client
) -> None:
    answer = client.get("/records?model=gpt-4&order=best")
    assert answer.status_code == 400
    page = answer.content.decode()
    assert "give q a word to look for" in page
    assert 'href="/records?model=gpt-4"' in page


def test_the_api_gives_how_many_were_compared_and_where_the_rest_is(
    chains: Sequence[Filled], monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    monkeypatch.setattr(ranking, "MOST", 20)
    for path in ("/api/v1/records", f"/api/v1/chains/{chains[0].chain.rid}/records"):
        page = client.get(f"{path}?q=everywhere&order=best&limit=10").json()
        assert page["ranking"]["value"] == 20
        assert not page["ranking"]["is_all"]
        rest = client.get(page["ranking"]["rest"].replace("http://testserver", "")).json()
        assert rest["ranking"] is None
        following = client.get(page["next"].replace("http://testserver", "")).json()
        assert following["next"] is None
        found = [(each.get("chain"), each["prompt_id"]) for each in page["results"] + following["results"]]
        assert len(set(found)) == 20
        assert not set(found) & {(each.get("chain"), each["prompt_id"]) for each in rest["results"]}
        refused = client.get(f"{path}?order=best").json()
        assert [(each["parameter"], each["code"]) for each in refused["errors"]] == [("order", "no-word")]
