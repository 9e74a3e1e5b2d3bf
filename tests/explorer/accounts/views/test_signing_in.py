"""Signing in and out, as a person does it and as somebody who should not be let in tries to."""

import re
from http import HTTPStatus

import pytest
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone
from pytest_django import Settings

from explorer.accounts import sign_in
from explorer.accounts.codes import code_of
from explorer.accounts.models import Account, Session, SignIn
from explorer.accounts.sign_in import MOST_ATTEMPTS
from explorer.desk.models import OutboxEntry
from tests.explorer.accounts.conftest import MAIL, Answer, Person, mailed_code

pytestmark = pytest.mark.django_db(databases=["default", "desk"])
WRONG = "0000 0000"


def words(answer: Answer) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", answer.content.decode()).split())


@pytest.mark.django_db(transaction=True, databases=["default", "desk"])
def test_somebody_new_signs_in_and_out_as_the_roles_of_the_web(as_web: None, person: Person) -> None:
    assert person.ask().headers["Location"] == "/my/sign-in/code"
    assert MAIL in words(person.get("/my/sign-in/code"))
    of = SignIn.objects.get()
    # Workers come as the owner: here the code is what they would send.
    let_in = person.enter(code_of(of.pk))
    assert let_in.headers["Location"] == "/my/account"
    account = person.get("/my/account")
    assert account.status_code == HTTPStatus.OK
    assert str(Account.objects.get()) in words(account)
    out = person.send("/my/sign-out", form_at="/my/account")
    assert out.headers["Location"] == "/"
    assert person.get("/my/account").headers["Location"] == "/my/sign-in?next=/my/account"
    assert not Session.objects.filter(account__isnull=False).exists()


def test_who_comes_from_elsewhere_is_led_on(person: Person) -> None:
    asked = person.get("/my/sign-in", next="/my/report?page=/checks")
    assert 'value="/my/report?page=/checks"' in asked.content.decode()
    assert person.sign_in(onward="/my/report?page=/checks").headers["Location"] == "/my/report?page=/checks"
    assert person.get("/my/sign-in", next="/checks").headers["Location"] == "/checks"
    assert person.get("/my/sign-in").headers["Location"] == "/my/account"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "http:evil.example",
        "my/account",
        "/my/\r\nLocation: https://evil.example",
    ],
)
def test_nobody_is_led_away_from_the_site(person: Person, elsewhere: str) -> None:
    assert person.sign_in(onward=elsewhere).headers["Location"] == "/my/account"
    assert person.client.get("/my/sign-in", {"next": elsewhere}).headers["Location"] == "/my/account"


@pytest.mark.parametrize("host", ["evil.example", "testserver.evil.example", "testserver:80@evil.example"])
def test_another_host_is_refused_and_bends_no_mail(person: Person, host: str) -> None:
    answer = person.client.post("/my/sign-in", {"email": MAIL}, headers={"host": host})
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert not OutboxEntry.objects.exists()


def test_answers_are_the_same_whether_the_address_has_an_account(person: Person) -> None:
    Account.objects.of_mail("known@example.org", now=timezone.now())

    def told(email: str) -> list[object]:
        someone = Person()
        asked = someone.ask(email)
        form = someone.get("/my/sign-in/code")
        wrong = someone.enter(WRONG)
        shown = [re.sub(r'value="[^"]{64}"', "", each.content.decode()) for each in (form, wrong)]
        return [
            asked.status_code, asked.headers["Location"], wrong.status_code,
            *(re.sub(r"\d\d:\d\d(:\d\d)?", "", each.replace(email, "")) for each in shown),
        ]  # fmt: skip

    assert told("known@example.org") == told("strange@example.org")


def test_the_session_has_another_key_once_somebody_is_let_in(person: Person) -> None:
    person.ask()
    before = person.session
    assert before
    thief = Client(headers={"cookie": f"sessionid={before}"})
    person.enter(mailed_code())
    assert person.session not in {"", before}
    assert thief.get("/my/account").status_code == HTTPStatus.FOUND


def test_a_session_that_somebody_else_made_up_is_not_taken(person: Person) -> None:
    person.client.cookies["sessionid"] = "a" * 32
    person.ask()
    assert person.session != "a" * 32


def test_only_the_browser_that_asked_can_enter_the_code(person: Person) -> None:
    person.ask()
    other = Person()
    assert other.get("/my/sign-in/code").headers["Location"] == "/my/sign-in"
    other.ask("other@example.org")
    assert other.enter(mailed_code()).status_code == HTTPStatus.BAD_REQUEST


def test_wrong_codes_are_counted_and_then_no_code_is_taken(person: Person) -> None:
    person.ask()
    code = mailed_code()
    for left in (
        "4 more attempts",
        "3 more attempts",
        "2 more attempts",
        "1 more attempt",
        "no more attempts",
    ):
        refused = person.enter(WRONG)
        assert refused.status_code == HTTPStatus.BAD_REQUEST
        assert f"You have {left}." in words(refused)
    assert "Have a new one sent" in words(person.enter(code))
    assert SignIn.objects.get().attempts == MOST_ATTEMPTS
    assert person.sign_in().headers["Location"] == "/my/account"


