"""Mail, in plain text: sent by workers alone, and at least once."""

from collections.abc import Iterable, Sequence
from email.utils import parseaddr
from pathlib import Path
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException

from django.conf import settings
from django.core.mail import EmailMessage

_FOR_GOOD = 500  # the first of the replies after which sending again is of no use (RFC 5321)


class NotSent(OSError):
    """The mail server did not take a mail. It repeats no address, for what failed is logged and kept."""


class NobodyThere(NotSent):
    """The mail server says for good that it delivers to none of the addresses."""


def send(*, key: str, to: Sequence[str], subject: str, body: str, unsubscribe: str = "") -> None:
    """Hand a mail to the mail server or, where there is none, to a file in the folder of mails.

    ``key`` is the same when the same mail is sent again, so that it can be known again. ``unsubscribe`` is
    the address where such mail is turned off. Raises NotSent,
    OSError where there is no way to the server, and BadHeaderError (a ValueError) for a line break in an
    address or subject.
    """
    if settings.EMAIL_FILE_PATH:
        Path(settings.EMAIL_FILE_PATH).mkdir(mode=0o700, parents=True, exist_ok=True)
    headers = {"Message-ID": f"<{key}@{_domain()}>", "Auto-Submitted": "auto-generated"}
    if unsubscribe:
        headers["List-Unsubscribe"] = f"<{unsubscribe}>"
    try:
        EmailMessage(subject=subject, body=body, to=list(to), headers=headers).send()
    except SMTPRecipientsRefused as error:
        replies = [code for code, _ in error.recipients.values()]
        kind = NobodyThere if all(code >= _FOR_GOOD for code in replies) else NotSent
        raise kind(_told(error, replies)) from None
    except SMTPException as error:
        replies = [error.smtp_code] if isinstance(error, SMTPResponseException) else []
        raise NotSent(_told(error, replies)) from None


def _told(error: SMTPException, replies: Iterable[int]) -> str:
    return " ".join(["the mail server refused:", type(error).__name__, *map(str, replies)])


def _domain() -> str:
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
