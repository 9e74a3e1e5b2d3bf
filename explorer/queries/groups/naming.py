"""How an address names a model or a provider: by its name where that fits, else by the name's SHA-256."""

import re

from explorer.queries.db.kinds import LARGEST
from indexer.store.names import hash_of

LONGEST = 200
"""Bytes of a name that an address may hold."""

_DIGITS = re.compile("[0-9A-Fa-f]{64}")
_SCOUT = re.compile("0|-?[1-9][0-9]{0,18}")


def part_of(name: str) -> str:
    """What stands for a name in the canonical address of its page: the name, or 64 upper-case hex digits."""
    return name if _fits(name) else hash_part_of(name)


def hash_part_of(name: str) -> str:
    """The other one, which says nothing of the name: 64 upper-case hex digits, which lead to the page."""
    return hash_of(name).hex().upper()


def hash_named(part: str) -> bytes:
    """The SHA-256 of the name that a part of an address stands for; 64 hex digits are always a hash."""
    return bytes.fromhex(part) if _DIGITS.fullmatch(part) else hash_of(part)


def scout_named(part: str) -> int | None:
    """The UID that a part of an address is; None where no 64-bit number is written so."""
    if not _SCOUT.fullmatch(part):
        return None
    uid = int(part)
    return uid if -LARGEST - 1 <= uid <= LARGEST else None


def _fits(name: str) -> bool:
    """Whether every browser and proxy leaves it as it is: printable, no white space at an end, and no piece
    between slashes that is empty, dots alone, or could be taken for a hash.
    """
    pieces = name.split("/")
    return (
        name.isprintable()
        and name == name.strip()
        and "\\" not in name
        and len(name.encode()) <= LONGEST
        and not any(each in ("", ".", "..") or _DIGITS.fullmatch(each) for each in pieces)
    )
