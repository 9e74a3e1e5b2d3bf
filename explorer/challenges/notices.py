"""Who is told of what by mail: one table. Each mail is a number, a sentence of ours and a link, and no word
of a person or of the chain.

That something happened asks for one entry of the outbox; a worker makes of it one `Notice` for each who is to
be told, and sends them one by one. A notice is there once, however often workers go round, and is sent to
whoever still has an account and wants mail by then.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from explorer.accounts.models import Account, Appointment
from explorer.challenges.models import Challenge, Event, Notice, Party
from explorer.challenges.parties import actor_of, respondents
from explorer.desk.mail import NobodyThere, send
from explorer.desk.models import DESK
from explorer.desk.outbox import enqueue, enqueue_each
from explorer.queries.chain.chains import chains
from explorer.queries.lists import listing
from explorer.rules import deadlines, lifecycle, naming
from explorer.rules.deadlines import Standing
from explorer.rules.lifecycle import Action, Role, Status

TELL_EVENT = "tell_event"
MAIL_STEP = "mail_step"
MAIL_RESPONDENT = "mail_respondent"
REMIND_SECOND = "remind_second"
MAIL_SECOND = "mail_second"
ESCALATE = "escalate"
MAIL_LATE = "mail_late"

_SIDES = (Role.CHALLENGER, Role.JOINER, Role.RESPONDENT)
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Telling:
    """Who is told, and what. ``not_who_did_it``: whoever did it knows."""

    roles: Sequence[Role]
    words: str
    not_who_did_it: bool = False


@dataclass(frozen=True, slots=True)
class Reminder:
    """A telling while a status is about to end by itself: so long ``before``, and no more once the next
    reminder is due, ``until`` so long before.
    """

    status: Status
    before: timedelta
    until: timedelta
    telling: Telling


WITHHELD = "Something that you wrote is withheld. Its page says of what kind it is, and when that was done."
CHANGED = "record-changed"
TO_RESPOND = "to-respond"
TO_AGREE = "to-agree"
TO_DECIDE = "to-decide"
_OPENING = (lifecycle.FILED, Action.ACCEPT.value)

EVENTS: Mapping[str, Telling] = {
    lifecycle.FILED: Telling([Role.CHALLENGER], "It was filed. Its page says what comes next, and by when."),
    Action.ASK.value: Telling(
        [Role.CHALLENGER], "More is asked of you. It is closed where no answer comes within 14 days."
    ),
    Action.ACCEPT.value: Telling(_SIDES, "It is open, and the other side may respond."),
    Action.REFUSE.value: Telling(_SIDES, "It was closed without being opened. Its page says why."),
    Action.LAPSE.value: Telling(_SIDES, "It was closed: what was asked for did not come in time."),
    Action.ADD_EVIDENCE.value: Telling(_SIDES, "Evidence was added.", not_who_did_it=True),
    Action.RESPOND.value: Telling(_SIDES, "A response came.", not_who_did_it=True),
    Action.STOP_WAITING.value: Telling(_SIDES, "No response came in time. That is no admission."),
    Action.WITHDRAW.value: Telling(_SIDES, "It was withdrawn."),
    Action.DECIDE.value: Telling(
        _SIDES, "It was decided. Its page gives the reasons, and until when either side may appeal."
    ),
    Action.APPEAL.value: Telling(_SIDES, "The decision was appealed."),
    Action.FINALISE.value: Telling(_SIDES, "The decision is final."),
    Action.REOPEN.value: Telling(_SIDES, "It was opened again. Its page says why."),
}
"""By the event. Of what is withheld, whoever wrote it is told: `WITHHELD`."""

_WEEK, _DAY, _NONE = timedelta(days=7), timedelta(days=1), timedelta()
_ANSWER_WEEK = Telling([Role.CHALLENGER], "A week is left to answer what is asked of you.")
_ANSWER_DAY = Telling([Role.CHALLENGER], "A day is left to answer what is asked of you.")
_RESPOND_WEEK = Telling([Role.RESPONDENT], "A week is left to respond.")
_RESPOND_DAY = Telling([Role.RESPONDENT], "A day is left to respond.")
_APPEAL = Telling([Role.CHALLENGER, Role.RESPONDENT], "Three days are left to appeal the decision.")

REMINDERS: Mapping[str, Reminder] = {
    "answer-week": Reminder(Status.NEEDS_INFO, _WEEK, _DAY, _ANSWER_WEEK),
    "answer-day": Reminder(Status.NEEDS_INFO, _DAY, _NONE, _ANSWER_DAY),
    "respond-week": Reminder(Status.OPEN, _WEEK, _DAY, _RESPOND_WEEK),
    "respond-day": Reminder(Status.OPEN, _DAY, _NONE, _RESPOND_DAY),
    "appeal-days": Reminder(Status.DECIDED, timedelta(days=3), _NONE, _APPEAL),
}
"""By the occasion; of which time it is stands in the notice, so that one that was put off is told of anew."""

_WORDS: Mapping[str, str] = {
    TO_RESPOND: "A record for which you respond is questioned. You may respond within 14 days.",
    Action.SUPPRESS.value: WITHHELD,
    TO_AGREE: "A day is left for a second person to agree that something is withheld, or to show it again.",
    TO_DECIDE: "Nothing has been decided for 30 days, and a decision was due after 14.",
    CHANGED: "The record has changed since it was filed. Its page shows what is other now.",
    **{event: telling.words for event, telling in EVENTS.items()},
    **{occasion: reminder.telling.words for occasion, reminder in REMINDERS.items()},
}
_AS_PARTY = "you take part in it"
_AS_RESPONDENT = "the operator of the site entered that you respond for such records"
_AS_DESK = "the operator of the site gave you a role, and one person alone withheld it"
_AS_JUDGE = "the operator of the site gave you a role, and you take no side in it"
_BODY = """\
Challenge {name}: {words}

    {page}

