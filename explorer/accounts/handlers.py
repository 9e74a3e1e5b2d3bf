"""What workers do for accounts, by the names under which it is asked for."""

from collections.abc import Callable, Mapping

from explorer.accounts.mail import mail_code
from explorer.accounts.notices import MAIL_CHANGE, mail_change

MAIL_CODE = "mail_code"

HANDLERS: Mapping[str, Callable[..., None]] = {
    MAIL_CODE: mail_code,
    MAIL_CHANGE: mail_change,
}
