"""Questions to a node and its answers, apart from HTTP: what means the same is equal.

A chain may be named by its RID in either case or by its internal number (`iid_1`), other RIDs in either case,
parameters may come in any order, JSON with any white space. `Spelling` brings all of that into one form, in
which recorded questions are looked up.
"""

import json
import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote

OCTETS = "application/octet-stream"
JSON = "application/json; charset=utf-8"
CORS = (
    ("access-control-allow-origin", "*"),
    ("access-control-allow-methods", "GET, POST, OPTIONS"),
    ("access-control-allow-headers", "Content-Type, Accept"),
)
_RID = re.compile(r"[0-9A-Fa-f]{64}")


@dataclass(frozen=True, slots=True)
class Question:
    """A request in its one form. `path` has no empty first segment; `body` is text where it was JSON."""

    method: str
    path: tuple[str, ...]
    query: tuple[tuple[str, str], ...] = ()
    wants_gtv: bool = False
    body: str | bytes = b""

    def parameter(self, name: str) -> str | None:
        """A parameter's value, or None."""
        return next((value for key, value in self.query if key == name), None)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer; `headers` are without the length. Real nodes send octets in chunks: `is_chunked`."""

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...] = CORS
    body: bytes = b""
    is_chunked: bool = False


@dataclass(frozen=True, slots=True)
class Spelling:
    """How one chain is named on its node: by its RID (uppercase hex) or by its internal number."""

    brid: str
    iid: int

    def question(
        self, method: str, target: str, *, accept: str = "", content_type: str = "", body: bytes = b""
    ) -> Question:
        """The question in a request; `target` is path and query as they stand in its first line."""
        path, _, query = target.partition("?")
        return Question(
            method=method,
            path=self._path(unquote(path)),
            query=tuple(sorted(parse_qsl(query, keep_blank_values=True))),
            wants_gtv=OCTETS in accept.lower(),
            body=_body(body, content_type) if method == "POST" else b"",
        )

    def _path(self, path: str) -> tuple[str, ...]:
        segments = [part.upper() if _RID.fullmatch(part) else part for part in path.split("/")[1:]]
        if len(segments) > 1 and segments[0] != "brid" and segments[1] == f"iid_{self.iid}":
            segments[1] = self.brid
        return tuple(segments)


def _body(body: bytes, content_type: str) -> str | bytes:
    """The body as text where it is JSON: it says so, or it says nothing else and can be read as that."""
    is_said = "json" in content_type.lower()
    if OCTETS in content_type.lower():
        return body
    try:
        return json.dumps(json.loads(body), sort_keys=True)
    except (ValueError, RecursionError):
        return body.decode("utf-8", "replace") if is_said else body


def to_json(value: object) -> bytes:
    """JSON as a node writes it: no white space, UTF-8, and what could stand in HTML escaped (Gson)."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for char in "<>&='\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text.encode()
