"""Reading settings from environment variables; docs/configuration.md lists every one of them."""

import json
import os
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from local.servers import desk, readers

KEY_BYTES = 50
DJANGO_NAMES = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}


def text(name: str, default: str = "") -> str:
    """The variable's text; one that is empty counts as not set."""
    return os.environ.get(name, "").strip() or default


def flag(name: str, *, default: bool = False) -> bool:
    """True for 1, true, yes, on; False for 0, false, no, off."""
    value = text(name, "1" if default else "0").lower()
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name}={value!r} is neither yes nor no: give 1 or 0.")


def number(name: str, *, default: int = 0) -> int:
    """A whole number, 0 or more."""
    value = text(name, str(default))
    if not (value.isascii() and value.isdigit()):
        raise ImproperlyConfigured(f"{name}={value!r} is no whole number of 0 or more.")
    return int(value)


def words(name: str, default: str = "") -> list[str]:
    """A list whose members are set apart by commas."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def members(name: str) -> dict[str, Any]:
    """The members of a JSON object; none where nothing is given."""
    try:
        value = json.loads(text(name, "{}"))
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise ImproperlyConfigured(f'{name} is no JSON object: give one, as {{"bucket_name": "evidence"}}.')
    return value


def web_address(name: str) -> str:
    """An address of the web, that pages link to; empty where none is given."""
    value = text(name)
    if value and not value.lower().startswith(("https://", "http://")):
        raise ImproperlyConfigured(f"{name}={value!r} is no address of the web: give one with https://.")
    return value


def choice(name: str, options: Sequence[str]) -> str:
    """One of the options, in letters of either case; the first one where nothing is given."""
    value = text(name, options[0])
    for each in options:
        if each.lower() == value.lower():
            return each
    raise ImproperlyConfigured(f"{name}={value!r} is none of {', '.join(options)}.")


def address(role: str, *, owner: str, reader: str, embedded: dict[str, Any]) -> dict[str, Any]:
    """Django's entry in DATABASES for the role `owner` or `reader`, each with its URL.

    `embedded` is the owner's entry where there is neither URL.
    """
    if role == "owner":
        return _owner(owner, reader=reader, embedded=embedded)
    if reader:
        return readers.restricted(database(reader, name="READER_DATABASE_URL"))
    if owner:
        raise ImproperlyConfigured(
            "DATABASE_URL is set and READER_DATABASE_URL is not: the web server needs a user who can only "
            "read. `python3 manage.py readers` makes the one that READER_DATABASE_URL names."
        )
    return readers.restricted({**embedded, "USER": readers.ROLE})


def desk_address(
    role: str, *, owner: str, web: str, embedded: dict[str, Any], reader: str = ""
) -> dict[str, Any]:
    """Django's entry in DATABASES for the desk: ``web`` is the URL of the user as whom the web server writes
    there; commands and workers come as the owner.
    """
    if role == "owner":
        return desk.of_owner(_owner(owner, reader=reader, embedded=embedded))
    if web:
        return desk.restricted(database(web, name="DESK_DATABASE_URL"))
    if owner or reader:
        raise ImproperlyConfigured(
            "DESK_DATABASE_URL is not set: with a PostgreSQL of your own the web server needs a user who can "
            "write what visitors send, and nothing else. `python3 manage.py readers` makes the one that "
            "DESK_DATABASE_URL names."
        )
    return desk.restricted({**embedded, "USER": desk.ROLE})


def _owner(owner: str, *, reader: str, embedded: dict[str, Any]) -> dict[str, Any]:
    if owner:
        return database(owner)
    if reader:
        raise ImproperlyConfigured(
            "READER_DATABASE_URL is set and DATABASE_URL is not: this command needs the owner's. Only the "
            "web server does with the reader's alone."
        )
    return embedded


def database(url: str, *, name: str = "DATABASE_URL") -> dict[str, Any]:
    """Django's entry in DATABASES for `postgres://…` or libpq's `key=value` words.

    Everything that libpq knows may stand in the query, a socket's folder as `?host=/folder` too.
    """
    try:
        given = conninfo_to_dict(url)
    except ProgrammingError as error:
        # libpq's message may repeat the URL with its password.
        raise ImproperlyConfigured(
            f"{name} cannot be read: give postgres://user:password@host:5432/name."
        ) from error
    named = {DJANGO_NAMES[key]: str(given.pop(key)) for key in DJANGO_NAMES if given.get(key) is not None}
    if "NAME" not in named:
        raise ImproperlyConfigured(f"{name} names no database: end it in /name.")
    return {"ENGINE": "django.db.backends.postgresql", **named, "OPTIONS": given}


def secret_key(state: Path) -> str:
    """Django's key, made once in the state folder's `keys` and readable by its owner alone."""
    path = state / "keys" / "django"
    try:
        if not path.exists():
            _make_key(path)
        return path.read_text().strip()
    except OSError as error:
        raise ImproperlyConfigured(
            f"The key in {path} cannot be made or read ({error}): set SECRET_KEY, or make that folder usable."
        ) from error


def _make_key(path: Path) -> None:
    """Whoever comes first makes it; it appears whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(KEY_BYTES) + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(fresh, path)
    except FileExistsError:
        return
    finally:
        fresh.unlink()
