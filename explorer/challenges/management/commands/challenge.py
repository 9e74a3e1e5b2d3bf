"""``manage.py challenge``: what arbiters and moderators do to challenges, by the functions that pages use."""

import json
from argparse import ArgumentParser
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.management.base import CommandError
from django.db.models import Q
from django.utils import timezone

from explorer.accounts.models import Account, Appointment
from explorer.challenges import acting, deciding, reuse, withholding
from explorer.challenges.acting import Act, Outdated
from explorer.challenges.deciding import Reasons
from explorer.challenges.models import Challenge, Event
from explorer.challenges.parties import Actor, may_respond, spelled_as
from explorer.pages.rendering.sanitize import line
from explorer.queries.db.errors import NotHere
from explorer.rules import deadlines, naming, registry
from explorer.rules.lifecycle import OVER, Action, CloseReason, NotAllowed, Resolution, Role
from local.supervision.command import StateCommand

_LONGEST_LINE = 4_000
_PARTS = ("found", "relied-on", "automated", "unknown", "effect", "conflicts")
_STAFF = (Role.MODERATOR, Role.ARBITER)
_OVER = [each.value for each in OVER]
Given = Mapping[str, Any]


class Command(StateCommand):
    """Prints words of strangers as lines, without a character that a terminal would obey."""

    help = "List challenges, read one, and do what arbiters and moderators do."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parts = parser.add_subparsers(dest="act", required=True)
        listing = parts.add_parser("list", help="those that are not over, the oldest first")
        listing.add_argument("--all", action="store_true", help="those that are over too")
        for name, (about, add) in _ACTS.items():
            part = parts.add_parser(name, help=about)
            part.add_argument("number", help="as C-2026-000123")
            if name != "show":
                part.add_argument(
                    "--by", required=True, help="the public name of whoever does it, as of an account"
                )
            add(part)

    def run(self, **options: Any) -> None:
        if options["act"] == "list":
            self._list(every=options["all"])
            return
        number = _number(options["number"])
        if options["act"] != "show":
            self._do(number, self._with_seen(number, options))
        self._show(number)

    def _list(self, *, every: bool) -> None:
        found = Challenge.objects.order_by("number")
        if not every:
            withheld = Event.objects.filter(type=Action.SUPPRESS.value).values("challenge")
            found = found.filter(~Q(status__in=_OVER) | Q(pk__in=withheld))
        for each in found.iterator():
            waiting, alone = len(acting.waiting(each)), withholding.alone(each)
            if each.status in _OVER and not (every or alone):
                continue
            told = f"{each.name}  {each.filed_at:%Y-%m-%d %H:%M} UTC  {each.status}  {each.ground}"
            self.stdout.write(f"{told}  record {each.prompt_id}{f'  {waiting} to screen' if waiting else ''}")
            late = deadlines.escalates_at(acting.standing_of(each))
            if late is not None and late <= timezone.now():
                self.stdout.write(
                    f"    nothing is decided since {each.entered_at:%Y-%m-%d}: it was due long ago"
                )
            for one in alone:
                by = one.at + deadlines.AGREEING
                self.stdout.write(
                    f"    event {one.payload.facts['event']} is withheld by one person alone: a second one "
                    f"agrees by {by:%Y-%m-%d %H:%M} UTC, or shows it again"
                )

    def _with_seen(self, number: int, options: Given) -> Given:
        """With the last event whose words may be shown: the one that whoever screens says he has seen, or the
        last one that waits, whose words are printed before they are shown. What comes meanwhile is neither.
        Raises CommandError where files would be shown that nobody says he has seen.
        """
        challenge = Challenge.objects.filter(number=number).first()
        if challenge is None or options.get("event") or "seen" not in options:
            return options
        seen = options["seen"]
        if seen is None:
            waiting = acting.waiting(challenge)
            _check_no_files(challenge, waiting)
            self.stdout.write(f"To be shown, {len(waiting)} of its events:")
            for each in waiting:
                self._write(each)
            seen = max((each.ordinal for each in waiting), default=0)
        elif not 0 < seen <= challenge.version:
            raise CommandError(
                f"{challenge.name} has events 1 to {challenge.version}: give the last one that you saw."
            )
        return {**options, "seen": seen}

    def _do(self, number: int, options: Given) -> None:
        try:
            _DO[options["act"]](number, options, timezone.now())
        except (NotAllowed, NotHere, Outdated) as refusal:
            raise CommandError(str(refusal)) from refusal

    def _show(self, number: int) -> None:
        challenge = Challenge.objects.filter(number=number).first()
        if challenge is None:
            raise CommandError(f"There is no challenge {naming.name_of(number)}.")
        rid = bytes(challenge.brid).hex().upper()
        self.stdout.write(f"{challenge.name}  {challenge.status}  {challenge.resolution}".rstrip())
        self.stdout.write(
            f"{registry.by_name()[challenge.ground].title}: /chains/{rid}/records/{challenge.prompt_id}"
        )
        every = list(challenge.events.select_related("payload", "party").order_by("ordinal"))
        for each in every:
            self._write(each)
        for file, others in reuse.same_as(challenge.files.exclude(event=None).order_by("number")).items():
            self.stdout.write(f"File {file} has the bytes of {', '.join(others)}.")
        if waiting := [each.ordinal for each in every if _is_waiting(each)]:
            numbers, last = ", ".join(map(str, waiting)), every[-1].ordinal
            self.stdout.write(
                f"Not shown so far: event {numbers}. To show what stands above and nothing later:"
            )
            self.stdout.write(f"    manage.py challenge screen {challenge.name} --by NAME --seen {last}")

    def _write(self, event: Event) -> None:
        """An event, with the words that are there."""
        name = "" if event.party is None else f" ({line(event.party.name)})"
        shown = "" if event.payload.published_at else "  not shown"
        self.stdout.write(
            f"{event.ordinal}. {event.at:%Y-%m-%d %H:%M} UTC  {event.type}  {event.actor_ref}{name}{shown}"
        )
        self.stdout.write(f"    {json.dumps(event.payload.facts)}")
        for part, words in (event.payload.words or {}).items():
            for said in str(words).splitlines():
                self.stdout.write(f"    {part}: {line(said, limit=_LONGEST_LINE)}")
        if count := _files(event):
            self.stdout.write(f"    {count} file{'s' * (count > 1)}: {_to_see_files(event.challenge)}")


