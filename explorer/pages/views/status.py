"""How the index stands."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from explorer.pages.frame.context import chains_of
from explorer.pages.frame.page import page, show
from explorer.queries.site import status as stands


@page
def status(request: HttpRequest) -> HttpResponse:
    """Every chain's status on one page."""
    found = [stands.status(each) for each in chains_of(request)]
    only = found[0].chain if len(found) == 1 else None
    current = sum(each.verdict.is_up_to_date for each in found)
    return show(request, "pages/status.html", section="status", chain=only, found=found, current=current)


urlpatterns = [path("status", status, name="status")]
