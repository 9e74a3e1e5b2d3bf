"""Mail over a real connection: taken, or refused without a word of whom it was for."""

import pytest
from pytest_django import Settings

from explorer.desk.mail import NobodyThere, NotSent, send
from tests.mail_server import mail_server

TO = "somebody@example.org"


@pytest.fixture(autouse=True)
def _smtp(settings: Settings) -> Settings:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_FILE_PATH = "127.0.0.1", ""
    return settings


def sent() -> None:
    send(key="code-1", to=[TO], subject="Your code", body="1234 5678")


def test_it_is_plain_text_that_can_be_known_again(settings: Settings) -> None:
    settings.DEFAULT_FROM_EMAIL = "Site <site@explorer.example>"
    with mail_server() as server:
        settings.EMAIL_PORT = server.port
        sent()
    (told,) = server.received
    for line in ("Message-ID: <code-1@explorer.example>", "Auto-Submitted: auto-generated", "1234 5678", TO):
        assert line in told
    assert "text/plain" in told
    assert "html" not in told


@pytest.mark.parametrize(("reply", "kind"), [(b"550", NobodyThere), (b"450", NotSent)])
def test_what_is_refused_repeats_no_address(settings: Settings, reply: bytes, kind: type[NotSent]) -> None:
    with mail_server(refusal=reply) as server:
        settings.EMAIL_PORT = server.port
        with pytest.raises(NotSent) as refused:
            sent()
    assert type(refused.value) is kind
    assert reply.decode() in str(refused.value)
    assert TO not in str(refused.value)
    assert refused.value.__suppress_context__
    assert server.received == []


def test_where_there_is_no_server_that_is_said(settings: Settings) -> None:
    settings.EMAIL_PORT = 9
    with pytest.raises(ConnectionRefusedError):
        sent()
