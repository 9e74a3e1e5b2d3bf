"""Passkeys (WebAuthn): a second thing beside the code from a mail, which a person adds on his account page.

allauth's MFA keeps them and does the arithmetic. Whoever has one is asked for it each time that he signs in.
A role can be used on the web by a session alone that was shown one which the account had when the operator
appointed it: see `role_in`.
"""

import json
import struct
from datetime import datetime
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, QuerySet
from django.http import HttpRequest
from fido2.utils import websafe_encode

from explorer.accounts import notices
from explorer.accounts.models import Account, Appointment, Notice
from explorer.desk.models import DESK

MOST = 10
"""Passkeys of one account."""

_OF_PASSKEYS = {"method": "mfa", "type": Authenticator.Type.WEBAUTHN.value}
# What a browser sends is taken apart by a library that raises whatever its parts do, also of a kind of key
# that is unknown to it and of CBOR that is cut off.
_MALFORMED = (
    AttributeError,
    LookupError,
    NotImplementedError,
    RecursionError,
    TypeError,
    ValueError,
    struct.error,
)


class NotTaken(Exception):
    """What came is no passkey that can be added here, or none of the account's."""


class TooMany(Exception):
    """The account has as many passkeys as it may have: one must be removed first."""


def of(account: Account) -> list[Any]:
    """An account's, the oldest first: allauth's rows, each with ``wrap().name``."""
    return list(_of(account).order_by("pk"))


def offer(account: Account) -> str:
    """The JSON with which a browser makes one. The session waits for that one, and for no earlier one."""
    return json.dumps(auth.begin_registration(account, passwordless=False)["publicKey"])


def add(request: HttpRequest, account: Account, *, name: str, made: str, now: datetime) -> None:
    """Keep what a browser made; this session has shown it by that. Raises NotTaken and TooMany."""
    credential = _checked(made)
    with transaction.atomic(using=DESK):
        if not lock(account).is_active:
            raise NotTaken
        if _of(account).count() >= MOST:
            raise TooMany
        kept = auth.WebAuthn.add(account, name, credential).instance
        notices.leave(account, Notice.Kind.PASSKEY_ADDED, now=now)
    record_authentication(request, account, id=kept.pk, **_OF_PASSKEYS)


def lock(account: Account) -> Account:
    """Have what lets somebody in to an account be changed by nobody else until the transaction ends; gives it
    as it is now. It is the first of all locks, so that nobody waits in a circle.
    """
    return Account.objects.select_for_update(of=("self",)).get(pk=account.pk)


def ask(account: Account) -> str:
    """The JSON with which a browser shows one. The session waits for that, and for no earlier one."""
    return json.dumps(auth.begin_authentication(account)["publicKey"])


def accept(request: HttpRequest, account: Account, *, shown: str) -> None:
    """Note in the session that a passkey of the account was shown. Raises NotTaken."""
    credential = _read(shown)
    try:
        auth.parse_authentication_response(credential)
        found = auth.complete_authentication(account, credential)
    except (*_MALFORMED, ValidationError) as error:
        raise NotTaken from error
    post_authentication(request, found)


def remove(account: Account, number: int, *, now: datetime) -> bool:
    """Have nobody sign in with a passkey any more. False where that is none of the account's."""
    with transaction.atomic(using=DESK):
        lock(account)
        is_there = bool(_of(account).filter(pk=number).delete()[0])
        if is_there and not of(account):
            Authenticator.objects.filter(user=account).delete()  # codes, which stand in for passkeys
        if is_there:
            notices.leave(account, Notice.Kind.PASSKEY_REMOVED, now=now)
    return is_there


def is_shown(request: HttpRequest, account: Account) -> bool:
    """Whether this session was shown a passkey that the account still has."""
    return _is_among(_of(account), request, account)


def role_in(request: HttpRequest, account: Account) -> Appointment.Role:
    """What somebody may do on the web besides what everybody may: nothing before he has shown a passkey that
    gives his role.
    """
    return account.role if _is_among(giving_role(account), request, account) else Appointment.Role.NONE


def giving_role(account: Account) -> QuerySet[Any]:
    """The passkeys with which an account's role can be used: those that it had when the operator appointed
    it. A later one may be of somebody who reads its mail, or has a recovery code; appointing it again lets
    that one count too.
    """
    return _of(account).filter(user__appointment__since__gte=F("created_at"))


def _is_among(passkeys: QuerySet[Any], request: HttpRequest, account: Account) -> bool:
    records = get_authentication_records(request, account)
    shown = [each.get("id") for each in records if _OF_PASSKEYS.items() <= each.items()]
    return bool(shown) and passkeys.filter(pk__in=shown).exists()


def _of(account: Account) -> QuerySet[Any]:
    found: QuerySet[Any] = Authenticator.objects.filter(user=account, type=Authenticator.Type.WEBAUTHN)
    return found


def _checked(made: str) -> dict[str, Any]:
    """What is kept of a credential, which answers what this session asked for: its own bytes and no more."""
    credential = _read(made)
    try:
        parsed = auth.parse_registration_response(credential)
        auth.complete_registration(credential)
        response = parsed.response
        return {
            "id": websafe_encode(parsed.raw_id),
            "rawId": websafe_encode(parsed.raw_id),
            "type": "public-key",
            "response": {
                "clientDataJSON": websafe_encode(response.client_data),
                "attestationObject": websafe_encode(response.attestation_object),
            },
        }
    except (*_MALFORMED, ValidationError) as error:
        raise NotTaken from error


def _read(credential: str) -> Any:
    try:
        return json.loads(credential)
    except (RecursionError, ValueError) as error:
        raise NotTaken from error