def _is_waiting(event: Event) -> bool:
    return event.payload.published_at is None and event.payload.suppressed_at is None


def _files(event: Event) -> int:
    return event.files.exclude(stored="").count()  # what was erased is stored nowhere


def _to_see_files(challenge: Challenge) -> str:
    return f"manage.py evidence {challenge.name} --into FOLDER"


def _check_no_files(challenge: Challenge, waiting: Sequence[Event]) -> None:
    with_files = ", ".join(str(each.ordinal) for each in waiting if _files(each))
    if with_files:
        raise CommandError(
            f"Nothing is shown yet: files go with event {with_files}, and are shown with its words. Look at "
            f"them ({_to_see_files(challenge)}), then give the last event that you saw: --seen EVENT."
        )


def _number(name: str) -> int:
    try:
        return naming.key_named(name.upper())
    except ValueError as error:
        raise CommandError("Give the number of a challenge, as C-2026-000123.") from error


def _act(number: int, options: Given, now: datetime, *roles: Role) -> Act:
    return Act(_actor(number, options["by"], *roles), now)


def _actor(number: int, name: str, *roles: Role) -> Actor:
    """Whoever bears a name, in the first of these roles that he has: the account that does, where there is
    one. Raises CommandError where it has none of them, and where there is no name.
    """
    name = " ".join(name.split())
    if not name:
        raise CommandError("Give the public name of whoever does it.")
    account = spelled_as(name)
    if account is None:
        return Actor(roles[0], name)
    held = _held(number, account)
    role = next((each for each in roles if each in held), None)
    if role is None:
        raise CommandError(
            f"{account.handle} has an account here, which is no {' or '.join(each.value for each in roles)}: "
            "enter it as one (manage.py account), or give the name of somebody who is one."
        )
    return Actor(role, account.handle or name, account.pk)


def _held(number: int, account: Account) -> Collection[Role]:
    """What the operator entered an account as."""
    appointed = Appointment.objects.filter(account=account).exclude(role=Appointment.Role.NONE).first()
    held = [] if appointed is None else [Role(appointed.role)]
    challenge = Challenge.objects.filter(number=number).first()
    may = challenge is not None and may_respond(challenge, account.pk)
    return [*held, Role.RESPONDENT] if may else held


def _screen(number: int, options: Given, now: datetime) -> None:
    """Open what waits to be opened, or show what was written of one that is open."""
    challenge = Challenge.objects.filter(number=number).first()
    if challenge is not None and challenge.status == "screening":
        acting.accept(number, _act(number, options, now, Role.ARBITER), seen=options["seen"])
    else:
        acting.publish(number, _act(number, options, now, *_STAFF), seen=options["seen"])


def _ask(number: int, options: Given, now: datetime) -> None:
    acting.ask(
        number, _act(number, options, now, Role.ARBITER), missing=options["missing"], words=options["words"]
    )


def _close(number: int, options: Given, now: datetime) -> None:
    of = options["duplicate_of"]
    acting.refuse(
        number, _act(number, options, now, Role.ARBITER), reason=CloseReason(options["reason"]),
        words=options["words"], duplicate_of=None if of is None else _number(of),
        second=_second(number, options),
    )  # fmt: skip


def _respond(number: int, options: Given, now: datetime) -> None:
    acting.respond(number, _act(number, options, now, Role.RESPONDENT), words=options["words"])


def _extend(number: int, options: Given, now: datetime) -> None:
    acting.extend(number, _act(number, options, now, Role.RESPONDENT))


