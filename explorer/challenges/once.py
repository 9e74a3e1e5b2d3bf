"""What a program sends again is done once: it gives what it sends a key of its own, and finds the answer.

What was refused is not kept: it changed nothing, and can be sent again as it was, or mended.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.db import transaction

from explorer.challenges.models import SentOnce
from explorer.challenges.person import Person
from explorer.desk.models import DESK

KEPT = timedelta(days=1)
"""How long the answer to a key is known."""

Answer = Mapping[str, Any]


class KeyReused(Exception):
    """Something else was sent under this key."""


@dataclass(frozen=True, slots=True)
class Key:
    """A person's word for something that is ``sent``: all of it that makes it what it is."""

    person: Person
    word: str
    sent: bytes


def answered(key: Key, *, now: datetime) -> Answer | None:
    """What was answered before; None where nothing was. Raises KeyReused."""
    row = SentOnce.objects.filter(**_of(key), expires_at__gt=now).first()
    return None if row is None else _same(row, key).answer or None


def done_once(key: Key, do: Callable[[], Answer], *, now: datetime) -> Answer:
    """What was answered before, or else what ``do`` gives, in one transaction with it. Who comes with the
    same key at the same time waits for it. Raises KeyReused, and what ``do`` raises.
    """
    with transaction.atomic(using=DESK):
        row = _same(_row(key, now), key)
        if not row.answer:
            row.answer = dict(do())
            row.save(update_fields=["answer"])
    found: Answer = row.answer
    return found


def expire(*, now: datetime) -> int:
    """Remove what is over; gives how many."""
    count, _ = SentOnce.objects.filter(expires_at__lte=now).delete()
    return count


def forget(person: Any) -> None:
    """Remove what a person's programs sent."""
    SentOnce.objects.filter(person_id=person).delete()


def _row(key: Key, now: datetime) -> SentOnce:
    """Of this key: a new one where there is none, whose insertion others with the same key wait for."""
    of = _of(key)
    SentOnce.objects.filter(**of, expires_at__lte=now).delete()
    sent = {"sent_sha256": sha256(key.sent).digest(), "sent_at": now, "expires_at": now + KEPT}
    row, _ = SentOnce.objects.get_or_create(**of, defaults=sent)
    return row


def _of(key: Key) -> Mapping[str, Any]:
    return {"person_id": key.person.id, "key_sha256": sha256(key.word.encode()).digest()}


def _same(row: SentOnce, key: Key) -> SentOnce:
    if bytes(row.sent_sha256) != sha256(key.sent).digest():
        raise KeyReused
    return row
