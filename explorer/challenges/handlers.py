"""What workers do with what people send, by the names under which it is asked for."""

from collections.abc import Callable, Mapping

from explorer.challenges.mail import mail_filed, mail_report
from explorer.challenges.notices import MAIL_NOTICE, TELL_EVENT, mail_notice, tell_event

MAIL_REPORT = "mail_report"
MAIL_FILED = "mail_filed"

HANDLERS: Mapping[str, Callable[..., None]] = {
    MAIL_REPORT: mail_report,
    MAIL_FILED: mail_filed,
    TELL_EVENT: tell_event,
    MAIL_NOTICE: mail_notice,
}
