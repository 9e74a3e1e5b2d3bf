"""Keys: shown once, kept as a hash, of one account, and nobody's any more once they are revoked."""

from datetime import UTC, datetime

import pytest
from django.core import serializers
from pytest_django import Settings
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from explorer.accounts import keys
from explorer.accounts.bearer import KeyAuthentication, MayChallenge
from explorer.accounts.keys import MadeKey, TooManyKeys
from explorer.accounts.models import Account, ApiKey

pytestmark = pytest.mark.django_db(databases=["default", "desk"])
NOW = datetime(2026, 11, 23, 14, 2, 11, tzinfo=UTC)


@pytest.fixture
def account() -> Account:
    return Account.objects.of_mail("me@example.org", now=NOW)


def make(account: Account) -> MadeKey:
    return keys.make(account, ApiKey.Scope.CHALLENGE, now=NOW)


def asking(header: str | None, **more: str) -> Request:
    headers = more if header is None else {"HTTP_AUTHORIZATION": header, **more}
    return Request(APIRequestFactory().post("/api/v1/challenges", **headers))


def test_a_key_is_found_by_all_of_its_letters_alone(account: Account) -> None:
    made = make(account)
    found = keys.find(made.secret)
    assert found is not None
    assert (found, found.account) == (made.key, account)
    for other in (
        made.secret[:-1],
        made.secret + "x",
        made.secret.upper(),
        "",
        "challenge-",
        "\ud800",
        "a\0b",
    ):
        assert keys.find(other) is None


def test_nothing_keeps_a_key(account: Account) -> None:
    made = make(account)
    told = serializers.serialize("json", ApiKey.objects.all())
    assert made.secret not in told
    assert made.secret[keys.SHOWN :] not in told
    assert made.secret.startswith(made.key.shown)


def test_a_key_that_was_revoked_is_nobody_s(account: Account) -> None:
    made = make(account)
    assert keys.revoke(account, made.key.pk, now=NOW)
    assert keys.find(made.secret) is None
    assert not keys.revoke(account, made.key.pk, now=NOW)


def test_nobody_revokes_the_key_of_another(account: Account) -> None:
    made = make(account)
    assert not keys.revoke(Account.objects.of_mail("you@example.org", now=NOW), made.key.pk, now=NOW)
    assert keys.find(made.secret) is not None


def test_an_account_has_as_many_as_it_may_have(account: Account) -> None:
    made = [make(account) for _ in range(keys.MOST)]
    with pytest.raises(TooManyKeys):
        make(account)
    keys.revoke(account, made[0].key.pk, now=NOW)
    make(account)


def test_who_comes_with_a_key_is_its_account(account: Account) -> None:
    made = make(account)
    for kind in ("Bearer", "bearer", "BEARER"):
        assert KeyAuthentication().authenticate(asking(f"{kind} {made.secret}")) == (account, made.key)


@pytest.mark.parametrize("header", [None, "", "Basic bWU6eW91", "Token x", "Bearerx"])
def test_who_comes_without_one_is_nobody(header: str | None) -> None:
    assert KeyAuthentication().authenticate(asking(header)) is None


@pytest.mark.parametrize("key", ["", " ", " x", " a b", " \xff", " " + "x" * 9999])
def test_who_comes_with_one_that_is_none_is_told_so(key: str) -> None:
    with pytest.raises(AuthenticationFailed, match="account page"):
        KeyAuthentication().authenticate(asking(f"Bearer{key}"))


def test_no_cookie_says_who_asks_the_api(account: Account) -> None:
    assert KeyAuthentication().authenticate(asking(None, HTTP_COOKIE="sessionid=" + "a" * 32)) is None


def test_where_nobody_files_no_key_is_known(account: Account, settings: Settings) -> None:
    made = make(account)
    settings.CHALLENGES = False
    with pytest.raises(AuthenticationFailed, match="takes no challenges"):
        KeyAuthentication().authenticate(asking(f"Bearer {made.secret}"))


def test_a_key_of_the_scope_is_needed(account: Account) -> None:
    view, request = None, asking(None)
    request.user, request.auth = account, make(account).key
    assert MayChallenge().has_permission(request, view)  # type: ignore[arg-type]
    request.auth = ApiKey(account=account, scope="another")
    assert not MayChallenge().has_permission(request, view)  # type: ignore[arg-type]
    request.auth = None
    assert not MayChallenge().has_permission(request, view)  # type: ignore[arg-type]
