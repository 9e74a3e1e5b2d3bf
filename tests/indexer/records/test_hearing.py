"""What was said is read from the bytes of an index that an earlier version made."""

import pytest
from django.db import connection

from indexer.audit import fsck
from indexer.dapp.completion import completion_of, said_key
from indexer.models import Answer, BlockBody, Chain, Operation, Suppression
from indexer.postchain import gtx
from indexer.records import generations, hearing
from indexer.records.erase import suppress
from indexer.store.rules import rules_of
from tests.indexer import earlier
from tests.indexer.dapp.test_completion import result
from tests.indexer.records.erasing import CONTENT, ERASE, HIDE, is_anywhere

pytestmark = pytest.mark.django_db(transaction=True)


def test_operations_keep_what_was_said_where_it_is_another_key_and_the_erased_one_the_old(old: Chain) -> None:
    hearing.hear(old)
    signed = [each.arguments[-4] for each in _adds()]
    for position, text in enumerate(signed):
        row = Operation.objects.filter(reading=0, second__isnull=False).order_by("position")[position]
        read = completion_of(str(text))
        assert read is not None
        if row.position >> 20 == earlier.ERASED:
            assert (row.said, row.noted) == (None, None)
        else:
            assert bytes(row.said or row.answer or b"") == said_key(read)
            assert row.noted is (True if read.note else False if read.choices[0].reasoning else None)


def test_reading_goes_on_where_it_was_interrupted(old: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hearing, "_MOST_BLOCKS", 1)
    steps: list[object] = []
    keep = hearing._keep

    def kept(*args: object) -> None:
        if len(steps) == 2:
            raise KeyboardInterrupt
        steps.append(args)
        keep(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(hearing, "_keep", kept)
    with pytest.raises(KeyboardInterrupt):
        hearing.hear(old)
    assert Chain.objects.get().heard_to == 1
    assert rules_of(old.id).differ
    monkeypatch.setattr(hearing, "_keep", keep)
    hearing.hear(old)
    assert Chain.objects.get().heard_to is None
    assert Operation.objects.filter(said__isnull=False).count() == 6


def test_what_was_to_be_erased_by_what_it_says_is_erased_once_that_is_read(old: Chain) -> None:
    read = completion_of(result({"content": None, "refusal": "No."}))
    assert read is not None
    Suppression.objects.create(subject=CONTENT, hash=said_key(read), mode=ERASE, reason="", by="")
    assert is_anywhere("No.") == ["answer", "body 0", "body 3"]
    generations.rebuild(old)
    assert is_anywhere("No.") == []
    assert [str(each) for each in fsck.check(old)] == []
    assert set(Answer.objects.values_list("text", flat=True)) == {"", "Four."}


def test_what_was_hidden_by_a_key_of_then_is_hidden_by_that_of_today(old: Chain) -> None:
    """Another version may have read the same result otherwise, and known it by another key."""
    generations.rebuild(old)
    told = Operation.objects.filter(said__isnull=False).order_by("position").first()
    assert told is not None
    today, then = bytes(told.said or b""), bytes(32)
    Operation.objects.filter(said=today).update(said=then)
    suppress(CONTENT, then, mode=HIDE, reason="asked", by="the operator")
    Chain.objects.update(heard_to=-1)
    hearing.hear(old)
    found = Suppression.objects.get(hash=today)
    assert (found.mode, found.reason, found.by) == (HIDE, "asked", "the operator")
    assert Operation.objects.filter(said=today).exists()
    assert Chain.objects.get().heard_to is None


def test_what_says_no_more_than_its_words_by_now_is_hidden_by_their_key(old: Chain) -> None:
    generations.rebuild(old)
    plain = Operation.objects.filter(said__isnull=True, noted__isnull=True, answer__isnull=False).earliest(
        "position"
    )
    Operation.objects.filter(position=plain.position).update(said=bytes(32))
    suppress(CONTENT, bytes(32), mode=HIDE, reason="asked", by="the operator")
    Chain.objects.update(heard_to=-1)
    hearing.hear(old)
    assert Suppression.objects.filter(hash=plain.answer).exists()


def test_a_damaged_body_keeps_nothing_from_being_read_and_may_say_more_than_is_known(old: Chain) -> None:
    BlockBody.objects.filter(height=0).update(body=b"nothing of the kind")
    hearing.hear(old)
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT position >> 20 FROM indexer_operation WHERE noted ORDER BY 1")
        assert [row[0] for row in cursor.fetchall()] == [0, 3, 4]


def _adds() -> list[gtx.Operation]:
    return [
        operation
        for block in earlier.made().blocks
        for transaction in block.transactions
        for operation in _operations(transaction.data)
        if operation.name == "add_prompt_history"
    ]


def _operations(data: bytes) -> list[gtx.Operation]:
    return list(gtx.decode(data, version=1).operations)
