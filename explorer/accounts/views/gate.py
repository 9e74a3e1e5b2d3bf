"""What pages of accounts have in common: they are there only where the operator lets people file, and no
search engine lists them; most are for whoever is signed in alone.
"""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse

from explorer.accounts.models import Account
from explorer.pages.frame.page import page, show
from explorer.queries.db.errors import NotHere

View = Callable[..., HttpResponse]
OfAccount = Callable[[HttpRequest, Account], HttpResponse]


def while_there_are_accounts(view: View) -> View:
    """A view that says so where there are none. Raises NotHere."""

    @wraps(view)
    def answer(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not settings.CHALLENGES:
            raise NotHere(f"This site takes no challenges, so nobody signs in to it. {_lacking()}")
        return view(request, *args, **kwargs)

    return answer


def of_account(view: OfAccount) -> View:
    """A page for whoever is signed in, whose account it is handed; others are led to sign in, and back."""

    @page
    @while_there_are_accounts
    @login_required
    @wraps(view)
    def answer(request: HttpRequest) -> HttpResponse:
        assert isinstance(request.user, Account)
        return view(request, request.user)

    return answer


def show_personal(
    request: HttpRequest, template: str, *, status: int = HTTPStatus.OK, **context: object
) -> HttpResponse:
    """Render the template of a page that knows a person."""
    return show(request, template, status=status, noindex=True, section="account", api_path=None, **context)


def _lacking() -> str:
    if not settings.CHALLENGES_LACK:
        return "If you run it: CHALLENGES=1 lets people file."
    missing = ", ".join(settings.CHALLENGES_LACK)
    return f"If you run it: CHALLENGES=1 is set, and {missing} is missing beside it."
