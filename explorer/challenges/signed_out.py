"""Whoever comes to a page of his when his session is over: told to sign in, and what he typed is kept, so
that it is in the form again once he did, until he files it or a day is over.

The session that his browser has meanwhile knows where it is kept, and no cookie holds a word of it. Signing
in gives that session a new key and leaves what it knows; signing out ends it.
"""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from explorer.challenges.filing_forms import kept
from explorer.challenges.models import KeptWords
from explorer.challenges.person import Person
from explorer.desk import quotas
from explorer.desk.client_address import client_address
from explorer.desk.models import DESK
from explorer.desk.quotas import Limit, QuotaExceeded
from explorer.pages.frame.page import show
from explorer.rules import registry

LIMITS = (
    Limit("words of whoever is signed out", most=20, period=timedelta(hours=1)),
    Limit("words of anybody signed out", most=2_000, period=timedelta(days=1), of_everybody=True),
)
LARGEST = 64 * 1024
"""Bytes of what is kept of one form."""

LIFETIME = timedelta(days=1)
MOST = 5
"""Forms whose words one session knows; the oldest are forgotten."""

_KEY = "kept_words"  # in the session: ids by the path of their form, the oldest first
_TYPED = frozenset(
    {"statement", "links", "ground", "text"}
    | {each.name for ground in registry.grounds() for each in ground.fields}
)
"""What people type into any of these forms; nothing else is kept."""


def told(request: HttpRequest, why: str, *, status: int) -> HttpResponse:
    """The page that says why and leads to where one signs in, with what was sent to it."""
    typed = typed_in(request)
    return show(
        request, "my/signed_out.html", section="challenges", api_path=None, status=status,
        why=why, typed=typed, is_kept=bool(typed) and _keep(request, typed, now=timezone.now()),
    )  # fmt: skip


def typed_in(request: HttpRequest) -> Mapping[str, str]:
    """What somebody typed into the form that he sends, by the names of its fields."""
    return {name: kept(given) for name, given in request.POST.items() if given and name in _TYPED}


def typed_before(request: HttpRequest, by: Person) -> Mapping[str, str]:
    """What was sent to the same address by this browser while nobody was signed in; nothing where nothing
    was, or where it is somebody else's. It is this person's from now on.
    """
    named = _named(request).get(request.path)
    if named is None:
        return {}
    may = Q(person=None) | Q(person=by.id)
    found = KeptWords.objects.filter(
        may, pk=uuid.UUID(named), path=request.path, expires_at__gt=timezone.now()
    )
    if not found.update(person=by.id):
        return {}
    return dict(KeptWords.objects.get(pk=named).typed)


def forget(request: HttpRequest) -> None:
    """Remove what was kept of this form: it is filed, or written to a draft."""
    named = _named(request)
    if request.path in named:
        KeptWords.objects.filter(pk=uuid.UUID(named.pop(request.path))).delete()
        request.session[_KEY] = named
        if not named:
            del request.session[_KEY]


def _keep(request: HttpRequest, typed: Mapping[str, str], *, now: datetime) -> bool:
    """Whether it is kept: not where it is too much, or too much was from this client address or everybody."""
    if sum(len(given.encode()) for given in typed.values()) > LARGEST:
        return False
    try:
        quotas.check(LIMITS, client_address(request), now=now)
        with transaction.atomic(using=DESK):
            quotas.take(LIMITS, client_address(request), now=now)
            row = KeptWords.objects.create(path=request.path, typed=dict(typed), expires_at=now + LIFETIME)
    except QuotaExceeded:
        return False
    forget(request)
    named = [*_named(request).items(), (request.path, str(row.pk))]
    KeptWords.objects.filter(pk__in=[each for _, each in named[:-MOST]]).delete()
    request.session.set_expiry(LIFETIME)  # until somebody signs in
    request.session[_KEY] = dict(named[-MOST:])
    return True


def _named(request: HttpRequest) -> dict[str, str]:
    return dict(request.session.get(_KEY, {}))
