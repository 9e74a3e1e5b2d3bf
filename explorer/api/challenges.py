"""The API's challenges: lists of them, one with its facts and both sides, its events, and the grounds."""

from django.urls import path
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from explorer.api import addresses, pagination
from explorer.api.describing import (
    AFTER,
    BEFORE,
    CHALLENGE,
    CURSOR,
    FILE,
    LIMIT,
    ORDER_OF_CHALLENGES,
    described,
    filters_of,
)
from explorer.api.endpoint import Endpoint
from explorer.api.serializers.challenge_files import EvidenceFileDetail, detail
from explorer.api.serializers.challenge_metrics import ChallengeMetrics
from explorer.api.serializers.challenges import (
    ChallengeDetail,
    ChallengeEvent,
    ChallengeEvents,
    ChallengeFacts,
    ChallengeList,
    ChallengeParts,
    ChallengeRow,
    Counts,
)
from explorer.api.serializers.grounds import GroundList, grounds
from explorer.queries.chain import chains
from explorer.queries.site import challenge_metrics, challenges
from explorer.queries.site.challenge_filter import ChallengeFilter
from explorer.queries.site.challenge_parts import parts_of

_LATER = 300  # seconds


@described(
    "list_challenges",
    tag="challenges",
    summary="Challenges to records",
    about="What visitors question of records, newest first, a page at a time, unless `order` says otherwise. "
    "Follow `next` until it is null. Each says where it stands, whose turn it is and by when. A challenge is "
    "about a record and never about a person, and changes nothing on a chain.",
    answer=ChallengeList,
    query=[BEFORE, AFTER, CURSOR, LIMIT, ORDER_OF_CHALLENGES, *filters_of(ChallengeFilter)],
    is_list=True,
)
class ChallengesEndpoint(Endpoint):
    def get(self, request: Request) -> Response:
        wanted = self.asked.filter(ChallengeFilter())
        part = self.asked.page(both_ways=False, orders=challenges.ORDERS, of=wanted)
        found = challenges.page(wanted, part, now=timezone.now())
        more = {"counts": Counts(challenges.counts(wanted)).data}
        return pagination.page(request, ChallengeRow, found, of=chains.chains(), part=part, more=more)


@described(
    "get_challenge_metrics",
    tag="challenges",
    summary="Challenges in numbers",
    about="How many wait for what and since when, how long they take, what was decided on which ground and "
    "where a check of the chain had found something, and what was withheld. Each number stands beside what "
    "it is a part of, and all are as of `at`.",
    answer=ChallengeMetrics,
)
class ChallengeMetricsEndpoint(Endpoint):
    def get(self, request: Request) -> Response:
        return Response(ChallengeMetrics(challenge_metrics.metrics(now=timezone.now())).data)


@described(
    "get_challenge",
    tag="challenges",
    summary="One challenge",
    about="Where it stands, whose turn it is and by when, the facts of its record when it was filed and now, "
    "what each side says, and what was decided. Words are there once somebody has looked them through, and "
    "not while words of the record are withheld, which they may repeat: `silence` says why there are none.",
    answer=ChallengeDetail,
    path=[CHALLENGE],
    may_be={"not-here": None},
)
class ChallengeEndpoint(Endpoint):
    def get(self, request: Request, number: str) -> Response:
        found = challenges.challenge(addresses.challenge(number), now=timezone.now())
        parts = ChallengeParts(parts_of(found)).data
        return Response({**ChallengeRow(found.row).data, **ChallengeFacts(found).data, **parts})


@described(
    "list_challenge_events",
    tag="challenges",
    summary="The history of a challenge",
    about="All that happened to it, oldest first. Each event names the hash of the one before it and of what "
    "it says, so that none can be changed, dropped or put elsewhere unseen by who kept a later one.",
    answer=ChallengeEvents,
    path=[CHALLENGE],
    may_be={"not-here": None},
    is_list=True,
)
class ChallengeEventsEndpoint(Endpoint):
    def get(self, request: Request, number: str) -> Response:
        found = challenges.challenge(addresses.challenge(number), now=timezone.now())
        return pagination.whole(ChallengeEvent, found.events, of=found.chain)


@described(
    "get_challenge_file",
    tag="challenges",
    summary="A file of a challenge",
    about="What is known of a file that goes with what somebody says of a challenge. Its bytes are at "
    "`file`, once somebody has looked it through, and not while it is withheld.",
    answer=EvidenceFileDetail,
    path=[CHALLENGE, FILE],
    may_be={"not-here": None},
)
class ChallengeFileEndpoint(Endpoint):
    def get(self, request: Request, number: str, n: str) -> Response:
        found = challenges.challenge(addresses.challenge(number), now=timezone.now())
        event, file = found.file(addresses.number(n, of="file"))
        return Response(detail(found.row.name, event, file))


@described(
    "list_grounds",
    tag="challenges",
    summary="What a record can be questioned for",
    about="Every ground: what it needs as JSON Schema, which checks look for it, what may be innocent, and "
    "the best that can come of it. Private ones are told to the operator by `/my/report`, and never "
    "published. `sha256` is of `version` and `results` (as `grounds`) as canonical JSON (RFC 8785).",
    answer=GroundList,
)
class GroundsEndpoint(Endpoint):
    seconds = _LATER

    def get(self, request: Request) -> Response:
        return Response(grounds())


urlpatterns = [
    path("challenges", ChallengesEndpoint.as_view(), name="challenges"),
    path("challenges/metrics", ChallengeMetricsEndpoint.as_view(), name="challenge-metrics"),
    path("challenges/<str:number>", ChallengeEndpoint.as_view(), name="challenge"),
    path("challenges/<str:number>/events", ChallengeEventsEndpoint.as_view(), name="challenge-events"),
    path("challenges/<str:number>/evidence/<str:n>", ChallengeFileEndpoint.as_view(), name="challenge-file"),
    path("grounds", GroundsEndpoint.as_view(), name="grounds"),
]
