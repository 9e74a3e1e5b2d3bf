"""What is done to challenges: by the table, one transaction each, with its event."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from explorer.accounts.models import Account
from explorer.challenges import acting, deciding, events, withholding
from explorer.challenges.acting import Act, Outdated
from explorer.challenges.deciding import Reasons
from explorer.challenges.models import Challenge, Event, Payload
from explorer.challenges.parties import Actor
from explorer.challenges.person import Person
from explorer.queries.chain.chains import ChainView
from explorer.queries.db.errors import NotHere
from explorer.rules import lifecycle
from explorer.rules.lifecycle import Action, AppealGround, CloseReason, NotAllowed, Resolution, Role, Status
from tests.explorer.challenges import filed
from tests.explorer.challenges.filed import DAY, NOW, UNTOUCHED, WHY

pytestmark = pytest.mark.django_db(databases=["default", "desk"])
REASONS = Reasons(*["Something is said."] * 6)
Do = Callable[[int, Act], Challenge]


def decide(
    number: int, act: Act, *others: str, resolution: Resolution = Resolution.UPHELD, **more: Any
) -> Challenge:
    """Once all that was said was looked through, and without waiting for evidence."""
    challenge = Challenge.objects.get(pk=number)
    is_its_turn = lifecycle.may(Action.DECIDE, role=act.actor.role, status=Status(challenge.status))
    if is_its_turn and acting.waiting(challenge):
        acting.publish(number, filed.act(Role.MODERATOR, now=act.now))
    panel = [Actor(Role.ARBITER, each) for each in others]
    of = {"before_evidence_ends": True, **more}
    return deciding.decide(number, act, others=panel, resolution=resolution, reasons=REASONS, **of)


DO: Mapping[Action, Do] = {
    Action.ACCEPT: acting.accept,
    Action.ASK: lambda number, act: acting.ask(number, act, missing=["statement"], words="Which one?"),
    Action.ANSWER: lambda number, act: acting.answer(number, act, words="That one."),
    Action.REFUSE: lambda number, act: acting.refuse(number, act, reason=CloseReason.SPAM, words="No."),
    Action.JOIN: lambda number, act: acting.join(number, act, words="So do I."),
    Action.ADD_EVIDENCE: lambda number, act: acting.add_evidence(number, act, words="See this."),
    Action.EXTEND: acting.extend,
    Action.RESPOND: lambda number, act: acting.respond(number, act, words="It was so."),
    Action.WITHDRAW: lambda number, act: acting.withdraw(number, act, words=""),
    Action.DECIDE: lambda number, act: decide(number, act, "second"),
    Action.APPEAL: lambda number, act: acting.appeal(
        number, act, ground=AppealGround.PROCEDURE, words="They did not."
    ),
    Action.REOPEN: lambda number, act: acting.reopen(
        number, act, second=Actor(Role.ARBITER, "second"), words="A check was wrong."
    ),
    Action.PUBLISH: acting.publish,
    Action.AGREE: lambda number, act: withholding.agree(number, act, ordinal=1),
    Action.SUPPRESS: lambda number, act: withholding.suppress(
        number, act, ordinal=1, category="personal data", basis="by law"
    ),
}
"""What people do, with whatever it takes. What the system does is tested by time."""


def put(challenge: Challenge, status: Status) -> None:
    Challenge.objects.filter(pk=challenge.pk).update(status=status.value, entered_at=NOW, elapses_at=None)


def by(challenge: Challenge, role: Role) -> Act:
    """Who is what: the challenger is the one who filed it."""
    own = challenge.parties.get(role="challenger").person_id
    return filed.act(role, person=own if role is Role.CHALLENGER else None)


@pytest.mark.parametrize("action", DO, ids=lambda each: each.value)
def test_each_action_is_done_in_the_cells_of_the_table_and_in_no_other(
    action: Action, challenge: Challenge
) -> None:
    for role in Role:
        for status in Status:
            with transaction.atomic(using="desk"):
                put(challenge, status)
                if lifecycle.may(action, role=role, status=status):
                    assert_done(action, challenge, role=role, status=status)
                else:
                    assert_refused(action, challenge, role=role, status=status)
                transaction.set_rollback(True, using="desk")


def assert_done(action: Action, challenge: Challenge, *, role: Role, status: Status) -> None:
    if role is Role.JOINER and action is Action.ADD_EVIDENCE:
        acting.join(challenge.number, by(challenge, role), words="")
    if role is Role.RESPONDENT and action is not Action.RESPOND:
        challenge.parties.create(role="respondent", place=1, name="respondent")
    if action is Action.AGREE:
        DO[Action.SUPPRESS](challenge.number, filed.act(Role.MODERATOR, "another"))
    done = DO[action](challenge.number, by(challenge, role))
    row = lifecycle.transition(action, role=role, status=status)
    kept = Challenge.objects.get(pk=challenge.pk)
    assert kept.status == done.status == (row.after or status).value
    last = Event.objects.order_by("-seq")[0]
    assert (last.type, last.ordinal) == (action.value, kept.version)
    assert last.actor_ref.startswith(f"{role.value}-")
    assert list(events.faults(kept)) == []


def assert_refused(action: Action, challenge: Challenge, *, role: Role, status: Status) -> None:
    before = Event.objects.count()
    with pytest.raises(NotAllowed):
        DO[action](challenge.number, by(challenge, role))
    assert Event.objects.count() == before
    assert Challenge.objects.get(pk=challenge.pk).status == status.value


def test_a_challenge_goes_from_filing_to_its_end(challenge: Challenge) -> None:
    number, arbiter = challenge.number, filed.act(Role.ARBITER, "one")
    acting.ask(number, arbiter, missing=["statement"], words="Which result?")
    acting.answer(number, by(challenge, Role.CHALLENGER), words="The second.")
    acting.accept(number, arbiter)
    acting.respond(number, filed.act(Role.RESPONDENT), words="It was corrected.")
    decide(number, filed.act(Role.ARBITER, "two"), resolution=Resolution.NOT_UPHELD)
    acting.appeal(
        number, by(challenge, Role.CHALLENGER), ground=AppealGround.NEW_EVIDENCE, words="There is more."
    )
    decide(number, filed.act(Role.ARBITER, "three"), "four", resolution=Resolution.UPHELD)
    assert acting.elapse(now=NOW + 14 * DAY) == 1
    kept = Challenge.objects.get()
    assert (kept.status, kept.resolution, kept.has_response) == ("final", "upheld", True)
    told = list(kept.events.order_by("ordinal").values_list("type", flat=True))
    assert told == [
        "file", "ask", "answer", "accept", "respond", "publish", "decide", "appeal", "publish", "decide",
        "finalise",
    ]  # fmt: skip
    assert list(events.faults(kept)) == []


def test_what_is_missing_is_what_its_ground_asks_for(chain: ChainView) -> None:
    challenge = filed.file(chain, UNTOUCHED, "truncated", by=filed.person(), ending="a lake")
    for missing in ((), ("nonsense",), ("statement", "other")):
        with pytest.raises(NotAllowed, match=r"missing"):
            acting.ask(challenge.number, filed.act(Role.ARBITER), missing=missing, words="Which?")
    asked = acting.ask(
        challenge.number, filed.act(Role.ARBITER), missing=["ending", "statement"], words="Which?"
    )
    assert asked.status == "needs-info"


def test_what_was_written_is_shown_once_it_was_looked_through(challenge: Challenge) -> None:
    assert not Payload.objects.exclude(published_at=None).exists()
    acting.accept(challenge.number, filed.act(Role.ARBITER))
    assert not Payload.objects.filter(published_at=None).exists()
    acting.join(challenge.number, filed.act(Role.JOINER), words=WHY)
    assert Payload.objects.filter(published_at=None).count() == 1
    acting.publish(challenge.number, filed.act(Role.MODERATOR))
    assert not Payload.objects.filter(published_at=None).exists()
    said = challenge.events.filter(type__in=["accept", "publish"]).order_by("ordinal")
    assert [each.payload.facts["events"] for each in said] == [[1], [3]]
    assert list(events.faults(Challenge.objects.get())) == []


def test_what_its_check_confirmed_is_open_and_withheld_all_the_same(chain: ChainView) -> None:
    challenge = filed.file(chain, by=filed.person())
    assert challenge.status == "open"
    assert Payload.objects.get().published_at is None


@pytest.mark.parametrize(
    ("others", "said"),
    [((), "takes 2 arbiters"), (("ARBITER",), "named twice"), (("Challenger",), "cannot judge it")],
)
def test_what_the_chain_does_not_settle_is_decided_by_two_who_take_no_part(
    others: tuple[str, ...], said: str, chain: ChainView
) -> None:
    challenge = filed.file(chain, UNTOUCHED, "truncated", by=filed.person("challenger"))
    put(challenge, Status.REVIEW)
    with pytest.raises(NotAllowed, match=said):
        decide(challenge.number, filed.act(Role.ARBITER, "arbiter"), *others)
    assert decide(challenge.number, filed.act(Role.ARBITER, "arbiter"), "another").resolution == "upheld"


def test_an_appeal_is_decided_by_arbiters_who_did_not_judge_before(challenge: Challenge) -> None:
    put(challenge, Status.REVIEW)
    decide(challenge.number, filed.act(Role.ARBITER, "one"))
    appellant = by(challenge, Role.CHALLENGER)
    acting.appeal(challenge.number, appellant, ground=AppealGround.CONFLICT, words="He knows him.")
    for panel in (["one", "two"], ["two"]):
        with pytest.raises(NotAllowed, match=r"did not judge|takes 2"):
            decide(challenge.number, filed.act(Role.ARBITER, panel[0]), *panel[1:])
    decide(challenge.number, filed.act(Role.ARBITER, "two"), "three")
    with pytest.raises(NotAllowed, match="once"):
        acting.appeal(challenge.number, appellant, ground=AppealGround.CONFLICT, words="Again.")


def test_a_decision_has_all_its_reasons(challenge: Challenge) -> None:
    put(challenge, Status.REVIEW)
    with pytest.raises(NotAllowed, match="missing: unknown, conflicts"):
        deciding.decide(
            challenge.number, filed.act(Role.ARBITER), others=[], resolution=Resolution.UPHELD,
            reasons=Reasons("a", "b", "c", " ", "e", ""),
        )  # fmt: skip


def test_a_decision_waits_for_evidence_and_for_what_nobody_looked_through(challenge: Challenge) -> None:
    acting.accept(challenge.number, filed.act(Role.ARBITER))
    acting.respond(challenge.number, filed.act(Role.RESPONDENT), words="It was corrected.")
    own = by(challenge, Role.CHALLENGER).actor

    def decided(days: float, **more: Any) -> Challenge:
        return deciding.decide(
            challenge.number, filed.act(Role.ARBITER, now=NOW + days * DAY), others=[],
            resolution=Resolution.UPHELD, reasons=REASONS, **more,
        )  # fmt: skip

    acting.add_evidence(challenge.number, Act(own, NOW + 7 * DAY), words="In time.")
    acting.add_evidence(challenge.number, Act(own, NOW + 8 * DAY), words="Late.")
    joiner = filed.person("joiner")
    joins = filed.act(Role.JOINER, "joiner", person=joiner.id, now=NOW + 8 * DAY)
    acting.join(challenge.number, joins, words="I too, late.")
    with pytest.raises(NotAllowed, match=r"in time, in event 3, 4: show or withhold"):
        decided(9)
    acting.publish(challenge.number, filed.act(Role.MODERATOR), seen=3)
    withholding.suppress(
        challenge.number, filed.act(Role.MODERATOR), ordinal=4, category="personal data", basis="by law"
    )
    for days in (0, 7 - 0.001):
        with pytest.raises(NotAllowed, match=r"add evidence until 2026-11-09 12:00 UTC"):
            decided(days)
    for days, early in ((7, {}), (6, {"evidence_until": "2026-11-09T12:00:00+00:00"})):
        with transaction.atomic(using="desk"):
            done = decided(days, before_evidence_ends=True)
            facts = done.events.get(ordinal=done.version).payload.facts
            assert {name: facts[name] for name in facts if name == "evidence_until"} == early
            transaction.set_rollback(True, using="desk")
    assert decided(7).status == "decided"


def test_a_check_that_says_otherwise_than_at_filing_stops_a_decision(challenge: Challenge) -> None:
    put(challenge, Status.REVIEW)
    snapshot = Challenge.objects.get().snapshot
    next(each for each in snapshot["checks"] if each["check"] == "altered")["reason"] = "words-changed"
    Challenge.objects.update(snapshot=snapshot)
    with pytest.raises(NotAllowed, match="Not what it said when this was filed: altered"):
        decide(challenge.number, filed.act(Role.ARBITER))
    decided = decide(challenge.number, filed.act(Role.ARBITER), knows_of_change=True)
    assert decided.status == "decided"


def test_what_its_check_confirmed_goes_on_without_its_challenger(chain: ChainView) -> None:
    challenge = filed.file(chain, by=filed.person("challenger"))
    acting.withdraw(challenge.number, by(challenge, Role.CHALLENGER), words="I was asked to.")
    kept = Challenge.objects.get()
    assert (kept.status, kept.close_reason) == ("open", "")
    assert kept.events.order_by("-ordinal")[0].type == "withdraw"
    with pytest.raises(NotAllowed, match="goes on without you"):
        acting.withdraw(challenge.number, by(challenge, Role.CHALLENGER), words="")


def test_the_time_to_respond_is_extended_once(challenge: Challenge) -> None:
    acting.accept(challenge.number, filed.act(Role.ARBITER))
    respondent = filed.act(Role.RESPONDENT)
    extended = acting.extend(challenge.number, respondent)
    assert extended.elapses_at == NOW + timedelta(days=21)
    with pytest.raises(NotAllowed, match="once"):
        acting.extend(challenge.number, respondent)


def test_whoever_acts_after_the_time_was_over_finds_what_happened_by_itself(challenge: Challenge) -> None:
    acting.accept(challenge.number, filed.act(Role.ARBITER))
    late = filed.act(Role.RESPONDENT, now=NOW + 15 * DAY)
    with pytest.raises(NotAllowed, match="in review"):
        acting.respond(challenge.number, late, words="Too late.")
    added = acting.add_evidence(
        challenge.number, Act(by(challenge, Role.CHALLENGER).actor, NOW + 15 * DAY), words="Look."
    )
    assert (added.status, added.entered_at) == ("review", NOW + 14 * DAY)
    told = list(added.events.order_by("ordinal").values_list("type", flat=True))
    assert told == ["file", "accept", "stop-waiting", "add-evidence"]


def test_evidence_after_its_time_is_taken_and_marked(challenge: Challenge) -> None:
    put(challenge, Status.REVIEW)
    own = by(challenge, Role.CHALLENGER).actor
    for days, is_late in ((7, False), (8, True)):
        acting.add_evidence(challenge.number, Act(own, NOW + days * DAY), words="Look.")
        last = Event.objects.select_related("payload").order_by("-seq")[0]
        assert last.payload.facts["late"] is is_late


def test_evidence_is_late_whether_or_not_a_worker_came_by(challenge: Challenge) -> None:
    acting.accept(challenge.number, filed.act(Role.ARBITER))
    own = by(challenge, Role.CHALLENGER).actor
    acting.add_evidence(challenge.number, Act(own, NOW + 22 * DAY), words="Look.")
    last = Event.objects.select_related("payload").order_by("-seq")[0]
    assert last.payload.facts["late"] is True


@pytest.mark.parametrize("name", ["challenger", "CHALLENGER"])
def test_nobody_joins_or_judges_his_own_challenge(name: str, challenge: Challenge) -> None:
    own = challenge.parties.get().person_id
    for actor in (Actor(Role.JOINER, "alias", own), Actor(Role.JOINER, name)):
        with pytest.raises(NotAllowed, match="already"):
            acting.join(challenge.number, Act(actor, NOW), words="")
    with pytest.raises(NotAllowed, match="cannot judge"):
        acting.accept(challenge.number, filed.act(Role.ARBITER, name))


def test_whoever_saw_an_older_version_has_to_look_again(challenge: Challenge) -> None:
    seen = Act(Actor(Role.ARBITER, "one"), NOW, version=challenge.version)
    acting.join(challenge.number, filed.act(Role.JOINER), words="")
    with pytest.raises(Outdated, match="meanwhile"):
        acting.accept(challenge.number, seen)
    with pytest.raises(NotHere, match="C-2026-000009"):
        acting.accept(2026_000000009, seen)


@pytest.mark.parametrize(
    ("reason", "of"),
    [(CloseReason.DUPLICATE, None), (CloseReason.SPAM, 1), (CloseReason.WITHDRAWN, None)],
)
def test_a_refusal_has_a_reason_that_fits(reason: CloseReason, of: int | None, challenge: Challenge) -> None:
    number = None if of is None else challenge.number
    with pytest.raises(NotAllowed):
        acting.refuse(challenge.number, filed.act(Role.ARBITER), reason=reason, words="", duplicate_of=number)
    with pytest.raises(NotAllowed, match="of itself"):
        acting.refuse(
            challenge.number, filed.act(Role.ARBITER), reason=CloseReason.DUPLICATE, words="",
            duplicate_of=challenge.number,
        )  # fmt: skip


def test_what_somebody_files_of_whom_one_was_upheld_is_spam_by_two_alone(
    challenge: Challenge, chain: ChainView
) -> None:
    own = Account.objects.get(handle="challenger")
    upheld = filed.file(chain, UNTOUCHED, "malformed", by=Person(own.pk, "challenger"))
    Challenge.objects.filter(pk=upheld.pk).update(status="final", resolution="upheld")
    one, two = filed.act(Role.ARBITER, "one"), Actor(Role.ARBITER, "two")
    for second in (None, Actor(Role.ARBITER, "One"), Actor(Role.MODERATOR, "m")):
        with pytest.raises(NotAllowed):
            acting.refuse(challenge.number, one, reason=CloseReason.SPAM, words="No.", second=second)
    done = acting.refuse(challenge.number, one, reason=CloseReason.SPAM, words="No.", second=two)
    assert done.close_reason == "spam"
    assert set(done.parties.filter(role="arbiter").values_list("name", flat=True)) == {"one", "two"}


def test_one_challenge_is_not_joined_by_the_hundred(
    challenge: Challenge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acting, "MOST_JOINED", 1)
    acting.join(challenge.number, filed.act(Role.JOINER, "first"), words="So do I.")
    with pytest.raises(NotAllowed, match="no more may"):
        acting.join(challenge.number, filed.act(Role.JOINER, "second"), words="So do I.")
    assert Challenge.objects.get(pk=challenge.pk).joined == 1