@pytest.mark.parametrize("code", ["", "1", "123456789", "abcdefgh", "\u0661" * 8, "1234\x005678", "1" * 99])
def test_what_is_no_code_costs_no_attempt(person: Person, code: str) -> None:
    person.ask()
    assert person.enter(code).status_code == HTTPStatus.BAD_REQUEST
    assert SignIn.objects.get().attempts == 0


def test_blanks_and_dashes_in_a_code_do_not_matter(person: Person) -> None:
    person.ask()
    code = mailed_code().replace(" ", "")
    assert person.enter(f" {code[:2]}-{code[2:5]}\u2009{code[5:]} ").status_code == HTTPStatus.FOUND


@pytest.mark.parametrize(
    "email",
    [
        "", "nobody", "a@b", "me@example.org\nBcc: you@example.org", "me@example.org, you@example.org",
        "me\0@example.org", "<me@example.org>", "x" * 250 + "@example.org", "me@exa\u202emple.org",
        '"me\x0bBcc:you"@example.org', '"me\x0c\x0c<b>"@example.org', '"me,you"@example.org',
        "m\u0131ke@example.org", "mi\u212ae@example.org",
    ],
)  # fmt: skip
def test_what_is_no_address_is_said_and_sent_nothing(person: Person, email: str) -> None:
    assert person.ask(email).status_code == HTTPStatus.BAD_REQUEST
    assert not OutboxEntry.objects.exists()


def test_an_address_is_one_whatever_letters_it_is_written_in(person: Person) -> None:
    person.sign_in()
    Person().sign_in(MAIL)
    other = Person()
    other.ask(MAIL.upper())
    other.enter(mailed_code())
    assert Account.objects.count() == 1


def test_who_asks_too_often_is_told_when_to_come_back(person: Person) -> None:
    for _ in range(sign_in.BY_MAIL[0].most):
        person.ask()
    refused = person.ask()
    assert refused.status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert 1 <= int(refused.headers["Retry-After"]) <= 3600
    assert MAIL in refused.content.decode()


def test_forms_from_elsewhere_are_refused(person: Person) -> None:
    person.sign_in()
    for path in ("/my/sign-in", "/my/sign-in/code", "/my/sign-out"):
        assert person.client.post(path, {"email": MAIL}).status_code == HTTPStatus.FORBIDDEN
    assert person.get("/my/account").status_code == HTTPStatus.OK


def test_a_link_signs_nobody_out(person: Person) -> None:
    person.sign_in()
    assert person.get("/my/sign-out").headers["Location"] == "/my/account"
    assert person.get("/my/account").status_code == HTTPStatus.OK


def test_cookies_are_for_what_is_personal_alone(person: Person, settings: Settings) -> None:
    settings.SESSION_COOKIE_SECURE = True
    person.sign_in()
    cookie = person.client.cookies["sessionid"]
    assert (cookie["path"], cookie["samesite"]) == ("/my/", "Lax")
    assert cookie["httponly"]
    assert cookie["secure"]
    for path in ("/privacy", "/api/v1/checks"):
        answer = person.client.get(path)  # Django's client sends each cookie everywhere
        assert not answer.cookies
        assert "no-store" not in answer.headers["Cache-Control"]
        assert "reader-" not in answer.content.decode()


def test_no_cache_keeps_a_page_that_knows_somebody(person: Person) -> None:
    asked = person.ask()
    assert "no-store" in asked.headers["Cache-Control"]
    person.enter(mailed_code())
    for path in ("/my/account", "/my/report", "/my/nothing"):
        assert "no-store" in person.get(path).headers["Cache-Control"]


def test_where_nobody_files_nobody_signs_in(person: Person, settings: Settings) -> None:
    settings.CHALLENGES, settings.CHALLENGES_LACK = False, ["OPERATOR", "EMAIL_HOST"]
    for path in ("/my/sign-in", "/my/sign-in/code", "/my/account", "/my/sign-out"):
        answer = person.get(path)
        assert answer.status_code == HTTPStatus.NOT_FOUND
        assert "OPERATOR, EMAIL_HOST is missing" in words(answer)


def test_of_allauth_s_own_pages_none_can_be_reached() -> None:
    found = [
        each.callback.__module__
        for pattern in get_resolver().url_patterns
        for each in getattr(pattern, "url_patterns", [pattern])
        if getattr(each, "callback", None)
    ]
    assert found
    assert not [module for module in found if module.startswith("allauth")]


def test_a_host_is_one_whatever_letters_it_is_written_in(person: Person) -> None:
    person.ask("me@b\u00fccher.example")
    assert SignIn.objects.get().email == "me@xn--bcher-kva.example"
