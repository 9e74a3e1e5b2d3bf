"""Passkeys: adding and removing them on a page of the account, and showing one to sign in."""

from http import HTTPStatus
from ipaddress import ip_address

from allauth.account.internal.decorators import login_stage_required
from allauth.account.stages import LoginStage
from allauth.mfa.stages import AuthenticateStage
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from explorer.accounts import passkeys as keeping
from explorer.accounts import recovery
from explorer.accounts.forms import NewPasskeyForm, PasskeyForm
from explorer.accounts.models import Account
from explorer.accounts.passkeys import NotTaken, TooMany
from explorer.accounts.views.gate import of_account_lately, show_personal, while_there_are_accounts
from explorer.pages.frame.page import page
from explorer.queries.db.errors import NotHere

_NOT_TAKEN = "This passkey was not taken: it is too late for it, or it is another site's. Try again."


@of_account_lately
def passkeys(request: HttpRequest, of: Account) -> HttpResponse:
    """The passkeys of whoever is signed in, and a form that adds one."""
    if request.method != "POST":
        number = len(keeping.of(of)) + 1
        return _page(request, of, NewPasskeyForm(initial={"name": f"Passkey {number}"}))
    form = NewPasskeyForm(request.POST)
    if form.is_valid() and _is_added(request, of, form):
        return redirect("account-passkeys")
    return _page(request, of, form, status=HTTPStatus.BAD_REQUEST)


@of_account_lately
def remove(request: HttpRequest, of: Account) -> HttpResponse:
    """Remove a passkey. Somebody else's is none that there is."""
    number = request.POST.get("passkey", "")
    if request.method == "POST":
        is_number = number.isascii() and number.isdigit() and len(number) <= 18
        if not (is_number and keeping.remove(of, int(number), now=timezone.now())):
            raise NotHere("You have no passkey of this number. If you had, it is removed already.")
    return redirect("account-passkeys")


@page
@while_there_are_accounts
@login_stage_required(stage=AuthenticateStage.key, redirect_urlname="sign-in")  # type: ignore[untyped-decorator]
def show(request: HttpRequest) -> HttpResponse:
    """Show a passkey, after the code, to be signed in."""
    stage: LoginStage = request._login_stage  # type: ignore[attr-defined]
    form = PasskeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            keeping.accept(request, stage.login.user, shown=form.cleaned_data["credential"])
        except NotTaken:
            form.refuse(_NOT_TAKEN)
        else:
            let_in: HttpResponse = stage.exit()
            return let_in
    status = HTTPStatus.BAD_REQUEST if form.errors else HTTPStatus.OK
    options = keeping.ask(stage.login.user)
    return show_personal(
        request, "my/passkey.html", status=status, form=form, options=options, **_place(request)
    )


def _is_added(request: HttpRequest, of: Account, form: NewPasskeyForm) -> bool:
    made, name = form.cleaned_data["credential"], form.cleaned_data["name"]
    try:
        keeping.add(request, of, name=name, made=made, now=timezone.now())
    except NotTaken:
        form.refuse(_NOT_TAKEN)
    except TooMany:
        form.refuse(f"You have {keeping.MOST} passkeys, as many as an account may have: remove one first.")
    else:
        return True
    return False


def _page(
    request: HttpRequest, of: Account, form: NewPasskeyForm, *, status: int = HTTPStatus.OK
) -> HttpResponse:
    return show_personal(
        request,
        "my/passkeys.html",
        status=status,
        form=form,
        passkeys=keeping.of(of),
        most=keeping.MOST,
        options=keeping.offer(of),
        role=of.role,
        giving_role=list(keeping.giving_role(of)),
        codes_left=recovery.left(of),
        **_place(request),
    )


def _place(request: HttpRequest) -> dict[str, str]:
    """Browsers keep passkeys for a name, and none for an address of digits."""
    host = request.get_host().rpartition(":")[0] or request.get_host()
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return {}
    return {"digits": host}
