"""The pages below ``/my/`` on which something can be sent."""

import uuid
from http import HTTPStatus

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from explorer.challenges import reports
from explorer.challenges.forms import LONGEST_KIND, LONGEST_PAGE, ReportForm
from explorer.desk.client_address import client_address
from explorer.desk.quotas import QuotaExceeded
from explorer.pages.frame.page import asking, page, show
from explorer.queries.db.errors import NotHere
from explorer.query_parameters import QueryParameters

_NOT_NOW = (
    "Nothing was stored: the database does not take it just now. What you typed is still here: send it again."
)


@asking("page", "kind")
def report(request: HttpRequest, asked: QueryParameters) -> HttpResponse:
    """“Report a problem with this page”, or what is private in it: the form, and what becomes of it."""
    about = asked.text("page", most=LONGEST_PAGE)
    kind = asked.text("kind", most=LONGEST_KIND)
    asked.check()
    if request.method == "POST":
        return _received(request)
    given = {"page": about, "kind": kind, "token": uuid.uuid4()}
    return _shown(request, ReportForm(host=request.get_host(), initial=given))


@page
def sent(request: HttpRequest, report_id: uuid.UUID) -> HttpResponse:
    """What happens next, for whoever sent a report; nobody else knows the address."""
    number = reports.number_of(report_id)
    if number is None:
        raise NotHere("No report has this address. If you sent one, it is kept all the same.")
    return show(request, "my/report_sent.html", section="report", api_path=None, number=number)


def _received(request: HttpRequest) -> HttpResponse:
    form = ReportForm(request.POST, host=request.get_host())
    if not form.is_valid():
        return _shown(request, form, status=HTTPStatus.BAD_REQUEST)
    draft = form.draft()
    try:
        reports.file(draft, address=client_address(request), now=timezone.now())
    except QuotaExceeded as refusal:
        return _too_many(request, form, refusal)
    except (OperationalError, InterfaceError):
        form.add_error(None, _NOT_NOW)
        return _shown(request, form, status=HTTPStatus.SERVICE_UNAVAILABLE)
    return redirect("report-sent", draft.id)


def _too_many(request: HttpRequest, form: ReportForm, refusal: QuotaExceeded) -> HttpResponse:
    whose = "this site has taken" if refusal.limit.of_everybody else "came from your connection"
    form.add_error(
        None,
        f"Nothing was stored: as many reports as may be {whose} lately. What you typed is still here: send "
        f"it after {refusal.until:%H:%M} UTC, or write to the operator.",
    )
    response = _shown(request, form, status=HTTPStatus.TOO_MANY_REQUESTS)
    seconds = (refusal.until - timezone.now()).total_seconds()
    response.headers["Retry-After"] = str(max(1, round(seconds)))
    return response


def _shown(request: HttpRequest, form: ReportForm, *, status: int = HTTPStatus.OK) -> HttpResponse:
    return show(request, "my/report.html", section="report", api_path=None, form=form, status=status)
