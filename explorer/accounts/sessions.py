"""Django's sessions in a table that knows whose they are, so that a person can see and end them.

See “Extending database-backed session engines” in Django's documentation, of which this is an example.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.utils.crypto import salted_hmac

SIGNED_IN_AT = "signed_in_at"


class SessionStore(DatabaseStore):
    """What ``SESSION_ENGINE`` names."""

    @classmethod
    def get_model_class(cls) -> Any:
        # Django imports this module before there are models.
        from explorer.accounts.models import Session

        return Session

    def create_model_instance(self, data: Mapping[str, Any]) -> Any:
        row: Any = super().create_model_instance(dict(data))
        row.account_id = int(data[SESSION_KEY]) if SESSION_KEY in data else None
        row.signed_in_at = datetime.fromisoformat(data[SIGNED_IN_AT]) if SIGNED_IN_AT in data else None
        return row


@dataclass(frozen=True, slots=True)
class Signed:
    """A browser that is signed in. ``name`` is what pages call its session, whose key they never print."""

    name: str
    is_here: bool
    signed_in_at: datetime
    ends_at: datetime


def of(account: Any, *, here: str | None, now: datetime) -> list[Signed]:
    """An account's, the last first; ``here`` is the key of the one that asks."""
    return [
        Signed(_name(each.session_key), each.session_key == here, each.signed_in_at, each.expire_date)
        for each in account.sessions.filter(expire_date__gt=now).order_by("-signed_in_at")
    ]


def end(account: Any, name: str) -> bool:
    """End the session of that name. False where the account has none."""
    named = [each.pk for each in account.sessions.only("pk") if _name(each.pk) == name]
    account.sessions.filter(pk__in=named).delete()
    return bool(named)


def _name(key: str) -> str:
    return salted_hmac("explorer.accounts.sessions", key, algorithm="sha256").hexdigest()[:16]
