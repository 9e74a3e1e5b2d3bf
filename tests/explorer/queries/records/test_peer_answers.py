"""The different answers of a record's peers, each once."""

from collections import Counter

import pytest
from pytest_django import DjangoAssertNumQueries

from explorer.queries.chain.chains import ChainView
from explorer.queries.records.peer_answers import MOST_NAMED, NamedModel, PeerAnswer, answers_of
from explorer.queries.records.peers import LARGEST, MOST, peers_of
from explorer.queries.records.record import record
from indexer.dapp import rell_json
from indexer.dapp.operations import signed_hash
from indexer.models import Suppression
from indexer.records.erase import suppress
from tests.explorer.pages.asking import of, page
from tests.explorer.queries.every import every_record
from tests.explorer.shown import index_made
from tests.indexer.made import MadeChain, add, completion, delete, update

pytestmark = pytest.mark.django_db
ASKED = '[{"role":"user","content":"What wades in the river?"}]'


@pytest.fixture
def chain() -> ChainView:
    """Five records of one prompt and seed, one with another: the first is edited, the stork is deleted."""
    made = MadeChain()
    made.block(
        add(completion("a heron"), messages=ASKED, uid=11),
        add(completion("a heron"), messages=ASKED, uid=12, model="other"),
        add(completion("an egret"), messages=ASKED, uid=13),
        add(completion("a stork"), messages=ASKED, uid=14),
        add(completion("a heron"), messages=ASKED, uid=15),
        add(completion("a heron"), messages=ASKED, uid=16, seed=8),
    )
    made.block(update(1, completion("a crane")), delete(4))
    return index_made(made)


def by_text(found: list[PeerAnswer]) -> dict[str, PeerAnswer]:
    return {each.text.text: each for each in found}


def test_each_answer_comes_once_with_who_gave_it(chain: ChainView) -> None:
    found = record(chain, 2).peer_answers
    assert [(each.letter, each.text.text, each.first, each.now, each.prompt_id) for each in found] == [
        ("A", "a heron", 3, 2, 1),
        ("B", "an egret", 1, 1, 3),
        ("C", "a stork", 1, 0, 4),
        ("D", "a crane", 0, 1, 1),
    ]
    heron = found[0]
    assert heron.scouts == [11, 12, 15]
    assert {each.model for each in heron.models} >= {"other"}
    assert all(each.names_all for each in found)
    assert [(each.is_first, each.stands) for each in found] == [(True, True), *[(False, False)] * 3]
    own = by_text(list(record(chain, 1).peer_answers))
    assert (own["a heron"].is_first, own["a heron"].stands) == (True, False)
    assert (own["a crane"].is_first, own["a crane"].stands) == (False, True)
    assert record(chain, 6).peer_answers == ()


def test_the_page_of_a_record_has_a_row_for_each_answer_which_leads_to_its_records(chain: ChainView) -> None:
    text = page(of(chain, "/records/1"))
    table = text.partition('aria-labelledby="agreement">\n      <colgroup')[2].partition("</table>")[0]
    for each in record(chain, 1).peer_answers:
        key = each.key.hex().upper()
        (row,) = (row for row in table.split("<tr ") if f"said_key={key}" in row)
        assert each.text.text in row
        assert f"prompt_key={record(chain, 1).prompt.hex().upper()}" in row
    assert "this record, at first" in table
    assert "this record, now" in table
    assert "by an edit" in table
    assert f'href="/prompts/{record(chain, 1).prompt.hex().upper()}"' in text
    assert "Record by record" in text


def test_the_list_of_records_that_a_row_leads_to_has_those_that_gave_it(chain: ChainView) -> None:
    for each in record(chain, 1).peer_answers:
        prompt = record(chain, 1).prompt.hex().upper()
        listed = page(of(chain, f"/records?prompt_key={prompt}&said_key={each.key.hex().upper()}"))
        assert f'href="{of(chain)}/records/{each.prompt_id}"' in listed


@pytest.mark.parametrize("mode", [Suppression.Mode.HIDE, Suppression.Mode.ERASE])
def test_what_is_withheld_is_in_no_row(chain: ChainView, mode: Suppression.Mode) -> None:
    key = signed_hash(rell_json.quote("a stork"))
    suppress(Suppression.Subject.CONTENT, key, mode=mode, reason="private", by="a test")
    found = record(chain, 1).peer_answers
    assert [each.text.text for each in found] == ["a heron", "an egret", "", "a crane"]
    assert [each.key for each in found][2] == key
    assert "a stork" not in page(of(chain, "/records/1"))


def test_rows_are_what_peers_were_told_apart_by(each_chain: ChainView) -> None:
    for each in every_record(each_chain):
        if each.peer_count < 2 or each.tallies is not None:
            continue
        first = Counter(peer.first for peer in each.peers)
        assert {row.letter: row.first for row in each.peer_answers if row.first} == {
            letter: first[letter] for letter in first if letter in {row.letter for row in each.peer_answers}
        }
        assert len(each.peer_answers) + each.more_answers == len(
            {letter for peer in each.peers for letter in (peer.first, peer.now) if letter}
        )
        (own,) = (row for row in each.peer_answers if row.is_first)
        assert own.key == each.revisions[0].key
        assert len(own.scouts) <= MOST_NAMED


def test_of_many_peers_the_commonest_answers_are_shown_for_the_same_cost(
    toured_chain: ChainView, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    largest = max(every_record(toured_chain), key=lambda each: each.peer_count)
    assert largest.peer_count > MOST
    peers = peers_of(
        toured_chain.id, prompt_id=largest.row.prompt_id, prompt=largest.prompt, seed=largest.row.seed
    )
    with django_assert_num_queries(3):
        found = answers_of(toured_chain, peers, largest.row.prompt_id)
    assert len(found) <= LARGEST + 2
    assert [each.letter for each in found][:3] == ["A", "B", "C"][: len(found)]
    assert not any(each.names_all for each in found)
    assert largest.tallies is not None
    counts = {each.letter: each.count for each in largest.tallies[0].clusters}
    assert {each.letter: each.first for each in found if each.first is not None} == counts
    assert all(isinstance(model, NamedModel) for each in found for model in each.models)
