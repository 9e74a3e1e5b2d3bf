"""How often something may be done, counted in the database: every process of the web server sees the same.

A period begins at a round time, so a row is one for all who count in it. Addresses are kept as a keyed hash
(HMAC-SHA-256 with the site's key and the period), never as they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import F
from django.utils.crypto import salted_hmac

from explorer.desk.models import Quota

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so often in a period: by one address, or by everybody together."""

    scope: str
    most: int
    period: timedelta
    of_everybody: bool = False

    def begun_at(self, now: datetime) -> datetime:
        """When the period began that now goes on."""
        return now - (now - _BEGINNING) % self.period


class QuotaExceeded(Exception):
    """It was done as often as it may be; ``until`` is when it may be done again."""

    def __init__(self, limit: Limit, *, until: datetime) -> None:
        super().__init__(f"{limit.scope}: {limit.most} were done; again at {until:%H:%M} UTC")
        self.limit = limit
        self.until = until


def check(limits: Sequence[Limit], address: str, *, now: datetime) -> None:
    """Raise QuotaExceeded where nothing more may be done, without waiting for anybody: whoever comes far too
    often holds up nobody else.
    """
    for limit in limits:
        begun_at = limit.begun_at(now)
        of = {"scope": limit.scope, "subject": _subject(limit, address, begun_at), "begun_at": begun_at}
        if Quota.objects.filter(**of, used__gte=limit.most).exists():
            raise QuotaExceeded(limit, until=begun_at + limit.period)


def take(limits: Sequence[Limit], address: str, *, now: datetime, count: int = 1) -> None:
    """Count one more, or so many, within the transaction of what is counted.

    Limits are taken in their order, so that nobody waits for each other. Raises QuotaExceeded, after which
    the transaction must be undone.
    """
    for limit in limits:
        begun_at = limit.begun_at(now)
        until = begun_at + limit.period
        row, _ = Quota.objects.select_for_update().get_or_create(
            scope=limit.scope,
            subject=_subject(limit, address, begun_at),
            begun_at=begun_at,
            defaults={"expires_at": until},
        )
        if row.used + count > limit.most:
            raise QuotaExceeded(limit, until=until)
        Quota.objects.filter(pk=row.pk).update(used=F("used") + count)


def expire(*, now: datetime) -> int:
    """Remove the rows of periods that are over; gives how many."""
    count, _ = Quota.objects.filter(expires_at__lte=now).delete()
    return count


def _subject(limit: Limit, address: str, begun_at: datetime) -> bytes:
    if limit.of_everybody:
        return b""
    salt = f"explorer.desk.quotas {limit.scope} {begun_at.isoformat()}"
    return salted_hmac(salt, address, algorithm="sha256").digest()
