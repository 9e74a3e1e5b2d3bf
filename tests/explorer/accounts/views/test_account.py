"""“Your account”: what it shows, gives out and deletes, and that it is nobody else's."""

import json
import re
from http import HTTPStatus

import pytest
from django.conf import settings as site

from explorer.accounts import keys
from explorer.accounts.models import DELETED, Account, ApiKey, Session, SignIn
from tests.explorer.accounts.conftest import MAIL, Person
from tests.explorer.accounts.views.test_signing_in import words

pytestmark = pytest.mark.django_db(databases=["default", "desk"])
PAGE = "/my/account"
ALL = (
    PAGE,
    f"{PAGE}/delete",
    f"{PAGE}/export",
    f"{PAGE}/keys",
    f"{PAGE}/keys/revoke",
    f"{PAGE}/notices",
    f"{PAGE}/sessions",
)


@pytest.fixture
def known(person: Person) -> Person:
    person.sign_in()
    return person


def account() -> Account:
    return Account.objects.get(email=MAIL)


def made_key(known: Person) -> str:
    answer = known.send(f"{PAGE}/keys", form_at=PAGE)
    assert answer.status_code == HTTPStatus.CREATED
    (secret,) = re.findall(r">(challenge-[\w-]+)</pre>", answer.content.decode())
    return str(secret)


@pytest.mark.parametrize("path", ALL)
def test_who_is_not_signed_in_is_led_there(person: Person, path: str) -> None:
    assert person.get(path).headers["Location"] == f"/my/sign-in?next={path}"
    assert site.LOGIN_URL == "/my/sign-in"


def test_it_says_who_you_are_and_others_see_no_address(known: Person) -> None:
    told = words(known.get(PAGE))
    assert f"Others see you as {account().handle}" in told
    assert MAIL in told
    assert str(account()) == account().handle


def test_every_other_browser_can_be_signed_out(known: Person) -> None:
    other = Person()
    other.sign_in()
    assert "Another browser, signed in" in words(known.get(PAGE))
    known.send(f"{PAGE}/sessions", form_at=PAGE)
    assert other.get(PAGE).status_code == HTTPStatus.FOUND
    assert known.get(PAGE).status_code == HTTPStatus.OK
    assert Session.objects.filter(account=account()).count() == 1


def test_mail_of_challenges_is_turned_off_and_on_again(known: Person) -> None:
    for given, told in (("off", "You get no mail of challenges."), ("on", "We write to you when")):
        assert known.send(f"{PAGE}/notices", form_at=PAGE, mail=given).headers["Location"] == PAGE
        assert account().wants_mail is (given == "on")
        assert told in words(known.get(PAGE))


def test_no_page_shows_the_key_of_a_session(known: Person) -> None:
    assert known.session not in known.get(PAGE).content.decode()
    assert known.session not in known.get(f"{PAGE}/export").content.decode()


def test_a_key_is_shown_once_and_can_be_revoked(known: Person) -> None:
    secret = made_key(known)
    assert keys.find(secret) is not None
    listed = known.get(PAGE).content.decode()
    assert secret not in listed
    assert secret[: keys.SHOWN] in listed
    assert known.get(f"{PAGE}/keys").headers["Location"] == PAGE
    known.send(f"{PAGE}/keys/revoke", form_at=PAGE, key=str(ApiKey.objects.get().pk))
    assert keys.find(secret) is None
    assert secret[: keys.SHOWN] not in known.get(PAGE).content.decode()


def test_loading_the_page_of_a_new_key_again_makes_no_other(known: Person) -> None:
    once = str(known.get(PAGE).context["once"])
    first, again = (known.send(f"{PAGE}/keys", form_at=PAGE, once=once) for _ in range(2))
    assert (first.status_code, again.status_code) == (HTTPStatus.CREATED, HTTPStatus.CONFLICT)
    assert "This page was loaded again" in words(again)
    assert ApiKey.objects.count() == 1
    other = str(known.get(PAGE).context["once"])
    assert known.send(f"{PAGE}/keys", form_at=PAGE, once=other).status_code == HTTPStatus.CREATED


