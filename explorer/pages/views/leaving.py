"""The page between here and an address elsewhere that somebody's words link to."""

import re

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone

from explorer.pages.frame.page import asking, show
from explorer.pages.rendering import outside
from explorer.queries.db.errors import NotHere
from explorer.queries.site import challenges
from explorer.query_parameters import QueryParameters

_LONGEST_SIGNATURE = 100
_WORDS = re.compile(r"([0-9]{1,15})\.([0-9]{1,9})")  # the event of a challenge


@asking("to", "of", "signed")
def leaving(request: HttpRequest, asked: QueryParameters) -> HttpResponse:
    """Where a link leads, before anybody goes there, as long as the words are shown in which it stands.
    Nothing is asked of that address here.
    """
    to = asked.text("to", most=outside.LONGEST)
    of = asked.text("of", most=_LONGEST_SIGNATURE)
    signed = asked.text("signed", most=_LONGEST_SIGNATURE)
    asked.check()
    found = outside.outside(to, of, signed)
    if found is None or not _are_shown(of):
        raise NotHere(
            "No words that are shown on this site link there. The address of this page may have been cut: "
            "follow the link once more from where you read it."
        )
    return show(request, "pages/leaving.html", section="", found=found, noindex=True, api_path="")


def _are_shown(of: str) -> bool:
    """Whether the words of that event are shown by now."""
    named = _WORDS.fullmatch(of)
    if named is None:
        return False
    number, event = map(int, named.groups())
    told = challenges.challenge(number, now=timezone.now()).events
    return any(each.ordinal == event and each.words for each in told)


urlpatterns = [path("leaving", leaving, name="leaving")]
