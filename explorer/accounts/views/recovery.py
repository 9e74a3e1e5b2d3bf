"""Recovery codes: made and shown once on the account's pages, and entered to sign in without a passkey."""

from http import HTTPStatus

from allauth.account.internal.decorators import login_stage_required
from allauth.account.stages import LoginStage
from allauth.mfa.stages import AuthenticateStage
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from explorer.accounts import recovery
from explorer.accounts.forms import RecoveryForm
from explorer.accounts.models import Account
from explorer.accounts.passkeys import NotTaken
from explorer.accounts.recovery import NoPasskey
from explorer.accounts.views.entering import later, retry_after
from explorer.accounts.views.gate import of_account_lately, show_personal, while_there_are_accounts
from explorer.desk.client_address import client_address
from explorer.desk.quotas import QuotaExceeded
from explorer.pages.frame.page import page


@of_account_lately
def make(request: HttpRequest, of: Account) -> HttpResponse:
    """Make codes and show them: on this answer, and never again."""
    if request.method != "POST":
        return redirect("account-passkeys")
    try:
        made = recovery.make(of, now=timezone.now())
    except NoPasskey:
        return redirect("account-passkeys")
    return show_personal(request, "my/recovery_codes.html", codes=made, status=HTTPStatus.CREATED)


@page
@while_there_are_accounts
@login_stage_required(stage=AuthenticateStage.key, redirect_urlname="sign-in")  # type: ignore[untyped-decorator]
def enter(request: HttpRequest) -> HttpResponse:
    """Enter a code in place of a passkey, after the code from the mail, to be signed in."""
    stage: LoginStage = request._login_stage  # type: ignore[attr-defined]
    form = RecoveryForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _page(request, form)
    code = form.cleaned_data["code"]
    try:
        recovery.accept(
            request, stage.login.user, code=code, address=client_address(request), now=timezone.now()
        )
    except NotTaken:
        form.refuse("This is none of your recovery codes, or was used before: each lets you in once.")
        return _page(request, form)
    except QuotaExceeded as refusal:
        form.refuse(f"Too many codes were tried. {later(refusal)}")
        return retry_after(_page(request, form, status=HTTPStatus.TOO_MANY_REQUESTS), refusal)
    let_in: HttpResponse = stage.exit()
    return let_in


def _page(request: HttpRequest, form: RecoveryForm, *, status: int | None = None) -> HttpResponse:
    usual = HTTPStatus.BAD_REQUEST if form.errors else HTTPStatus.OK
    return show_personal(request, "my/recovery.html", status=status or usual, form=form)
