"""What pages of accounts have in common: they are there only where the operator lets people file, and no
search engine lists them; most are for whoever is signed in alone.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from http import HTTPStatus

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from explorer.accounts import passkeys, recovery
from explorer.accounts.models import Account
from explorer.accounts.sessions import SIGNED_IN_AT
from explorer.pages.frame.page import page, show
from explorer.queries.db.errors import NotHere

LATELY = timedelta(hours=1)
"""How long a sign-in is good for what may lock somebody out of his account."""

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


def of_account_lately(view: OfAccount) -> View:
    """The same, for what may lock its owner out: whoever signed in long ago, or without the passkey that he
    has or a code in its place, is asked to do so again.
    """

    @of_account
    @wraps(view)
    def answer(request: HttpRequest, of: Account) -> HttpResponse:
        if not _is_lately(request, of):
            return show_personal(request, "my/again.html", onward=request.path, status=HTTPStatus.FORBIDDEN)
        return view(request, of)

    return answer


def _is_lately(request: HttpRequest, of: Account) -> bool:
    since = timezone.now() - datetime.fromisoformat(request.session[SIGNED_IN_AT])
    has_shown = passkeys.is_shown(request, of) or recovery.is_used(request, of) or not passkeys.of(of)
    return since < LATELY and has_shown


def show_personal(
    request: HttpRequest, template: str, *, status: int = HTTPStatus.OK, **context: object
) -> HttpResponse:
    """Render the template of a page that knows a person."""
    return show(request, template, status=status, section="account", api_path=None, **context)


def _lacking() -> str:
    if not settings.CHALLENGES_LACK:
        return "If you run it: CHALLENGES=1 lets people file."
    missing = ", ".join(settings.CHALLENGES_LACK)
    return f"If you run it: CHALLENGES=1 is set, and {missing} is missing beside it."
