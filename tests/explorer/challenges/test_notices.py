"""Mail to whoever takes part in a challenge: who is told of what, once, and no word of anybody."""

from collections.abc import Callable
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.core import mail
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from explorer.accounts import personal_data
from explorer.accounts.models import Account, Appointment, Respondent
from explorer.challenges import acting, notices, withholding
from explorer.challenges.acting import Act
from explorer.challenges.models import Challenge, Notice
from explorer.challenges.person import Person
from explorer.desk import outbox
from explorer.desk.models import OutboxEntry
from explorer.queries.chain.chains import ChainView
from explorer.rules.lifecycle import Action, AppealGround, CloseReason, Resolution, Role
from tests.explorer import shown
from tests.explorer.challenges import filed
from tests.explorer.challenges.filed import DAY, EDITED, NOW, UNTOUCHED
from tests.explorer.challenges.test_acting import decide
from tests.indexer.made import call, completion, update

pytestmark = pytest.mark.django_db(databases=["default", "desk"])
WEEK = 7 * DAY
SECRET = "secret words"
SIDES = ("challenger", "joiner", "respondent")


@pytest.fixture(autouse=True)
def _site(settings: Settings) -> None:
    settings.SITE_URL = "https://records.example"
    settings.DEFAULT_FROM_EMAIL = "site@records.example"


class Case:
    """A challenge with all its sides, each with an account, and what each was told lately."""

    def __init__(
        self, chain: ChainView, prompt_id: int = UNTOUCHED, *, people: dict[str, Person] | None = None
    ) -> None:
        self.people = people or {name: _reachable(name) for name in SIDES}
        self.challenge = filed.file(chain, prompt_id, by=self.people["challenger"], statement=SECRET)
        self.number = self.challenge.number

    def by(self, role: Role, now: datetime = NOW) -> Act:
        own = self.people.get(role.value)
        return filed.act(role, person=own.id if own else None, now=now)

    def join(self) -> None:
        acting.join(self.number, self.by(Role.JOINER), words=SECRET)

    def told(self, now: datetime = NOW) -> dict[str, str]:
        """Who is told what, once workers did all that waits."""
        mail.outbox.clear()
        while OutboxEntry.objects.filter(due_at__lte=now).exists():
            outbox.run_due(clock=lambda: now)
            OutboxEntry.objects.filter(due_at__isnull=False).update(due_at=now)
        assert not OutboxEntry.objects.exclude(failure="").exists()
        assert len(mail.outbox) == len({each.to[0] for each in mail.outbox})
        return {each.to[0].partition("@")[0]: _sentence(each) for each in mail.outbox}


def _reachable(name: str) -> Person:
    somebody = filed.person(f"reader-{name}")
    Account.objects.filter(pk=somebody.id).update(email=f"{name}@example.org")
    return somebody


def _sentence(sent: Any) -> str:
    return str(sent.body).partition("\n")[0].partition(": ")[2]


def expected(occasion: str, *names: str) -> dict[str, str]:
    return dict.fromkeys(names, notices._WORDS[occasion])


def test_each_step_is_told_to_whom_it_concerns_and_to_nobody_else(chain: ChainView) -> None:
    case = Case(chain)
    assert case.told() == expected("file", "challenger")
    case.join()
    assert case.told() == {}
    acting.ask(case.number, case.by(Role.ARBITER), missing=["statement"], words=SECRET)
    assert case.told() == expected("ask", "challenger")
    acting.answer(case.number, case.by(Role.CHALLENGER), words=SECRET)
    assert case.told() == {}
    acting.accept(case.number, case.by(Role.ARBITER))
    assert case.told() == expected("accept", "challenger", "joiner")
    acting.extend(case.number, case.by(Role.RESPONDENT))
    acting.add_evidence(case.number, case.by(Role.JOINER), words=SECRET)
    assert case.told() == expected("add-evidence", "challenger", "respondent")
    acting.respond(case.number, case.by(Role.RESPONDENT), words=SECRET)
    assert case.told() == expected("respond", "challenger", "joiner")
    decide(case.number, case.by(Role.ARBITER), "second", resolution=Resolution.UPHELD)
    assert case.told() == expected("decide", *SIDES)
    acting.appeal(case.number, case.by(Role.RESPONDENT), ground=AppealGround.PROCEDURE, words=SECRET)
    assert case.told() == expected("appeal", *SIDES)
    decide(case.number, filed.act(Role.ARBITER, "third"), "fourth", resolution=Resolution.UPHELD)
    case.told()
    withholding.suppress(
        case.number, filed.act(Role.MODERATOR), ordinal=2, category="personal data", basis=SECRET
    )
    assert case.told() == expected("suppress", "joiner")
    assert notices.remind(now=NOW + 12 * DAY) == 1
    assert case.told(NOW + 12 * DAY) == expected("appeal-days", "challenger")
    assert acting.elapse(now=NOW + 14 * DAY) == 1
    assert case.told(NOW + 14 * DAY) == expected("finalise", *SIDES)


