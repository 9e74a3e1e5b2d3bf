"""Half a character: a lone surrogate, which JSON can write as an escape and UTF-8 has no form for.

A node puts a question mark for it (`rell_json`). What people read shall not look like a question that was
asked, so texts that are shown have U+FFFD there.
"""

import re

from indexer.dapp.written import HALF

_ESCAPE = re.compile(
    r"\\(?:(?P<pair>u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    r"|(?P<half>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)
"""Any escape from left to right, so that none begins within another one."""


def are_in(text: str) -> bool:
    """Whether an escape in JSON is half a character."""
    return marked(text) != text


def marked(text: str) -> str:
    """JSON with U+FFFD for each escape that is half a character; anything else as it is."""
    if "\\ud" not in text and "\\uD" not in text:
        return text
    return _ESCAPE.sub(lambda found: HALF if found["half"] else found[0], text)
