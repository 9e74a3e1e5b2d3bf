"""What workers do with what people send, by the names under which it is asked for."""

from collections.abc import Callable, Mapping

from explorer.challenges.mail import mail_filed, mail_report

MAIL_REPORT = "mail_report"
MAIL_FILED = "mail_filed"

HANDLERS: Mapping[str, Callable[..., None]] = {
    MAIL_REPORT: mail_report,
    MAIL_FILED: mail_filed,
}
