"""The page between here and an address elsewhere that somebody's words link to."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from explorer.pages.frame.page import asking, show
from explorer.pages.rendering import outside
from explorer.queries.db.errors import NotHere
from explorer.query_parameters import QueryParameters

_LONGEST_SIGNATURE = 100


@asking("to", "signed")
def leaving(request: HttpRequest, asked: QueryParameters) -> HttpResponse:
    """Where a link leads, before anybody goes there. Nothing is asked of that address here."""
    to = asked.text("to", most=outside.LONGEST)
    signed = asked.text("signed", most=_LONGEST_SIGNATURE)
    asked.check()
    found = outside.outside(to, signed)
    if found is None:
        raise NotHere(
            "No words on this site link there. The address of this page may have been cut: "
            "follow the link once more from where you read it."
        )
    return show(request, "pages/leaving.html", section="", found=found, noindex=True, api_path="")


urlpatterns = [path("leaving", leaving, name="leaving")]
