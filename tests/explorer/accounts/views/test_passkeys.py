"""Passkeys: added, shown to sign in, removed; and what may not be done without one."""

import json
import re
from concurrent.futures import Future
from datetime import timedelta
from html import unescape
from http import HTTPStatus
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.management import call_command
from django.test import RequestFactory
from django.utils import timezone
from fido2.utils import websafe_encode
from pytest_django import Settings

from explorer.accounts import appointments, passkeys, recovery
from explorer.accounts.models import Account, Appointment, Notice, Session
from explorer.accounts.sessions import SIGNED_IN_AT
from explorer.desk import outbox
from tests.explorer.accounts.authenticator import Device
from tests.explorer.accounts.conftest import MAIL, Answer, Person
from tests.explorer.accounts.views.test_signing_in import words
from tests.indexer.threads import LONGEST, begun, wait_until_blocked

pytestmark = pytest.mark.django_db(databases=["default", "desk"])
PAGE = "/my/account/passkeys"
CODES = "/my/account/passkeys/codes"
REMOVE = "/my/account/passkeys/remove"
SHOW = "/my/sign-in/passkey"
RECOVER = "/my/sign-in/recovery"
CUT = b"\x19\x00"  # CBOR that says that two bytes follow, of which one does
HOSTILE = (
    *(
        "",
        "{",
        "null",
        "[]",
        "7",
        "[" * 60_000,
        '"\\ud800"',
        "{}",
        '{"id": 1}',
        '{"id": "YQ", "rawId": "YQ"}',
    ),
    json.dumps({"id": "YQ", "rawId": "YQ", "type": "public-key", "response": "x"}),
    json.dumps({"id": "YQ", "rawId": "YQ", "type": "public-key", "response": {"clientDataJSON": "e30"}}),
    json.dumps({"id": "\0", "rawId": "\0", "type": "public-key", "response": None}),
    *(
        json.dumps(
            {"id": "YQ", "rawId": "YQ", "type": "public-key", "response": {"clientDataJSON": of, **cut}}
        )
        for of in [websafe_encode(b'{"type":"webauthn.create","challenge":"AA","origin":"http://localhost"}')]
        for cut in (
            {"attestationObject": websafe_encode(CUT)},
            {"signature": "AA", "authenticatorData": websafe_encode(bytes(32) + b"\x80" + bytes(4) + CUT)},
        )
    ),
)


@pytest.fixture
def local() -> Person:
    """Somebody at a name for which browsers keep passkeys without TLS."""
    found = Person(host="localhost")
    found.sign_in()
    return found


def options(page: Answer) -> str:
    (found,) = re.findall(r'data-options="([^"]+)"', page.content.decode())
    return unescape(found)


def add(somebody: Person, device: Device, *, name: str = "phone") -> Answer:
    made = device.make(options(somebody.get(PAGE)))
    token = somebody.client.cookies["csrftoken"].value
    return somebody.client.post(PAGE, {"csrfmiddlewaretoken": token, "name": name, "credential": made})


def show(somebody: Person, device: Device) -> Answer:
    shown = device.show(options(somebody.get(SHOW)))
    token = somebody.client.cookies["csrftoken"].value
    return somebody.client.post(SHOW, {"csrfmiddlewaretoken": token, "credential": shown})


def account() -> Account:
    return Account.objects.get(email=MAIL)


def notices() -> list[str]:
    outbox.run_due()
    return [str(each.body) for each in mail.outbox if "was changed" in each.subject]


def test_whoever_has_one_is_let_in_by_both_code_and_passkey(local: Person) -> None:
    device = Device()
    assert add(local, device).headers["Location"] == PAGE
    assert "phone , added" in words(local.get(PAGE))
    other = Person(host="localhost")
    assert other.sign_in(onward="/my/challenges").headers["Location"] == SHOW
    assert other.get("/my/account").status_code == HTTPStatus.FOUND  # not yet
    assert show(other, Device()).status_code == HTTPStatus.BAD_REQUEST
    assert other.get("/my/account").status_code == HTTPStatus.FOUND
    assert show(other, device).headers["Location"] == "/my/challenges"
    assert other.get(PAGE).status_code == HTTPStatus.OK
    assert [MAIL not in each and "A passkey was added" in each for each in notices()] == [True]


