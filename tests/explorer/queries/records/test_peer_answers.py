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


def key_of(text: str) -> bytes:
    return signed_hash(rell_json.quote(text))


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
    key = key_of("a stork")
    suppress(Suppression.Subject.CONTENT, key, mode=mode, reason="private", by="a test")
    found = record(chain, 1).peer_answers
    assert [each.text.text for each in found] == ["a heron", "an egret", "", "a crane"]
    assert [each.key for each in found][2] == key
    assert "a stork" not in page(of(chain, "/records/1"))


LONG = "a heron " * 40
SPACED = "a  heron\n"
ALIKE = ("a heron", "a heron", SPACED, f"{LONG}wades", f"{LONG}sings", "a heron " * 3_000, "a he ron")


@pytest.fixture
def spaced() -> ChainView:
    """Records whose answers begin alike: one differs from the commonest in white space alone."""
    made = MadeChain()
    made.block(*(add(completion(each), messages=ASKED) for each in ALIKE), update(7, completion("a heron ")))
    return index_made(made)


def test_an_answer_that_differs_in_white_space_alone_is_known_and_can_be_compared(
    spaced: ChainView,
) -> None:
    rows = record(spaced, 1).peer_answers
    found = {(each.prompt_id, each.revision): each.is_white_space for each in rows}
    assert found == {(1, 1): False, (3, 1): True, **{(each, 1): False for each in (4, 5, 6, 7)}, (7, 2): True}
    text = page(of(spaced, "/records/1"))
    pinned = f"/compare?a={spaced.rid}:1.1&amp;b={spaced.rid}:"
    links = text.split("what differs from A")
    assert [each.rpartition('href="')[2] for each in links[:-1]] == [
        f'{pinned}{each.prompt_id}.{each.revision}">' for each in rows[1:]
    ]
    assert [": white space alone</small>" in each.partition("</th>")[0] for each in links[1:]] == [
        each.is_white_space for each in rows[1:]
    ]


@pytest.mark.parametrize("mode", [Suppression.Mode.HIDE, Suppression.Mode.ERASE])
@pytest.mark.parametrize("text", ["a heron", SPACED])
def test_of_what_is_withheld_it_is_not_told_how_it_differs(
    spaced: ChainView, mode: Suppression.Mode, text: str
) -> None:
    suppress(Suppression.Subject.CONTENT, key_of(text), mode=mode, reason="private", by="a test")
    rows = {(each.prompt_id, each.revision): each for each in record(spaced, 4).peer_answers}
    assert not rows[3, 1].is_white_space


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
