"""Comparing what says the same, or cannot be compared: what is told of it all the same; and links to what
was written several times in a block.
"""

from collections.abc import Iterator

import pytest
from selectolax.lexbor import LexborHTMLParser

from explorer.queries.chain.chains import ChainView
from explorer.queries.records.record import record
from indexer.models import Suppression
from indexer.records.erase import suppress
from tests.explorer import shown
from tests.explorer.pages.asking import get, of, page
from tests.explorer.pages.views.comparing import (
    ONE,
    OTHER,
    TWO,
    answer_key,
    at,
    marked,
    text_of,
)
from tests.indexer.made import MadeChain, add, completion, update

pytestmark = pytest.mark.django_db


@pytest.fixture
def hasty() -> Iterator[ChainView]:
    """Record 1 is written and edited twice in a block, then in the next; record 2 is asked something else."""
    made = MadeChain()
    made.block()
    made.block(
        add(completion(ONE, id="a")),
        update(1, completion(TWO, id="b")),
        update(1, completion(TWO, id="c")),
    )
    made.block(update(1, completion(ONE, id="d")), add(completion(ONE), messages=OTHER))
    yield shown.index_again(made)
    shown.forget()


def _addresses(html: str) -> list[str]:
    links = LexborHTMLParser(html).css('a[href^="/compare?"]')
    return [each.attributes["href"] or "" for each in links]


def test_the_ledger_leads_to_each_of_several_edits_in_a_block(hasty: ChainView) -> None:
    found = _addresses(page(of(hasty, "/ledger")))
    assert found == [at(hasty, f"1.{number - 1}", f"1.{number}") for number in (4, 3, 2)]
    assert "say the same" in text_of(page(found[1]), "h1")
    assert marked(page(found[2])) == [("del", "deleted: three"), ("ins", "inserted: five")]


def test_a_prompt_compares_the_revisions_that_first_gave_its_answers(hasty: ChainView) -> None:
    prompt = next(
        each.attributes["href"]
        for each in LexborHTMLParser(page(of(hasty, "/records/1"))).css('a[href^="/prompts/"]')
    )
    html = page(str(prompt))
    ticks = [each.attributes["value"] for each in LexborHTMLParser(html).css("input.tick")]
    assert ticks == [f"{hasty.rid}:1.1", f"{hasty.rid}:1.2"]
    assert at(hasty, "1.1", "1.2") in _addresses(html)


def test_two_that_say_the_same_differ_beside(hasty: ChainView) -> None:
    html = page(at(hasty, "1.2", "1.3"))
    assert "A and B say the same" in text_of(html, "h1")
    assert "The messages are the same." in text_of(html)
    assert TWO in text_of(html)
    assert marked(html) == []
    paths = text_of(page(at(hasty, "1.2", "1.3", view="json")))
    assert "/id" in paths
    assert "masked: expected to differ" in paths
    raw = page(at(hasty, "1.2", "1.3", view="raw"))
    assert marked(raw) == [("del", 'deleted:   "id": "b"\n'), ("ins", 'inserted:   "id": "c"\n')]


def test_two_that_say_the_same_to_other_messages_show_these(hasty: ChainView) -> None:
    html = page(at(hasty, "1.1", "2.1"))
    assert "A and B say the same" in text_of(html, "h1")
    assert "The messages differ" in text_of(html)
    assert "lamp" in " ".join(words for _, words in marked(html))


def test_of_one_that_is_not_there_no_fact_is_called_the_same(small: ChainView) -> None:
    html = get(at(small, "77", "1")).content.decode()
    assert "= same" not in text_of(html)
    assert "one alone has it" in text_of(html)
    assert "The address that shows the same for ever" not in text_of(html)
    three = text_of(page(at(small, "77", "1", "2")))
    assert "= same" in three


@pytest.mark.parametrize("mode", [*Suppression.Mode])
def test_the_rest_is_compared_where_the_baseline_cannot_be(small: ChainView, mode: Suppression.Mode) -> None:
    suppress(Suppression.Subject.CONTENT, answer_key(small, 5), mode=mode, reason="private", by="a test")
    html = get(at(small, "5.1", "1.1", "1.2")).content.decode()
    assert "A cannot be the baseline: the others are compared with B in its place." in text_of(html)
    assert marked(html) == [("del", "deleted: three"), ("ins", "inserted: five")]


def test_what_they_were_asked_is_compared_where_what_one_says_is_withheld(small: ChainView) -> None:
    suppress(
        Suppression.Subject.CONTENT, answer_key(small, 5), mode=Suppression.Mode.HIDE, reason="-", by="a test"
    )
    same, other = "The messages are the same.", "The messages differ: "
    for sides, told in (
        (("5.1", "1.1"), {"A and B": same}),
        (("6.1", "5.1"), {"A and B": other}),
        (("1.1", "5.1", "2.1"), {"A and B": same}),
        (("5.1", "5.1", "6.1"), {"A and B": same, "A and C": other}),
    ):
        response = get(at(small, *sides))
        assert response.status_code == 451
        html = response.content.decode()
        asked = [each.text() for each in LexborHTMLParser(html).css("section") if "were asked" in each.text()]
        for text, (who, what) in zip(asked, told.items(), strict=True):
            assert f"What {who} were asked" in text
            assert what in text
        assert "nobody may" not in html


def test_withheld_messages_are_said_to_be_beside_a_withheld_answer(small: ChainView) -> None:
    for key, why in ((answer_key(small, 5), "private"), (record(small, 6).prompt, "an address in it")):
        suppress(Suppression.Subject.CONTENT, key, mode=Suppression.Mode.HIDE, reason=why, by="a test")
    html = get(at(small, "6.1", "5.1")).content.decode()
    why = "A, #6, revision 1: The operator of this site withholds its messages: an address in it"
    assert why in text_of(html)
    assert "what is a lamp" not in html


def test_of_a_withheld_result_no_fact_is_called_another(small: ChainView) -> None:
    address = at(small, "5.1", "1.1")
    assert _fact(page(address), "system_fingerprint") == "= same not reported not reported"
    suppress(
        Suppression.Subject.CONTENT, answer_key(small, 5), mode=Suppression.Mode.HIDE, reason="-", by="a test"
    )
    html = get(address).content.decode()
    assert _fact(html, "system_fingerprint") == "one alone has it not told not reported"
    assert _fact(html, "Provider").startswith("= same")


def _fact(html: str, name: str) -> str:
    lines = LexborHTMLParser(html).css("table.sides tbody tr")
    rows = [" ".join(each.text(separator=" ").split()) for each in lines]
    (found,) = (each.removeprefix(name).strip() for each in rows if each.startswith(name))
    return found


def test_what_several_are_compared_with_can_be_read(small: ChainView) -> None:
    html = page(at(small, "1.1", "1.2", "4.1"))
    baseline = next(
        each for each in LexborHTMLParser(html).css("section") if "A, the baseline" in each.text()
    )
    assert ONE in baseline.text()


def test_more_than_can_be_compared_are_refused_with_how_many_to_untick(small: ChainView) -> None:
    ticked = "&".join(f"r={small.rid}:{each}" for each in range(1, 8))
    said = text_of(page(f"/compare?{ticked}", status=400))
    assert "7 records are ticked, and at most 5 can be compared at a time: go back, and untick 2." in said
    assert "more than once" not in said