You are told because {why}. This can be turned off on the page of your account:

    {account}
"""
_TO_OPERATOR = """\
Challenge {name}: {words}

To read it, on the machine of the site:

    python3 manage.py challenge show {name}

The same mail may come twice: it is sent at least once.
"""


def ask_to_tell(event: Event, *, now: datetime) -> None:
    """Have those told whom an event concerns, within its transaction."""
    if event.type in EVENTS or event.type == Action.SUPPRESS.value:
        enqueue(TELL_EVENT, now=now, seq=event.seq)
    challenge = event.challenge
    if event.type in _OPENING and challenge.status == Status.OPEN.value:
        told = [{"number": challenge.number, "account": each.pk} for each in respondents(challenge)]
        enqueue_each(MAIL_RESPONDENT, told, now=now)


def tell_event(seq: int) -> None:
    """Make the notices of an event; nothing more where they are made already."""
    event = Event.objects.select_related("payload").get(seq=seq)
    # Of evidence once a day: who takes part can add much of it.
    is_often = event.type == Action.ADD_EVIDENCE.value
    about = f"{event.at:%Y-%m-%d}" if is_often else str(event.ordinal)
    now = timezone.now()
    _make([_notice(each.pk, event.type, about, now) for each in _concerned(event)], now=now)


def remind(*, now: datetime) -> int:
    """Tell of what is due soon; gives how many were told."""
    return sum(_remind(occasion, reminder, now) for occasion, reminder in REMINDERS.items())


def tell_of_changes(*, now: datetime) -> int:
    """Tell of records with more revisions than they had when a challenge of them was filed that still goes
    on; gives how many were told.
    """
    count, last = 0, 0
    while part := _pending_after(last):
        last = part[-1][0]
        count += _tell_changed(part, now)
    return count


def mail_respondent(number: int, account: int) -> None:
    """Tell somebody who responds for the record of a challenge that it is open; nothing where either is so no
    more, or he takes part in it meanwhile. Raises OSError: then it is sent again later, under the same
    Message-ID.
    """
    challenge = Challenge.objects.get(number=number)
    found = respondents(challenge).filter(pk=account).first()
    is_open = challenge.status == Status.OPEN.value
    if found is not None and is_open and actor_of(challenge, account) is None:
        _mail(f"respond-{number}-{account}", found, challenge.name, TO_RESPOND, _AS_RESPONDENT)


def remind_at(withheld: Event) -> datetime:
    """When those are reminded who may agree that something is withheld: a day before they are late."""
    return withheld.at + deadlines.AGREEING - _DAY


def tell_second(withheld: Event, *, now: datetime) -> None:
    """Have everybody told who may agree to it: whoever has a role, takes no side in the challenge and is not
    who withheld it; and the operator.
    """
    of = {"number": withheld.challenge_id, "event": withheld.ordinal}
    told = [{**of, "account": pk} for pk in _appointed(withheld.challenge_id, Q(pk=withheld.party_id))]
    enqueue_each(MAIL_SECOND, [*told, {**of, "account": None}], now=now)


def ask_to_escalate(challenge: Challenge, *, now: datetime) -> None:
    """Have those told who may decide a challenge if it waits for a decision still when that is much too late.
    Within the transaction of what makes it wait.
    """
    since = challenge.entered_at.isoformat()
    at = deadlines.escalates_at(Standing(Status(challenge.status), challenge.entered_at))
    if at is not None:
        enqueue(ESCALATE, now=now, due_at=at, number=challenge.number, since=since)


def escalate(number: int, since: str) -> None:
    """Tell whoever has a role and takes no side, and the operator, that nothing was decided ``since``."""
    challenge = Challenge.objects.get(number=number)
    standing = Standing(Status(challenge.status), challenge.entered_at)
    if deadlines.escalates_at(standing) is None or challenge.entered_at.isoformat() != since:
        return
    of = {"number": number, "since": since}
    told = [{**of, "account": pk} for pk in _appointed(number)]
    enqueue_each(MAIL_LATE, [*told, {**of, "account": None}], now=timezone.now())


def mail_late(number: int, since: str, account: int | None) -> None:
    """Tell somebody who may decide, or the operator where it is None. Raises OSError, as `mail_step`."""
    at = int(datetime.fromisoformat(since).timestamp())
    _mail_desk(f"decide-{number}-{at}", number, account, TO_DECIDE, _AS_JUDGE)


def mail_second(number: int, event: int, account: int | None) -> None:
    """Remind somebody who may agree, or the operator where it is None. Raises OSError, as `mail_step`."""
    _mail_desk(f"agree-{number}-{event}", number, account, TO_AGREE, _AS_DESK)


def mail_step(notice: str) -> None:
    """Send a notice, once. Raises OSError: then it is sent again later, under the same Message-ID."""
    found = Notice.objects.select_related("party__challenge", "party__person").get(pk=notice)
    account = found.party.person
    if found.sent_at is not None or account is None or _is_past(found):
        return
    _mail(f"notice-{found.id}", account, found.party.challenge.name, found.occasion, _AS_PARTY)
    Notice.objects.filter(pk=found.pk).update(sent_at=timezone.now())


def _appointed(number: int, also: Q | None = None) -> QuerySet[Appointment, Any]:
    """The accounts with a role, but for those who take a side in a challenge, and those parties ``also``."""
    but = Q(role__in=[each.value for each in _SIDES]) | (also or Q(pk__in=()))
    own = Party.objects.filter(but, challenge=number, person__isnull=False)
    found = Appointment.objects.exclude(role=Appointment.Role.NONE).exclude(account__in=own.values("person"))
    return found.values_list("account", flat=True)


def _mail_desk(key: str, number: int, account: int | None, occasion: str, why: str) -> None:
    name = naming.name_of(number)
    if account is not None:
        found = Account.objects.filter(pk=account, deleted_at=None).first()
        if found is not None:
            _mail(f"{key}-{account}", found, name, occasion, why)
    elif settings.EMAIL_HOST and settings.REPORTS_TO:
        send(
            key=key,
            to=settings.REPORTS_TO,
            subject=f"{settings.SITE_NAME}: challenge {name}",
            body=_TO_OPERATOR.format(name=name, words=_WORDS[occasion]),
        )


def _mail(key: str, to: Account, name: str, occasion: str, why: str) -> None:
    if not (to.email and to.wants_mail):
        return
    here = settings.SITE_URL
    with suppress(NobodyThere):  # trying again would hold up the mail of others
        send(
            key=key,
            to=[to.email],
            subject=f"{settings.SITE_NAME}: challenge {name}",
            body=_BODY.format(
                name=name, words=_WORDS[occasion], why=why,
                page=f"{here}/challenges/{name}", account=f"{here}/my/account",
            ),
            unsubscribe=f"{here}/my/account" if here else "",
        )  # fmt: skip


def _is_past(notice: Notice) -> bool:
    """Whether it reminds of a time that was put off, or that nobody waits for any more."""
    reminder, challenge = REMINDERS.get(notice.occasion), notice.party.challenge
    if reminder is None:
        return False
    ends = challenge.elapses_at
    return challenge.status != reminder.status.value or ends is None or ends.isoformat() != notice.about


def _concerned(event: Event) -> QuerySet[Party]:
    if event.type == Action.SUPPRESS.value:
        withheld = Event.objects.filter(challenge=event.challenge_id, ordinal=event.payload.facts["event"])
        return _reachable(_SIDES).filter(pk__in=withheld.values("party_id"))
    telling = EVENTS[event.type]
    found = _reachable(telling.roles).filter(challenge=event.challenge_id)
    if not telling.not_who_did_it or event.party_id is None:
        return found
    return found.exclude(pk=event.party_id)


def _reachable(roles: Iterable[Role]) -> QuerySet[Party]:
    """Those in these roles who have an account, and want mail."""
    return Party.objects.filter(
        role__in=[each.value for each in roles],
        person__isnull=False, person__deleted_at=None, person__wants_mail=True,
    )  # fmt: skip


def _remind(occasion: str, reminder: Reminder, now: datetime) -> int:
    found = _reachable(reminder.telling.roles).filter(
        challenge__status=reminder.status.value,
        challenge__elapses_at__gt=now + reminder.until,
        challenge__elapses_at__lte=now + reminder.before,
    )
    if reminder.status is Status.DECIDED:
        found = found.exclude(Exists(Event.objects.filter(party=OuterRef("pk"), type=Action.APPEAL.value)))
    told = Notice.objects.filter(
        party=OuterRef("pk"),
        occasion=occasion,
        made_at__gte=OuterRef("challenge__elapses_at") - reminder.before,
    )  # what was told of a time that was put off since is no telling of this one
    waiting = found.exclude(Exists(told)).annotate(by=F("challenge__elapses_at")).order_by("pk")[:_AT_ONCE]
    return _make([_notice(each.pk, occasion, each.by.isoformat(), now) for each in waiting], now=now)


def _pending_after(number: int) -> Sequence[tuple[int, Any, int, Any]]:
    """Some of those that go on: number, chain, record, and how many revisions it had as they were filed."""
    statuses = [each.value for each in lifecycle.PENDING]
    found = Challenge.objects.filter(number__gt=number, status__in=statuses).order_by("number")
    return list(found.values_list("number", "brid", "prompt_id", "snapshot__revision_count")[:_AT_ONCE])


def _tell_changed(rows: Sequence[tuple[int, Any, int, Any]], now: datetime) -> int:
    """As many questions however many of them changed, and however many take part in those."""
    changed = _changed(rows)
    told = Notice.objects.filter(occasion=CHANGED, party__challenge__in=changed)
    known = set(told.filter(about__in=set(changed.values())).values_list("party", "about"))
    concerned = _reachable(_SIDES).filter(challenge__in=changed).values_list("pk", "challenge")
    waiting = {(party, changed[number]) for party, number in concerned} - known
    return _make([_notice(party, CHANGED, about, now) for party, about in sorted(waiting)], now=now)


def _changed(rows: Sequence[tuple[int, Any, int, Any]]) -> Mapping[int, str]:
    """How many revisions the record has by now, by number of its challenge; of those that have more."""
    by_rid = {each.brid: each for each in chains()}
    found = listing.named([(by_rid[bytes(row[1])], row[2]) for row in rows if bytes(row[1]) in by_rid])
    now = {number: (found.get((bytes(brid), prompt_id)), before) for number, brid, prompt_id, before in rows}
    return {
        number: str(record.revisions)
        for number, (record, before) in now.items()
        if record is not None and record.revisions > before
    }


def _notice(party: int, occasion: str, about: str, now: datetime) -> Notice:
    return Notice(party_id=party, occasion=occasion, about=about, made_at=now)


def _make(wanted: Sequence[Notice], *, now: datetime) -> int:
    """Those that are not there yet, each with its entry in the outbox; gives how many."""
    if not wanted:
        return 0
    with transaction.atomic(using=DESK):
        Notice.objects.bulk_create(wanted, ignore_conflicts=True)
        # Of what two workers make at once, each has those that bear the id that it gave.
        made = Notice.objects.filter(pk__in=[each.pk for each in wanted]).values_list("pk", flat=True)
        enqueue_each(MAIL_STEP, [{"notice": str(each)} for each in made], now=now)
        return len(made)
