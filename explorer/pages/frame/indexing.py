"""Which pages search engines are asked to leave out: it is decided here alone."""

from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest

from explorer.api import site_words

EXPLAINING = frozenset(
    {
        *("home", "find", "compare", "api", "reference", "status", "checks", "check", "grounds"),
        *("challenges", "challenge", "challenge-metrics"),
        *site_words.PAGES,
    }
)
"""The names of what is about the site, and of what people question here. All others quote the chain, and are
left out where the operator keeps records from search engines.
"""
_NEVER = frozenset({"all-records-facets", "records-facets", "look"})
_FORMS = "/my/"


def is_left_out(request: HttpRequest, status: int) -> bool:
    """Whether an answer with this status is no page to be found: what has a query is another view of one that
    is, or the words of who asked; a form is somebody's own, and what is not all right is passing.
    """
    match = request.resolver_match
    name = match.view_name if match else ""
    if status != HTTPStatus.OK or request.method == "POST" or request.GET:
        return True
    if request.path.startswith(_FORMS) or name in _NEVER:
        return True
    return bool(settings.NOINDEX) and name not in EXPLAINING
