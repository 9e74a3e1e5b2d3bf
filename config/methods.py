"""Which methods an address takes, and how much may be sent to it. deploy/Caddyfile says the same.

Everything can be read; what can be written to is listed, each with its size. What is kept of it lies below
one path, as do the cookies that know a person.
"""

from collections.abc import Mapping
from fnmatch import fnmatchcase

PERSONAL = "/my/"
"""What knows a person lies below it, and is kept by no cache that others share."""

READING = ("GET", "HEAD", "OPTIONS")

LARGEST_UNASKED = 1024
"""Bytes of a body where none is asked for: some programs send a few with a GET, and nobody reads them."""

WITH_FILES = 5 * 2 * 1024 * 1024 + 256 * 1024
"""Bytes of words with as many files as may go with them: explorer/rules/evidence.py."""

LARGEST: Mapping[str, int] = {
    "/my/report": 64 * 1024,
    "/my/sign-in": 64 * 1024,
    "/my/sign-in/code": 64 * 1024,
    "/my/sign-in/passkey": 64 * 1024,
    "/my/sign-in/recovery": 64 * 1024,
    "/my/sign-out": 64 * 1024,
    "/my/account/delete": 64 * 1024,
    "/my/account/keys": 64 * 1024,
    "/my/account/keys/revoke": 64 * 1024,
    "/my/account/mail": 64 * 1024,
    "/my/account/mail/code": 64 * 1024,
    "/my/account/passkeys": 64 * 1024,
    "/my/account/passkeys/codes": 64 * 1024,
    "/my/account/passkeys/remove": 64 * 1024,
    "/my/account/notices": 64 * 1024,
    "/my/account/sessions": 64 * 1024,
    "/my/account/sessions/end": 64 * 1024,
    "/my/challenges/*/evidence": WITH_FILES,
    "/my/challenges/*": 64 * 1024,
    "/api/v1/challenges": WITH_FILES,
    "/api/v1/challenges/*/evidence": WITH_FILES,
    "/api/v1/challenges/*/join": 64 * 1024,
    "/api/v1/challenges/*/withdrawal": 64 * 1024,
    "/compare": 5 * 1024 * 1024,
    "/api/v1/compare": 5 * 1024 * 1024,
}
"""By address that takes POST: the most bytes that may be sent there. A star stands for any letters."""

KEEPING_NOTHING = frozenset({"/compare", "/api/v1/compare"})
"""Where what is sent is answered and kept nowhere: whoever sends it need be no person who is known."""

SENDING = ("POST", "OPTIONS")

SENT_ALONE = frozenset(path for path in LARGEST if path.startswith("/api/v1/challenges/*/"))
"""Where something is sent and there is nothing to read."""

OF_PROGRAMS = frozenset(path for path in LARGEST if path.startswith("/api/v1/challenges"))
"""Where what is kept is sent by programs: each says by a key in a header for whom, and no cookie is asked."""


def methods_of(path: str) -> tuple[str, ...]:
    """The methods that an address takes."""
    found = _listed(path)
    if found in SENT_ALONE:
        return SENDING
    return READING if found is None else (*READING, "POST")


def largest(path: str) -> int:
    """How many bytes of a body an address takes."""
    found = _listed(path)
    return LARGEST_UNASKED if found is None else LARGEST[found]


def _listed(path: str) -> str | None:
    return next((each for each in LARGEST if fnmatchcase(path, each)), None)
