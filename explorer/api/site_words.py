"""The API's side of the pages in words of the site's own, each at the address of its page."""

from collections.abc import Mapping

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from explorer.api.describing import described
from explorer.api.endpoint import Endpoint
from explorer.api.explanations import explanation
from explorer.api.serializers.explanations import Explanation

SECONDS = 300

PAGES: Mapping[str, str] = {
    "how-checks-are-made": "How blocks and records are checked, and what no check can show",
    "glossary": "What the words of this site mean",
    "privacy": "What is stored about visitors, and how words are removed",
    "terms": "What may be done with this site",
    "contact": "Who runs this site, and how to reach them",
    "data-licence": "Who has rights in what is here",
    "source": "Where the source of this site is",
}
"""Each with what it tells, by its address; its template has the same name."""


def template_of(page: str) -> str:
    """The template of one of these pages."""
    return f"pages/{page}.html"


def _endpoint(page: str, summary: str) -> type[Endpoint]:
    @described(
        f"get_{page.replace('-', '_')}",
        tag="site",
        summary=summary,
        about=f"The words of the page `/{page}`, section by section, as the operator of this site has them.",
        answer=Explanation,
    )
    class OfPage(Endpoint):
        seconds = SECONDS

        def get(self, request: Request) -> Response:
            return Response(Explanation(explanation(request._request, template_of(page))).data)

    return OfPage


urlpatterns = [path(page, _endpoint(page, summary).as_view(), name=page) for page, summary in PAGES.items()]
