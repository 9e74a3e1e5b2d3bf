"""``manage.py account`` and ``manage.py key``."""

import re
from io import StringIO

import pytest
from allauth.mfa.webauthn.internal.auth import WebAuthn
from django.core.management import CommandError, call_command

from explorer.accounts import keys, personal_data
from explorer.accounts.models import Account, Appointment, Respondent
from tests.explorer import shown
from tests.indexer.made import MadeChain, add, call

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "desk"])


def said(*command: str) -> str:
    out = StringIO()
    call_command(*command, stdout=out, stderr=StringIO())
    return out.getvalue()


def test_an_arbiter_is_appointed_before_he_ever_signs_in_and_dismissed_again() -> None:
    told = said("account", "--mail", "Me@Example.org", "--role", "arbiter")
    account = Account.objects.get(email="me@example.org")
    assert told.startswith(f"{account.handle}  arbiter\n    on the web once it has a passkey")
    WebAuthn.add(account, "my\x1b[2J key", {})
    told = said("account", "--mail", "me@example.org", "--role", "moderator")
    assert re.search(
        r"\n    on the web with the passkey my\S\[2J key, added [-0-9]{10} \d\d:\d\d UTC\n$", told
    )
    assert "\x1b" not in told
    assert account.role == Appointment.Role.MODERATOR
    assert said("account", "--mail", "me@example.org", "--role", "none") == f"{account.handle}  none\n"
    assert not Appointment.objects.exists()
    assert Account.objects.get() == account


def test_the_operator_says_for_which_records_an_account_responds() -> None:
    made = MadeChain()
    made.block(call(add()))
    view = shown.index_made(made)
    told = said("account", "--mail", "me@example.org", "--respondent", f"{view.rid.lower()}:-7")
    said("account", "--mail", "me@example.org", "--respondent", f"{view.rid}:-7")
    account = Account.objects.get()
    assert told == f"{account.handle}  responds for {view.rid}:-7\n"
    told = said("account", "--mail", "me@example.org", "--respondent", view.rid)
    assert told.endswith(f"responds for {view.rid}:-7, {view.rid}\n")
    exported = personal_data.export(account)["responds_for"]
    assert [(each["chain"], each["scout"]) for each in exported] == [(view.rid, -7), (view.rid, None)]
    for wrong, why in (
        ("7", "by its RID"),
        (f"{view.rid}:{2**63}", "by its RID"),
        ("0" * 64, "not indexed here"),
    ):
        with pytest.raises(CommandError, match=why):
            said("account", "--mail", "me@example.org", "--respondent", wrong)
    assert said("account", "--mail", "me@example.org", "--respondent", "none").endswith("for nothing\n")
    assert not Respondent.objects.exists()
    shown.forget()


@pytest.mark.parametrize("address", ["nobody", "", "a@example.org\nb"])
def test_what_is_no_address_opens_nothing(address: str) -> None:
    with pytest.raises(CommandError, match="e-mail address"):
        said("account", f"--mail={address}", "--role", "arbiter")
    assert not Account.objects.exists()


def test_a_key_is_printed_last_and_acts_for_a_service_account() -> None:
    secret = said("key", "--scope", "challenge", "--account", "auto-flags").splitlines()[-1]
    found = keys.find(secret)
    assert found is not None
    assert (found.account.handle, found.account.email) == ("auto-flags", None)
    again = keys.find(said("key", "--scope", "challenge", "--account", "auto-flags").splitlines()[-1])
    assert again is not None
    assert again.account == found.account


def test_all_keys_of_an_account_can_be_revoked() -> None:
    secret = said("key", "--scope", "challenge", "--account", "auto-flags").strip()
    assert said("key", "--revoke", "--account", "auto-flags") == "1 revoked\n"
    assert keys.find(secret) is None


@pytest.mark.parametrize("handle", ["A", "x", "../etc", "a b", "-a", "a" * 40, "a\0b"])
def test_what_is_no_name_of_a_service_opens_nothing(handle: str) -> None:
    with pytest.raises(CommandError, match="small letters"):
        said("key", "--scope", "challenge", f"--account={handle}")
    with pytest.raises(CommandError, match="reader-"):
        said("key", "--scope", "challenge", "--account=reader-abc")
    assert not Account.objects.exists()


def test_nobody_has_more_keys_than_may_be() -> None:
    for _ in range(keys.MOST):
        said("key", "--scope", "challenge", "--account", "auto-flags")
    with pytest.raises(CommandError, match="--revoke"):
        said("key", "--scope", "challenge", "--account", "auto-flags")
    with pytest.raises(CommandError, match="No account"):
        said("key", "--revoke", "--account", "another")