def _decide(number: int, options: Given, now: datetime) -> None:
    deciding.decide(
        number, _act(number, options, now, Role.ARBITER),
        others=[_actor(number, each, Role.ARBITER) for each in options["also_by"]],
        resolution=Resolution(options["resolution"]),
        reasons=Reasons(*(options[part.replace("-", "_")] for part in _PARTS)),
        knows_of_change=options["knows_of_change"], before_evidence_ends=options["before_evidence_ends"],
    )  # fmt: skip


def _reopen(number: int, options: Given, now: datetime) -> None:
    acting.reopen(
        number,
        _act(number, options, now, Role.ARBITER),
        second=_second(number, options),
        words=options["words"],
    )


def _second(number: int, options: Given, role: Role = Role.ARBITER) -> Actor | None:
    return next((_actor(number, each, role) for each in options["also_by"]), None)


def _suppress(number: int, options: Given, now: datetime) -> None:
    withholding.suppress(
        number, _act(number, options, now, Role.MODERATOR), ordinal=options["event"],
        category=options["category"], basis=options["basis"],
        second=_second(number, options, Role.MODERATOR), erase=options["erase"],
    )  # fmt: skip


def _agree(number: int, options: Given, now: datetime) -> None:
    withholding.agree(number, _act(number, options, now, *_STAFF), ordinal=options["event"])


def _publish(number: int, options: Given, now: datetime) -> None:
    acting.publish(
        number, _act(number, options, now, *_STAFF), ordinals=options["event"], seen=options["seen"]
    )


_DO: Mapping[str, Callable[[int, Given, datetime], None]] = {
    "screen": _screen,
    "ask": _ask,
    "close": _close,
    "respond": _respond,
    "extend": _extend,
    "decide": _decide,
    "reopen": _reopen,
    "suppress": _suppress,
    "agree": _agree,
    "publish": _publish,
}


def _takes_nothing(parser: ArgumentParser) -> None:
    """It is enough to say which one."""


def _takes_words(parser: ArgumentParser) -> None:
    parser.add_argument("--words", required=True, help="what everybody will read")


def _takes_seen(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--seen", type=int, metavar="EVENT",
        help="the last event that you saw: no word of a later one is shown. Without it the words are "
        "printed, and these and no others are shown, unless files go with them",
    )  # fmt: skip


def _takes_missing(parser: ArgumentParser) -> None:
    _takes_words(parser)
    parser.add_argument(
        "--missing", action="append", required=True, help="a field of the ground, or statement"
    )


def _takes_reason(parser: ArgumentParser) -> None:
    _takes_words(parser)
    reasons = (CloseReason.DUPLICATE, CloseReason.OUT_OF_SCOPE, CloseReason.SPAM)
    parser.add_argument("--reason", required=True, choices=[each.value for each in reasons])
    parser.add_argument("--duplicate-of", help="the number of the other one")
    parser.add_argument("--also-by", action="append", default=[], help="a second arbiter, where it takes two")


def _takes_decision(parser: ArgumentParser) -> None:
    parser.add_argument("--also-by", action="append", default=[], help="another arbiter, once for each")
    parser.add_argument("--resolution", required=True, choices=[each.value for each in Resolution])
    parser.add_argument("--knows-of-change", action="store_true", help="that a check says otherwise now")
    parser.add_argument(
        "--before-evidence-ends", action="store_true",
        help="not to wait while both sides have time to add evidence, which everybody is told",
    )  # fmt: skip
    for part in _PARTS:
        parser.add_argument(f"--{part}", required=True, help="a part of the statement of reasons")


def _takes_second(parser: ArgumentParser) -> None:
    _takes_words(parser)
    parser.add_argument("--also-by", action="append", default=[], help="the second arbiter")


def _takes_event(parser: ArgumentParser) -> None:
    parser.add_argument("--event", type=int, required=True, help="its number in the challenge")


def _takes_withholding(parser: ArgumentParser) -> None:
    _takes_event(parser)
    parser.add_argument(
        "--also-by", action="append", default=[], help="a second person, who may also agree within 48 hours"
    )
    parser.add_argument("--category", required=True, choices=withholding.CATEGORIES, help="what it is")
    parser.add_argument("--basis", required=True, help="why it may not be shown")
    parser.add_argument("--erase", action="store_true", help="take the words out for good, by two people")


def _takes_events(parser: ArgumentParser) -> None:
    _takes_seen(parser)
    parser.add_argument("--event", type=int, action="append", default=[], help="this one, also where hidden")


_ACTS: Mapping[str, tuple[str, Callable[[ArgumentParser], None]]] = {
    "show": ("read one, whole", _takes_nothing),
    "screen": ("open it, and show what was written", _takes_seen),
    "ask": ("ask the challenger for more", _takes_missing),
    "close": ("close it without opening it", _takes_reason),
    "respond": ("enter what the other side says", _takes_words),
    "extend": ("give the other side a week more", _takes_nothing),
    "decide": ("decide it, or its appeal", _takes_decision),
    "reopen": ("open a final decision again", _takes_second),
    "suppress": ("withhold the words of an event", _takes_withholding),
    "agree": ("as a second person, that the words of an event are withheld", _takes_event),
    "publish": ("show what was written", _takes_events),
}
