"""What edits changed, in words: on the record's page, in the ledger, in the list of edited records and on the
home page; and what of it is kept back.
"""

import json
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from pytest_django import Settings
from selectolax.lexbor import LexborHTMLParser

from explorer.diff.effort import UNHURRIED
from explorer.queries.chain.chains import ChainView
from explorer.queries.compare import comparison, edits
from explorer.queries.records import edit
from explorer.queries.records.record import record
from indexer.models import Suppression
from indexer.records.erase import suppress
from tests.explorer import shown
from tests.explorer.pages.asking import get, of, page
from tests.indexer.made import MadeChain, add, call, completion, delete, update

pytestmark = pytest.mark.django_db
ONE = "The lamp turns once every 20 seconds, and three things could explain it."
TWO = ONE.replace("three", "five")
SPACED = ONE.replace(", ", ",\n")
SECRET = "xylophone lessons are for free"
HOSTILE = '<script>alert(1)</script> & <img src=x onerror="alert(2)"> \u202eevil'
MODES = [Suppression.Mode.HIDE, Suppression.Mode.ERASE]
LISTS = ("", "/ledger", "/records?status=edited")


@pytest.fixture(autouse=True)
def _nothing_is_remembered() -> None:
    edit.forget()


def calling(name: str) -> str:
    asked = {"id": "c", "type": "function", "function": {"name": name, "arguments": "{}"}}
    message = {"role": "assistant", "content": "I look it up.", "tool_calls": [asked]}
    return json.dumps({"choices": [{"message": message, "finish_reason": "tool_calls"}]})


@pytest.fixture
def chain() -> Iterator[ChainView]:
    """Records: 1 edited (three, then five), 2 edited beside its words, 3 to a secret, 4 from one, 5 to what
    is hostile, 6 edited and deleted, 7 calls another tool, 8 with a mail address, 9 rewritten, 10 as it was,
    11 to five and back, 12 with white space alone, 13 to five and back but for white space.
    """
    made = MadeChain()
    made.block(
        *(add(completion(each, id="a"), uid=at) for at, each in enumerate((ONE, ONE, "It was 3.", SECRET)))
    )
    made.block(add(completion("plain words")), add(completion("a b c")), add(calling("look")))
    made.block(add(completion("mail ann@example.com now")), add(completion("one two three four five")))
    made.block(add(completion("never edited")), *(add(completion(ONE), uid=at) for at in (11, 12, 13)))
    made.block(*(call(update(at, completion(TWO))) for at in (11, 13)))
    made.block(*(call(update(at, completion(text))) for at, text in ((11, ONE), (12, SPACED), (13, SPACED))))
    made.block(call(update(1, completion(TWO, id="a"))), call(update(2, completion(ONE, id="b"))))
    made.block(call(update(3, completion(SECRET))), call(update(4, completion("It was 4."))))
    made.block(update(5, completion(HOSTILE)), update(6, completion("a b d")), update(7, calling("find")))
    made.block(update(8, completion("mail bob@example.com now")), update(9, completion("6 two 7 four 8 9")))
    made.block(delete(6))
    yield shown.index_again(made)
    shown.forget()


def text_of(html: str, selector: str = "main") -> str:
    return " ".join(" ".join(each.text() for each in LexborHTMLParser(html).css(selector)).split())


def told(chain: ChainView, prompt_id: int) -> str:
    """What the page of a record says that the edits changed."""
    status = 410 if prompt_id == 6 else 200
    return text_of(page(of(chain, f"/records/{prompt_id}"), status=status), "section[aria-labelledby=since]")


def rows(chain: ChainView, path: str) -> dict[str, str]:
    """What each row of a list says, by the number of its record, where it is one."""
    found = LexborHTMLParser(page(of(chain, path))).css("tr[role=row]:has(th a)")
    return {each.css("th a")[0].text().lstrip("#"): " ".join(each.text().split()) for each in found}


