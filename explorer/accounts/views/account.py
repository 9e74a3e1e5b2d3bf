"""“Your account”: what there is of a person, and what he can do about it."""

import json
from http import HTTPStatus
from uuid import uuid4

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from explorer.accounts import passkeys, personal_data, sessions
from explorer.accounts.forms import DeleteForm
from explorer.accounts.models import Account
from explorer.accounts.views.gate import of_account, of_account_lately, show_personal
from explorer.queries.db.errors import NotHere


@of_account
def account(request: HttpRequest, of: Account) -> HttpResponse:
    """The account of whoever is signed in."""
    return show_personal(
        request,
        "my/account.html",
        sessions=sessions.of(of, here=request.session.session_key, now=timezone.now()),
        passkeys=passkeys.of(of),
        gives_role=passkeys.giving_role(of).exists(),
        once=uuid4(),
        keys=of.keys.filter(revoked_at=None).order_by("-made_at"),
        role=of.role,
        role_here=passkeys.role_in(request, of),
    )


@of_account
def export(request: HttpRequest, of: Account) -> HttpResponse:
    """All that the site holds of whoever is signed in, as a file."""
    told = json.dumps(personal_data.export(of), indent=2)
    name = 'attachment; filename="account.json"'
    return HttpResponse(told, content_type="application/json", headers={"Content-Disposition": name})


@of_account
def end_session(request: HttpRequest, of: Account) -> HttpResponse:
    """Sign out one other browser, by the name that the account page has for its session."""
    if request.method == "POST" and not sessions.end(of, request.POST.get("session", "")):
        raise NotHere("You have no session of this name. If you had, it has ended already.")
    return redirect("account")


@of_account
def end_sessions(request: HttpRequest, of: Account) -> HttpResponse:
    """Sign out every other browser."""
    if request.method == "POST":
        of.sessions.exclude(session_key=request.session.session_key).delete()
    return redirect("account")


@of_account
def notices(request: HttpRequest, of: Account) -> HttpResponse:
    """Have mail of challenges sent, or no more; a code to sign in with is sent always."""
    if request.method == "POST":
        of.wants_mail = request.POST.get("mail") == "on"
        of.save(update_fields=["wants_mail"])
    return redirect("account")


@of_account_lately
def delete(request: HttpRequest, of: Account) -> HttpResponse:
    """Delete the account, once whoever is signed in has written its pseudonym below what will be gone."""
    if request.method != "POST":
        return show_personal(request, "my/delete.html", form=DeleteForm(handle=of.handle))
    form = DeleteForm(request.POST, handle=of.handle)
    if not form.is_valid():
        return show_personal(request, "my/delete.html", form=form, status=HTTPStatus.BAD_REQUEST)
    personal_data.delete(of, now=timezone.now())
    logout(request)
    return show_personal(request, "my/deleted.html")
