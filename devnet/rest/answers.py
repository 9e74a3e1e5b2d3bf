"""The shapes of a node's answers (REST version 5): JSON, octets, text, errors in the form asked for."""

from devnet.rest.exchange import CORS, JSON, OCTETS, Answer, to_json
from indexer.postchain import gtv

FOR_EVER = ("cache-control", "public, max-age=31536000")
NEVER = ("cache-control", "private, must-revalidate")
_REASONS = {
    400: "Bad Request",
    404: "Not Found",
    409: "Conflict",
    500: "Internal Server Error",
    503: "Service Unavailable",
}


class Refusal(Exception):
    """What a node refuses, with the status and in the words that it uses."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


def json_answer(value: object, *headers: tuple[str, str]) -> Answer:
    """200 with this value as JSON."""
    return json_text(to_json(value), *headers)


def json_text(body: bytes, *headers: tuple[str, str]) -> Answer:
    """200 with JSON that is written already."""
    return Answer(200, "OK", (("content-type", JSON), *headers, *CORS), body)


def octets(body: bytes, *headers: tuple[str, str]) -> Answer:
    """200 with bytes."""
    return Answer(200, "OK", (("content-type", OCTETS), *headers, *CORS), body, is_chunked=True)


def plain(body: str) -> Answer:
    """200 with plain text."""
    return Answer(200, "OK", (("content-type", "text/plain; charset=utf-8"), *CORS), body.encode())


def xml(body: str, *headers: tuple[str, str]) -> Answer:
    """200 with XML."""
    content_type = ("content-type", "text/xml; charset=utf-8")
    return Answer(200, "OK", (content_type, *headers, *CORS), body.encode(), is_chunked=True)


def error(refusal: Refusal, *, wants_gtv: bool) -> Answer:
    """A refusal, as JSON or as a GTV string."""
    if wants_gtv:
        kind, body = OCTETS, gtv.encode(refusal.text.encode("utf-8", "replace").decode())
    else:
        kind, body = JSON, to_json({"error": refusal.text})
    headers = (("content-type", kind), *CORS)
    return Answer(refusal.status, _REASONS[refusal.status], headers, body, is_chunked=wants_gtv)