def test_whoever_responds_for_the_record_is_told_once_that_it_is_open(chain: ChainView) -> None:
    case, speaker, other = Case(chain), _reachable("speaker"), _reachable("other")
    for somebody, scout in ((speaker, case.challenge.scout), (other, case.challenge.scout + 1)):
        Respondent.objects.create(account_id=somebody.id, brid=chain.brid, scout=scout, since=NOW)
    assert case.told() == expected("file", "challenger")
    acting.accept(case.number, case.by(Role.ARBITER))
    assert case.told() == expected("accept", "challenger") | expected(notices.TO_RESPOND, "speaker")
    assert case.told() == {}
    Account.objects.filter(pk=speaker.id).update(wants_mail=False)
    Respondent.objects.filter(account_id=other.id).update(scout=None)
    open_at_once = Case(chain, EDITED, people=case.people)
    assert open_at_once.told() == expected("file", "challenger") | expected(notices.TO_RESPOND, "other")


def test_who_need_not_respond_any_more_by_the_time_of_the_mail_is_not_told(chain: ChainView) -> None:
    case, speaker = Case(chain), _reachable("speaker")
    Respondent.objects.create(account_id=speaker.id, brid=chain.brid, since=NOW)
    acting.accept(case.number, case.by(Role.ARBITER))
    meanwhile: list[Callable[[], object]] = [
        Respondent.objects.all().delete,
        lambda: acting.join(case.number, filed.act(Role.JOINER, person=speaker.id), words=SECRET),
        lambda: acting.withdraw(case.number, case.by(Role.CHALLENGER), words=""),
        lambda: personal_data.delete(Account.objects.get(pk=speaker.id), now=NOW),
    ]
    for change in meanwhile:
        with transaction.atomic(using="desk"):
            change()
            notices.mail_respondent(case.number, speaker.id)
            assert mail.outbox == []
            transaction.set_rollback(True, using="desk")
    notices.mail_respondent(case.number, speaker.id)
    assert [each.to for each in mail.outbox] == [["speaker@example.org"]]


def test_a_mail_has_the_number_and_a_link_and_no_word_of_anybody(chain: ChainView) -> None:
    case = Case(chain)
    case.told()
    acting.refuse(case.number, case.by(Role.ARBITER), reason=CloseReason.SPAM, words=SECRET)
    case.told()
    told = str(mail.outbox[-1].message())
    assert f"https://records.example/challenges/{case.challenge.name}\n" in told
    assert "List-Unsubscribe: <https://records.example/my/account>" in told
    assert not any(each in told for each in (SECRET, "reader-", "arbiter", "the earth", "a lake"))


def test_times_that_run_out_are_told_of_once_each_however_often_workers_go_round(chain: ChainView) -> None:
    case = Case(chain)
    case.told()
    acting.ask(case.number, case.by(Role.ARBITER), missing=["statement"], words="Which?")
    case.told()
    at = {NOW + DAY: {}, NOW + WEEK: expected("answer-week", "challenger"),
          NOW + WEEK + DAY: {}, NOW + 13 * DAY: expected("answer-day", "challenger"),
          NOW + 14 * DAY: expected("lapse", "challenger")}  # fmt: skip
    for now, told in at.items():
        for _ in range(2):
            acting.elapse(now=now)
            notices.remind(now=now)
        assert case.told(now) == told


def test_nobody_is_reminded_of_what_was_done_while_the_mail_waited(chain: ChainView) -> None:
    case = Case(chain)
    case.told()
    acting.ask(case.number, case.by(Role.ARBITER), missing=["statement"], words="Which?")
    case.told()
    notices.remind(now=NOW + WEEK)
    acting.answer(case.number, case.by(Role.CHALLENGER), words="This one.")
    assert case.told(NOW + WEEK) == {}


