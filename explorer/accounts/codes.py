"""The codes that are sent by mail: what they are made of, and how long they are good for."""

import uuid
from datetime import timedelta

from django.utils.crypto import salted_hmac

LIFETIME = timedelta(minutes=15)
DIGITS = 8


def code_of(sign_in: uuid.UUID) -> str:
    """The digits that belong to a sign-in: a keyed hash (HMAC-SHA-256 with the site's key) of its id, so that
    web and workers make the same of it and no table, backup or outbox has it.
    """
    mac = salted_hmac("explorer.accounts.codes", str(sign_in), algorithm="sha256").digest()
    return f"{int.from_bytes(mac) % 10**DIGITS:0{DIGITS}}"


def spelled(code: str) -> str:
    """In two groups, as people read it."""
    return f"{code[: DIGITS // 2]} {code[DIGITS // 2 :]}"
