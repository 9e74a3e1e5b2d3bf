"""The codes themselves: attempts are counted whoever makes them at once, and nothing keeps a code."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from uuid import UUID, uuid4

import pytest
from django.core import serializers
from django.core.exceptions import ImproperlyConfigured
from django.db import connections
from django.test import override_settings

from explorer.accounts import personal_data, sign_in, tasks
from explorer.accounts.adapter import Adapter
from explorer.accounts.codes import LIFETIME, code_of
from explorer.accounts.mail import mail_code
from explorer.accounts.models import DELETED, Account, Appointment, Respondent, SignIn
from explorer.accounts.sign_in import MOST_ATTEMPTS, Over, WrongCode
from explorer.desk.models import OutboxEntry, Quota
from explorer.desk.quotas import QuotaExceeded

both = pytest.mark.django_db(databases=["default", "desk"])
committed = pytest.mark.django_db(transaction=True, databases=["default", "desk"])
NOW = datetime(2026, 11, 23, 14, 2, 11, tzinfo=UTC)
MAIL = "me@example.org"
AT_ONCE = 8


def begin(email: str = MAIL, *, address: str = "192.0.2.1", now: datetime = NOW) -> UUID:
    return sign_in.begin(email, address=address, now=now)


def confirm(of: UUID, code: str, *, now: datetime = NOW, address: str = "192.0.2.1") -> Account:
    return sign_in.confirm(of, code, address=address, now=now)


def let_in(email: str = MAIL) -> Account:
    of = begin(email)
    return confirm(of, code_of(of))


def wrong(of: UUID) -> str:
    return f"{(int(code_of(of)) + 1) % 10**8:08}"


@both
def test_the_right_code_opens_an_account_and_finds_it_again() -> None:
    first = let_in()
    assert first.handle is not None
    assert first.handle.startswith("reader-")
    assert (first.email, first.opened_at, first.role) == (MAIL, NOW, Appointment.Role.NONE)
    assert not first.has_usable_password()
    assert let_in() == first
    assert let_in("other@example.org") != first


@both
def test_a_code_is_good_once() -> None:
    of = begin()
    confirm(of, code_of(of))
    with pytest.raises(Over):
        confirm(of, code_of(of))


@both
def test_a_code_is_good_until_its_time_is_over() -> None:
    of = begin()
    with pytest.raises(Over):
        confirm(of, code_of(of), now=NOW + LIFETIME)
    assert confirm(of, code_of(of), now=NOW + LIFETIME - timedelta(seconds=1)).email == MAIL


@both
def test_after_as_many_wrong_codes_the_right_one_is_refused_too() -> None:
    of = begin()
    for left in reversed(range(MOST_ATTEMPTS)):
        with pytest.raises(WrongCode) as refused:
            confirm(of, wrong(of))
        assert refused.value.left == left
    with pytest.raises(Over):
        confirm(of, code_of(of))
    assert not Account.objects.exists()


@both
def test_guesses_at_many_codes_are_counted_together() -> None:
    of = uuid4()
    for _ in range(sign_in.GUESSES[0].most):
        with pytest.raises(Over):
            confirm(of, "00000000")
    with pytest.raises(QuotaExceeded):
        confirm(begin(), "00000000")


@committed
def test_guesses_made_at_once_count_one_by_one() -> None:
    of = begin()
    ready = Barrier(AT_ONCE)

    def guess(_: int) -> type[Exception]:
        try:
            ready.wait()
            confirm(of, wrong(of))
        except (WrongCode, Over) as error:
            return type(error)
        finally:
            connections.close_all()
        raise AssertionError

    with ThreadPoolExecutor(AT_ONCE) as pool:
        outcomes = list(pool.map(guess, range(AT_ONCE)))
    assert outcomes.count(WrongCode) == MOST_ATTEMPTS
    assert outcomes.count(Over) == AT_ONCE - MOST_ATTEMPTS


@committed
def test_the_right_code_entered_twice_at_once_opens_one_account_and_lets_in_once() -> None:
    of = begin()
    ready = Barrier(2)

    def enter(_: int) -> bool:
        try:
            ready.wait()
            return confirm(of, code_of(of)).is_active
        except Over:
            return False
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(enter, range(2))) == [False, True]
    assert Account.objects.count() == 1


@both
def test_no_more_codes_are_sent_than_may_be_to_one_address_whoever_asks() -> None:
    for number in range(sign_in.BY_MAIL[0].most):
        begin(address=f"192.0.2.{number}")
    with pytest.raises(QuotaExceeded):
        begin(address="198.51.100.1")
    begin("other@example.org", address="198.51.100.1")


@both
def test_nobody_asks_for_more_codes_than_may_be() -> None:
    for number in range(sign_in.BY_ADDRESS[0].most):
        begin(f"{number}@example.org")
    with pytest.raises(QuotaExceeded):
        begin("one-more@example.org")
    begin("one-more@example.org", address="198.51.100.1")


@both
def test_neither_code_nor_address_lies_where_it_is_not_needed() -> None:
    of = begin()
    mail_code(str(of))
    code = code_of(of)
    for model in (OutboxEntry, Quota, SignIn):
        told = serializers.serialize("json", model.objects.all())
        assert code not in told
        if model is not SignIn:
            assert MAIL not in told
    entry = OutboxEntry.objects.get()
    assert json.dumps(entry.arguments) == json.dumps({"sign_in": str(of)})


def test_a_code_hangs_on_the_site_s_key_and_on_which_it_is() -> None:
    one, other = uuid4(), uuid4()
    assert code_of(one) == code_of(one) != code_of(other)
    assert len(code_of(one)) == 8
    with override_settings(SECRET_KEY="another"):
        other_site = code_of(one)
    assert other_site != code_of(one)


@both
def test_who_asked_for_a_code_is_forgotten() -> None:
    begin()
    assert sign_in.expire(now=NOW + LIFETIME - timedelta(seconds=1)) == 0
    assert sign_in.expire(now=NOW + LIFETIME) == 1


@both
def test_the_operator_alone_appoints() -> None:
    account = let_in()
    Appointment.objects.create(account=account, role=Appointment.Role.ARBITER, since=NOW)
    assert account.role == "arbiter"
    Account.objects.update(deleted_at=NOW, handle=None, email=None)
    gone = Account.objects.get()
    assert (gone.role, str(gone), gone.is_active) == ("none", DELETED, False)


@both
def test_what_the_operator_said_of_a_deleted_account_goes_within_the_hour() -> None:
    for account in (let_in(), let_in("you@example.org")):
        Appointment.objects.create(account=account, role=Appointment.Role.ARBITER, since=NOW)
        Respondent.objects.create(account=account, brid=bytes(32), scout=7, since=NOW)
    personal_data.delete(let_in(), now=NOW)
    tasks.expire()
    left = [each.objects.get().account.email for each in (Appointment, Respondent)]
    assert left == ["you@example.org"] * 2


@both
def test_no_statistics_are_taken_of_addresses_and_sessions() -> None:
    with connections["desk"].cursor() as cursor:
        cursor.execute(
            "SELECT attrelid::regclass::text, attname FROM pg_attribute"
            " WHERE attnum > 0 AND attstattarget = 0 AND attrelid::regclass::text ~ '^(accounts|mfa)'"
        )
        assert set(cursor.fetchall()) == {
            ("accounts_account", "email"),
            ("accounts_notice", "email"),
            ("accounts_signin", "email"),
            ("accounts_session", "session_data"),
            ("mfa_authenticator", "data"),
        }


def test_a_setting_that_has_allauth_send_mail_is_refused() -> None:
    with pytest.raises(ImproperlyConfigured, match="outbox"):
        Adapter().send_mail("account/email/login_code", "ann@example.org", {})
