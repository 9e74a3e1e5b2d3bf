"""Recovery codes: one of them lets somebody in, after the code from the mail, who has none of his passkeys at
hand. Each does so once. A session that was let in so has no role, whatever passkey is added in it: see
`passkeys.giving_role`.

allauth's MFA makes them of a seed, which lies in its table under a key that is the site's.
"""

from datetime import datetime, timedelta

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from cryptography.fernet import InvalidToken
from django.db import transaction
from django.http import HttpRequest

from explorer.accounts import notices, passkeys
from explorer.accounts.models import Account, Notice
from explorer.accounts.passkeys import NotTaken
from explorer.desk import quotas
from explorer.desk.models import DESK
from explorer.desk.quotas import Limit

_HOUR = timedelta(hours=1)
BY_ADDRESS = (Limit("recovery guess", most=30, period=_HOUR),)
OF_ACCOUNT = (Limit("recovery guess of account", most=10, period=_HOUR),)
_TYPE = Authenticator.Type.RECOVERY_CODES


class NoPasskey(Exception):
    """Codes stand in for passkeys, and the account has none."""


class _Codes(RecoveryCodes):  # type: ignore[misc]
    """Writes no more than what changed: the web's role may not write the rest."""

    def _mark_code_used(self, i: int) -> None:
        self.instance.data["used_mask"] |= 1 << i
        self.instance.save(update_fields=["data"])


def make(account: Account, *, now: datetime) -> list[str]:
    """New codes, in place of those that there were. Raises NoPasskey."""
    with transaction.atomic(using=DESK):
        passkeys.lock(account)
        if not passkeys.of(account):
            raise NoPasskey
        forget(account)
        made = _Codes.activate(account)
        notices.leave(account, Notice.Kind.CODES_MADE, now=now)
    return list(made.get_unused_codes())


def forget(account: Account) -> None:
    """Have no code let anybody in any more."""
    Authenticator.objects.filter(user=account, type=_TYPE).delete()


def left(account: Account) -> int:
    """How many there are yet."""
    found = Authenticator.objects.filter(user=account, type=_TYPE).first()
    try:
        return 0 if found is None else len(_Codes(found).get_unused_codes())
    except InvalidToken:  # of another key of the site
        return 0


def accept(request: HttpRequest, account: Account, *, code: str, address: str, now: datetime) -> None:
    """Let somebody in who has a code, which counts no more then. Every attempt is counted before it is looked
    at. Raises NotTaken and QuotaExceeded.
    """
    with transaction.atomic(using=DESK):
        quotas.take(BY_ADDRESS, address, now=now)
        quotas.take(OF_ACCOUNT, str(account.pk), now=now)
    with transaction.atomic(using=DESK):
        passkeys.lock(account)
        found = Authenticator.objects.filter(user=account, type=_TYPE).first()
        if found is None or not _is_right(found, code):
            raise NotTaken
        notices.leave(account, Notice.Kind.CODE_USED, now=now)
        post_authentication(request, found)  # it writes to the row, which may be gone once the lock is


def is_used(request: HttpRequest, account: Account) -> bool:
    """Whether this session was let in by a code."""
    records = get_authentication_records(request, account)
    return any(each.get("type") == _TYPE.value for each in records)


def _is_right(found: Authenticator, code: str) -> bool:
    try:
        return bool(_Codes(found).validate_code(code))
    except InvalidToken:
        return False
