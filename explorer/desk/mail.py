"""Mail, in plain text: sent by workers alone, and at least once."""

from collections.abc import Sequence
from email.utils import parseaddr
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage


def send(*, key: str, to: Sequence[str], subject: str, body: str) -> None:
    """Hand a mail to the mail server or, where there is none, to a file in the folder of mails.

    ``key`` is the same when the same mail is sent again, so that it can be known again. Raises OSError, as
    smtplib's errors are, and BadHeaderError (a ValueError) for a line break in an address or subject.
    """
    if settings.EMAIL_FILE_PATH:
        Path(settings.EMAIL_FILE_PATH).mkdir(mode=0o700, parents=True, exist_ok=True)
    headers = {"Message-ID": f"<{key}@{_domain()}>", "Auto-Submitted": "auto-generated"}
    EmailMessage(subject=subject, body=body, to=list(to), headers=headers).send()


def _domain() -> str:
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
