"""The page of a record in the order of a stranger's questions: what it says first, and what is folded."""

import json
import re
from collections.abc import Sequence
from dataclasses import replace

import pytest
from django.utils import timezone
from selectolax.lexbor import LexborHTMLParser, LexborNode

from explorer.pages.rendering.reading import FOLDED
from explorer.pages.rendering.since import Edits
from explorer.pages.rendering.trust import Sampling, trust_of
from explorer.queries.chain.chains import ChainView
from explorer.queries.chain.evidence import ProofStatus
from explorer.queries.records.record import record
from indexer.models import Node, Reconciliation, Record, Revision
from tests.explorer import shown
from tests.explorer.pages.asking import get, of, page
from tests.indexer.made import MadeChain, add, completion, update

pytestmark = pytest.mark.django_db


def sampled(chain: ChainView, *, asked: int, records: Sequence[int], differing: Sequence[int] = ()) -> None:
    node = Node.objects.get(chain_id=chain.id)
    Reconciliation.objects.create(
        node=node, height=115, at=timezone.now(), asked=asked, differing=len(differing),
        records=list(records), differing_records=list(differing),
    )  # fmt: skip


def words(node: LexborNode) -> str:
    return " ".join(node.text(separator=" ").split())


def trust(text: str) -> tuple[list[str], LexborNode]:
    """The sentences that stand open, and the list of checks that is folded."""
    tree = LexborHTMLParser(text)
    (checks,) = tree.css("section[aria-labelledby=checks] details > ol#each-check")
    return [words(each) for each in tree.css("aside.evidence div.stack > p")], checks


def first_check(text: str) -> LexborNode:
    return trust(text)[1].css("li")[0]


def test_a_page_goes_from_trust_to_answer_prompt_checks_revisions_peers_and_facts(
    recorded_chain: ChainView,
) -> None:
    headings = [
        each.attributes["id"] for each in LexborHTMLParser(page(of(recorded_chain, "/records/1"))).css("h2")
    ]
    order = [
        "evidence",
        "answer",
        "prompt",
        "checks",
        "revisions",
        "agreement",
        "challenges",
        "cite",
        "facts",
    ]
    assert [each for each in headings if each in order] == order


def test_three_sentences_say_what_is_checked_and_what_nobody_can_check(recorded_chain: ChainView) -> None:
    sentences, checks = trust(page(of(recorded_chain, "/records/1")))
    height = Revision.objects.get(chain_id=recorded_chain.id, prompt_id=1, kind=1).position >> 20
    assert sentences[0] == f"checked Written and unaltered in block {height}."
    assert "one key writes for all scouts" in sentences[1]
    assert "nobody can check that here" in sentences[2]
    assert len(sentences) == 3
    assert len(checks.css("li")) == 7


def test_what_is_not_proved_names_its_block_once(recorded_chain: ChainView) -> None:
    found = record(recorded_chain, 1)
    (read,) = found.revisions
    stated = replace(read.evidence, standing=ProofStatus.ON_CHAIN_BY_STATED_SIGNERS)
    told = trust_of(found, replace(read, evidence=stated), Edits({}), Sampling("", ()))
    assert told.sentence == (
        f"Written and unaltered in block {read.height}: on chain, by signers that one node stated."
    )


def test_one_validator_alone_is_no_plain_tick(one_validator_chain: ChainView) -> None:
    text = page(of(one_validator_chain, "/records/1"))
    sentences, checks = trust(text)
    assert sentences[0].startswith("one validator")
    assert "4 of 5 hold" in text
    assert "open" in (checks.css("li")[4].attributes["class"] or "")
    (proves,) = LexborHTMLParser(page(of(one_validator_chain))).css("ul.holds")
    assert proves.css("li")[0].attributes["class"] == "unchecked"
    assert "nobody else vouches for it" in words(proves.css("li")[0])
    for path in ("/blocks/0", "/blocks/1"):  # of an empty block no signature is kept
        block = LexborHTMLParser(page(of(one_validator_chain, path)))
        assert "on chain, by one validator alone" in words(block.css(".marks")[0])
        assert "by one alone" in words(block.css("main")[0])


