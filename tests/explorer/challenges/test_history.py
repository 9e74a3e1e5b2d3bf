"""The history of a challenge: nobody changes it, and what was changed behind our back is found."""

from collections.abc import Callable

import pytest
from django.db import DatabaseError, connections, transaction

from explorer.accounts import personal_data
from explorer.accounts.models import Account
from explorer.challenges import events
from explorer.challenges.acting import Act
from explorer.challenges.deciding import Reasons
from explorer.challenges.models import Challenge
from tests.explorer.challenges.filed import NOW

pytestmark = pytest.mark.django_db(databases=["default", "desk"])
REASONS = Reasons(*["Something is said."] * 6)
Do = Callable[[int, Act], Challenge]


def test_who_deletes_his_account_is_named_no_more_and_the_history_holds(challenge: Challenge) -> None:
    account = Account.objects.get(handle="challenger")
    told = personal_data.export(account)
    assert told["challenges"] == [
        {"challenge": challenge.name, "role": "challenger", "page": f"/challenges/{challenge.name}"}
    ]
    personal_data.delete(account, now=NOW)
    party = challenge.parties.get()
    assert (party.name, party.person_id, party.ref) == ("", None, "challenger-1")
    assert list(events.faults(Challenge.objects.get())) == []


@pytest.mark.parametrize(
    "statement", ["UPDATE challenges_event SET type = 'accept'", "DELETE FROM challenges_event"]
)
def test_nobody_changes_or_removes_an_event(statement: str, challenge: Challenge) -> None:
    with (
        pytest.raises(DatabaseError, match="never changed or removed"),
        transaction.atomic(using="desk"),
        connections["desk"].cursor() as cursor,
    ):
        cursor.execute(statement)


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE challenges_payload SET facts = '{}'", "what event 1 says"),
        ("UPDATE challenges_payload SET words = '{}'", "what event 1 says"),
    ],
)
def test_what_was_changed_behind_our_back_is_found(statement: str, said: str, challenge: Challenge) -> None:
    with connections["desk"].cursor() as cursor:
        cursor.execute(statement)
    assert any(said in each for each in events.faults(Challenge.objects.get()))
