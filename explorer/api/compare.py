"""The API's comparison of two sides."""

from collections.abc import Sequence
from string import ascii_lowercase

import msgspec
from django.urls import path
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from explorer.api.describing import PROBLEMS, described, problem_with, problems_of
from explorer.api.endpoint import Endpoint
from explorer.api.exception_handler import Refused, problem
from explorer.api.explanations import explanation
from explorer.api.problems import NOT_JSON
from explorer.api.serializers.comparison import Comparison, Sides, explained, told
from explorer.queries.chain import chains
from explorer.queries.compare.comparison import MOST_SIDES, compare, compare_messages
from explorer.queries.compare.sides import LONGEST, Reference, Side, sides
from explorer.queries.db.errors import NotHere
from explorer.queries.db.kinds import Misread
from explorer.query_parameters import BadParameters, Fault, QueryParameters

_PROBLEMS = (
    "bad-parameter",
    NOT_JSON,
    "not-here",
    "not-acceptable",
    "too-large",
    "withheld",
    "broken",
    "too-slow",
    "busy",
)
_WITHHELD = problem_with("WithheldComparison", comparison=Comparison())
_ANSWERS = {
    (200, "application/json"): OpenApiResponse(Comparison, "Compared."),
    **problems_of({name: _WITHHELD if name == "withheld" else None for name in _PROBLEMS}),
}
_BLOCKED_BY = {"Link": '</contact>; rel="blocked-by"'}
_NAMED = {"type": "string", "maxLength": LONGEST}
_ABOUT = (
    "A record as BRID:prompt_id, which is what stands today; BRID:prompt_id.n for its revision n, or "
    "BRID:prompt_id@height for what stood after that block, which stay the same."
)
_SIDES = frozenset(ascii_lowercase[:10])
_TOO_MANY = (
    "Two sides are compared here at a time, a and b: leave out {}, and ask for each pair. The page /compare "
    f"shows at most {MOST_SIDES} beside each other."
)
A = OpenApiParameter("a", dict(_NAMED), description=_ABOUT)
B = OpenApiParameter("b", dict(_NAMED), description="The other one, in the same way: both, or neither.")


@described(
    "compare",
    tag="compare",
    summary="What differs between two records",
    about="What became of one to have the other: by words, or by lines where there are more than 20,000 "
    "tokens on a side. A record that was deleted is compared all the same. One of which the operator "
    "withholds a text answers 451: a problem whose member `comparison` holds the rest. "
    "Without `a` and `b`, what can be compared, as the page says it.",
    answer=Comparison,
    query=[A, B],
    may_be={
        "not-here": None,
        "withheld": _WITHHELD,
        "too-large": None,
        "busy": None,
    },
)
class CompareEndpoint(Endpoint):
    seconds = 30

    def get(self, request: Request) -> Response:
        a, b = (self.asked.value(name, Reference.read) for name in "ab")
        self.asked.too_many(_SIDES, _TOO_MANY)
        self.asked.check()
        if a is None and b is None:
            return Response(explained(explanation(request._request, "pages/compare.html", most=MOST_SIDES)))
        if a is None or b is None:
            raise BadParameters(_missing(self.asked))
        known = chains.chains()
        return _answer(request, *sides(known, [a, b]))

    @extend_schema(
        operation_id="compare_texts",
        tags=["compare"],
        summary="What differs between two texts or records",
        description="As GET answers, of texts too. Nothing that is sent is kept. At most 5 MB may be sent, "
        "2,000,000 bytes of each text.",
        request=Sides,
        parameters=[],
        responses=_ANSWERS,
        extensions={PROBLEMS: [*_PROBLEMS]},
    )
    def post(self, request: Request) -> Response:
        given = _sent_in(request)
        known = chains.chains()
        response = _answer(request, *sides(known, given))
        response.headers["Cache-Control"] = "no-store"
        return response


def _sent_in(request: Request) -> Sequence[Reference | str]:
    """The sides in a body. Raises ``Refused`` where it is no JSON, ``BadParameters`` with all faults."""
    try:
        body = msgspec.json.decode(request._request.body)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise Refused(NOT_JSON, faults=[Fault("body", NOT_JSON, f"The body is no JSON: {error}.")]) from error
    if isinstance(body, dict) and (further := sorted((body.keys() & _SIDES) - {"a", "b"})):
        raise BadParameters([Fault("body", "too-many", _TOO_MANY.format(", ".join(further)))])
    if not isinstance(body, dict):
        raise Refused(NOT_JSON, faults=[Fault("body", NOT_JSON, "The body is a JSON object.")])
    if body.keys() != {"a", "b"}:
        raise BadParameters(
            [Fault("body", "missing", "The body is an object with a and b, and nothing else.")]
        )
    faults: list[Fault] = []
    found = [_given(name, body[name], faults) for name in "ab"]
    if faults:
        raise BadParameters(faults)
    return found


def _given(name: str, value: object, faults: list[Fault]) -> Reference | str:
    """One side as it was sent; what is wrong with it is a fault, and the side empty."""
    members = value if isinstance(value, dict) else {}
    text, record = members.get("text"), members.get("record")
    try:
        if members.keys() == {"text"} and isinstance(text, str):
            return text
        if members.keys() == {"record"} and isinstance(record, str):
            return Reference.read(record)
    except Misread as error:
        faults.append(Fault(name, error.code, f"{name}.record {error.rule}."))
        return ""
    faults.append(Fault(name, "not-a-side", f'{name} is {{"text": "…"}} or {{"record": "…"}}.'))
    return ""


def _missing(asked: QueryParameters) -> list[Fault]:
    return [
        Fault(name, "missing", f"{name} is missing: give two records, as a and b.")
        for name in "ab"
        if not asked.is_given(name)
    ]


def _answer(request: Request, a: Side, b: Side) -> Response:
    for name, each in (("a", a), ("b", b)):
        if not each.is_here:
            raise NotHere(f"{name}: {each.why}")
    compared = compare(a, b)
    (messages,) = compare_messages([(a, b)]) if compared is None else [compared.messages]
    found = told(a, b, compared, messages)
    withheld = [*a.withheld, *b.withheld]
    if not withheld:
        return Response(found)
    reasons = " ".join(dict.fromkeys(each.reason for each in withheld))
    detail = f"The operator of this site withholds a text of them: {reasons}"
    return problem("withheld", request, detail=detail, members={"comparison": found}, headers=_BLOCKED_BY)


urlpatterns = [path("compare", CompareEndpoint.as_view(), name="compare")]