def test_a_day_before_a_second_person_is_late_those_are_reminded_who_may_agree(
    chain: ChainView, settings: Settings
) -> None:
    settings.EMAIL_HOST, settings.REPORTS_TO = "mail.example", ["operator@example.org"]
    case = Case(chain)
    desk = {name: _reachable(name) for name in ("first", "second", "third")}
    for each in (*desk.values(), case.people["challenger"]):
        Appointment.objects.create(account_id=each.id, role=Appointment.Role.MODERATOR, since=NOW)
    Account.objects.filter(pk=desk["third"].id).update(wants_mail=False)
    OutboxEntry.objects.all().delete()

    def told(at: datetime) -> dict[str, str]:
        mail.outbox.clear()
        while outbox.run_due(clock=lambda: at):
            OutboxEntry.objects.filter(due_at__gt=at, name=notices.MAIL_SECOND).update(due_at=at)
        assert not OutboxEntry.objects.exclude(failure="").exists()
        assert not any(SECRET in str(each.message()) for each in mail.outbox)
        return {each.to[0].partition("@")[0]: _sentence(each) for each in mail.outbox}

    moderator = filed.act(Role.MODERATOR, "reader-first", person=desk["first"].id)
    of: dict[str, Any] = {"ordinal": 1, "category": "personal data", "basis": SECRET}
    withholding.suppress(case.number, moderator, **of)
    assert told(NOW) == {}
    OutboxEntry.objects.exclude(name=notices.REMIND_SECOND).delete()
    assert told(NOW + DAY - DAY / 24) == {}
    assert told(NOW + DAY) == expected(notices.TO_AGREE, "second", "operator")
    assert told(NOW + 2 * DAY) == {}
    acting.publish(case.number, moderator, ordinals=[1])
    withholding.suppress(case.number, moderator, **of)
    withholding.agree(case.number, filed.act(Role.MODERATOR, "reader-second"), ordinal=1)
    OutboxEntry.objects.exclude(name=notices.REMIND_SECOND).delete()
    assert told(NOW + DAY) == {}


def test_what_is_not_decided_for_thirty_days_is_told_to_those_who_may_decide(
    chain: ChainView, settings: Settings
) -> None:
    settings.EMAIL_HOST, settings.REPORTS_TO = "mail.example", ["operator@example.org"]
    case = Case(chain)
    for each in (_reachable("judge"), case.people["challenger"]):
        Appointment.objects.create(account_id=each.id, role=Appointment.Role.ARBITER, since=NOW)
    acting.accept(case.number, case.by(Role.ARBITER))
    acting.respond(case.number, case.by(Role.RESPONDENT), words=SECRET)
    OutboxEntry.objects.exclude(name=notices.ESCALATE).delete()
    asked = OutboxEntry.objects.get().arguments
    assert case.told(NOW + 30 * DAY - DAY / 24) == {}
    assert case.told(NOW + 30 * DAY) == expected(notices.TO_DECIDE, "judge", "operator")
    decide(case.number, case.by(Role.ARBITER), "second")
    OutboxEntry.objects.all().delete()
    notices.escalate(**asked)
    assert not OutboxEntry.objects.exists()


def test_what_waited_before_anybody_was_told_is_told_of_too(chain: ChainView, settings: Settings) -> None:
    settings.EMAIL_HOST, settings.REPORTS_TO = "mail.example", ["operator@example.org"]
    case = Case(chain)
    acting.accept(case.number, case.by(Role.ARBITER))
    migration = import_module("explorer.challenges.migrations.0024_tell_of_those_in_review")

    def entries() -> list[tuple[dict[str, Any], datetime | None]]:
        found = OutboxEntry.objects.filter(name=notices.ESCALATE)
        return list(found.values_list("arguments", "due_at"))

    with connections["desk"].schema_editor() as editor:
        migration.ask(apps, editor)
        assert entries() == []  # it is open still
        acting.respond(case.number, case.by(Role.RESPONDENT), words=SECRET)
        asked = entries()
        migration.ask(apps, editor)
        assert entries() == asked
        OutboxEntry.objects.all().delete()
        migration.ask(apps, editor)
    assert entries() == asked
    assert case.told(NOW + 30 * DAY) == expected(notices.TO_DECIDE, "operator")


