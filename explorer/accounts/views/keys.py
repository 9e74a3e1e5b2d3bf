"""Keys for programs, on the account page."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from explorer.accounts import keys
from explorer.accounts.keys import TooManyKeys
from explorer.accounts.models import Account, ApiKey
from explorer.accounts.views.gate import of_account, of_account_lately, show_personal
from explorer.queries.db.errors import NotHere

_LONGEST_ONCE = 36  # characters: a UUID
_MADE = "made_key"  # in the session: which form made the last key, so that loading it again makes no other


@of_account_lately
def make(request: HttpRequest, of: Account) -> HttpResponse:
    """Make a key and show it: on this answer, and never again."""
    if request.method != "POST":
        return redirect("account")
    once = request.POST.get("once", "")[:_LONGEST_ONCE]
    if once and request.session.get(_MADE) == once:
        return show_personal(request, "my/key.html", is_made=True, status=HTTPStatus.CONFLICT)
    try:
        made = keys.make(of, ApiKey.Scope.CHALLENGE, now=timezone.now())
    except TooManyKeys:
        return show_personal(request, "my/key.html", most=keys.MOST, status=HTTPStatus.CONFLICT)
    request.session[_MADE] = once
    return show_personal(request, "my/key.html", made=made, status=HTTPStatus.CREATED)


@of_account
def revoke(request: HttpRequest, of: Account) -> HttpResponse:
    """Have nobody act with a key any more. Somebody else's key is none that there is."""
    number = request.POST.get("key", "")
    if request.method == "POST":
        if not (number.isascii() and number.isdigit() and len(number) <= 18):
            raise NotHere("You have no key of this number.")
        if not keys.revoke(of, int(number), now=timezone.now()):
            raise NotHere("You have no key of this number. If you had, it is revoked already.")
    return redirect("account")
