"""What workers do for the web, by the names under which it is asked for: nothing else can be asked for."""

from collections.abc import Callable, Mapping

from explorer.challenges.mail import mail_report

MAIL_REPORT = "mail_report"

HANDLERS: Mapping[str, Callable[..., None]] = {
    MAIL_REPORT: mail_report,
}
