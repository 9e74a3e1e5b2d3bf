"""“Your account”: what there is of a person, and what he can do about it."""

from http import HTTPStatus

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse

from explorer.accounts.views.gate import show_personal, while_there_are_accounts
from explorer.pages.frame.page import page


@page
@while_there_are_accounts
@login_required
def account(request: HttpRequest) -> HttpResponse:
    """The account of whoever is signed in."""
    return show_personal(request, "my/account.html", status=HTTPStatus.OK)
