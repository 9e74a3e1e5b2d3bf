"""Mail to the operator. It says that there is something to read and how, and repeats no word of a person."""

from django.conf import settings

from explorer.challenges.models import Challenge, Report
from explorer.desk.mail import send

_BODY = """\
Report {number} was filed at {filed_at:%Y-%m-%d %H:%M} UTC: {kind}.

To read it, on the machine of the site:

    python3 manage.py reports {number}

The same mail may come twice: it is sent at least once for each report.
"""

_FILED = """\
Challenge {name} was filed at {filed_at:%Y-%m-%d %H:%M} UTC. What was written waits to be looked through.

To read it, on the machine of the site:

    python3 manage.py challenge show {name}

The same mail may come twice: it is sent at least once for each challenge.
"""


def mail_report(number: int) -> None:
    """Tell the operator of a report; nothing where no mail can be sent. Raises OSError, as smtplib's errors
    are: then it is sent again later, under the same Message-ID.
    """
    report = Report.objects.filter(number=number).first()
    if report is None or not (settings.EMAIL_HOST and settings.REPORTS_TO):
        return
    kind = Report.Kind(report.kind).label
    send(
        key=f"report-{report.id}",
        to=settings.REPORTS_TO,
        subject=f"{settings.SITE_NAME}: report {number}",
        body=_BODY.format(number=number, filed_at=report.filed_at, kind=kind),
    )


def mail_filed(number: int) -> None:
    """Tell the operator that a challenge was filed, in the same way."""
    challenge = Challenge.objects.filter(number=number).first()
    if challenge is None or not (settings.EMAIL_HOST and settings.REPORTS_TO):
        return
    send(
        key=f"challenge-{challenge.draft}",
        to=settings.REPORTS_TO,
        subject=f"{settings.SITE_NAME}: challenge {challenge.name}",
        body=_FILED.format(name=challenge.name, filed_at=challenge.filed_at),
    )