def test_the_page_of_a_record_says_which_words_became_which(chain: ChainView) -> None:
    text = told(chain, 1)
    assert "“three” became “five”; 1 of 13 words." in text
    assert text.index("As first written") < text.index("As the chain now says")
    html = page(of(chain, "/records/1"))
    assert f"{chain.rid}:1.1&amp;b={chain.rid}:1.2" in html
    (table,) = LexborHTMLParser(html).css("section[aria-labelledby=since] table")
    assert [each.text() for each in table.css("del")] == ["deleted: three"]
    assert [each.text() for each in table.css("ins")] == ["inserted: five"]
    (layer,) = LexborHTMLParser(html).css("ol.strata li.edited")
    assert "“three” became “five”; 1 of 13 words." in text_of(layer.html or "", "*")


def test_it_says_where_the_words_stayed_and_what_changed_beside_them(chain: ChainView) -> None:
    assert "The words stayed the same; only id changed." in told(chain, 2)
    assert "As first written" not in told(chain, 2)


@pytest.mark.parametrize(
    ("prompt_id", "words"), [(7, "“look” became “find”"), (9, "Mostly other words; 3 of 5")]
)
def test_it_tells_calls_and_what_is_mostly_different(chain: ChainView, prompt_id: int, words: str) -> None:
    assert words in told(chain, prompt_id)


def test_of_a_deleted_record_it_says_what_stood_before(chain: ChainView) -> None:
    assert "“c” became “d”; 1 of 3 words." in told(chain, 6)
    assert "As last written, before deletion" in told(chain, 6)


def test_a_record_that_was_not_edited_says_nothing_of_it(chain: ChainView) -> None:
    assert told(chain, 10) == ""


def test_lists_say_what_each_edit_changed(chain: ChainView) -> None:
    ledger, listed = rows(chain, "/ledger"), rows(chain, "/records?status=edited")
    for found in (ledger, listed):
        assert "“three” became “five”; 1 of 13 words" in found["1"]
        assert "the words stayed the same; only id changed" in found["2"]
        assert "“look” became “find”" in found["7"]
        assert "mostly other words; 3 of 5 words" in found["9"]
    assert "became" not in "".join(rows(chain, "/records").values())


def test_of_several_edits_in_a_transaction_each_is_told_by_its_own_result() -> None:
    made = MadeChain()
    made.block(
        add(completion("plain words")), call(*(add(completion(ONE, id="a"), uid=each) for each in (1, 2, 3)))
    )
    results = completion(ONE, id="z"), completion(ONE, id="a", created=5), completion(ONE, id="y")
    edited = [update(at, each) for at, each in enumerate(results, start=2)]
    made.block(update(1, completion("plain word")), call(*edited[:2]), edited[2])
    chain = shown.index_made(made)
    for path in ("/ledger", "/records?status=edited"):
        found = rows(chain, path)
        told = [
            found[each].split("the words stayed the same; only ")[1].split(" changed")[0] for each in "234"
        ]
        assert told == ["id", "created", "id"]


@pytest.mark.parametrize("hides", [True, False])
def test_the_ledger_stays_out_of_search_engines_where_words_do(
    hides: bool, chain: ChainView, settings: Settings
) -> None:
    settings.NOINDEX = hides
    assert ("X-Robots-Tag" in get(of(chain, "/ledger")).headers) is hides


def test_words_that_came_back_are_said_to_have_changed(chain: ChainView) -> None:
    lede = text_of(page(of(chain, "/records/11")), ".lede")
    assert "It says now what it said at first; in between it did not." in lede
    came_back = "n between, “three” became “five”; 1 of 13 words; then the first words came back"
    assert f"I{came_back}." in told(chain, 11)
    assert f"i{came_back}" in rows(chain, "/records?status=edited")["11"]
    (table,) = LexborHTMLParser(page(of(chain, "/records/11"))).css("section[aria-labelledby=since] table")
    assert "In between, by revision 2" in text_of(table.html or "", "*")
    assert [each.text() for each in table.css("ins")] == ["inserted: five"]
    assert "then the first words came back" in told(chain, 13)
    html = page(of(chain, "/records/13"))
    assert "But for white space it says now what it said at first" in text_of(html, ".lede")
    assert text_of(html, ".marks").startswith("edited 2 times, the first words again")
    listed = rows(chain, "/records?status=edited")["13"]  # which compares the last with the first alone
    assert "only white space differs from what was first written" in listed
    assert "edited 2 times, only" not in listed
    assert record(chain, 11).row.same_words is False


