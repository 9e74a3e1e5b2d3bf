"""How an address is described in the schema: what it takes, what it gives, and what may go wrong."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, TypeVar

from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiRequest,
    OpenApiResponse,
    extend_schema,
    extend_schema_field,
    extend_schema_view,
    inline_serializer,
)
from rest_framework import serializers

from explorer.api import problems
from explorer.api.endpoint import Endpoint
from explorer.api.fields import Whole, Words, Written
from explorer.queries.db import kinds
from explorer.queries.db.filters import Filter
from explorer.queries.db.kinds import Choice, Hex, Kind, Moment, Number, Pattern, Range, Times
from explorer.queries.db.pagination import BELOW_ALL
from explorer.queries.groups.naming import LONGEST
from explorer.queries.groups.presence_order import ORDERS as ORDERS_OF_NAMES
from explorer.queries.prompts.asked import ORDERS_OF_PROMPTS
from explorer.queries.site.challenges import ORDERS as ORDERS_OF_CHALLENGES
from explorer.query_parameters import LONGEST_SOUGHT, ORDERS, ORDERS_OF_RECORDS
from explorer.rules.evidence import ENDINGS, LARGEST, MOST_FILES

PROBLEMS = "x-problems"
"""The member of an operation in the schema that names the problems it may answer with."""

_JSON = "application/json"
_FORM = "multipart/form-data"
_SENT = ("no-key", "forbidden", "invalid-fields", "key-reused", "too-many", "broken", "too-slow")
_ALWAYS = ("bad-parameter", "not-acceptable", "broken", "too-slow")
Class = TypeVar("Class", bound=type[Endpoint])

_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_MOMENT = rf"{_DAY}(T[0-9]{{2}}:[0-9]{{2}}(:[0-9]{{2}}(\.[0-9]{{1,3}})?)?Z?)?"
LONGEST_KEY = 200
"""Characters of an Idempotency-Key."""

PATTERNS: Mapping[type[Any], str] = {
    Range: r"^([0-9]{1,19}|[0-9]{1,19}\.\.|\.\.[0-9]{1,19}|[0-9]{1,19}\.\.[0-9]{1,19})$",
    Moment: f"^{_MOMENT}$",
    Times: rf"^({_DAY}|{_MOMENT}\.\.|\.\.{_MOMENT}|{_MOMENT}\.\.{_MOMENT})$",
}
CHALLENGE_PATTERN = "^C-[1-9][0-9]{3}-[0-9]{6,9}$"
_HEX64 = {"type": "string", "pattern": "^[0-9A-F]{64}$"}
_NUMBER = {"type": "integer", "format": "int64", "minimum": 0, "maximum": 2**63 - 1}


def _in_query(name: str, schema: Mapping[str, Any], about: str) -> OpenApiParameter:
    return OpenApiParameter(name, dict(schema), description=about)


def _in_path(name: str, schema: Mapping[str, Any], about: str) -> OpenApiParameter:
    return OpenApiParameter(name, dict(schema), OpenApiParameter.PATH, required=True, description=about)


def _header(name: str, schema: Mapping[str, Any], about: str, *statuses: int) -> OpenApiParameter:
    return OpenApiParameter(
        name, dict(schema), OpenApiParameter.HEADER, description=about, response=list(statuses)
    )


BRID = _in_path("brid", _HEX64, "Blockchain RID. Lower-case hex leads to upper-case (301).")
PROMPT_ID = _in_path("prompt_id", _NUMBER | {"minimum": 1}, "The dapp's id of the record, from 1.")
RID = _in_path("rid", _HEX64, "Transaction RID.")
KEY = _in_path("key", _HEX64, "The key of messages. Lower-case hex leads to upper-case.")
CHALLENGE = _in_path(
    "number",
    {"type": "string", "pattern": CHALLENGE_PATTERN},
    "A challenge's name, as C-2026-000123.",
)
FILE = _in_path("n", _NUMBER | {"minimum": 1}, "The number of a file of the challenge, from 1.")
CHECK = _in_path("check", {"type": "string", "pattern": "^[a-z-]+$"}, "The name of a check.")
HEIGHT = _in_path("height", _NUMBER, "A height, from 0.")
BLOCK = _in_path(
    "block", {"type": "string", "pattern": "^([0-9]{1,19}|[0-9A-F]{64})$"}, "Height or block RID."
)
_NAMED = {"type": "string", "minLength": 1, "maxLength": LONGEST}
_OR_HASH = (
    "its name where that fits an address, else the SHA-256 of the name; the other one leads there (301)."
)
MODEL = _in_path("model", _NAMED, f"A model: {_OR_HASH}")
PROVIDER = _in_path("provider", _NAMED, f"A provider: {_OR_HASH}")
UID = _in_path(
    "uid", {"type": "string", "pattern": "^(0|-?[1-9][0-9]{0,18})$"}, "A scout's UID, any 64-bit number."
)
NAME = _in_path(
    "name",
    {"type": "string", "enum": [each.name for each in problems.KINDS]},
    "The last part of a problem's type.",
)

BEFORE = _in_query(
    "before", _NUMBER, "Only what is below this: a position in a list of records, a height in one of blocks."
)
AFTER = _in_query(
    "after",
    _NUMBER | {"minimum": BELOW_ALL},
    "Only what is above this: the nearest, sorted as order says. Not together with before.",
)
REVISION = _in_query(
    "revision",
    _NUMBER | {"minimum": 1},
    "Where a record has more than 50 revisions: give those up to this one, in the place of the newest.",
)
INCLUDE = _in_query(
    "include",
    {"type": "string", "enum": ["texts"]},
    "texts for up to 2,000,000 characters of texts. Without it an answer holds at most 500,000. It says what "
    "it leaves out, and where all of that is.",
)
TRANSACTIONS_AFTER = _in_query(
    "transactions_after",
    _NUMBER,
    "Where a block has more than 500 transactions: give those after the one with this ordinal.",
)
ORDER = _in_query(
    "order",
    {"type": "string", "enum": [*ORDERS], "default": ORDERS[0]},
    "How each page is sorted. Without before or after it is also the end that the list starts from.",
)
ORDER_OF_RECORDS = _in_query(
    "order",
    {"type": "string", "enum": [*ORDERS_OF_RECORDS], "default": ORDERS[0]},
    "How each page is sorted, and the end that the list starts from: changed is by the newest edit or "
    "deletion, and holds no record without one; best is by how well the words of q stand in it, among the "
    "newest 1,000 matches, and needs such words.",
)
ORDER_OF_CHANGES = _in_query(
    "order",
    {"type": "string", "enum": [*ORDERS], "default": ORDERS[0]},
    "How each page is sorted, and the end that the list starts from.",
)
ORDER_OF_PROMPTS = _in_query(
    "order",
    {"type": "string", "enum": [*ORDERS_OF_PROMPTS], "default": ORDERS_OF_PROMPTS[0]},
    "What comes first: newest by the newest record, answers by how many different ones were first written, "
    "disagreement by how many records first gave another answer than the commonest of the same prompt, seed, "
    "model and provider.",
)
ORDER_OF_NAMES = _in_query(
    "order",
    {"type": "string", "enum": [*ORDERS_OF_NAMES], "default": ORDERS_OF_NAMES[0]},
    "What comes first: newest and oldest by the block that added the first record, seen by the one that "
    "added the last, records by how many there are on the chain that has most of them, name by its first 200 "
    "characters (a scout: its number).",
)
ORDER_OF_CHALLENGES = _in_query(
    "order",
    {"type": "string", "enum": [*ORDERS_OF_CHALLENGES], "default": ORDERS_OF_CHALLENGES[0]},
    "What comes first: the newest or the oldest, or what is due next (due), where what is over comes last "
    "and cursor is the one way to go on.",
)
CURSOR = _in_query(
    "cursor",
    {"type": "string", "maxLength": 4_000},
    "What next gave, to go on with the same list, filters and order. Where order is changed or best, or the "
    "list is of several chains, it is the one way to go on.",
)
CURSOR_OF_ANSWERS = _in_query(
    "cursor",
    {"type": "string", "maxLength": 4_000},
    "What answers_next gave, to go on with the answers that are not listed.",
)
CHAIN = _in_query("chain", _HEX64, "Only what is of the chain with this blockchain RID.")
SOUGHT = OpenApiParameter(
    "q",
    {"type": "string", "maxLength": LONGEST_SOUGHT},
    description="A number (1042, #1042, block 1042) or hex: a RID, hash, content key or public key, whole, "
    "its first eight digits or more, or the short form 9414886B…99B798.",
)
LIMIT = _in_query(
    "limit",
    {"type": "integer", "minimum": 1, "maximum": 100, "default": 50},
    "How many results a page has at most.",
)

_OF_ANY = (
    _header(
        "ETag", {"type": "string"}, "Give it back in If-None-Match: 304 where nothing changed.", 200, 304
    ),
    _header("Cache-Control", {"type": "string"}, "How long the answer may be kept: at most 300 s.", 200, 304),
)
_OF_LIST = (_header("Link", {"type": "string"}, 'The next page, with rel="next"; not on the last one.', 200),)
IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match", {"type": "string"}, OpenApiParameter.HEADER, description="An ETag that was given before."
)

_OF_FILES = (
    f"Each with a filename, whose ending says what it is: {', '.join(ENDINGS)}. Each has at most "
    f"{LARGEST >> 20} MB. They are shown once somebody has looked them through."
)

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY},
    OpenApiParameter.HEADER,
    description="A text of your own. What was done under it is not done again for a day: the same body gives "
    "the same answer, and another one is refused. What was refused is forgotten, and can be sent again.",
)

PROBLEM = inline_serializer(
    "Problem",
    {
        "type": Words(help_text="The address of its entry in the catalogue: what it means and what to do."),
        "title": Words(),
        "status": Whole(),
        "detail": Words(help_text="What is the matter this time."),
        "instance": Words(help_text="What was asked for."),
        "errors": inline_serializer(
            "ProblemError",
            {
                "parameter": Words(help_text="Of the query; or the member of the body, or the header."),
                "code": Words(help_text="A slug for programs."),
                "detail": Words(),
                "start": Whole(required=False, help_text="Of a query line: where the place begins in line."),
                "end": Whole(required=False, help_text="Where it ends, exclusive."),
                "nearest": Words(
                    required=False, allow_null=True, help_text="The key or word that may have been meant."
                ),
            },
            many=True,
            required=False,
        ),
        "line": Words(required=False, help_text="The query line that cannot be meant."),
        "corrected": Words(
            required=False,
            allow_null=True,
            help_text="A line that may have been meant; null where none is known.",
        ),
        "quoted": Words(
            required=False,
            allow_null=True,
            help_text="All of it as one quoted search; null where it has no word.",
        ),
    },
)


@extend_schema_field(
    {"type": "array", "items": {"type": "string", "format": "binary"}, "maxItems": MOST_FILES}
)
class Files(Written):
    """Parts of a form."""


def problem_with(name: str, **members: Any) -> serializers.Serializer[Any]:
    """A problem with extension members."""
    return inline_serializer(name, {**PROBLEM.get_fields(), **members})


def list_of(filtered: type[Filter]) -> Sequence[OpenApiParameter]:
    """The parameters of a list with these filters."""
    return [BEFORE, AFTER, LIMIT, ORDER, *filters_of(filtered)]


def filters_of(filtered: type[Filter]) -> Sequence[OpenApiParameter]:
    """The filters of a list as parameters."""
    filters = filtered.declarations().items()
    return [_in_query(name, _schema(each.kind), each.about) for name, each in filters]


def _schema(kind: Kind[Any]) -> Mapping[str, Any]:
    if isinstance(kind, Choice):
        return {"type": "string", "enum": [*kind.words], "default": kind.write(None)}
    if isinstance(kind, Number):
        return {"type": "integer", "format": "int64", "minimum": kind.least, "maximum": kind.most}
    if isinstance(kind, Hex):
        return {"type": "string", "pattern": f"^([0-9A-Fa-f]{{2}}){{{kind.least},{kind.most}}}$"}
    if isinstance(kind, kinds.Words | kinds.Line | Pattern):
        least = {} if isinstance(kind, kinds.Words) else {"minLength": 1}
        return {"type": "string", **least, "maxLength": kind.most}
    return {"type": "string", "pattern": PATTERNS[type(kind)]}


def described(
    operation: str,
    *,
    tag: str,
    summary: str,
    about: str,
    answer: Any,
    path: Collection[OpenApiParameter] = (),
    query: Collection[OpenApiParameter] = (),
    may_be: Mapping[str, Any] | None = None,
    is_list: bool = False,
    media: Collection[str] = (_JSON,),
) -> Callable[[Class], Class]:
    """Describe an endpoint, and have it take these parameters of the query.

    ``may_be`` are problems beside those of every address, by name: None, or the serializer of a problem that
    says more. For examples see ``explorer.api.examples``.
    """
    headers = (*_OF_ANY, *(_OF_LIST if is_list else ()))
    refusals = {**dict.fromkeys(_ALWAYS), **(may_be or {})}
    moved = {301: OpenApiResponse(None, "It is written in another way: see Location.")} if path else {}
    described = extend_schema(
        operation_id=operation,
        tags=[tag],
        summary=summary,
        description=about,
        parameters=[*path, *query, IF_NONE_MATCH, *headers],
        responses={
            **{(200, each): OpenApiResponse(answer, "Found.") for each in media},
            **moved,
            304: OpenApiResponse(None, "Nothing changed since If-None-Match."),
            **problems_of(refusals),
        },
        extensions={PROBLEMS: [each.name for each in problems.KINDS if each.name in refusals]},
    )

    def decorate(endpoint: Class) -> Class:
        endpoint.parameters = tuple(query)
        return extend_schema_view(get=described)(endpoint)

    return decorate


def sent(
    operation: str,
    *,
    tag: str,
    summary: str,
    about: str,
    body: Any,
    answer: Any,
    takes_files: bool = False,
    path: Collection[OpenApiParameter] = (),
    may_be: Mapping[str, Any] | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Describe what can be sent to an address, with a key: its method ``post``. The rest as `described`."""
    refusals = {
        **dict.fromkeys(("bad-parameter", problems.NOT_JSON, "not-acceptable", "too-large", *_SENT)),
        **(may_be or {}),
    }
    refusals |= {"busy": None} if takes_files else {}
    location = _header("Location", {"type": "string"}, "Where in this API the challenge is.", 201)
    return extend_schema(
        operation_id=operation,
        tags=[tag],
        summary=summary,
        description=about,
        request={_JSON: body, **({_FORM: _with_files(body)} if takes_files else {})},
        parameters=[*path, IDEMPOTENCY_KEY, location],
        responses={
            (201, _JSON): OpenApiResponse(answer, "Done."),
            **problems_of(refusals),
        },
        extensions={PROBLEMS: [each.name for each in problems.KINDS if each.name in refusals]},
    )


def _with_files(body: type[serializers.Serializer[Any]]) -> OpenApiRequest:
    """The same as parts of a form, with files."""
    parts = {"body": body(help_text="The JSON object."), "files": Files(required=False, help_text=_OF_FILES)}
    about = {"__doc__": f"{body.__doc__} With files."}
    shape = type(f"{body.__name__}WithFiles", (serializers.Serializer,), about | parts)
    return OpenApiRequest(shape, encoding={"body": {"contentType": _JSON}})


def problems_of(shapes: Mapping[str, Any]) -> dict[Any, OpenApiResponse]:
    """The responses of problems, by name: None, or the serializer of one that says more."""
    return {
        (int(kind.status), problems.MEDIA_TYPE): OpenApiResponse(
            shapes[kind.name] or PROBLEM, f"{kind.title}."
        )
        for kind in problems.KINDS
        if kind.name in shapes
    }
