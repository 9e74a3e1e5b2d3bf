"""The API's side of the search box."""

from django.urls import path, reverse
from rest_framework.request import Request
from rest_framework.response import Response

from explorer.api import pagination
from explorer.api.describing import SOUGHT, described
from explorer.api.endpoint import Endpoint
from explorer.api.explanations import Explanation, explanation
from explorer.api.search_examples import examples_of
from explorer.api.serializers import explanations
from explorer.api.serializers.finds import Found, FoundList
from explorer.queries.chain import chains
from explorer.queries.db.errors import BadQuestion
from explorer.queries.lists import listing
from explorer.queries.site import find
from explorer.query_parameters import LONGEST_SOUGHT, BadParameters, Fault


@described(
    "find_named",
    tag="find",
    summary="What an identifier names",
    about="Everything in any chain that has this number, RID, hash or key, the likeliest first, at most 50: "
    "what the search box of the pages finds. Where nothing is so named the list is empty. Without `q`, how "
    "to search, as the page says it.",
    answer=FoundList,
    query=[SOUGHT],
)
class FindEndpoint(Endpoint):
    def get(self, request: Request) -> Response:
        sought = self.asked.text("q", most=LONGEST_SOUGHT)
        self.asked.check()
        if not sought:
            told = explanations.Explanation(_how_to_search(request)).data
            return pagination.whole(Found, [], more={"explanation": told})
        try:
            found = find.find(sought)
        except BadQuestion as error:
            raise BadParameters([Fault("q", "not-an-identifier", str(error))]) from error
        return pagination.whole(Found, found, more={"explanation": None})


def _how_to_search(request: Request) -> Explanation:
    newest = next(iter(listing.latest(chains.chains(), count=1)), None)
    examples = examples_of(newest, at=reverse("all-records"))
    return explanation(request._request, "pages/find.html", newest=newest, examples=examples)


urlpatterns = [path("find", FindEndpoint.as_view(), name="find")]