def made_codes(somebody: Person) -> list[str]:
    """The codes on the answer that shows them."""
    answer = somebody.send(CODES, form_at=PAGE)
    assert answer.status_code == HTTPStatus.CREATED
    return re.findall(r"\b\d{5} \d{5}\b", answer.content.decode().partition("<pre")[2])


def test_a_recovery_code_is_shown_once_lets_in_once_and_gives_no_role(local: Person) -> None:
    assert local.send(CODES, form_at="/my/account").headers["Location"] == PAGE  # nothing to stand in for
    assert not Authenticator.objects.exists()
    add(local, Device())
    Appointment.objects.create(account=account(), role="arbiter", since=timezone.now())
    first, (code, other, *more) = made_codes(local), made_codes(local)
    assert len({*first, code, other, *more}) == 20
    page = local.get(PAGE).content.decode()
    assert "You have 10 recovery codes" in page
    assert not any(each in page for each in (code, code.replace(" ", "")))
    kept = str(Authenticator.objects.values_list("data", flat=True))
    assert code.replace(" ", "") not in kept
    assert json.loads(local.get("/my/account/export").content)["recovery_codes_left"] == 10
    browser = Person(host="localhost")
    assert browser.get(RECOVER).headers["Location"] == "/my/sign-in"
    browser.sign_in(onward="/my/challenges")
    for wrong in ("", "1", first[0], "0" * 10, "\u0663" * 10, "x" * 70):
        assert browser.send(RECOVER, code=wrong).status_code == HTTPStatus.BAD_REQUEST, wrong
    assert browser.get("/my/account").status_code == HTTPStatus.FOUND
    assert browser.send(RECOVER, code=code).headers["Location"] == "/my/challenges"
    assert "which cannot be used in this browser" in words(browser.get("/my/account"))
    assert "You have 9 recovery codes" in words(browser.get(PAGE))
    again = Person(host="localhost")
    again.sign_in()
    assert "was used before" in words(again.send(RECOVER, code=code))
    assert [each.partition(".")[0].partition(" the account")[0] for each in notices()] == [
        "A passkey was added to", "Recovery codes were made for", "Recovery codes were made for",
        "Somebody signed in to",
    ]  # fmt: skip
    # Whoever lost his passkey takes it away, and the codes with it.
    assert browser.send(REMOVE, form_at=PAGE, passkey=str(passkeys.of(account())[0].pk)).status_code == 302
    assert not Authenticator.objects.exists()
    assert again.send(RECOVER, code=other).status_code == HTTPStatus.BAD_REQUEST


def test_recovery_codes_are_tried_a_few_times_an_hour_whoever_tries(local: Person) -> None:
    add(local, Device())
    code = made_codes(local)[0]
    browser = Person(host="localhost")
    browser.sign_in()
    tried = [browser.send(RECOVER, code="1" * 10).status_code for _ in range(11)]
    assert tried == [HTTPStatus.BAD_REQUEST] * 10 + [HTTPStatus.TOO_MANY_REQUESTS]
    refused = browser.send(RECOVER, code=code)
    assert (refused.status_code, "Retry-After" in refused.headers) == (HTTPStatus.TOO_MANY_REQUESTS, True)


def test_codes_of_another_key_of_the_site_let_nobody_in(local: Person, settings: Settings) -> None:
    add(local, Device())
    code, found = made_codes(local)[0], account()
    settings.SECRET_KEY = "another"
    assert recovery.left(found) == 0
    with pytest.raises(passkeys.NotTaken):
        recovery.accept(RequestFactory().get("/"), found, code=code, address="192.0.2.1", now=timezone.now())


