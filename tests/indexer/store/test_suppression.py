"""The gate: what must not be shown, what must not be kept, and why."""

import pytest
from django.db import connection

from indexer.models import Suppression
from indexer.store import suppression
from indexer.store.suppression import Suppressed

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
        erased, hidden = suppression.erased(cursor), suppression.hidden(cursor)
    assert erased == Suppressed(frozenset(HASHES[1:2]), frozenset(HASHES[3:4]))
    assert hidden == Suppressed(frozenset(HASHES[0:2]), frozenset(HASHES[2:4]))


def test_nothing_suppressed_is_false_and_anything_is_true() -> None:
    with connection.cursor() as cursor:
        assert not suppression.hidden(cursor)
        keep(TRANSACTION, 0, "hide")
        assert suppression.hidden(cursor)
        assert not suppression.erased(cursor)