def test_a_time_to_respond_that_is_put_off_is_told_of_anew(chain: ChainView) -> None:
    case = Case(chain, EDITED)
    acting.extend(case.number, case.by(Role.RESPONDENT))
    Challenge.objects.update(is_extended=False, elapses_at=NOW + 2 * WEEK)
    assert (notices.remind(now=NOW + WEEK), notices.remind(now=NOW + WEEK + DAY)) == (1, 0)
    acting.extend(case.number, case.by(Role.RESPONDENT, NOW + WEEK + DAY))
    assert notices.remind(now=NOW + WEEK + DAY) == 0
    assert notices.remind(now=NOW + 2 * WEEK) == notices.remind(now=NOW + 3 * WEEK - DAY) == 1
    OutboxEntry.objects.all().delete()
    assert acting.elapse(now=NOW + 3 * WEEK) == 1
    assert case.told(NOW + 3 * WEEK) == expected("stop-waiting", "challenger", "respondent")


def test_nobody_is_told_twice_where_two_workers_do_the_same_or_one_dies(chain: ChainView) -> None:
    case = Case(chain)
    seq = case.challenge.events.get().seq
    notices.tell_event(seq)
    notices.tell_event(seq)
    notice = Notice.objects.get()
    assert case.told() == expected("file", "challenger")
    assert Notice.objects.get().sent_at is not None
    notices.mail_step(str(notice.pk))
    assert len(mail.outbox) == 1
    assert mail.outbox[0].message()["Message-ID"] == f"<notice-{notice.pk}@records.example>"


def test_who_turned_it_off_or_left_is_told_nothing_also_where_it_was_under_way(chain: ChainView) -> None:
    case = Case(chain)
    case.join()
    acting.accept(case.number, case.by(Role.ARBITER))
    for entry in OutboxEntry.objects.filter(name=notices.TELL_EVENT):
        notices.tell_event(**entry.arguments)
    joiner = Account.objects.get(pk=case.people["joiner"].id)
    personal_data.delete(joiner, now=NOW)
    Account.objects.filter(pk=case.people["challenger"].id).update(wants_mail=False)
    assert case.told() == {}
    acting.add_evidence(case.number, case.by(Role.CHALLENGER), words="More.")
    assert case.told() == {}
    assert Notice.objects.filter(occasion=Action.ADD_EVIDENCE.value).count() == 0


def test_what_is_undone_is_told_to_nobody(chain: ChainView) -> None:
    case = Case(chain)
    case.told()
    with transaction.atomic(using="desk"):
        acting.accept(case.number, case.by(Role.ARBITER))
        transaction.set_rollback(True, using="desk")
    assert case.told() == {}


def test_that_the_record_changed_meanwhile_is_told_once_for_each_change(chain: ChainView) -> None:
    case = Case(chain)
    case.told()
    assert notices.tell_of_changes(now=NOW) == 0
    made = filed.made_chain()
    for count, answer in enumerate(("a sea", "a pond"), 1):
        made.block(call(update(UNTOUCHED, completion(answer))))
        shown.index_again(made)
        assert [notices.tell_of_changes(now=NOW + count * DAY) for _ in range(2)] == [1, 0]
        assert case.told(NOW + count * DAY) == expected(notices.CHANGED, "challenger")
    Challenge.objects.update(status="closed")
    made.block(call(update(UNTOUCHED, completion("an ocean"))))
    shown.index_again(made)
    assert notices.tell_of_changes(now=NOW + timedelta(days=9)) == 0


def test_the_more_records_change_and_the_more_take_part_the_same_questions_are_asked(
    chain: ChainView,
) -> None:
    first = Case(chain)
    cases = [first, Case(chain, EDITED, people=first.people)]
    for case in cases:
        case.join()
    asked = []
    for count in (1, 2):
        numbers = [each.number for each in cases[:count]]
        Challenge.objects.filter(number__in=numbers).update(snapshot={"revision_count": 0})
        with CaptureQueriesContext(connections["desk"]) as desk, CaptureQueriesContext(connection) as index:
            assert notices.tell_of_changes(now=NOW) == 2
        asked.append((len(desk), len(index)))
    assert asked == [(9, 3)] * 2
