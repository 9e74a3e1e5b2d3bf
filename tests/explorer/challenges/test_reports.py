"""Filing: one report of one form, numbers without gaps, all or nothing; what the operator does with it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier
from uuid import UUID, uuid4

import pytest
from django.db import connections, transaction

from explorer.challenges import reports
from explorer.challenges.models import Report
from explorer.challenges.reports import Draft
from explorer.desk.models import DESK, OutboxEntry, Quota, Sequence
from explorer.desk.quotas import QuotaExceeded

NOW = datetime(2026, 11, 23, 14, 2, 11, tzinfo=UTC)
AT_ONCE = 6
both = pytest.mark.django_db(databases=["default", "desk"])
committed = pytest.mark.django_db(transaction=True, databases=["default", "desk"])


def draft(text: str = "It is wrong.", *, token: UUID | None = None) -> Draft:
    return Draft(token or uuid4(), "/checks", text)


def file(given: Draft, *, address: str = "192.0.2.1") -> int:
    return reports.file(given, address=address, now=NOW)


def at_once(act: Callable[[int], int]) -> list[int]:
    """What comes of doing it several times at the same time."""
    ready = Barrier(AT_ONCE)

    def one(number: int) -> int:
        try:
            ready.wait()
            return act(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(one, range(AT_ONCE)))


@committed
def test_one_form_that_is_sent_several_times_at_once_is_one_report() -> None:
    given = draft()
    assert at_once(lambda _: file(given)) == [1] * AT_ONCE
    assert Report.objects.count() == OutboxEntry.objects.count() == 1
    assert {each.used for each in Quota.objects.all()} == {1}


@committed
def test_numbers_have_no_gap_and_no_twin_whoever_files_at_once() -> None:
    assert sorted(at_once(lambda number: file(draft(), address=f"192.0.2.{number}"))) == list(
        range(1, AT_ONCE + 1)
    )
    assert Sequence.objects.get().last == AT_ONCE


@committed
def test_nobody_files_more_than_he_may_by_sending_at_once() -> None:
    most = reports.LIMITS[0].most
    assert most < AT_ONCE

    def status(_: int) -> int:
        try:
            return file(draft())
        except QuotaExceeded:
            return 0

    assert sorted(at_once(status)) == [0] * (AT_ONCE - most) + list(range(1, most + 1))
    assert Quota.objects.exclude(subject=b"").get().used == most


@committed
def test_what_is_undone_leaves_neither_number_nor_entry() -> None:
    with transaction.atomic(using=DESK):
        file(draft())
        transaction.set_rollback(True, using=DESK)
    assert not any(each.objects.exists() for each in (Report, OutboxEntry, Quota, Sequence))
    assert file(draft()) == 1


@both
def test_a_report_is_known_again_by_its_form_and_words_alone() -> None:
    token = uuid4()
    assert draft(token=token).id == draft(token=token).id
    assert len({draft(token=token).id, draft("Else.", token=token).id, draft().id}) == 3


@both
def test_the_operator_notes_what_is_dealt_with() -> None:
    file(draft())
    assert reports.finish(1, now=NOW)
    assert not reports.finish(2, now=NOW)
    assert Report.objects.get().done_at == NOW


@both
def test_what_is_erased_leaves_a_number() -> None:
    reports.file(Draft(uuid4(), "/a", "words", "me@example.org"), address="", now=NOW)
    assert reports.erase(1, now=NOW)
    assert not reports.erase(2, now=NOW)
    report = Report.objects.get()
    assert (report.page, report.text, report.contact) == ("", "", "")
    assert (report.number, report.filed_at, report.done_at, report.erased_at) == (1, NOW, NOW, NOW)
    assert file(draft()) == 2


@both
def test_no_statistics_are_taken_of_what_was_written() -> None:
    with connections[DESK].cursor() as cursor:
        cursor.execute(
            "SELECT attname FROM pg_attribute"
            " WHERE attrelid = 'challenges_report'::regclass AND attstattarget = 0 AND attnum > 0"
        )
        assert {name for (name,) in cursor.fetchall()} == {"page", "text", "contact"}