def test_an_account_with_enough_keys_is_told_what_to_do(known: Person) -> None:
    for _ in range(keys.MOST):
        made_key(known)
    refused = known.send(f"{PAGE}/keys", form_at=PAGE)
    assert refused.status_code == HTTPStatus.CONFLICT
    assert "Revoke one that you do not need" in words(refused)


def test_the_key_of_another_is_none_that_there_is(known: Person) -> None:
    made_key(known)
    other = Person()
    other.sign_in("you@example.org")
    refused = other.send(f"{PAGE}/keys/revoke", form_at=PAGE, key=str(ApiKey.objects.get().pk))
    assert refused.status_code == HTTPStatus.NOT_FOUND
    assert ApiKey.objects.get().revoked_at is None


@pytest.mark.parametrize("number", ["", "x", "-1", "9" * 18, "9" * 99, "\u0661", "1\x00"])
def test_what_is_no_number_of_a_key_is_refused(known: Person, number: str) -> None:
    refused = known.send(f"{PAGE}/keys/revoke", form_at=PAGE, key=number)
    assert refused.status_code == HTTPStatus.NOT_FOUND


def test_all_that_is_held_of_a_person_is_given_to_him(known: Person) -> None:
    secret = made_key(known)
    answer = known.get(f"{PAGE}/export")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="account.json"'
    assert "no-store" in answer.headers["Cache-Control"]
    told = json.loads(answer.content)
    assert told["account"]["email"] == MAIL
    assert told["account"]["handle"] == account().handle
    assert [each["shown"] for each in told["keys"]] == [secret[: keys.SHOWN]]
    assert len(told["sessions"]) == 1
    assert secret not in answer.content.decode()


@pytest.mark.parametrize("handle", ["", "reader-0000000", MAIL, "x" * 99, "a\0b"])
def test_nothing_is_deleted_by_mistake(known: Person, handle: str) -> None:
    refused = known.send(f"{PAGE}/delete", handle=handle)
    assert refused.status_code == HTTPStatus.BAD_REQUEST
    assert account().deleted_at is None


def test_forms_from_elsewhere_do_nothing(known: Person) -> None:
    handle = account().handle
    for path in ALL:
        answer = known.client.post(path, {"handle": handle})
        assert answer.status_code in {HTTPStatus.FORBIDDEN, HTTPStatus.METHOD_NOT_ALLOWED}
    assert (account().deleted_at, ApiKey.objects.count()) == (None, 0)


def test_a_deleted_account_leaves_a_row_without_a_word(known: Person) -> None:
    secret, other = made_key(known), Person()
    other.sign_in()
    Person().ask()
    number, before = account().pk, account().password
    gone = known.send(f"{PAGE}/delete", handle=f" {str(account().handle).upper()} ")
    assert "Your account is deleted" in words(gone)
    row = Account.objects.get(pk=number)
    assert (row.handle, row.email, str(row)) == (None, None, DELETED)
    assert row.password != before
    assert row.deleted_at is not None
    assert keys.find(secret) is None
    assert not Session.objects.filter(account=row).exists()
    assert not SignIn.objects.filter(used_at=None).exists()
    for each in (known, other):
        assert each.get(PAGE).status_code == HTTPStatus.FOUND


def test_who_comes_back_has_another_account(known: Person) -> None:
    before = account()
    known.send(f"{PAGE}/delete", handle=str(before.handle))
    Person().sign_in()
    assert account().pk != before.pk


@pytest.mark.django_db(transaction=True, databases=["default", "desk"])
def test_keys_sessions_and_deletion_need_no_more_than_the_roles_of_the_web(
    as_web: None, person: Person
) -> None:
    from explorer.accounts.codes import code_of

    person.ask()
    person.enter(code_of(SignIn.objects.get().pk))
    secret = made_key(person)
    key = keys.find(secret)
    assert key is not None
    assert person.send(f"{PAGE}/keys/revoke", form_at=PAGE, key=str(key.pk)).headers["Location"] == PAGE
    assert person.send(f"{PAGE}/sessions", form_at=PAGE).headers["Location"] == PAGE
    assert person.get(f"{PAGE}/export").status_code == HTTPStatus.OK
    gone = person.send(f"{PAGE}/delete", handle=str(account().handle))
    assert gone.status_code == HTTPStatus.OK
