"""Giving the account another e-mail address, by a code that is sent to it."""

import uuid
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from explorer.accounts import change_of_mail, sign_in
from explorer.accounts.change_of_mail import HasAnother
from explorer.accounts.forms import ChangeForm, CodeForm
from explorer.accounts.models import Account, SignIn
from explorer.accounts.views.entering import REFUSALS, later, retry_after, show_code, show_refused
from explorer.accounts.views.gate import of_account_lately, show_personal
from explorer.desk.client_address import client_address
from explorer.desk.quotas import QuotaExceeded

_HAS_ANOTHER = (
    "This address has an account of its own. Delete that one first, or have the code sent to another address."
)
_WAITING = "change_of_mail"  # in the session: which change waits for its code


@of_account_lately
def change(request: HttpRequest, of: Account) -> HttpResponse:
    """Ask for a code to be sent to another address."""
    form = ChangeForm(request.POST if request.method == "POST" else None, current=of.email)
    if request.method != "POST":
        return show_personal(request, "my/mail.html", form=form)
    if not form.is_valid():
        return show_personal(request, "my/mail.html", form=form, status=HTTPStatus.BAD_REQUEST)
    email, now = form.cleaned_data["email"], timezone.now()
    try:
        asked = sign_in.begin(email, address=client_address(request), now=now, account=of)
    except QuotaExceeded as refusal:
        form.add_error(None, f"No code was sent: too many were asked for lately. {later(refusal)}")
        refused = show_personal(request, "my/mail.html", form=form, status=HTTPStatus.TOO_MANY_REQUESTS)
        return retry_after(refused, refusal)
    request.session[_WAITING] = str(asked)
    return redirect("account-mail-code")


@of_account_lately
def code(request: HttpRequest, of: Account) -> HttpResponse:
    """Enter the code, in the browser that asked for it."""
    known = request.session.get(_WAITING)
    waiting = change_of_mail.waiting(of, uuid.UUID(known)) if known else None
    if waiting is None:
        return redirect("account-mail")
    if request.method == "POST":
        return _entered(request, of, waiting)
    return show_code(request, CodeForm(), waiting)


def _entered(request: HttpRequest, of: Account, waiting: SignIn) -> HttpResponse:
    form = CodeForm(request.POST)
    if not form.is_valid():
        return show_code(request, form, waiting, status=HTTPStatus.BAD_REQUEST)
    try:
        change_of_mail.confirm(
            of,
            waiting.pk,
            form.cleaned_data["code"],
            session=str(request.session.session_key),
            address=client_address(request),
            now=timezone.now(),
        )
    except REFUSALS as error:
        return show_refused(request, form, waiting, error)
    except HasAnother:
        form.refuse(_HAS_ANOTHER)
        return show_code(request, form, waiting, status=HTTPStatus.CONFLICT)
    del request.session[_WAITING]
    return redirect("account")
