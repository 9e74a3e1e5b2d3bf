"""Words that are withheld: hidden by one, with whom a second one agrees, and taken out for good by two."""

from typing import Any

import pytest

from explorer.challenges import acting, events, withholding
from explorer.challenges.models import Challenge, Party, Payload
from explorer.challenges.parties import Actor
from explorer.rules.lifecycle import NotAllowed, Role, Status
from tests.explorer.challenges import filed
from tests.explorer.challenges.filed import NOW, UNTOUCHED, WHY
from tests.explorer.challenges.test_acting import decide, put

pytestmark = pytest.mark.django_db(databases=["default", "desk"])


@pytest.fixture
def challenge() -> Challenge:
    """One that is being screened, by somebody of that name."""
    return filed.file(filed.indexed(), UNTOUCHED, by=filed.person("challenger"))


def test_words_that_are_hidden_come_back_and_words_that_are_erased_do_not(challenge: Challenge) -> None:
    number, moderator = challenge.number, filed.act(Role.MODERATOR)
    given: dict[str, Any] = {"ordinal": 1, "category": "personal data", "basis": "by law"}
    acting.publish(number, moderator)
    withholding.suppress(number, moderator, **given)
    hidden = challenge.events.select_related("payload").get(type="suppress").payload
    assert "by law" not in str(hidden.facts)
    assert (hidden.words, hidden.published_at, hidden.suppressed_at) == ({"basis": "by law"}, None, NOW)
    first = challenge.events.get(ordinal=1).payload
    assert (first.words, first.published_at) == ({"statement": WHY}, None)
    with pytest.raises(NotAllowed, match="nothing that waits"):
        acting.publish(number, moderator)
    with pytest.raises(NotAllowed, match="nothing that waits"):
        acting.publish(number, moderator, ordinals=[3])
    acting.publish(number, moderator, ordinals=[1])
    with pytest.raises(NotAllowed, match="name a second person"):
        withholding.suppress(number, moderator, **given, erase=True)
    joiner = filed.act(Role.JOINER)
    acting.join(number, joiner, words="named persons")
    party = Actor(Role.CHALLENGER, "challenger", Party.objects.get(role="challenger").person_id)
    for second, why in (
        (moderator.actor, "the second one is the first"),
        (party, "not for a challenger to agree"),
        (joiner.actor, "not for a joiner to agree"),
        (Actor(Role.ARBITER, party.name, party.person), "cannot judge it"),
    ):
        with pytest.raises(NotAllowed, match=why):
            withholding.suppress(number, moderator, **given, erase=True, second=second)
    withholding.suppress(number, moderator, **given, erase=True, second=Actor(Role.MODERATOR, "second"))
    first.refresh_from_db()
    assert (first.words, first.salt, first.published_at) == (None, None, None)
    assert WHY not in str(list(Payload.objects.values()))
    assert list(events.faults(Challenge.objects.get())) == []


def test_a_second_person_agrees_that_something_is_withheld_once(challenge: Challenge) -> None:
    number, first = challenge.number, filed.act(Role.MODERATOR, "first")
    withholding.suppress(number, first, ordinal=1, category="personal data", basis="by law")
    other = filed.act(Role.MODERATOR, "second")
    refused = [
        (filed.act(Role.ARBITER, "First"), 1, "the second one is the first"),
        (filed.act(Role.ARBITER, "challenger"), 1, "cannot judge it"),
        (other, 2, "by one person alone"),
    ]
    for act, ordinal, why in refused:
        with pytest.raises(NotAllowed, match=why):
            withholding.agree(number, act, ordinal=ordinal)
    assert [each.ordinal for each in withholding.alone(challenge)] == [2]
    withholding.agree(number, other, ordinal=1)
    assert challenge.events.get(type="agree").payload.facts == {"event": 1, "suppression": 2}
    with pytest.raises(NotAllowed, match="by one person alone"):
        withholding.agree(number, other, ordinal=1)
    # What was shown again and withheld anew waits anew, until it is shown.
    acting.publish(number, first, ordinals=[1])
    withholding.suppress(number, other, ordinal=1, category="personal data", basis="by law")
    assert [each.ordinal for each in withholding.alone(challenge)] == [5]
    acting.publish(number, first, ordinals=[1])
    assert withholding.alone(challenge) == []


def test_what_was_withheld_before_it_was_opened_stays_so(challenge: Challenge) -> None:
    moderator = filed.act(Role.MODERATOR)
    withholding.suppress(challenge.number, moderator, ordinal=1, category="personal data", basis="by law")
    acting.accept(challenge.number, filed.act(Role.ARBITER))
    first = challenge.events.get(ordinal=1).payload
    assert (first.published_at, first.suppressed_at) == (None, NOW)


def test_a_decision_is_withheld_by_nobody(challenge: Challenge) -> None:
    put(challenge, Status.REVIEW)
    ordinal = decide(challenge.number, filed.act(Role.ARBITER)).version
    with pytest.raises(NotAllowed, match="never withheld"):
        withholding.suppress(
            challenge.number, filed.act(Role.MODERATOR), ordinal=ordinal, category="opinion", basis="none"
        )
