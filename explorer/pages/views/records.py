"""The list of records, and the page of one."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils import timezone

from explorer.pages.frame.chips import chips_of
from explorer.pages.frame.context import chain_of, chains_of
from explorer.pages.frame.feeding import feed_of
from explorer.pages.frame.fields import fields_of
from explorer.pages.frame.hints import hints_of
from explorer.pages.frame.page import asking, download, json_of, led, page, show
from explorer.pages.frame.pagination import Pager
from explorer.pages.frame.routes import of_chain
from explorer.pages.frame.watching import AGAIN, NEWEST, Watch, watch_of
from explorer.pages.rendering.gathering import days_of
from explorer.pages.rendering.reading import VIEWS, reading_of
from explorer.pages.rendering.since import edits_of
from explorer.pages.rendering.truncation import SHOWN
from explorer.queries.chain.chains import ChainView, beginning_of
from explorer.queries.chain.transactions import WithheldBytes
from explorer.queries.db.errors import Damaged, NotHere
from explorer.queries.db.pagination import PageRequest
from explorer.queries.db.texts import Text as Kept
from explorer.queries.db.texts import Withheld
from explorer.queries.db.transaction_bytes import is_damage
from explorer.queries.ledger import edited
from explorer.queries.lists import listing
from explorer.queries.lists.filter import OF_CHAIN, RecordFilter
from explorer.queries.lists.search.asked import said_of
from explorer.queries.records import checks
from explorer.queries.records.record import Record
from explorer.queries.records.record import record as read_record
from explorer.queries.records.states import Status
from explorer.queries.site import challenges
from explorer.queries.site import status as stands
from explorer.query_parameters import ORDERS_OF_RECORDS, QueryParameters, address, ordered
from explorer.search.tree import Text, leaves
from explorer.search.writing import canonical

_OF_ANY = ("cursor", "limit", "order", *RecordFilter.declarations())


@asking("before", "after", *_OF_ANY, form=RecordFilter)
def listed(request: HttpRequest, asked: QueryParameters, brid: bytes) -> HttpResponse:
    """A page of the records of one chain: newest or oldest first, or by change; those that are asked for."""
    wanted, part = _asked_for(asked)
    if elsewhere := led(request, address(request.path, wanted, part)):
        return elsewhere
    chain = chain_of(request, brid)
    found = listing.page(chain, wanted, part)
    return _list(request, wanted, part, found)


@asking("chain", *_OF_ANY, form=RecordFilter)
def listed_all(request: HttpRequest, asked: QueryParameters) -> HttpResponse:
    """The same over all chains, or of the one that is chosen."""
    brid = asked.value("chain", OF_CHAIN.read)
    wanted, part = _asked_for(asked)
    path = request.path if brid is None else reverse("records", args=[OF_CHAIN.write(brid)])
    if elsewhere := led(request, address(path, wanted, part if brid is None else part.from_the_start())):
        return elsewhere
    return _list(request, wanted, part, listing.page_of_all(chains_of(request), wanted, part))


def _asked_for(asked: QueryParameters) -> tuple[RecordFilter, PageRequest]:
    wanted = asked.filter(RecordFilter())
    return wanted, asked.page(orders=ORDERS_OF_RECORDS, of=wanted, usual=wanted.usual_order())


def _list(
    request: HttpRequest, wanted: RecordFilter, part: PageRequest, found: listing.Records
) -> HttpResponse:
    of = found.of
    is_one = request.path != reverse("all-records")
    chain = of[0] if is_one else None
    rest = found.ranking.rest if found.ranking is not None else None
    return show(
        request, "pages/records.html", section="records", chain=chain, of=of, here=request.path,
        named=of if len(of) > 1 else (), pager=Pager(request, part, found),
        days=days_of(edited.listed(found, wanted), order=part.order),
        ranking=found.ranking, rest="" if rest is None else address(request.path, wanted, rest),
        later=found.later, begin=address(request.path, wanted, part.from_the_start()),
        count=listing.count(of, wanted, part, found),
        searched=[each for each in found.searched_to if each.height is not None],
        unsearched=_alone([each.chain for each in found.searched_to if each.height is None], wanted, part),
        words_to=found.words_to,
        asked="" if wanted.q is None else canonical(wanted.q), said=_said(wanted),
        hints=hints_of(request.path, wanted, part, of, is_empty=_is_empty(found, part)),
        only=wanted.status, others=bool(replace(wanted, status=None).given()),
        chips=chips_of(request.path, wanted, part), states=_states(request.path, wanted, part),
        everywhere=address(reverse("all-records"), wanted, part.from_the_start()),
        prompt_url="" if wanted.prompt_key is None else reverse("prompt", args=[wanted.prompt_key]),
        watch=_watch(request, wanted, part, found), feed_path=feed_of(request.path, wanted, part),
        facets=address(f"{request.path}/facets", wanted, part.from_the_start()),
        fields=fields_of(wanted), orders=ORDERS_OF_RECORDS, usual=wanted.usual_order(),
        api_path=json_of(request, **_unsaid(request, part)), records=sum(each.records for each in of),
        live=sum(each.live for each in of), read=any(each.freshness.height >= 0 for each in of),
    )  # fmt: skip


def _watch(
    request: HttpRequest, wanted: RecordFilter, part: PageRequest, found: listing.Records
) -> Watch | None:
    """Of the first page, where new records would be on it. Words that are not indexed yet are not seen."""
    if part.words or part.oldest_first:
        return None
    begin = address(request.path, wanted, part)
    seen = {each.chain.id: each.height for each in found.words_to}
    return watch_of(begin, begin, found.of, seen=seen, words=AGAIN if part.best_first else NEWEST)


def _alone(
    chains: Sequence[ChainView], wanted: RecordFilter, part: PageRequest
) -> Sequence[tuple[ChainView, str]]:
    """Each chain with the address of its own list, which has all the time for it."""
    begin = part.from_the_start()
    return [(each, address(reverse("records", args=[each.rid]), wanted, begin)) for each in chains]


def _unsaid(request: HttpRequest, part: PageRequest) -> Mapping[str, str]:
    """The order, where it goes without saying on the page alone."""
    is_unsaid = "order" not in request.GET and part.order != ORDERS_OF_RECORDS[0]
    return {"order": part.order} if is_unsaid else {}


def _said(wanted: RecordFilter) -> str:
    """Which answers count where words are looked for; empty where none are."""
    has_words = wanted.q is not None and any(isinstance(each, Text) for each in leaves(wanted.q))
    return said_of(wanted.q).value if wanted.q is not None and has_words else ""


def _is_empty(found: listing.Records, part: PageRequest) -> bool:
    """Whether nothing fits at all, as far as that was looked."""
    return not found.rows and not part.words


def _states(path: str, wanted: RecordFilter, part: PageRequest) -> Sequence[tuple[Status | None, str]]:
    """The list with each state, and with any."""
    others = [replace(wanted, status=each) for each in (None, *Status)]
    return [(each.status, address(path, each, ordered(part, wanted, each))) for each in others]


@asking("revision", "view")
def record(request: HttpRequest, asked: QueryParameters, brid: bytes, prompt_id: int) -> HttpResponse:
    """One record: as it stands or as a revision said, as words, JSON or bytes."""
    view = asked.choice("view", VIEWS) or "text"
    number = asked.number("revision", least=1)
    asked.check()
    found = read_record(chain_of(request, brid), prompt_id, revision=number)
    edits = edits_of(found)
    reading = reading_of(found, edits, number=number, view=view, compared=stands.compared(found.chain))
    status = _status_of(found)
    return show(
        request, "pages/record.html", section="records", chain=found.chain, record=found, reading=reading,
        checked=checks.of_record(found), edits=edits,
        challenges=challenges.of_record(brid, prompt_id, now=timezone.now()),
        shown=SHOWN, status=status, feed_path=feed_of(request.path),
        begun=beginning_of(found.chain, chains_of(request)),
    )  # fmt: skip


@page
def raw(request: HttpRequest, brid: bytes, prompt_id: int, number: int, part: str) -> HttpResponse:
    """An argument of a revision's operation, byte for byte as it was signed."""
    text = _signed(read_record(chain_of(request, brid), prompt_id, revision=number), number, part)
    if text is None:
        raise NotHere(f"Revision {number} of record {prompt_id} signed no such text.")
    if is_damage(text):
        raise Damaged(text.reason)
    if text.value is None and text.withheld is Withheld.UNREADABLE:
        raise NotHere(text.reason)
    if text.value is None:
        raise WithheldBytes(text.reason or "no reason is given.")
    name = f"record-{prompt_id}-revision-{number}-{part}.json"
    return download(text.value.encode("utf-8", "surrogatepass"), name=name)


def _status_of(record: Record) -> HTTPStatus:
    if record.withheld:
        return HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS
    if record.damage:
        return HTTPStatus.INTERNAL_SERVER_ERROR
    return HTTPStatus.GONE if record.row.status is Status.DELETED else HTTPStatus.OK


def _signed(record: Record, number: int, part: str) -> Kept | None:
    """What a revision signed as its ``messages`` or ``result``."""
    if part == "messages":
        return record.messages if number == 1 else None
    found = (each.result for each in record.revisions if each.number == number and part == "result")
    return next(found, None)


urlpatterns = [
    path("records", listed_all, name="all-records"),
    of_chain("/records", listed, name="records"),
    of_chain("/records/<number:prompt_id>", record, name="record"),
    of_chain("/records/<number:prompt_id>/raw/<number:number>/<str:part>", raw, name="record-raw"),
]
