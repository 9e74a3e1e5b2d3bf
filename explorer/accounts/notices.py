"""What somebody is told by mail of his account's security: that something was changed, so that he hears of it
where it was not he who did it.
"""

from contextlib import suppress
from datetime import datetime, timedelta

from django.conf import settings

from explorer.accounts.models import Account, Notice
from explorer.desk.mail import NobodyThere, send
from explorer.desk.outbox import enqueue

MAIL_CHANGE = "mail_change"
KEPT = timedelta(days=3)  # longer than the outbox tries

_WHAT = {
    Notice.Kind.MAIL_CHANGED: "The account {handle} has another e-mail address now, in place of this one.",
    Notice.Kind.PASSKEY_ADDED: "A passkey was added to the account {handle}. Signing in asks for it now.",
    Notice.Kind.PASSKEY_REMOVED: "A passkey was removed from the account {handle}.",
    Notice.Kind.CODES_MADE: "Recovery codes were made for the account {handle}, in place of any before.",
    Notice.Kind.CODE_USED: "Somebody signed in to the account {handle} by a recovery code.",
}
_BODY = """\
{what}

It was done on {at:%Y-%m-%d} at {at:%H:%M} UTC. If it was you, do nothing.

If it was not you, somebody else can read your mail or use your browser: write to the operator of the site
at once{contact}.
"""


def leave(account: Account, kind: Notice.Kind, *, now: datetime) -> None:
    """Have the address that an account has now told of something, within the transaction in which it is done.
    Nobody is told where the account has none.
    """
    if account.email is None:
        return
    made = Notice.objects.create(account=account, email=account.email, kind=kind, made_at=now)
    enqueue(MAIL_CHANGE, now=now, notice=str(made.pk))


def mail_change(notice: str) -> None:
    """Send it; nothing where the account was deleted meanwhile. Raises OSError: then it is sent again later,
    under the same Message-ID.
    """
    found = Notice.objects.select_related("account").filter(pk=notice, account__deleted_at=None).first()
    if found is None:
        return
    contact = f": {settings.CONTACT}" if settings.CONTACT else ""
    what = _WHAT[Notice.Kind(found.kind)].format(handle=found.account.handle)
    with suppress(NobodyThere):  # trying again would hold up the mail of others
        send(
            key=f"notice-{found.pk}",
            to=[found.email],
            subject=f"{settings.SITE_NAME}: your account was changed",
            body=_BODY.format(what=what, at=found.made_at, contact=contact),
        )


def expire(*, now: datetime) -> int:
    """Remove those that were sent, or cannot be; gives how many."""
    count, _ = Notice.objects.filter(made_at__lte=now - KEPT).delete()
    return count
