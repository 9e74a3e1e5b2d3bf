"""What lists say of results that are more than their words, and that none of it is shown once withheld."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from explorer.queries.chain import transactions
from explorer.queries.chain.chains import ChainView
from explorer.queries.db.texts import Snippet
from explorer.queries.lists import listing
from explorer.queries.records import noted
from explorer.queries.records.record import record
from explorer.queries.site import example, find
from indexer.dapp import completion, rell_json
from indexer.dapp.operations import signed_hash
from indexer.models import Chain, Operation, Suppression
from indexer.records.erase import suppress
from indexer.records.state import state_at
from indexer.store.suppression import Withheld
from tests.explorer import shown
from tests.indexer.dapp.test_completion import called, result
from tests.indexer.made import MadeChain, add, call, delete, update

pytestmark = pytest.mark.django_db
HIDE, ERASE = Suppression.Mode.HIDE, Suppression.Mode.ERASE
CONTENT, TRANSACTION = Suppression.Subject.CONTENT, Suppression.Subject.TRANSACTION
SECRET = "call 555-0199 tonight"
IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    """What is rolled back is not remembered."""
    yield
    shown.forget()


def indexed(*results: str) -> ChainView:
    made = MadeChain()
    made.block(*(add(each) for each in results))
    return shown.index_made(made)


def answers_of(*results: str) -> list[tuple[str, str]]:
    """The texts of their answers in a list, and the notes beside them."""
    chain = indexed(*results)
    rows = listing.page(chain).rows[::-1]
    assert [each.answer for each in rows] == [record(chain, each.prompt_id).row.answer for each in rows]
    return [(each.answer.text, each.answer.note) for each in rows]


def text_key(text: str) -> bytes:
    return signed_hash(rell_json.quote(text))


def said_key(signed: str) -> bytes:
    read = completion.completion_of(signed)
    assert read is not None
    return completion.said_key(read)


ADD = called('{"a": 2, "b": 2}', name="add")


SAID = [
    (result({"content": "Four."}), "Four.", ""),
    (result(ADD, reason="tool_calls"), "", "calls add(a=2, b=2)"),
    (result({**ADD, "content": None}, reason="tool_calls"), "", "calls add(a=2, b=2)"),
    (result({**ADD, "content": "Let me see."}), "Let me see.", "calls add(a=2, b=2)"),
    (result({"content": None, "function_call": {"name": "f", "arguments": "{}"}}), "", "calls f()"),
    (result({"content": "", "refusal": "I will not."}), "", "refused: I will not."),
    (result({"content": None, "refusal": "I will not."}), "", "refused: I will not."),
    (result({"content": "The answer is"}, reason="length"), "The answer is", "cut off (length)"),
    (result({"content": ""}, reason="content_filter"), "", "ended by the provider\u2019s filter"),
    (
        result({"content": ""}, error={"message": "upstream died"}),
        "",
        "ended by the provider\u2019s error: upstream died",
    ),
    (result({"content": "Four."}, {"content": "It is five."}), "Four.", "1 of 2 choices"),
    (result({"content": "", "images": [IMAGE]}), "", "image, 8 bytes"),
    (result({"content": None, "images": [IMAGE]}), "", "image, 8 bytes"),
    (result({"content": "", "reasoning": "2+2=4"}), "", "reasoning, 5 characters"),
    (
        result({"content": "", "reasoning": "2+2="}, reason="length"),
        "",
        "cut off (length); reasoning, 4 characters",
    ),
    (result({"content": "Four.", "reasoning": "2+2=4"}), "Four.", ""),
    (
        result({"content": [{"type": "text", "text": "Fo"}, {"type": "text", "text": "ur."}]}),
        "Fo ur.",
        "",
    ),
    (result({"content": ""}), "", ""),
    (result({"content": "Four.", "annotations": [1]}), "Four.", ""),
    (result({"content": "", "multi_mod_content": [1]}), "", "nothing but multi_mod_content"),
    (result({"content": "", "images": ["iVBORw0KGgo="]}), "", "image, 8 bytes"),
    (
        result({"content": "a"}, reason="insufficient_system_resource"),
        "a",
        "ended by an error (insufficient_system_resource)",
    ),
    ('{"choices":[{"finish_reason":"content_filter"}]}', "", "ended by the provider\u2019s filter"),
    ('{"candidates":[{"content":"once"}]}', '{"candidates":[{"content":"once"}]}', ""),
]


def test_a_list_names_what_each_result_says() -> None:
    for (signed, text, note), found in zip(SAID, answers_of(*(signed for signed, _, _ in SAID)), strict=True):
        assert found == (text, note), signed


def test_a_note_is_one_bounded_line() -> None:
    many = {"content": "", "tool_calls": ADD["tool_calls"] * 60, "refusal": "a\nb " * 300}
    ((text, note),) = answers_of(result(many))
    assert text == ""
    assert "\n" not in note
    assert len(note) <= 201


def test_a_page_of_words_alone_asks_nothing_more() -> None:
    chain = indexed(result({"content": "a"}), result({"content": "b"}, usage={"total_tokens": 3}))
    with CaptureQueriesContext(connection) as asked:
        listing.page(chain)
    assert not any("indexer_blockbody" in each["sql"] for each in asked.captured_queries)


def test_notes_of_a_page_are_read_at_once() -> None:
    chain = indexed(result(ADD), result({"content": "a"}, {"content": "b"}), result({"refusal": "no"}))
    with CaptureQueriesContext(connection) as asked:
        listing.page(chain)
    assert sum("indexer_blockbody" in each["sql"] for each in asked.captured_queries) == 1


def test_the_right_operation_of_a_transaction_is_read() -> None:
    made = MadeChain()
    made.block(
        add(result({"content": "first"})),
        call(add(result({"content": "second"})), add(result(ADD)), update(1, result({"refusal": "no"}))),
    )
    made.block(delete(1))
    chain = shown.index_made(made)
    assert [(each.prompt_id, each.answer.text, each.answer.note) for each in listing.page(chain).rows] == [
        (3, "", "calls add(a=2, b=2)"),
        (2, "second", ""),
        (1, "", "refused: no"),
    ]


def test_what_is_too_much_for_a_list_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(noted, "MOST_BYTES", 0)
    made = MadeChain()
    for _ in range(3):  # two blocks are always read
        made.block(add(result(called("{}"))), add(result({**ADD, "content": None})))
    rows = listing.page(shown.index_made(made)).rows
    assert [each.answer.note for each in rows][-2:] == ["more than is read for a list", ""]


# What is withheld


def everything(chain: ChainView) -> str:
    """Everything in which a text of a result may be shown."""
    rows = listing.page(chain).rows
    said = [repr(rows), repr(example.example(chain, *listing.latest_and_edited(chain)))]
    said += [repr(record(chain, each.prompt_id)) for each in rows]
    for each in rows:
        for revision in record(chain, each.prompt_id).revisions:
            said.append(repr(transactions.with_rid(chain, revision.transaction_rid)))
            try:
                said.append(transactions.raw(chain, revision.transaction_rid).decode("latin-1"))
            except transactions.WithheldBytes as error:
                said.append(str(error))
    said += [repr(each) for each in state_at(Chain.objects.get(id=chain.id), chain.freshness.height)]
    return "\n".join(said)


HOLDERS = [
    result({"content": "a"}, {"content": SECRET}),
    result({"content": SECRET}, {"content": "a"}),
    result({"content": "", "refusal": SECRET}),
    result({"content": None, "refusal": SECRET}),
    result({"content": "a", "reasoning": SECRET}),
    result({"content": [{"type": "text", "text": SECRET}]}),
    result({"content": None}, error={"message": SECRET}),
    result({"content": "", "tool_calls": [{"function": {"name": "f", "arguments": SECRET}}]}),
]


@pytest.mark.parametrize("signed", HOLDERS)
def test_a_text_that_is_hidden_then_erased_is_in_nothing_that_holds_it(signed: str) -> None:
    chain = indexed(signed)
    assert SECRET in everything(chain)
    for mode, withheld in ((HIDE, Withheld.HIDDEN), (ERASE, Withheld.ERASED)):
        suppress(CONTENT, text_key(SECRET), mode=mode, reason="because", by="a test")
        assert SECRET not in everything(chain)
        (row,) = listing.page(chain).rows
        if "reasoning" in signed:  # of which a list says nothing where there are words
            assert row.answer == Snippet("a", cut=False)
        else:
            assert row.answer == Snippet("", False, withheld, "because")


@pytest.mark.parametrize("signed", HOLDERS)
def test_what_was_said_can_be_hidden_then_erased_by_its_key(signed: str) -> None:
    chain = indexed(signed, result({"content": "beside"}))
    key = said_key(signed)
    for mode in (HIDE, ERASE):
        suppress(CONTENT, key, mode=mode, reason="because", by="a test")
        assert SECRET not in everything(chain)
        found = find.find(key.hex())
        assert [each.key for each in found] == ["1"]
        assert SECRET not in repr(found)
    assert listing.page(chain).rows[0].answer.text == "beside"


def test_what_was_erased_for_its_prompt_keeps_what_a_part_of_it_must_not_show() -> None:
    """Bytes that are gone leave the text of the whole result, in which a part may be hidden later."""
    signed = result({"content": None, "refusal": SECRET})
    chain = indexed(signed)
    prompt = Operation.objects.get().prompt
    assert prompt is not None
    suppress(CONTENT, bytes(prompt), mode=ERASE, reason="because", by="a test")
    assert listing.page(chain).rows[0].answer.note == f"refused: {SECRET}"
    suppress(CONTENT, text_key(SECRET), mode=HIDE, reason="because", by="a test")
    assert SECRET not in everything(chain)
