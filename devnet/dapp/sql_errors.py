"""What PostgreSQL says about texts that Rell takes and it cannot store: those with a NUL."""

import json
import re

from indexer.dapp.rell_json import normalise

_SHOWN = 50
_ESCAPE = re.compile(r"\\(?:u[0-9a-fA-F]{4}|.)", re.DOTALL)


def about_text(text: str, *, number: int) -> str | None:
    """The error for a text that is a statement's parameter with this number; None where there is none."""
    if "\0" not in text:
        return None
    return (
        'SQL Error: ERROR: invalid byte sequence for encoding "UTF8": 0x00\n'
        f"  Where: unnamed portal parameter ${number}\n"
        "  Location: File: mbutils.c, Routine: report_invalid_encoding_int, Line: 1798\n"
        "  Server SQLState: 22021"
    )


def about_json(text: str) -> str | None:
    """The error for a `json` argument; None where there is none."""
    if "u0000" not in text.lower():
        return None
    sent = _sent(text)
    end = next((found.end() for found in _ESCAPE.finditer(sent) if found[0] == "\\u0000"), None)
    if end is None:
        return None
    return (
        "SQL Error: ERROR: unsupported Unicode escape sequence\n"
        "  Detail: \\u0000 cannot be converted to text.\n"
        f"  Where: JSON data, line 1: {_excerpt(sent[:end])}...\n"
        "  Location: File: jsonfuncs.c, Routine: json_ereport_error, Line: 621\n"
        "  Server SQLState: 22P05"
    )


def _sent(text: str) -> str:
    """The JSON as it is sent to PostgreSQL: compact, keys not yet in order."""
    try:
        value, _ = json.JSONDecoder().raw_decode(text.lstrip(" \t\r\n"))
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    except RecursionError:
        return normalise(text)


def _excerpt(text: str) -> str:
    """The end of a text as PostgreSQL shows it (report_json_context): under 50 bytes, or the whole."""
    raw = text.encode("utf-8", "replace")
    start = max(0, len(raw) - _SHOWN + 1)
    while start < len(raw) and raw[start] & 0xC0 == 0x80:
        start += 1
    return raw.decode() if start <= 3 else "..." + raw[start:].decode()
