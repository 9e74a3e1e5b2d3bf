"""The variable parts of the API's addresses, as they come: text of any kind.

RIDs are upper-case hex and numbers have no leading zeros; ``canonical`` says how a part that means the same
is written.
"""

import re

from explorer.queries.chain import chains
from explorer.queries.chain.chains import ChainView
from explorer.queries.db.errors import NotHere
from explorer.rules import naming

_RID = re.compile(r"[0-9A-Fa-f]{64}")
_CHALLENGE = re.compile(naming.PATTERN)
_NUMBER = re.compile(r"[0-9]{1,19}")
_LONGEST_SHOWN = 80


def canonical(part: str) -> str:
    """The one way to write this part of an address."""
    if is_rid(part):
        return part.upper()
    return str(int(part)) if _NUMBER.fullmatch(part) else part


def is_rid(part: str) -> bool:
    """Whether it is 32 bytes in hex."""
    return _RID.fullmatch(part) is not None


def rid(part: str, *, of: str) -> bytes:
    """The RID of a chain, block or transaction, or the key of a prompt. Raises ``NotHere``."""
    if not is_rid(part):
        name = "key" if of == "prompt" else "RID"
        raise NotHere(
            f"A {of} is named by its {name}, which is 64 hex digits, not “{part[:_LONGEST_SHOWN]}”."
        )
    return bytes.fromhex(part)


def chain(part: str) -> ChainView:
    """The chain with this RID. Raises ``NotHere``."""
    return chains.chain_with(rid(part, of="chain"))


def number(part: str, *, of: str) -> int:
    """A height or a prompt id. Raises ``NotHere``."""
    if not _NUMBER.fullmatch(part):
        raise NotHere(f"A {of} is a whole number, not “{part[:_LONGEST_SHOWN]}”.")
    return int(part)


def challenge(part: str) -> int:
    """The number of the challenge with this name. Raises ``NotHere``."""
    if not _CHALLENGE.fullmatch(part):
        raise NotHere(f"A challenge is named as C-2026-000123, not “{part[:_LONGEST_SHOWN]}”.")
    return naming.key_named(part)


def height_or_rid(part: str) -> int | bytes:
    """What names a block. Raises ``NotHere``."""
    if is_rid(part):
        return bytes.fromhex(part)
    if _NUMBER.fullmatch(part):
        return int(part)
    shown = part[:_LONGEST_SHOWN]
    raise NotHere(f"A block is named by its height or its RID, which is 64 hex digits, not by “{shown}”.")