def test_of_a_changed_record_it_says_which_version_is_meant_and_ticks_nothing(
    recorded_chain: ChainView,
) -> None:
    changed = Record.objects.filter(chain_id=recorded_chain.id).order_by("prompt_id")
    for each in [
        *changed.filter(status=Record.Status.EDITED),
        changed.filter(status=Record.Status.DELETED)[0],
    ]:
        path, found = of(recorded_chain, f"/records/{each.prompt_id}"), record(recorded_chain, each.prompt_id)
        first, now, last = (
            f"block {one.height}" for one in (found.revisions[0], found.current, found.revisions[-1])
        )
        sentence = said_first(path)
        if each.status == Record.Status.DELETED:
            expected = f"Written in {first}, and unaltered there; the record was deleted in {last}."
            assert sentence == f"deleted {expected}"
            continue
        assert sentence.startswith("edited")
        assert re.search(rf"The version shown now was written by (the edit|edit \d+) in {now}, and", sentence)
        assert f"the version first written, in {first}, " in sentence
        assert sentence.endswith("says the same words.") is found.row.same_words
        of_first = said_first(f"{path}?revision=1")
        assert f"This is the version first written, in {first}, and unaltered there; the one" in of_first
        assert of_first.endswith(f"in {now}.")


def said_first(path: str) -> str:
    return trust(get(path).content.decode())[0][0]


def test_a_record_says_whether_a_node_was_asked_for_it(recorded_chain: ChainView) -> None:
    sampled(recorded_chain, asked=19, records=[1, 2])
    assert "This record was in a sample of 19 answers of a node, at height 115, and agrees." in page(
        of(recorded_chain, "/records/1")
    )
    text = page(of(recorded_chain, "/records/3"))
    assert (
        "This record was not in a sample of 19 answers of a node, at height 115; all of them agree." in text
    )
    assert "5 of 5 hold" in text


def test_no_tick_stands_before_what_a_node_answers_otherwise(recorded_chain: ChainView) -> None:
    sampled(recorded_chain, asked=19, records=[1, 2], differing=[2])
    differing = page(of(recorded_chain, "/records/2"))
    assert first_check(differing).attributes["class"] == "failed"
    assert trust(differing)[0][0].startswith("differs")
    for number in (1, 3):  # another record differs: this one is not ticked off either
        text = page(of(recorded_chain, f"/records/{number}"))
        assert first_check(text).attributes["class"] == "open"
        assert "4 of 5 hold" in text


def test_long_prompts_and_answers_are_folded_with_their_size_behind_their_beginning() -> None:
    made = MadeChain()
    asked = [{"role": "user", "content": "What is this? " + "long " * FOLDED}]
    made.block(add(completion("one"), messages=json.dumps(asked)), add(completion("two")))
    made.block(add(completion("It begins. " + "on and " * FOLDED + "and ends.")))
    chain = shown.index_made(made)
    try:
        (answer,) = LexborHTMLParser(page(of(chain, "/records/3"))).css("section[aria-labelledby=answer]")
        assert "The whole answer, 14,020 characters" in words(answer)
        assert words(answer.css(".glimpse")[0]).startswith("It begins. on and")
        assert "and ends." not in words(answer.css(".glimpse")[0])
        assert "and ends." in words(answer.css("details .said")[0])
        assert not LexborHTMLParser(page(of(chain, "/records/2"))).css(
            "section[aria-labelledby=answer] details"
        )
        (prompt,) = LexborHTMLParser(page(of(chain, "/records/1"))).css("section[aria-labelledby=prompt]")
        assert f"The whole prompt, {len(asked[0]['content']):,} characters" in words(prompt)
        assert words(prompt.css("p.snippet")[0]).startswith("What is this?")
        assert not LexborHTMLParser(page(of(chain, "/records/2"))).css(
            "section[aria-labelledby=prompt] details"
        )
    finally:
        shown.forget()


def test_an_answer_is_rendered_beside_its_verbatim_words_and_what_is_private_stays_named() -> None:
    made = MadeChain()
    made.block(add(completion("# Title\n\nWrite to **ann.smith@example.com**")))
    chain = shown.index_made(made)
    try:
        verbatim = page(of(chain, "/records/1"))
        assert "# Title" in verbatim
        text = page(of(chain, "/records/1?view=rendered"))
        (found,) = LexborHTMLParser(text).css(".rendered")
        assert found.css("strong")[0].text() == "Title"
        assert "ann.smith@example.com" not in text
        assert "shown verbatim" in text
    finally:
        shown.forget()


def test_revisions_name_the_one_that_said_the_same() -> None:
    made = MadeChain()
    made.block(add(completion("one")))
    made.block(update(1, completion("two")))
    made.block(update(1, completion("one").replace(" ", "")))
    made.block(update(1, completion("three")))
    chain = shown.index_made(made)
    try:
        text = page(of(chain, "/records/1"))
        assert "same words as revision 1" in text
        assert "same words as revision 3" in text
    finally:
        shown.forget()
