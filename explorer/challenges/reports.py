"""Filing reports, and what the operator does with them."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from explorer.challenges.handlers import MAIL_REPORT
from explorer.challenges.models import Report
from explorer.desk import quotas, sequences
from explorer.desk.models import DESK
from explorer.desk.outbox import enqueue
from explorer.desk.quotas import Limit

LIMITS = (
    Limit("report", most=5, period=timedelta(hours=1)),
    Limit("report of anybody", most=200, period=timedelta(days=1), of_everybody=True),
)


@dataclass(frozen=True, slots=True)
class Draft:
    """A report as it was sent. ``token`` is the form's, a new one each time that it is shown."""

    token: uuid.UUID
    page: str
    text: str
    contact: str = ""
    kind: str = Report.Kind.PAGE

    @property
    def id(self) -> uuid.UUID:
        """The same for the same words in the same form: sent twice, it is one report."""
        return uuid.uuid5(self.token, "\n".join((self.kind, self.page, self.contact, self.text)))


def file(draft: Draft, *, address: str, now: datetime) -> int:
    """Keep a report and have the operator told; gives its number, which is the one it has where it is kept
    already. Raises QuotaExceeded where too many came from this client address, or from everybody.
    """
    if (known := number_of(draft.id)) is not None:
        return known
    quotas.check(LIMITS, address, now=now)
    with transaction.atomic(using=DESK):
        # Whoever sends the same at the same time waits here.
        sequence = sequences.locked("report")
        if (known := number_of(draft.id)) is not None:
            return known
        quotas.take(LIMITS, address, now=now)
        number = sequences.next_number(sequence)
        Report.objects.create(
            id=draft.id, number=number, kind=draft.kind, filed_at=now,
            page=draft.page, text=draft.text, contact=draft.contact,
        )  # fmt: skip
        enqueue(MAIL_REPORT, now=now, number=number)
    return number


def number_of(report_id: uuid.UUID) -> int | None:
    """The number of a report; None where there is none of that id."""
    return Report.objects.filter(id=report_id).values_list("number", flat=True).first()


def finish(number: int, *, now: datetime) -> bool:
    """Note that a report is dealt with. False where there is none of that number."""
    return Report.objects.filter(number=number).update(done_at=now) > 0


def erase(number: int, *, now: datetime) -> bool:
    """Take out all that was written in a report, which is then dealt with. False where there is none of that
    number.
    """
    nothing = {"page": "", "text": "", "contact": ""}
    return Report.objects.filter(number=number).update(**nothing, done_at=now, erased_at=now) > 0
