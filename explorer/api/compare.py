"""The API's comparison of two sides."""

from django.urls import path
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from explorer.api.describing import described, problem_with
from explorer.api.endpoint import Endpoint
from explorer.api.exception_handler import problem
from explorer.api.serializers.comparison import Comparison, told
from explorer.queries.chain import chains
from explorer.queries.db.errors import NotHere
from explorer.queries.records.comparison import compare
from explorer.queries.records.sides import LONGEST, Reference, Side, side
from explorer.query_parameters import BadParameters, Fault, QueryParameters

_BLOCKED_BY = {"Link": '</contact>; rel="blocked-by"'}
_NAMED = {"type": "string", "maxLength": LONGEST}
_ABOUT = (
    "A record as BRID:prompt_id, which is what stands today; BRID:prompt_id.n for its revision n, or "
    "BRID:prompt_id@height for what stood after that block, which stay the same."
)
A = OpenApiParameter("a", dict(_NAMED), required=True, description=_ABOUT)
B = OpenApiParameter("b", dict(_NAMED), required=True, description="The other one, in the same way.")


@described(
    "compare",
    tag="compare",
    summary="What differs between two records",
    about="What became of one to have the other: by words, or by lines where there are more than 20,000 "
    "tokens on a side. A record that was deleted is compared all the same. One of which the operator "
    "withholds a text answers 451: a problem whose member `comparison` holds the rest.",
    answer=Comparison,
    query=[A, B],
    may_be={
        "not-here": None,
        "withheld": problem_with("WithheldComparison", comparison=Comparison()),
        "too-large": None,
        "busy": None,
    },
)
class CompareEndpoint(Endpoint):
    seconds = 30

    def get(self, request: Request) -> Response:
        a, b = (self.asked.value(name, Reference.read) for name in "ab")
        self.asked.check()
        if a is None or b is None:
            raise BadParameters(_missing(self.asked))
        known = chains.chains()
        return _answer(request, side(known, a), side(known, b))


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
    found = told(a, b, compare(a, b))
    withheld = [*a.withheld, *b.withheld]
    if not withheld:
        return Response(found)
    reasons = " ".join(dict.fromkeys(each.reason for each in withheld))
    detail = f"The operator of this site withholds a text of them: {reasons}"
    return problem("withheld", request, detail=detail, members={"comparison": found}, headers=_BLOCKED_BY)


urlpatterns = [path("compare", CompareEndpoint.as_view(), name="compare")]
