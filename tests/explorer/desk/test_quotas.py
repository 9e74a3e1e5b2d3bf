"""Quotas: counted in the database, by a hash that says nothing of the address, for a time."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from django.test import override_settings

from explorer.desk import quotas
from explorer.desk.models import DESK, Quota
from explorer.desk.quotas import Limit, QuotaExceeded

pytestmark = pytest.mark.django_db(databases=["default", "desk"])
NOW = datetime(2026, 11, 23, 14, 2, 11, tzinfo=UTC)
HOUR = timedelta(hours=1)
LIMIT = Limit("test", most=2, period=HOUR)
ADDRESS = "192.0.2.1"


def take(address: str = ADDRESS, *, now: datetime = NOW, limit: Limit = LIMIT) -> None:
    with transaction.atomic(using=DESK):
        quotas.take([limit], address, now=now)


def subjects() -> list[bytes]:
    return [bytes(each.subject) for each in Quota.objects.order_by("id")]


def test_so_often_and_no_more_until_the_period_is_over() -> None:
    take()
    take()
    with pytest.raises(QuotaExceeded) as refused:
        take()
    assert refused.value.until == datetime(2026, 11, 23, 15, tzinfo=UTC)
    assert Quota.objects.get().used == 2
    take(now=refused.value.until)


def test_another_address_has_its_own() -> None:
    for address in (ADDRESS, ADDRESS, "192.0.2.2", "2001:db8::/64", ""):
        take(address)
    with pytest.raises(QuotaExceeded):
        take()


def test_everybody_has_one_together() -> None:
    everybody = Limit("all", most=2, period=HOUR, of_everybody=True)
    take("192.0.2.1", limit=everybody)
    take("192.0.2.2", limit=everybody)
    with pytest.raises(QuotaExceeded):
        take("192.0.2.3", limit=everybody)
    assert subjects() == [b""]


def test_a_refusal_by_one_limit_counts_in_none() -> None:
    wide = Limit("wide", most=9, period=HOUR)
    with transaction.atomic(using=DESK):
        quotas.take([wide, LIMIT], ADDRESS, now=NOW)
        quotas.take([wide, LIMIT], ADDRESS, now=NOW)
    with pytest.raises(QuotaExceeded), transaction.atomic(using=DESK):
        quotas.take([wide, LIMIT], ADDRESS, now=NOW)
    assert {each.used for each in Quota.objects.all()} == {2}


def test_an_address_is_another_hash_in_another_period_scope_or_site() -> None:
    take()
    take(now=NOW + HOUR)
    take(limit=Limit("other", most=1, period=HOUR))
    with override_settings(SECRET_KEY="another"):
        take()
    assert len(set(subjects())) == 4
    assert {len(each) for each in subjects()} == {32}
    assert not any(ADDRESS.encode() in each for each in subjects())


def test_rows_go_when_their_period_is_over() -> None:
    take()
    take(now=NOW + HOUR)
    assert quotas.expire(now=NOW + HOUR) == 1
    assert Quota.objects.get().begun_at == datetime(2026, 11, 23, 15, tzinfo=UTC)


def test_whoever_has_used_up_his_own_is_refused_without_a_lock() -> None:
    quotas.check([LIMIT], ADDRESS, now=NOW)
    take()
    take()
    with pytest.raises(QuotaExceeded) as refused:
        quotas.check([LIMIT], ADDRESS, now=NOW)
    assert refused.value.until == datetime(2026, 11, 23, 15, tzinfo=UTC)
    quotas.check([LIMIT], "192.0.2.2", now=NOW)
