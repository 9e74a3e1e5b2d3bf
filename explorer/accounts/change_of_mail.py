"""Giving an account another address, which a code proves that was sent there. The one before is told."""

import uuid
from datetime import datetime

from django.db import IntegrityError, transaction

from explorer.accounts import notices, sign_in
from explorer.accounts.models import Account, Notice, SignIn
from explorer.desk.models import DESK


class HasAnother(Exception):
    """The address is that of another account, which has to be deleted first. Only its owner hears of it."""


def waiting(account: Account, asked: uuid.UUID) -> SignIn | None:
    """The code that an account waits for; None where there is none of this number."""
    return SignIn.objects.filter(pk=asked, account=account).first()


def confirm(
    account: Account, asked: uuid.UUID, code: str, *, session: str, address: str, now: datetime
) -> None:
    """Give an account the address that the code proves, and end all sessions of it but the one of that key.

    Raises WrongCode, Over and QuotaExceeded of `sign_in`, and HasAnother.
    """
    sign_in.guess(asked, code, account=account, address=address, now=now)
    try:
        with transaction.atomic(using=DESK):
            # First of all locks, as in deleting; and with the address that it has by now, which is told.
            found = Account.objects.select_for_update(of=("self",)).filter(pk=account.pk, deleted_at=None)
            if (current := found.first()) is None:
                raise sign_in.Over
            email = sign_in.use(asked, now=now)
            SignIn.objects.filter(email=current.email, used_at=None).update(used_at=now)
            notices.leave(current, Notice.Kind.MAIL_CHANGED, now=now)
            Account.objects.filter(pk=current.pk).update(email=email)
            current.sessions.exclude(session_key=session).delete()
    except IntegrityError:
        raise HasAnother from None
