"""Mail to the operator: it says that there is something to read, and nothing of what."""

import smtplib
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.core import mail
from pytest_django import Settings

from explorer.challenges import reports
from explorer.challenges.mail import mail_report
from explorer.challenges.reports import Draft
from explorer.desk import outbox
from explorer.desk.models import OutboxEntry

pytestmark = pytest.mark.django_db(databases=["default", "desk"])
NOW = datetime(2026, 11, 23, 14, 2, 11, tzinfo=UTC)


@pytest.fixture
def filed() -> int:
    """The number of a report with something in every field."""
    draft = Draft(uuid4(), "/secret-page", "secret words", "secret@example.org")
    return reports.file(draft, address="192.0.2.1", now=NOW)


@pytest.fixture
def server(settings: Settings) -> Settings:
    """Settings under which mail is sent."""
    settings.EMAIL_HOST = "mail.example"
    settings.REPORTS_TO = ["operator@example.org"]
    settings.DEFAULT_FROM_EMAIL = "Site <site@explorer.example>"
    return settings


def test_the_operator_is_told_how_to_read_it_and_no_word_of_it(filed: int, server: Settings) -> None:
    assert outbox.run_due(clock=lambda: NOW) == 1
    (sent,) = mail.outbox
    assert (sent.subject, sent.to) == ("Inference Records: report 1", ["operator@example.org"])
    assert "python3 manage.py reports 1" in sent.body
    assert "2026-11-23 14:02 UTC" in sent.body
    assert "secret" not in str(sent.message())
    assert OutboxEntry.objects.get().done_at == NOW


def test_one_that_is_sent_again_can_be_known_again(filed: int, server: Settings) -> None:
    mail_report(filed)
    mail_report(filed)
    first, second = (each.message()["Message-ID"] for each in mail.outbox)
    assert first == second
    assert first.endswith("@explorer.example>")


@pytest.mark.parametrize("missing", ["EMAIL_HOST", "REPORTS_TO"])
def test_where_no_mail_can_be_sent_there_is_nothing_to_do(filed: int, server: Settings, missing: str) -> None:
    setattr(server, missing, "" if missing == "EMAIL_HOST" else [])
    assert outbox.run_due(clock=lambda: NOW) == 1
    assert mail.outbox == []
    assert OutboxEntry.objects.get().done_at == NOW


def test_a_server_that_refuses_is_asked_again_later(
    filed: int, server: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    server.EMAIL_HOST, server.EMAIL_PORT, server.EMAIL_TIMEOUT = "127.0.0.1", 9, 1
    outbox.run_due(clock=lambda: NOW)
    entry = OutboxEntry.objects.get()
    assert entry.failure.startswith("ConnectionRefusedError: ")
    assert entry.due_at is not None
    assert issubclass(smtplib.SMTPException, OSError)


def test_a_report_that_is_not_there_is_told_of_to_nobody(server: Settings) -> None:
    mail_report(99)
    assert mail.outbox == []