def test_white_space_alone_is_said_to_have_changed_and_no_word(chain: ChainView) -> None:
    html = page(of(chain, "/records/12"))
    assert "only white space in it differs" in text_of(html, ".lede")
    assert text_of(html, ".marks").startswith("edited once, only white space")
    assert "only white space changed" in text_of(html, "ol.strata li.edited")
    assert "Only white space changed." in told(chain, 12)
    for path in LISTS[1:]:
        assert "only white space" in rows(chain, path)["12"]
        assert "other words" not in rows(chain, path)["12"]
        assert "none of" not in page(of(chain, path))


def test_the_home_page_says_it_of_its_example(chain: ChainView) -> None:
    assert "mostly other words; 3 of 5 words" in text_of(page(of(chain)), ".anatomy")


def test_what_is_private_is_named_and_not_shown(chain: ChainView) -> None:
    assert "“[e-mail address]” became “[e-mail address]”" in rows(chain, "/ledger")["8"]
    for path in ("/ledger", "/records?status=edited"):
        assert "ann" not in rows(chain, path)["8"].replace("channel", "")
        assert "bob" not in rows(chain, path)["8"]


def test_what_is_hostile_is_words_and_nothing_else(chain: ChainView) -> None:
    for path in (*LISTS, "/records/5"):
        html = page(of(chain, path))
        assert "<script>alert" not in html
        assert "<img" not in html
        assert "\u202e" not in html


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("prompt_id", [3, 4])
def test_what_is_withheld_is_in_no_word_of_it(
    chain: ChainView, mode: Suppression.Mode, prompt_id: int
) -> None:
    assert "xylophone" in told(chain, prompt_id)
    assert "xylophone" in rows(chain, "/ledger")[str(prompt_id)]
    secret = next(
        each.answer
        for each in record(chain, prompt_id).revisions
        if each.answer and each.answer.value == SECRET
    )
    suppress(Suppression.Subject.CONTENT, secret.hash, mode=mode, reason="said so", by="test")
    html = get(of(chain, f"/records/{prompt_id}")).content.decode()
    pages = [html, *(page(of(chain, path)) for path in LISTS)]
    assert "xylophone" not in "".join(pages)
    assert "It was" not in text_of(html, "section[aria-labelledby=since]")
    assert "became" not in rows(chain, "/ledger")[str(prompt_id)]


@pytest.mark.parametrize("mode", MODES)
def test_what_a_withheld_transaction_said_is_in_no_word_of_it(
    chain: ChainView, mode: Suppression.Mode
) -> None:
    rid = record(chain, 3).revisions[1].transaction_rid
    suppress(Suppression.Subject.TRANSACTION, rid, mode=mode, reason="said so", by="test")
    pages = [get(of(chain, path)).content.decode() for path in (*LISTS, "/records/3")]
    ours = [text_of(each, "section[aria-labelledby=since]") for each in pages]
    assert "xylophone" not in "".join(ours)
    assert "became" not in rows(chain, "/ledger")["3"]


def test_what_is_remembered_holds_no_text(chain: ChainView) -> None:
    for path in (*LISTS, "/records/1", "/records/3"):
        page(of(chain, path))
    assert edit.remembered()
    kept = repr(edit.remembered())
    assert all(word not in kept for word in ("three", "five", "xylophone", "lamp"))


def test_pages_answer_while_others_compare_and_tell_less(chain: ChainView) -> None:
    with ExitStack() as held:
        for _ in range(2):
            held.enter_context(comparison.at_once(1))
        assert "became" not in page(of(chain, "/ledger"))
        assert "what changed" in page(of(chain, "/ledger"))
        assert told(chain, 1) == ""
    assert "became" in page(of(chain, "/ledger"))


def test_what_takes_too_long_is_left_out(chain: ChainView, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edits, "LISTED_SECONDS", 0.0)
    found = rows(chain, "/ledger")
    assert "became" not in "".join(found.values())
    assert "the words stayed the same" in found["2"]  # which takes no time


def test_long_answers_are_not_told_in_lists(chain: ChainView, monkeypatch: pytest.MonkeyPatch) -> None:
    assert edit.between("a" * (edit.LONGEST + 1), "b", UNHURRIED) is None
    found = edit.between("word " * 3_000, "word " * 3_000 + "x" * 200, UNHURRIED)
    assert found is not None
    (became,) = found.became
    assert became.is_b_cut
    assert len(became.b) == edit.SHOWN
