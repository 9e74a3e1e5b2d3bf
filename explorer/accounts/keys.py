"""Keys with which a program acts for an account: shown once, kept as a hash, for one purpose each."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from django.db import transaction

from explorer.accounts.models import Account, ApiKey
from explorer.desk.models import DESK

MOST = 10
"""Keys of one account that are not revoked."""

SHOWN = 16
"""Characters of a key by which its owner knows it again."""

_RANDOM = 32  # bytes: nobody can try them all, so a plain hash hides them


class TooManyKeys(Exception):
    """The account has as many keys as it may have: one must be revoked first."""


@dataclass(frozen=True, slots=True)
class MadeKey:
    """A key that was just made: the only time that ``secret`` is known."""

    key: ApiKey
    secret: str


def make(account: Account, scope: ApiKey.Scope, *, now: datetime) -> MadeKey:
    """Make a key for a purpose. Raises TooManyKeys."""
    secret = f"{scope}-{secrets.token_urlsafe(_RANDOM)}"
    with transaction.atomic(using=DESK):
        # Who makes several at once makes them one by one.
        Account.objects.select_for_update(of=("self",)).get(pk=account.pk)
        if ApiKey.objects.filter(account=account, revoked_at=None).count() >= MOST:
            raise TooManyKeys
        key = ApiKey.objects.create(
            account=account, scope=scope, shown=secret[:SHOWN], digest=_digest(secret), made_at=now
        )
    return MadeKey(key, secret)


def find(secret: str) -> ApiKey | None:
    """The key of these letters, with its account; None where there is none, or it was revoked."""
    found = ApiKey.objects.select_related("account").filter(digest=_digest(secret), revoked_at=None)
    return found.filter(account__deleted_at=None).first()


def revoke(account: Account, number: int, *, now: datetime) -> bool:
    """Have nobody act with a key of this account any more. False where that is none of its keys."""
    return ApiKey.objects.filter(account=account, pk=number, revoked_at=None).update(revoked_at=now) > 0


def _digest(secret: str) -> bytes:
    return sha256(secret.encode("utf-8", "surrogatepass")).digest()
