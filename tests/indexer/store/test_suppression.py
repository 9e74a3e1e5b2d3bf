"""The gate: what must not be shown, what must not be kept, and why."""

import pytest
from django.db import connection

from indexer.models import Suppression
from indexer.store import suppression
from indexer.store.suppression import Hold, Suppressed, Withheld

pytestmark = pytest.mark.django_db
CONTENT, TRANSACTION = Suppression.Subject.CONTENT, Suppression.Subject.TRANSACTION
HASHES = [bytes([number]) * 32 for number in range(4)]


def keep(subject: str, number: int, mode: str) -> None:
    Suppression.objects.create(
        subject=subject, hash=HASHES[number], mode=mode, reason=f"reason {number}", by="b"
    )


def test_what_is_erased_is_hidden_too_and_what_is_hidden_may_be_kept() -> None:
    keep(CONTENT, 0, "hide")
    keep(CONTENT, 1, "erase")
    keep(TRANSACTION, 2, "hide")
    keep(TRANSACTION, 3, "erase")
    with connection.cursor() as cursor:
        erased = suppression.erased(cursor)
    hidden = suppression.whole_gate()
    assert erased == Suppressed(frozenset(HASHES[1:2]), frozenset(HASHES[3:4]))
    assert (set(hidden.contents), set(hidden.transactions)) == (set(HASHES[0:2]), set(HASHES[2:4]))
    assert [hidden.hold(each) for each in HASHES[:2]] == [
        Hold(Withheld.HIDDEN, "reason 0"),
        Hold(Withheld.ERASED, "reason 1"),
    ]


def test_what_is_only_hidden_may_be_kept() -> None:
    keep(TRANSACTION, 0, "hide")
    with connection.cursor() as cursor:
        assert not suppression.erased(cursor)
