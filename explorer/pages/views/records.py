"""The list of records, and the page of one."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse

from explorer.pages.frame.context import chain_of
from explorer.pages.frame.fields import fields_of
from explorer.pages.frame.page import asking, download, hides_records, page, show
from explorer.pages.frame.pagination import Pager
from explorer.pages.frame.routes import of_chain
from explorer.pages.rendering.reading import VIEWS, reading_of
from explorer.pages.rendering.truncation import SHOWN
from explorer.queries.chain.transactions import WithheldBytes
from explorer.queries.db.errors import Damaged, NotHere
from explorer.queries.db.texts import Text, Withheld
from explorer.queries.db.transaction_bytes import is_damage
from explorer.queries.records import listing
from explorer.queries.records.filter import RecordFilter
from explorer.queries.records.record import Record
from explorer.queries.records.record import record as read_record
from explorer.queries.records.rows import Status
from explorer.queries.site import status as stands
from explorer.query_parameters import QueryParameters, parameters_of


@asking(*parameters_of(RecordFilter))
def listed(request: HttpRequest, asked: QueryParameters, brid: bytes) -> HttpResponse:
    """A page of records: newest or oldest first, all or those that are asked for."""
    wanted, part = asked.filter(RecordFilter()), asked.page()
    chain = chain_of(request, brid)
    found = listing.page(chain, wanted, part)
    return show(
        request, "pages/records.html", section="records", chain=chain, pager=Pager(request, part, found),
        only=wanted.status, statuses=list(Status), fields=fields_of(wanted), reasons=wanted.reads(),
        noindex=hides_records(),
    )  # fmt: skip


@asking("revision", "view")
def record(request: HttpRequest, asked: QueryParameters, brid: bytes, prompt_id: int) -> HttpResponse:
    """One record: as it stands or as a revision said, as words, JSON or bytes."""
    view = asked.choice("view", VIEWS) or "text"
    number = asked.number("revision", least=1)
    asked.check()
    found = read_record(chain_of(request, brid), prompt_id, revision=number)
    reading = reading_of(found, number=number, view=view)
    status = _status_of(found)
    noindex = hides_records() or status != HTTPStatus.OK
    return show(
        request, "pages/record.html", section="records", chain=found.chain, record=found, reading=reading,
        compared=stands.compared(found.chain), shown=SHOWN, status=status, noindex=noindex,
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


def _signed(record: Record, number: int, part: str) -> Text | None:
    """What a revision signed as its ``messages`` or ``result``."""
    if part == "messages":
        return record.messages if number == 1 else None
    found = (each.result for each in record.revisions if each.number == number and part == "result")
    return next(found, None)


urlpatterns = [
    of_chain("/records", listed, name="records"),
    of_chain("/records/<number:prompt_id>", record, name="record"),
    of_chain("/records/<number:prompt_id>/raw/<number:number>/<str:part>", raw, name="record-raw"),
]
