"""Whoever comes to a page of his when his session is over: told to sign in, and what he typed is kept in the
session that he has meanwhile, so that it is there again once he did.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from explorer.challenges.filing_forms import kept
from explorer.desk import quotas
from explorer.desk.client_address import client_address
from explorer.desk.models import DESK
from explorer.desk.quotas import Limit, QuotaExceeded
from explorer.pages.frame.page import show

LIMITS = (Limit("words of whoever is signed out", most=20, period=timedelta(hours=1)),)
LIFETIME = timedelta(hours=1)
_KEY = "typed"
_NOT_TYPED = frozenset({"csrfmiddlewaretoken"})


def told(request: HttpRequest, why: str, *, status: int) -> HttpResponse:
    """The page that says why and leads to where one signs in, with what was sent to it."""
    typed = {name: kept(words) for name, words in request.POST.items() if name not in _NOT_TYPED and words}
    return show(
        request, "my/signed_out.html", section="challenges", api_path=None, noindex=True, status=status,
        why=why, typed=typed, is_kept=bool(typed) and _keep(request, typed, now=timezone.now()),
    )  # fmt: skip


def typed_before(request: HttpRequest) -> Mapping[str, str]:
    """What was sent to the same address while its sender was signed out, once; nothing where nothing was."""
    found = request.session.get(_KEY)
    if found is None or found["path"] != request.path:
        return {}
    del request.session[_KEY]
    is_over = datetime.fromisoformat(found["until"]) < timezone.now()
    return {} if is_over else dict(found["typed"])


def _keep(request: HttpRequest, typed: Mapping[str, str], *, now: datetime) -> bool:
    """Whether it is kept: not where too much was from this client address."""
    try:
        with transaction.atomic(using=DESK):
            quotas.take(LIMITS, client_address(request), now=now)
    except QuotaExceeded:
        return False
    until = (now + LIFETIME).isoformat()
    request.session.set_expiry(LIFETIME)  # until somebody signs in
    request.session[_KEY] = {"path": request.path, "until": until, "typed": dict(typed)}
    return True
