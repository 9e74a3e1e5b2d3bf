"""How what happens to a challenge is written down, so that anyone can check that nothing was changed since.

An event is its envelope as canonical JSON (RFC 8785), and names the SHA-256 of the one before it in its
challenge and of its payload. Numbers are strings in it, hashes upper-case hex. The payload enters with a salt
of its own: without that, nobody can try out which words a hash stands for.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import rfc8785

FIRST = b""
"""What stands for the event before the first one."""


def envelope(
    *, seq: int, challenge: str, kind: str, actor_ref: str, prev: bytes, payload: bytes, at: datetime
) -> bytes:
    """An event as it is hashed."""
    return rfc8785.dumps(
        {
            "seq": str(seq),
            "challenge": challenge,
            "type": kind,
            "actor_ref": actor_ref,
            "prev_event_sha256": _hex(prev),
            "payload_sha256": _hex(payload),
            "at": written(at),
        }
    )


def payload_sha256(salt: bytes, *, facts: Mapping[str, Any], words: Mapping[str, Any] | None) -> bytes:
    """The hash of what an event says. Raises ``rfc8785.CanonicalizationError`` for what is no text or an
    integer beyond 2⁵³.
    """
    said = {"facts": dict(facts), "words": None if words is None else dict(words)}
    return sha256(salt + rfc8785.dumps(said)).digest()


def written(at: datetime) -> str:
    """A time as envelopes have it: UTC, to the microsecond."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _hex(value: bytes) -> str:
    return bytes(value).hex().upper()
