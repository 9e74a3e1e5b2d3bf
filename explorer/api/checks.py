"""The API's checks: what there are, how often each finds something, and what all say of a record."""

from typing import Any

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from explorer.api import addresses
from explorer.api.describing import BRID, CHECK, PROMPT_ID, described
from explorer.api.endpoint import Endpoint
from explorer.api.serializers.checks import CheckDetail, CheckEntry, CheckList, RecordChecks
from explorer.api.serializers.facets import UpTo
from explorer.api.serializers.lists import AsOf
from explorer.queries.chain import chains
from explorer.queries.records import checks
from explorer.queries.records.record import record

_SECONDS = 30


@described(
    "list_checks",
    tag="checks",
    summary="The checks that are made of every record",
    about="Each explained, with its innocent causes and what it cannot tell, and of how many records of all "
    "chains it says what.",
    answer=CheckList,
)
class ChecksEndpoint(Endpoint):
    seconds = _SECONDS

    def get(self, request: Request) -> Response:
        found = checks.catalogue(chains.chains())
        of, counted_to = found[0].of, found[0].counted_to
        listed = [CheckEntry(each).data for each in found]
        more: dict[str, Any] = {
            "as_of": [AsOf(each).data for each in of],
            "counted_to": UpTo(counted_to, many=True).data,
        }
        more["are_judged_anew"] = found[0].are_judged_anew
        return Response({"results": listed, "next": None, **more})


@described(
    "get_check",
    tag="checks",
    summary="One check, with its newest findings",
    about="The same of one check, and the newest records of each chain of which it finds something, with the "
    "values by which each finding can be made again.",
    answer=CheckDetail,
    path=[CHECK],
    may_be={"not-here": None},
)
class CheckEndpoint(Endpoint):
    seconds = _SECONDS

    def get(self, request: Request, check: str) -> Response:
        return Response(CheckDetail(checks.entry(chains.chains(), check)).data)


@described(
    "list_record_checks",
    tag="checks",
    summary="What every check says of a record",
    about="As of the block at `height`, of a record that was deleted too: its newest result is what is read. "
    "It holds numbers and hashes alone; what a check would read in a result that is withheld is unknown.",
    answer=RecordChecks,
    path=[BRID, PROMPT_ID],
    may_be={"not-here": None},
)
class RecordChecksEndpoint(Endpoint):
    seconds = _SECONDS

    def get(self, request: Request, brid: str, prompt_id: str) -> Response:
        chain = addresses.chain(brid)
        found = checks.of_record(record(chain, addresses.number(prompt_id, of="prompt id")))
        told = RecordChecks({"next": None, "as_of": chain, **_members(found)}).data
        return Response(told)


def _members(found: checks.Checked) -> dict[str, object]:
    return {"told": found.told, "events": found.events, "height": found.height}


urlpatterns = [
    path("checks", ChecksEndpoint.as_view(), name="checks"),
    path("checks/<str:check>", CheckEndpoint.as_view(), name="check"),
    path(
        "chains/<str:brid>/records/<str:prompt_id>/checks",
        RecordChecksEndpoint.as_view(),
        name="record-checks",
    ),
]
