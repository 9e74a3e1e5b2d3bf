"""The mail with a code: plain, the same for everybody, and never too late."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.core import mail
from django.core.mail import BadHeaderError
from django.utils import timezone
from pytest_django import Settings

from explorer.accounts import sign_in
from explorer.accounts.codes import LIFETIME, code_of, spelled
from explorer.accounts.mail import mail_code
from explorer.accounts.models import Account, SignIn
from explorer.desk import outbox
from explorer.desk.models import OutboxEntry
from tests.mail_server import mail_server

pytestmark = pytest.mark.django_db(databases=["default", "desk"])
MAIL = "me@example.org"


def asked(email: str = MAIL) -> UUID:
    return sign_in.begin(email, address="192.0.2.1", now=timezone.now())


def test_it_says_the_code_and_how_long_it_is_good() -> None:
    of = asked()
    mail_code(str(of))
    (sent,) = mail.outbox
    assert sent.to == [MAIL]
    assert spelled(code_of(of)) in sent.body
    assert spelled(code_of(of)) in sent.subject
    assert f"{SignIn.objects.get().expires_at:%H:%M} UTC" in sent.body
    assert sent.message().get_content_type() == "text/plain"
    assert "http" not in sent.body  # no link, so none that another Host could bend


def test_it_is_the_same_whether_there_is_an_account_or_not() -> None:
    def told() -> str:
        of = asked()
        mail_code(str(of))
        body = str(mail.outbox[-1].body).replace(spelled(code_of(of)), "CODE")
        return body.replace(f"{SignIn.objects.get(pk=of).expires_at:%H:%M}", "TIME")

    before = told()
    Account.objects.of_mail(MAIL, now=timezone.now())
    assert told() == before


def test_sent_again_it_is_the_same_mail() -> None:
    of = asked()
    mail_code(str(of))
    mail_code(str(of))
    first, second = (each.message() for each in mail.outbox)
    assert first["Message-ID"] == second["Message-ID"]
    assert first.get_payload() == second.get_payload()


def test_what_nobody_waits_for_is_not_sent() -> None:
    mail_code(str(uuid4()))
    used, old = asked(), asked()
    SignIn.objects.filter(pk=used).update(used_at=timezone.now())
    SignIn.objects.filter(pk=old).update(expires_at=timezone.now() - timedelta(seconds=1))
    mail_code(str(used))
    mail_code(str(old))
    assert mail.outbox == []
    assert timedelta(hours=1) > LIFETIME


def test_an_address_with_a_line_break_is_sent_nothing() -> None:
    of = asked("me@example.org\nBcc: you@example.org")
    with pytest.raises(BadHeaderError):
        mail_code(str(of))
    assert mail.outbox == []


def test_where_there_is_no_server_it_is_a_file_for_the_owner_of_the_machine(
    settings: Settings, tmp_path: Path
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    of = asked()
    mail_code(str(of))
    (file,) = (tmp_path / "mail").iterdir()
    assert spelled(code_of(of)) in file.read_text()
    assert (tmp_path / "mail").stat().st_mode & 0o777 == 0o700


def test_an_address_that_nobody_has_holds_up_nobody(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_FILE_PATH = "127.0.0.1", ""
    asked()
    asked("other@example.org")
    with mail_server(refusal=b"550") as server:
        settings.EMAIL_PORT = server.port
        assert outbox.run_due() == 2
    assert {(each.failure, each.due_at) for each in OutboxEntry.objects.all()} == {("", None)}


def test_a_server_that_takes_nothing_just_now_is_asked_again_and_no_address_is_noted(
    settings: Settings,
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_FILE_PATH = "127.0.0.1", ""
    asked()
    with mail_server(refusal=b"450") as server:
        settings.EMAIL_PORT = server.port
        outbox.run_due()
    entry = OutboxEntry.objects.get()
    assert "450" in entry.failure
    assert MAIL not in entry.failure
    assert entry.due_at is not None
