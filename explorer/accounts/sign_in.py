"""Signing in by a code that is sent by mail.

Every attempt is counted in the row before the code is looked at, by one statement: guesses made at the same
time count one by one. What is answered does not say whether an address has an account.
"""

import uuid
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils.crypto import constant_time_compare

from explorer.accounts.codes import LIFETIME, code_of
from explorer.accounts.handlers import MAIL_CODE
from explorer.accounts.models import Account, SignIn
from explorer.desk import quotas
from explorer.desk.models import DESK
from explorer.desk.outbox import enqueue
from explorer.desk.quotas import Limit

MOST_ATTEMPTS = 5
_HOUR = timedelta(hours=1)
BY_ADDRESS = (
    Limit("sign-in code", most=60, period=_HOUR),  # of a whole school, or of all phones behind one address
    Limit("sign-in code of a day", most=200, period=timedelta(days=1)),
    Limit("sign-in code of anybody", most=10_000, period=timedelta(days=1), of_everybody=True),
)
BY_MAIL = (Limit("sign-in code to", most=5, period=_HOUR),)
GUESSES = (Limit("sign-in guess", most=150, period=_HOUR),)


class WrongCode(Exception):
    """It is not the code; ``left`` more attempts are taken."""

    def __init__(self, left: int) -> None:
        super().__init__(f"wrong code, {left} attempts left")
        self.left = left


class Over(Exception):
    """Nobody can sign in with this one any more: it is too old, was used, or was guessed at too often."""


def begin(email: str, *, address: str, now: datetime, account: Account | None = None) -> uuid.UUID:
    """Have a code sent, unless it was asked for too often from this client address, or for this mail's. With
    an account, it is for one that is to have this address, and lets nobody in.

    Raises QuotaExceeded.
    """
    quotas.check(BY_ADDRESS, address, now=now)
    quotas.check(BY_MAIL, email, now=now)
    with transaction.atomic(using=DESK):
        quotas.take(BY_ADDRESS, address, now=now)
        quotas.take(BY_MAIL, email, now=now)
        made = SignIn.objects.create(email=email, account=account, made_at=now, expires_at=now + LIFETIME)
        enqueue(MAIL_CODE, now=now, sign_in=str(made.id))
    return made.id


def confirm(sign_in: uuid.UUID, code: str, *, address: str, now: datetime) -> Account:
    """The account that is let in, opened where there was none. Raises WrongCode, Over, QuotaExceeded."""
    guess(sign_in, code, account=None, address=address, now=now)
    with transaction.atomic(using=DESK):
        return Account.objects.of_mail(use(sign_in, now=now), now=now)


def guess(sign_in: uuid.UUID, code: str, *, account: Account | None, address: str, now: datetime) -> None:
    """Count an attempt, and return where it was right. Raises WrongCode, Over, QuotaExceeded."""
    with transaction.atomic(using=DESK):
        quotas.take(GUESSES, address, now=now)
    waiting = SignIn.objects.filter(pk=sign_in, account=account, used_at=None, expires_at__gt=now)
    if not waiting.filter(attempts__lt=MOST_ATTEMPTS).update(attempts=F("attempts") + 1):
        raise Over
    if not constant_time_compare(code, code_of(sign_in)):
        raise WrongCode(max(0, MOST_ATTEMPTS - SignIn.objects.get(pk=sign_in).attempts))


def use(sign_in: uuid.UUID, *, now: datetime) -> str:
    """The address that a right code proves, within the transaction of what it is used for: it counts once.
    Raises Over.
    """
    if not SignIn.objects.filter(pk=sign_in, used_at=None, expires_at__gt=now).update(used_at=now):
        raise Over
    return SignIn.objects.get(pk=sign_in).email


def expire(*, now: datetime) -> int:
    """Remove those that are over; gives how many."""
    count, _ = SignIn.objects.filter(expires_at__lte=now).delete()
    return count
