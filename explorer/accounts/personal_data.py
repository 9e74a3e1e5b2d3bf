"""What the site holds of a person: given to him as JSON, and taken out when he deletes his account.

Each application that holds something has a module ``personal_data`` with a `PersonalData` called
PERSONAL_DATA. Deleting leaves the account's row, without a word in it, so that what was filed keeps its
history: its author is a deleted account then.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import Q

from explorer.accounts import passkeys, recovery
from explorer.accounts.models import Account, ApiKey, Notice, Session, SignIn
from explorer.desk.models import DESK
from explorer.desk.registry import of_applications


@dataclass(frozen=True, slots=True)
class PersonalData:
    """One application's part.

    ``export`` gives, under names of its own, what can be written as JSON. ``delete`` takes out what is a
    person's alone, within the transaction of the deletion and as the web's role.
    """

    export: Callable[[Account], Mapping[str, Any]]
    delete: Callable[[Account, datetime], None]


def export(account: Account) -> Mapping[str, Any]:
    """All that the site holds of a person."""
    found: dict[str, Any] = {}
    for each in of_applications("personal_data", "PERSONAL_DATA"):
        found |= each.export(account)
    return found


def delete(account: Account, *, now: datetime) -> None:
    """Take a person out of the site, at once and for good."""
    with transaction.atomic(using=DESK):
        for each in of_applications("personal_data", "PERSONAL_DATA"):
            each.delete(account, now)


def _export(account: Account) -> Mapping[str, Any]:
    return {
        "account": {
            "handle": account.handle,
            "email": account.email,
            "opened_at": _iso(account.opened_at),
            "wants_mail": account.wants_mail,
        },
        "role": account.role,
        "responds_for": [
            {"chain": bytes(each.brid).hex().upper(), "scout": each.scout, "since": _iso(each.since)}
            for each in account.responds_for.order_by("since")
        ],
        "sessions": [
            {"signed_in_at": _iso(each.signed_in_at), "ends_at": _iso(each.expire_date)}
            for each in account.sessions.order_by("signed_in_at")
        ],
        "keys": [
            {
                "shown": each.shown,
                "scope": each.scope,
                "made_at": _iso(each.made_at),
                "revoked_at": _iso(each.revoked_at),
            }
            for each in account.keys.order_by("made_at")
        ],
        "passkeys": [
            {
                "name": each.wrap().name,
                "added_at": _iso(each.created_at),
                "last_used_at": _iso(each.last_used_at),
            }
            for each in passkeys.of(account)
        ],
        "recovery_codes_left": recovery.left(account),
    }


def _delete(account: Account, now: datetime) -> None:
    # What is added at the same time is there before, or not at all.
    passkeys.lock(account)
    asked = Q(email=account.email) | Q(account=account)
    SignIn.objects.filter(asked, used_at=None).update(used_at=now)
    ApiKey.objects.filter(account=account, revoked_at=None).update(revoked_at=now)
    Session.objects.filter(account=account).delete()
    Notice.objects.filter(account=account).delete()
    Authenticator.objects.filter(user=account).delete()
    Account.objects.filter(pk=account.pk).update(
        handle=None, email=None, password=make_password(None), deleted_at=now
    )


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


PERSONAL_DATA = PersonalData(export=_export, delete=_delete)
