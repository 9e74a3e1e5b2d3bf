"""Which table lies where: the index in its own schema, and all that people send in the schema ``desk``.

Both are in one database. The alias ``default`` is the index's; ``desk`` sees the other schema alone, with a
table of migrations of its own. What the web server may do to each table of the desk is listed here; what is
not listed it may not do, and the index it cannot touch. Workers and commands come to both as the owner.
"""

from typing import Any

from django.db.models import Model

from local.servers import desk

DESK = desk.SCHEMA
_DESK_APPS = frozenset({"account", "accounts", "auth", "challenges", "contenttypes", "desk", "mfa"})

DESK_RIGHTS: desk.Rights = {
    "django_migrations": ("SELECT",),
    "accounts_account": ("INSERT", "SELECT", "UPDATE (deleted_at, email, handle, password, wants_mail)"),
    "accounts_apikey": ("INSERT", "SELECT", "UPDATE (revoked_at)"),
    "accounts_appointment": ("SELECT",),
    "accounts_notice": ("DELETE", "INSERT", "SELECT"),
    "accounts_respondent": ("SELECT",),
    "accounts_session": ("DELETE", "INSERT", "SELECT", "UPDATE"),
    "accounts_signin": ("INSERT", "SELECT", "UPDATE (attempts, used_at)"),
    "mfa_authenticator": ("DELETE", "INSERT", "SELECT", "UPDATE (data, last_used_at)"),
    # What persons wrote cannot be read back by what is open to all the world.
    "challenges_report": ("INSERT", "SELECT (id, number)"),
    "desk_sequence": ("INSERT", "SELECT", "UPDATE"),
    "desk_quota": ("INSERT", "SELECT", "UPDATE"),
    "desk_outboxentry": ("INSERT",),
    "challenges_draft": ("DELETE", "INSERT", "SELECT", "UPDATE"),
    "challenges_keptwords": ("DELETE", "INSERT", "SELECT", "UPDATE (person_id)"),
    "challenges_challenge": ("INSERT", "SELECT", "UPDATE"),
    "challenges_party": ("INSERT", "SELECT", "UPDATE"),
    "challenges_event": ("INSERT", "SELECT"),
    "challenges_payload": ("INSERT",),
    "challenges_own_words": ("SELECT",),
    "challenges_evidencefile": (
        "DELETE",
        "INSERT",
        "SELECT",
        "UPDATE (added_at, challenge_id, draft_id, event_id, number, person_id)",
    ),
    "challenges_sentonce": ("DELETE", "INSERT", "SELECT", "UPDATE (answer)"),
}


WITH_WORDS_OF_PERSONS = (
    "desk.accounts_account",
    "desk.accounts_notice",
    "desk.accounts_session",
    "desk.accounts_signin",
    "desk.mfa_authenticator",
    "desk.challenges_report",
    "desk.challenges_draft",
    "desk.challenges_evidencefile",
    "desk.challenges_keptwords",
    "desk.challenges_party",
    "desk.challenges_payload",
)
"""Tables out of whose files ``manage.py purge`` takes what was erased, as it does with the index's texts."""


def alias_of(app: str) -> str:
    """The alias under which an app's tables are reached."""
    return DESK if app in _DESK_APPS else "default"


class Router:
    """Sends each app's models to the alias of its tables."""

    def db_for_read(self, model: type[Model], **hints: Any) -> str:
        return alias_of(model._meta.app_label)

    def db_for_write(self, model: type[Model], **hints: Any) -> str:
        return alias_of(model._meta.app_label)

    def allow_relation(self, one: Model, other: Model, **hints: Any) -> bool:
        return alias_of(one._meta.app_label) == alias_of(other._meta.app_label)

    def allow_migrate(self, db: str, app_label: str, model_name: str | None = None, **hints: Any) -> bool:
        """``hints`` may name another alias: the schema itself must be there before its first table is."""
        return bool(db == hints.get("alias", alias_of(app_label)))
