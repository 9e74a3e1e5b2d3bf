"""Mail to the operator. It says that there is something to read and how, and repeats no word of a person."""

from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMessage

from explorer.challenges.models import Report

_BODY = """\
Report {number} was filed at {filed_at:%Y-%m-%d %H:%M} UTC: {kind}.

To read it, on the machine of the site:

    python3 manage.py reports {number}

The same mail may come twice: it is sent at least once for each report.
"""


def mail_report(number: int) -> None:
    """Tell the operator of a report; nothing where no mail can be sent. Raises OSError, as smtplib's errors
    are: then it is sent again later, under the same Message-ID.
    """
    report = Report.objects.filter(number=number).first()
    if report is None or not (settings.EMAIL_HOST and settings.REPORTS_TO):
        return
    kind = Report.Kind(report.kind).label
    EmailMessage(
        subject=f"{settings.SITE_NAME}: report {number}",
        body=_BODY.format(number=number, filed_at=report.filed_at, kind=kind),
        to=settings.REPORTS_TO,
        headers={"Message-ID": f"<report-{report.id}@{_domain()}>", "Auto-Submitted": "auto-generated"},
    ).send()


def _domain() -> str:
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
