"""The first owner: in no operation, but a literal in the Rell source of configuration 0."""

import re
from collections.abc import Mapping

_ADDRESS = re.compile(
    r"""\bobject\s+owner\b [^{]* \{ [^}]* \baddress\s*:\s*(?:pubkey|byte_array)\s*=\s*
        x (["']) ((?:[0-9a-fA-F]{2})+) \1""",
    re.VERBOSE,
)
_COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)


def first_owner(sources: Mapping[str, str]) -> bytes | None:
    """The key in ``object owner { … mutable address: pubkey = x"…"; }``; None unless there is just one."""
    found: set[str] = set()
    for text in sources.values():
        found.update(match[2].lower() for match in _ADDRESS.finditer(_COMMENT.sub(" ", text)))
    return bytes.fromhex(found.pop()) if len(found) == 1 else None
