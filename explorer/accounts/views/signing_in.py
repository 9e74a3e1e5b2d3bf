"""Signing in by a code from a mail, and signing out. No page of it says whether an address has an account."""

import uuid
from http import HTTPStatus

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from explorer.accounts import sign_in as signing
from explorer.accounts.adapter import is_of_this_site
from explorer.accounts.forms import LONGEST_NEXT, CodeForm, SignInForm
from explorer.accounts.models import Account, SignIn
from explorer.accounts.views.entering import REFUSALS, later, retry_after, show_code, show_refused
from explorer.accounts.views.gate import show_personal, while_there_are_accounts
from explorer.desk.client_address import client_address
from explorer.desk.quotas import QuotaExceeded
from explorer.pages.frame.page import asking, page
from explorer.query_parameters import QueryParameters

_WAITING = "sign_in"  # in the session: which sign-in waits for its code
_NEXT = "sign_in_next"


@asking("next")
@while_there_are_accounts
def sign_in(request: HttpRequest, asked: QueryParameters) -> HttpResponse:
    """Ask for a code. ``next`` is the path on this site to go on to."""
    onward = asked.text("next", most=LONGEST_NEXT)
    asked.check()
    if request.user.is_authenticated:
        return redirect(onward if is_of_this_site(onward or "") else settings.LOGIN_REDIRECT_URL)
    if request.method == "POST":
        return _asked(request)
    return _sign_in_form(request, SignInForm(initial={"next": onward}))


@page
@while_there_are_accounts
def code(request: HttpRequest) -> HttpResponse:
    """Enter the code. Only the browser that asked for it can."""
    waiting = _waiting(request)
    if waiting is None:
        return redirect("sign-in")
    if request.method == "POST":
        return _entered(request, waiting)
    return show_code(request, CodeForm(), waiting)


@page
@while_there_are_accounts
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this browser's session; by a form alone, so that no link of somebody else's does it. ``next`` is
    where whoever shall sign in again wants to go on.
    """
    if request.method == "POST":
        logout(request)
        onward = request.POST.get("next", "")[:LONGEST_NEXT]
        return redirect_to_login(onward) if is_of_this_site(onward) else redirect("home")
    return redirect(settings.LOGIN_REDIRECT_URL)


def _asked(request: HttpRequest) -> HttpResponse:
    form = SignInForm(request.POST)
    if not form.is_valid():
        return _sign_in_form(request, form, status=HTTPStatus.BAD_REQUEST)
    try:
        begun = signing.begin(form.cleaned_data["email"], address=client_address(request), now=timezone.now())
    except QuotaExceeded as refusal:
        form.add_error(None, f"No code was sent: too many were asked for lately. {later(refusal)}")
        return retry_after(_sign_in_form(request, form, status=HTTPStatus.TOO_MANY_REQUESTS), refusal)
    request.session[_WAITING] = str(begun)
    onward = form.cleaned_data["next"]
    request.session[_NEXT] = onward if is_of_this_site(onward) else ""
    return redirect("sign-in-code")


def _entered(request: HttpRequest, waiting: SignIn) -> HttpResponse:
    form = CodeForm(request.POST)
    if not form.is_valid():
        return show_code(request, form, waiting, status=HTTPStatus.BAD_REQUEST)
    try:
        account = signing.confirm(
            waiting.pk, form.cleaned_data["code"], address=client_address(request), now=timezone.now()
        )
    except REFUSALS as error:
        return show_refused(request, form, waiting, error)
    return _let_in(request, account)


def _let_in(request: HttpRequest, account: Account) -> HttpResponse:
    """Through allauth's stages, which ask for a passkey where the account has one."""
    del request.session[_WAITING]
    onward = request.session.pop(_NEXT, "")
    record_authentication(request, account, method="code")
    answer: HttpResponse = perform_login(
        request, Login(user=account, redirect_url=onward or settings.LOGIN_REDIRECT_URL)
    )
    return answer


def _waiting(request: HttpRequest) -> SignIn | None:
    known = request.session.get(_WAITING)
    return SignIn.objects.filter(pk=uuid.UUID(known), account=None).first() if known else None


def _sign_in_form(request: HttpRequest, form: SignInForm, *, status: int = HTTPStatus.OK) -> HttpResponse:
    return show_personal(request, "my/sign_in.html", status=status, form=form)
