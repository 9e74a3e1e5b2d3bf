"""The errors of the API as RFC 9457 has them (problem+json), and the catalogue in which each is explained.

A problem's ``type`` is the address of its entry in that catalogue, the same in every installation.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse

from explorer.api.rendering import as_json
from explorer.query_parameters import Fault
from explorer.search.faults import NotUnderstood

MEDIA_TYPE = "application/problem+json"
CATALOGUE = "/api/v1/problems"
NOT_JSON = "not-json"
"""The name of the problem that a body is no JSON, and the code of its fault."""

_LONGEST_INSTANCE = 2_000


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem. ``title`` is the same each time; ``meaning`` says what to do about it."""

    name: str
    status: HTTPStatus
    title: str
    meaning: str

    @property
    def type(self) -> str:
        """The URI that names it: its address in the catalogue."""
        return f"{CATALOGUE}/{self.name}"


KINDS = (
    Kind(
        "bad-parameter",
        HTTPStatus.BAD_REQUEST,
        "What was asked cannot be meant",
        "A parameter is unknown, given twice or not what it must be. Nothing is ignored, so that a mistyped "
        "filter never gives an unfiltered list. errors names each parameter, a code (unknown, repeated, "
        "not-a-number, out-of-range, not-a-choice, not-an-identifier, not-together, not-hex, not-a-range, "
        "not-a-time, no-such-time, upside-down, not-a-cursor, no-word, no-value, unknown-key, not-a-date, "
        "no-such-date, short-prefix, open-quote, open-parenthesis, empty-parentheses, dangling-operator, "
        "not-is-a-dash, code, said-within, too-long, too-many, too-many-prefixes, too-deep, not-a-record, "
        "missing, not-a-side) and what it may be. Of a query line it names each place, and what "
        "may have been meant.",
    ),
    Kind(
        "bad-request",
        HTTPStatus.BAD_REQUEST,
        "This request cannot be read",
        "The address, its Host or its length is not one that this site takes. Ask under the site's own name.",
    ),
    Kind(
        NOT_JSON,
        HTTPStatus.BAD_REQUEST,
        "The body is no JSON object",
        "What is sent is an object of JSON in UTF-8, without NaN or half of a character; where "
        "files go with it, that is the part body of a form. errors says where it could not be read.",
    ),
    Kind(
        "no-key",
        HTTPStatus.UNAUTHORIZED,
        "This takes a key",
        "Everything may be read by everybody. What is sent needs a key that is made on the account page, in "
        "the header Authorization: Bearer and the key. Cookies are not looked at.",
    ),
    Kind(
        "forbidden",
        HTTPStatus.FORBIDDEN,
        "This may not be done from here",
        "What is sent needs a key of scope challenge, a site that takes challenges, and somebody whose part "
        "in the challenge lets him do it: detail says what is missing.",
    ),
    Kind(
        "not-here",
        HTTPStatus.NOT_FOUND,
        "Nothing here has that name, height or hash",
        "The address is right, what it names is not indexed here: detail says what is. What is missing now "
        "may be there after the next block.",
    ),
    Kind(
        "no-such-address",
        HTTPStatus.NOT_FOUND,
        "There is nothing at this address",
        "The API has no such route. /api/v1/ lists all of them, /api/v1/schema/ describes them.",
    ),
    Kind(
        "method-not-allowed",
        HTTPStatus.METHOD_NOT_ALLOWED,
        "This address does not take that method",
        "Allow names those that it takes: most can only be read, with GET, HEAD or OPTIONS.",
    ),
    Kind(
        "not-acceptable",
        HTTPStatus.NOT_ACCEPTABLE,
        "The answer does not come in that form",
        "Answers are application/json, the schema is JSON or YAML. Leave out Accept, or add */*.",
    ),
    Kind(
        "already-challenged",
        HTTPStatus.CONFLICT,
        "This is challenged already",
        "A challenge of the same record on the same ground is pending. number names it, url is where it is, "
        "and join is where one joins it, with what one has to add.",
    ),
    Kind(
        "not-now",
        HTTPStatus.CONFLICT,
        "This cannot be done as the challenge stands",
        "Nothing was changed. What can be done hangs on where the challenge stands, and on what was done "
        "before: detail says what is in the way.",
    ),
    Kind(
        "deleted",
        HTTPStatus.GONE,
        "This record was deleted from the chain's state",
        "A node no longer gives it; its transactions remain. The member record holds all that they said, "
        "just as the answer to a record that is live would.",
    ),
    Kind(
        "precondition-failed",
        HTTPStatus.PRECONDITION_FAILED,
        "This is another version",
        "If-Match names a version that this is not. Leave it out; to be sent only what is new, give the ETag "
        "in If-None-Match.",
    ),
    Kind(
        "too-large",
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "More was sent than is taken here",
        "Where nothing can be sent, leave out the body. Where texts are compared, detail says how long they "
        "may be.",
    ),
    Kind(
        "address-too-long",
        HTTPStatus.REQUEST_URI_TOO_LONG,
        "This address is too long",
        "An address here, with its query, has at most 16,384 bytes.",
    ),
    Kind(
        "invalid-fields",
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "What was sent cannot be taken",
        "Nothing was stored. errors names each member of the body that is missing, unknown or not what it "
        "must be, in parameter, with a code and what to give.",
    ),
    Kind(
        "key-reused",
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "This Idempotency-Key was used for something else",
        "Nothing was stored. What is sent again with the same key is the same to the byte, to the same "
        "address. Take another key for something new.",
    ),
    Kind(
        "too-many",
        HTTPStatus.TOO_MANY_REQUESTS,
        "As much as may be was sent",
        "Nothing was stored. detail says what there was too much of, and Retry-After after how many seconds "
        "it can be sent again, at the soonest.",
    ),
    Kind(
        "headers-too-large",
        HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
        "The headers of this request are too large",
        "At most 100 headers are taken, of 400 kB in all. None is needed but Host.",
    ),
    Kind(
        "withheld",
        HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS,
        "The operator of this site withholds a text of this",
        "The member record or transaction holds all that may be shown, hashes among it; withheld names each "
        "text that is missing, and the reason. The chain itself is not changed by this.",
    ),
    Kind(
        "broken",
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "Something is broken here",
        "It is not your doing, and it was written to this site's log. Other addresses may work.",
    ),
    Kind(
        "damaged",
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "This site's copy is damaged",
        "The stored copy of a block does not hold what it should, so what it said cannot be shown. That is "
        "an error of this site, not of the chain, and nothing is withheld: detail says what its operator "
        "does. The member record or transaction holds what can be told, hashes among it.",
    ),
    Kind(
        "too-slow",
        HTTPStatus.SERVICE_UNAVAILABLE,
        "This takes too long",
        "The database did not answer in time, so there is nothing to show, which is not the same as no "
        "result. Ask for less (a smaller limit), or again after Retry-After seconds.",
    ),
    Kind(
        "busy",
        HTTPStatus.SERVICE_UNAVAILABLE,
        "Not just now",
        "Only a few comparisons are made and files looked into at a time, each for a few seconds. Ask or "
        "send it again after Retry-After seconds.",
    ),
    Kind(
        "database-away",
        HTTPStatus.SERVICE_UNAVAILABLE,
        "The database does not answer",
        "That is a fault of this site, not of the chain. Ask again after Retry-After seconds.",
    ),
)

