"""Django's sessions in a table that knows whose they are, so that a person can see and end them.

See “Extending database-backed session engines” in Django's documentation, of which this is an example.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

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
