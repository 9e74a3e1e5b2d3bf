"""What is hidden or erased gives its text nowhere: the gate, and everything that asks it."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from explorer.queries.chain import blocks, transactions
from explorer.queries.chain.chains import ChainView
from explorer.queries.db.errors import Damaged
from explorer.queries.db.texts import text_of
from explorer.queries.db.transaction_bytes import BROKEN
from explorer.queries.lists import listing
from explorer.queries.prompts import asked as prompts
from explorer.queries.prompts.asked import PromptFilter
from explorer.queries.prompts.prompt import prompt
from explorer.queries.records.record import record
from explorer.queries.site import find
from indexer.dapp import rell_json
from indexer.dapp.operations import signed_hash
from indexer.models import BlockBody, Prompt, Suppression
from indexer.postchain.gtx import Operation
from indexer.records.erase import suppress
from indexer.store.suppression import Gate, Hold, Withheld, gate
from tests.explorer import shown
from tests.indexer.made import MadeChain, add, call, completion, delete, update

pytestmark = pytest.mark.django_db
HIDE, ERASE = Suppression.Mode.HIDE, Suppression.Mode.ERASE
CONTENT, TRANSACTION = Suppression.Subject.CONTENT, Suppression.Subject.TRANSACTION
MODES = [HIDE, ERASE]
REASON = "it is somebody's telephone number"
NOTES = {"transaction 7.0", "raw 7.0", "transaction 7.1", "raw 7.1"}
SECRET, PUBLIC = "call 555-0199 tonight", "nothing to see"


def said(content: str) -> bytes:
    """The content key of an answer."""
    return signed_hash(rell_json.quote(content))


def messages(text: str) -> str:
    return f'[{{"role": "system", "content": "{PUBLIC}"}}, {{"role": "user", "content": "{text}"}}]'


def asked(text: str) -> bytes:
    """The content key of messages."""
    return signed_hash(rell_json.normalise(messages(text)))


@pytest.fixture
def secretive() -> Iterator[ChainView]:
    """Records: 1 answers with the secret, 2 was edited away from it, 3 to it, 4 was deleted with it, 5 is
    asked with it, 6 shares a transaction with 7, which says it; 8 has nothing to do with it.
    """
    made = MadeChain()
    made.block(add(completion(SECRET), messages=messages("1")))
    made.block(add(completion(SECRET), messages=messages("2")), add(completion("3"), messages=messages("3")))
    made.block(update(2, completion("edited")), update(3, completion(SECRET)))
    made.block(add(completion(SECRET), messages=messages("4")), delete(4))
    made.block(add(completion("an answer"), messages=messages(SECRET)))
    made.block(call(add(completion("beside"), messages=messages("6")), add(completion(SECRET))))
    made.block(add(completion("other"), messages=messages("8")))
    made.block(Operation("note_prompt", (1, SECRET)), Operation("note_prompt", (2, [{"a": [SECRET]}])))
    yield shown.index_again(made)
    shown.forget()


def withhold(subject: Suppression.Subject, key: bytes, mode: Suppression.Mode) -> None:
    suppress(subject, key, mode=mode, reason=REASON, by="a test")


def everything(chain: ChainView) -> Iterator[tuple[str, str]]:
    """Everything that a reader can be shown of a chain, by what it is."""
    for prompt_id in range(1, chain.records + 1):
        yield f"record {prompt_id}", repr(record(chain, prompt_id))
    for row in listing.page(chain).rows:
        yield f"row {row.prompt_id}", repr(row)
    # Each has a prompt of its own.
    for asked_of in prompts.page([chain], PromptFilter()).rows:
        yield f"row {asked_of.figures.number}", repr(asked_of)
        yield f"record {asked_of.figures.number}", repr(prompt([chain], asked_of.figures.prompt))
    for height in range(chain.freshness.height + 1):
        block = blocks.at_height(chain, height)
        yield f"block {height}", repr(block)
        for each in block.transactions:
            yield f"transaction {height}.{each.ordinal}", repr(transactions.with_rid(chain, each.rid))
            yield f"raw {height}.{each.ordinal}", raw(chain, each.rid)
    for key in (said(SECRET), asked(SECRET)):
        yield "found", repr(find.find(key.hex()))


def raw(chain: ChainView, rid: bytes) -> str:
    try:
        return transactions.raw(chain, rid).decode("latin-1")
    except transactions.WithheldBytes as error:
        return str(error)


def saying(chain: ChainView) -> set[str]:
    return {what for what, shown_ in everything(chain) if SECRET in shown_}


def test_without_suppression_all_of_it_is_shown(secretive: ChainView) -> None:
    found = saying(secretive)
    assert found >= {f"record {each}" for each in (1, 2, 3, 4, 5, 7)}
    assert found >= {f"row {each}" for each in (1, 3, 4, 5, 7)}
    assert found >= {"transaction 0.0", "raw 0.0", *NOTES}


@pytest.mark.parametrize("mode", MODES)
def test_an_answer_that_is_withheld_is_nowhere(secretive: ChainView, mode: Suppression.Mode) -> None:
    withhold(CONTENT, said(SECRET), mode)
    assert saying(secretive) == {"record 5", "row 5", "transaction 4.0", "raw 4.0"}


@pytest.mark.parametrize("mode", MODES)
def test_messages_that_are_withheld_are_nowhere(secretive: ChainView, mode: Suppression.Mode) -> None:
    before = saying(secretive)
    withhold(CONTENT, asked(SECRET), mode)
    assert saying(secretive) == before - {"record 5", "row 5", "transaction 4.0", "raw 4.0"}


@pytest.mark.parametrize("mode", MODES)
def test_a_whole_result_can_be_withheld(secretive: ChainView, mode: Suppression.Mode) -> None:
    withhold(CONTENT, signed_hash(rell_json.normalise(completion(SECRET))), mode)
    # The unread operation holds the content alone, which is no such result.
    assert saying(secretive) == {"record 5", "row 5", "transaction 4.0", "raw 4.0", *NOTES}


@pytest.mark.parametrize("mode", MODES)
def test_a_transaction_that_is_withheld_is_nowhere_and_others_may_say_the_same(
    secretive: ChainView, mode: Suppression.Mode
) -> None:
    before = saying(secretive)
    withhold(TRANSACTION, blocks.at_height(secretive, 0).transactions[0].rid, mode)
    assert saying(secretive) == before - {"record 1", "row 1", "transaction 0.0", "raw 0.0"}


@pytest.mark.parametrize("mode", MODES)
def test_the_reason_is_told_and_hashes_lengths_and_typed_fields_stay(
    secretive: ChainView, mode: Suppression.Mode
) -> None:
    before = record(secretive, 1)
    withhold(CONTENT, said(SECRET), mode)
    after = record(secretive, 1)
    assert after.current.answer is not None
    assert before.current.answer is not None
    assert (after.current.answer.value, after.current.answer.reason) == (None, REASON)
    assert after.current.answer.withheld is (Withheld.HIDDEN if mode == HIDE else Withheld.ERASED)
    assert after.current.answer.hash == before.current.answer.hash == said(SECRET)
    assert after.current.answer.length == len(SECRET)
    assert after.current.result is not None
    assert before.current.result is not None
    assert after.current.result.hash == before.current.result.hash
    assert (after.state, after.row.answer.text, after.row.answer.reason) == (None, "", REASON)
    assert (after.row.scout, after.row.seed, after.row.model) == (
        before.row.scout,
        before.row.seed,
        before.row.model,
    )
    assert said(SECRET) in {each.hash for each in after.withheld}
    assert [each.transaction_rid for each in after.revisions] == [
        each.transaction_rid for each in before.revisions
    ]
    assert after.peers == before.peers


def test_hiding_an_answer_leaves_the_messages_as_signed(secretive: ChainView) -> None:
    withhold(CONTENT, said(SECRET), HIDE)
    found = record(secretive, 1)
    assert found.messages.value == messages("1")
    assert found.conversation is not None


def test_erasing_an_answer_takes_the_signed_messages_beside_it_but_not_what_they_say(
    secretive: ChainView,
) -> None:
    withhold(CONTENT, said(SECRET), ERASE)
    found = record(secretive, 1)
    assert (found.messages.value, found.messages.withheld) == (None, Withheld.ERASED)
    assert found.messages.length == len(rell_json.normalise(messages("1")))
    assert found.conversation is not None
    assert [each.content for each in found.conversation] == [PUBLIC, "1"]
    assert found.row.prompt.text == "1"


def test_a_record_whose_transaction_was_erased_for_another_s_text_still_says_its_own(
    secretive: ChainView,
) -> None:
    withhold(CONTENT, said(SECRET), ERASE)
    found = record(secretive, 6)
    assert found.current.answer is not None
    assert found.current.result is not None
    assert found.current.answer.value == "beside"
    assert found.current.result.withheld is Withheld.ERASED
    assert "another text in it" in found.current.result.reason
    assert found.state is None
    assert found.withheld


def test_a_record_that_was_edited_away_from_a_hidden_text_shows_what_stands(secretive: ChainView) -> None:
    withhold(CONTENT, said(SECRET), HIDE)
    found = record(secretive, 2)
    assert found.state == rell_json.normalise(completion("edited"))
    assert found.row.answer.text == "edited"
    assert [each.answer and each.answer.withheld for each in found.revisions] == [Withheld.HIDDEN, None]
    assert found.withheld


@pytest.mark.parametrize("mode", MODES)
def test_a_transaction_with_a_withheld_text_says_so_and_its_bytes_are_not_given(
    secretive: ChainView, mode: Suppression.Mode
) -> None:
    withhold(CONTENT, said(SECRET), mode)
    rid = blocks.at_height(secretive, 0).transactions[0].rid
    found = transactions.with_rid(secretive, rid)
    assert found.withheld is not None
    assert found.withheld.reason == REASON
    (operation,) = found.operations
    assert operation.name == "add_prompt_history"
    assert operation.records == [1]
    if mode == HIDE:
        assert operation.arguments is not None
        assert [each.shown.withheld for each in operation.arguments] == [
            None,
            None,
            Withheld.HIDDEN,
            None,
            None,
            None,
        ]
    else:
        assert operation.arguments is None
    with pytest.raises(transactions.WithheldBytes, match=REASON):
        transactions.raw(secretive, rid)


@pytest.mark.parametrize("mode", MODES)
def test_a_withheld_transaction_keeps_its_names_and_hashes(
    secretive: ChainView, mode: Suppression.Mode
) -> None:
    rid = blocks.at_height(secretive, 0).transactions[0].rid
    before = transactions.with_rid(secretive, rid)
    withhold(TRANSACTION, rid, mode)
    after = transactions.with_rid(secretive, rid)
    assert after.withheld is not None
    assert (after.withheld.hash, after.withheld.reason) == (rid, REASON)
    assert (after.hash, after.length, after.signers) == (before.hash, before.length, before.signers)
    assert [each.arguments for each in after.operations] == [None]
    assert [each.name for each in after.operations] == [each.name for each in before.operations]
    assert blocks.at_height(secretive, 0).transactions[0].erased is (mode == ERASE)
    with pytest.raises(transactions.WithheldBytes, match=REASON):
        transactions.raw(secretive, rid)


def test_what_is_found_by_the_hash_of_a_withheld_text_stays_found(secretive: ChainView) -> None:
    before = [each.key for each in find.find(said(SECRET).hex())]
    withhold(CONTENT, said(SECRET), ERASE)
    assert [each.key for each in find.find(said(SECRET).hex())] == before == ["1", "2", "3", "4", "7"]


def test_a_damaged_block_is_said_to_be_unreadable_and_breaks_nothing(secretive: ChainView) -> None:
    BlockBody.objects.filter(height=0).update(body=b"no zstd")
    Prompt.objects.filter(hash=asked("1")).delete()
    found = record(secretive, 1)
    assert found.messages.withheld is Withheld.UNREADABLE
    assert found.row.prompt.withheld is Withheld.UNREADABLE
    assert found.state is None
    assert found.withheld == []
    assert found.current.answer is not None
    assert found.current.answer.value == SECRET
    rid = blocks.at_height(secretive, 0).transactions[0].rid
    shown_ = transactions.with_rid(secretive, rid)
    assert shown_.withheld is not None
    assert shown_.withheld.withheld is Withheld.UNREADABLE
    assert (found.damage, shown_.damage) == (BROKEN.fault, BROKEN.fault)
    with pytest.raises(Damaged, match="fsck"):
        transactions.raw(secretive, rid)
    assert next(each for each in listing.page(secretive).rows if each.prompt_id == 1).prompt.withheld


# The gate


@dataclass(frozen=True)
class Kept:
    number: int

    @property
    def key(self) -> bytes:
        return bytes([self.number]) * 32


def keep(number: int, subject: str, mode: str) -> bytes:
    Suppression.objects.create(
        subject=subject, hash=Kept(number).key, mode=mode, reason=f"reason {number}", by="b"
    )
    return Kept(number).key


def test_the_gate_tells_what_was_asked_for_and_why() -> None:
    hidden, erased = keep(1, "content", "hide"), keep(2, "content", "erase")
    rid = keep(3, "transaction", "hide")
    asked_of = gate(contents=[hidden, erased, None, b"\x09" * 32], transactions=[rid, None])
    assert asked_of.hold(hidden) == Hold(Withheld.HIDDEN, "reason 1")
    assert asked_of.hold(b"\x09" * 32, erased) == Hold(Withheld.ERASED, "reason 2")
    assert asked_of.hold(hidden, transaction=rid) == Hold(Withheld.HIDDEN, "reason 3")
    assert asked_of.hold(b"\x09" * 32, None, transaction=b"\x09" * 32) is None
    assert asked_of.hold() is None


def test_a_content_s_key_is_no_transaction_s_rid() -> None:
    key = keep(1, "content", "hide")
    assert gate(transactions=[key]).hold(transaction=key) is None
    assert gate(contents=[key]).hold(transaction=key) is None


def test_the_gate_asks_once_for_its_own_hashes_alone_and_not_at_all_for_none() -> None:
    for number in range(20):
        keep(number, "content", "hide")
    with CaptureQueriesContext(connection) as asked_:
        found = gate(contents=[Kept(3).key] * 5)
        assert gate() == Gate({}, {})
    assert len(asked_) == 1
    assert list(found.contents) == [Kept(3).key]


def test_a_text_without_a_value_and_without_a_hold_is_unreadable() -> None:
    found = text_of(None, hash=b"h", length=7)
    assert (found.withheld, found.length, found.value) == (Withheld.UNREADABLE, 7, None)
    assert text_of("abc", hash=b"h", hold=Hold(Withheld.HIDDEN, "why")).length == 3
    assert text_of("", hash=b"h").value == ""
