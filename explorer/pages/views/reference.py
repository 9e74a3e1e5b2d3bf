"""The API's reference, for people."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from explorer.api.problems import KINDS
from explorer.api.reference import reference as read
from explorer.pages.frame.page import page, show


@page
def reference(request: HttpRequest) -> HttpResponse:
    """Every address of the API, what it takes, what its answers hold, and what may go wrong."""
    root = request.build_absolute_uri("/api/v1")
    return show(
        request,
        "pages/api.html",
        section="api",
        api_path="/api/v1/schema/",
        root=root,
        reference=read(),
        kinds=KINDS,
    )


urlpatterns = [path("api", reference, name="api")]