@pytest.mark.django_db(transaction=True, databases=["default", "desk"])
@pytest.mark.parametrize("meanwhile", ["codes are made", "the passkey is removed"])
def test_a_code_and_what_changes_the_codes_wait_for_each_other_and_not_in_a_circle(
    local: Person, meanwhile: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(local, Device())
    (code, *_), found, now = made_codes(local), account(), timezone.now()
    (kept,) = passkeys.of(found)
    act = {
        "codes are made": lambda: len(recovery.make(found, now=now)),
        "the passkey is removed": lambda: int(passkeys.remove(found, kept.pk, now=now)),
    }[meanwhile]
    running: list[Future[int]] = []
    is_right = recovery._is_right

    def looked_at(*given: Any) -> bool:
        running.append(begun(act))
        wait_until_blocked(*running)
        return is_right(*given)

    monkeypatch.setattr(recovery, "_is_right", looked_at)
    browser = Person(host="localhost")
    browser.sign_in()
    assert browser.send(RECOVER, code=code).headers["Location"] == "/my/account"
    assert running[0].result(LONGEST) > 0


@pytest.mark.parametrize(
    "device",
    [Device(verifies=False), Device(origin="https://elsewhere.example")],
    ids=["no finger", "elsewhere"],
)
def test_a_device_that_looks_at_nobody_or_is_elsewhere_is_not_taken(local: Person, device: Device) -> None:
    refused = add(local, device, name="my <b>key")
    assert refused.status_code == HTTPStatus.BAD_REQUEST
    assert "my &lt;b&gt;key" in refused.content.decode()  # what was typed is still there
    assert not Authenticator.objects.exists()


def test_what_was_made_for_another_page_is_not_taken(local: Person) -> None:
    made = Device().make(options(local.get(PAGE)))
    assert local.send(PAGE, name="phone", credential=made).status_code == HTTPStatus.BAD_REQUEST


def test_what_is_no_passkey_is_refused_with_what_to_do(local: Person) -> None:
    for credential in HOSTILE:
        refused = local.send(PAGE, name="phone", credential=credential)
        assert refused.status_code == HTTPStatus.BAD_REQUEST, credential[:300]
        assert "passkey" in words(refused), credential[:300]
    assert passkeys.of(account()) == []
    add(local, Device())
    other = Person(host="localhost")
    other.sign_in()
    for credential in HOSTILE:
        answer = other.send(SHOW, credential=credential)
        assert answer.status_code == HTTPStatus.BAD_REQUEST, credential[:300]
    assert other.get("/my/account").status_code == HTTPStatus.FOUND


def test_there_are_only_so_many(local: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passkeys, "MOST", 1)
    add(local, Device())
    assert "remove one first" in words(add(local, Device()))
    assert len(passkeys.of(account())) == 1


def test_one_is_removed_by_its_owner_alone(local: Person) -> None:
    add(local, Device())
    (kept,) = passkeys.of(account())
    other = Person()
    other.sign_in("you@example.org")
    for number in (str(kept.pk), "9" * 99, "\u0661", ""):
        refused = other.send(f"{PAGE}/remove", form_at=PAGE, passkey=number)
        assert refused.status_code == HTTPStatus.NOT_FOUND
    assert passkeys.of(account()) == [kept]
    local.send(f"{PAGE}/remove", form_at=PAGE, passkey=str(kept.pk))
    assert "You have none" in words(local.get(PAGE))
    assert ["A passkey was removed" in each for each in notices()] == [False, True]


@pytest.mark.parametrize(
    "page",
    [
        PAGE,
        f"{PAGE}/remove",
        "/my/account/mail",
        "/my/account/mail/code",
        "/my/account/delete",
        "/my/account/keys",
    ],
)
def test_what_may_lock_somebody_out_needs_a_fresh_sign_in(local: Person, page: str) -> None:
    add(local, Device())
    store = local.client.session
    store[SIGNED_IN_AT] = (timezone.now() - timedelta(hours=1)).isoformat()
    store.save()
    told = local.get(page)
    assert (told.status_code, "Sign in once more" in words(told)) == (HTTPStatus.FORBIDDEN, True)
    (kept,) = passkeys.of(account())
    refused = local.send(page, form_at=page, passkey=str(kept.pk), email="new@example.org")
    assert refused.status_code == HTTPStatus.FORBIDDEN
    assert passkeys.of(account()) == [kept]
    again = local.send("/my/sign-out", form_at=page, next=page)
    assert again.headers["Location"] == f"/my/sign-in?next={page}"


def test_a_browser_from_before_there_was_a_passkey_cannot_remove_it(local: Person) -> None:
    before = Person(host="localhost")
    before.sign_in()
    add(local, Device())
    assert before.get(PAGE).status_code == HTTPStatus.FORBIDDEN


def has_role(somebody: Person) -> bool:
    told = words(somebody.get("/my/account"))
    assert "arbiter" in told
    return "which cannot be used in this browser" not in told


def test_a_role_is_of_use_to_who_showed_a_passkey_that_he_had_when_he_was_appointed(local: Person) -> None:
    device, role = Device(), Appointment.Role.ARBITER
    appointments.appoint(account(), role)
    assert "arbiter, which cannot be used in this browser: add a passkey" in words(local.get("/my/account"))
    add(local, device)
    assert not has_role(local)
    assert "gives no role until you are appointed again" in words(local.get(PAGE))
    appointments.appoint(account(), role)
    assert has_role(local)
    assert "gives no role" not in words(local.get(PAGE))
    other = Person(host="localhost")
    other.sign_in()
    show(other, device)
    assert has_role(other)
    for each in passkeys.of(account()):
        passkeys.remove(account(), each.pk, now=timezone.now())
    assert not any(map(has_role, (local, other)))


def test_whoever_reads_the_mail_and_has_a_recovery_code_gets_no_role_by_a_passkey_of_his_own(
    local: Person,
) -> None:
    add(local, Device())
    appointments.appoint(account(), Appointment.Role.ARBITER)
    thief, again, last, own = (*(Person(host="localhost") for _ in range(3)), Device())
    (code, *_) = made_codes(local)
    thief.sign_in()
    thief.send(RECOVER, code=code)
    assert add(thief, own, name="mine").headers["Location"] == PAGE
    again.sign_in()
    assert show(again, own).headers["Location"] == "/my/account"
    for each in passkeys.of(account()):
        assert not has_role(thief)
        assert not has_role(again)
        thief.send(REMOVE, form_at=PAGE, passkey=str(each.pk))
    assert last.sign_in().headers["Location"] == "/my/account"
    add(last, Device())
    assert len(passkeys.of(account())) == 1
    assert not has_role(last)


@pytest.mark.django_db(transaction=True, databases=["default", "desk"])
def test_the_operator_lets_in_who_lost_all_of_them(local: Person) -> None:
    add(local, Device())
    call_command("account", "--mail", MAIL, "--remove-passkeys")
    assert not passkeys.of(account())
    assert Person(host="localhost").sign_in().headers["Location"] == "/my/account"


def test_an_address_of_digits_is_said_to_keep_none() -> None:
    somebody = Person(host="127.0.0.1:8000")
    somebody.sign_in()
    assert "not for addresses of digits as 127.0.0.1" in words(somebody.get(PAGE))


def test_a_deleted_account_leaves_none_and_hears_of_nothing(local: Person) -> None:
    add(local, Device())
    told = json.loads(local.get("/my/account/export").content)
    assert [each["name"] for each in told["passkeys"]] == ["phone"]
    gone = local.send("/my/account/delete", handle=str(account().handle))
    assert gone.status_code == HTTPStatus.OK
    assert not Authenticator.objects.exists()
    assert not Notice.objects.exists()
    assert notices() == []


def test_a_browser_alone_can_be_signed_out(local: Person) -> None:
    others = [Person(host="localhost"), Person(host="localhost")]
    for each in others:
        each.sign_in()
    end = re.findall(r'name="session" value="(\w+)"', local.get("/my/account").content.decode())
    assert len(end) == 2
    stranger = Person()
    stranger.sign_in("you@example.org")
    refused = stranger.send("/my/account/sessions/end", form_at="/my/account", session=end[0])
    assert refused.status_code == HTTPStatus.NOT_FOUND
    local.send("/my/account/sessions/end", form_at="/my/account", session=end[0])
    left = [each.get("/my/account").status_code for each in others]
    assert sorted(left) == [HTTPStatus.OK, HTTPStatus.FOUND]
    assert Session.objects.filter(account=account()).count() == 2


@pytest.mark.django_db(transaction=True, databases=["default", "desk"])
def test_passkeys_and_another_address_need_no_more_than_the_roles_of_the_web(as_web: None) -> None:
    from explorer.accounts.codes import code_of
    from explorer.accounts.models import SignIn

    somebody, device = Person(host="localhost"), Device()
    somebody.ask()
    somebody.enter(code_of(SignIn.objects.get().pk))
    assert add(somebody, device).headers["Location"] == PAGE
    other = Person(host="localhost")
    other.ask()
    other.enter(code_of(SignIn.objects.get(used_at=None).pk))
    assert show(other, device).headers["Location"] == "/my/account"
    other.send("/my/account/mail", email="new@example.org")
    other.send("/my/account/mail/code", code=code_of(SignIn.objects.get(used_at=None).pk))
    assert Account.objects.get().email == "new@example.org"
    other.send(f"{PAGE}/remove", form_at=PAGE, passkey=str(Authenticator.objects.get().pk))
    assert not Authenticator.objects.exists()