_BY_NAME: Mapping[str, Kind] = {each.name: each for each in KINDS}


def kind(name: str) -> Kind | None:
    """The kind with that name."""
    return _BY_NAME.get(name)


def document(
    name: str,
    request: HttpRequest,
    *,
    detail: str = "",
    faults: Collection[Fault] = (),
    members: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The problem of that name for this request; ``members`` are its extensions."""
    named = _BY_NAME[name]
    return {
        "type": named.type,
        "title": named.title,
        "status": int(named.status),
        "detail": detail or named.meaning,
        "instance": _instance(named, request)[:_LONGEST_INSTANCE],
        **({"errors": [_member(each) for each in faults]} if faults else {}),
        **(members or {}),
    }


def _member(fault: Fault) -> dict[str, Any]:
    told: dict[str, Any] = {"parameter": fault.parameter, "code": fault.code, "detail": fault.why}
    if fault.place is not None:
        told |= {"start": fault.place.start, "end": fault.place.end, "nearest": fault.place.nearest or None}
    return told


def of_line(line: NotUnderstood) -> Mapping[str, Any]:
    """What a problem says of a query line that cannot be meant."""
    return {"line": line.line, "corrected": line.corrected or None, "quoted": line.quoted or None}


def answer(name: str, request: HttpRequest, **told: Any) -> HttpResponse:
    """The problem of that name as a whole answer, for what goes wrong outside of the API's own views. What
    is ``told`` besides, see ``document``.
    """
    body = as_json(document(name, request, **told))
    headers = {"Cache-Control": "no-store"}
    return HttpResponse(body, status=_BY_NAME[name].status, content_type=MEDIA_TYPE, headers=headers)


def _instance(kind: Kind, request: HttpRequest) -> str:
    """What was asked; without its query where a key was to be given, for that may stand there by mistake."""
    return request.path if kind.status == HTTPStatus.UNAUTHORIZED else request.get_full_path()
