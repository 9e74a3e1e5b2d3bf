"""Another e-mail address for an account: proved by a code, told to the one before."""

from http import HTTPStatus

import pytest
from django.core import mail
from django.utils import timezone

from explorer.accounts import notices
from explorer.accounts.models import Account, Notice, SignIn
from explorer.desk import outbox
from tests.explorer.accounts.conftest import MAIL, Answer, Person, mailed_code
from tests.explorer.accounts.views.test_signing_in import words

pytestmark = pytest.mark.django_db(databases=["default", "desk"])
PAGE, CODE, NEW = "/my/account/mail", "/my/account/mail/code", "new@example.org"


@pytest.fixture
def known(person: Person) -> Person:
    person.sign_in()
    return person


def change(known: Person, email: str = NEW) -> Answer:
    known.send(PAGE, email=email)
    return known.send(CODE, code=mailed_code(email))


def sent_to(address: str) -> str:
    outbox.run_due()
    return str([each for each in mail.outbox if each.to == [address]][-1].body)


def test_the_account_stays_the_same_and_the_address_before_is_told(known: Person) -> None:
    before, other = Account.objects.get(), Person()
    other.sign_in()
    Person().ask()  # a code for the address before, which opens nothing any more
    known.send(PAGE, email=f" {NEW.upper()} ")
    assert Account.objects.get().email == MAIL
    assert "account has this address" in sent_to(NEW)
    assert known.send(CODE, code=mailed_code(NEW)).headers["Location"] == "/my/account"
    after = Account.objects.get()
    assert (after.pk, after.handle, after.email) == (before.pk, before.handle, NEW)
    assert f"The account {after.handle} has another e-mail address now" in sent_to(MAIL)
    assert NEW not in sent_to(MAIL)
    assert other.get("/my/account").status_code == HTTPStatus.FOUND
    assert known.get("/my/account").status_code == HTTPStatus.OK
    assert not SignIn.objects.filter(used_at=None).exists()
    Person().sign_in(NEW)
    assert Account.objects.count() == 1


@pytest.mark.parametrize(
    ("email", "why"),
    [
        ("", "Give your e-mail address"),
        ("x", "no e-mail address"),
        (MAIL, "has already"),
        ("a\0@b.c", "mend"),
    ],
)
def test_what_is_no_other_address_is_refused(known: Person, email: str, why: str) -> None:
    refused = known.send(PAGE, email=email)
    assert refused.status_code == HTTPStatus.BAD_REQUEST
    assert why in words(refused)
    assert known.get(CODE).headers["Location"] == PAGE


def test_an_address_with_an_account_is_told_to_its_owner_alone(known: Person) -> None:
    Person().sign_in(NEW)
    asked = known.send(PAGE, email=NEW)
    assert asked.headers["Location"] == CODE  # as for any other
    assert known.send(CODE, code="00000000").status_code == HTTPStatus.BAD_REQUEST
    refused = known.send(CODE, code=mailed_code(NEW))
    assert refused.status_code == HTTPStatus.CONFLICT
    assert "has an account of its own" in words(refused)
    assert Account.objects.filter(email=MAIL).exists()
    assert not Notice.objects.exists()


def test_a_code_serves_what_it_was_sent_for_and_whom(known: Person) -> None:
    known.send(PAGE, email=NEW)
    code = mailed_code(NEW)
    other = Person()
    other.sign_in("you@example.org")
    store = other.client.session
    store["change_of_mail"] = store["sign_in"] = known.client.session["change_of_mail"]
    store.save()
    assert other.send(CODE, form_at=PAGE, code=code).headers["Location"] == PAGE
    stranger = Person()
    stranger.ask("third@example.org")
    begun = stranger.client.session
    begun["sign_in"] = known.client.session["change_of_mail"]
    begun.save()
    assert (
        stranger.send("/my/sign-in/code", form_at="/my/sign-in", code=code).headers["Location"]
        == "/my/sign-in"
    )
    assert not Account.objects.filter(email=NEW).exists()


def test_guesses_are_counted_and_codes_are_few(known: Person) -> None:
    known.send(PAGE, email=NEW)
    for _ in range(5):
        refused = known.send(CODE, code="00000000")
    assert "no more attempts" in words(refused)
    assert "not taken any more" in words(known.send(CODE, code=mailed_code(NEW)))
    for _ in range(4):
        known.send(PAGE, email=NEW)
    refused = known.send(PAGE, email=NEW)
    assert refused.status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert int(refused.headers["Retry-After"]) > 0
    assert NEW in refused.content.decode()  # what was typed is still there


def test_what_was_told_is_kept_for_days_only(known: Person) -> None:
    change(known)
    now = timezone.now()
    assert notices.expire(now=now) == 0
    assert notices.expire(now=now + notices.KEPT) == 1
