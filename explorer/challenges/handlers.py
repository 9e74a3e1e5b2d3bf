"""What workers do with what people send, by the names under which it is asked for."""

from collections.abc import Callable, Mapping

from explorer.challenges.mail import mail_filed, mail_report
from explorer.challenges.notices import (
    ESCALATE,
    MAIL_LATE,
    MAIL_RESPONDENT,
    MAIL_SECOND,
    MAIL_STEP,
    REMIND_SECOND,
    TELL_EVENT,
    escalate,
    mail_late,
    mail_respondent,
    mail_second,
    mail_step,
    tell_event,
)
from explorer.challenges.withholding import remind_second

MAIL_REPORT = "mail_report"
MAIL_FILED = "mail_filed"

HANDLERS: Mapping[str, Callable[..., None]] = {
    MAIL_REPORT: mail_report,
    MAIL_FILED: mail_filed,
    TELL_EVENT: tell_event,
    MAIL_STEP: mail_step,
    MAIL_RESPONDENT: mail_respondent,
    REMIND_SECOND: remind_second,
    MAIL_SECOND: mail_second,
    ESCALATE: escalate,
    MAIL_LATE: mail_late,
}
