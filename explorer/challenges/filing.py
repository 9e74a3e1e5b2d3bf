"""Filing a challenge: out of a draft, once, with a number, and unless the same is challenged already."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, OperationalError, transaction

from explorer.challenges import acting, drafts, events, files
from explorer.challenges.events import Said
from explorer.challenges.filers import check_filer
from explorer.challenges.files import Place
from explorer.challenges.handlers import MAIL_FILED
from explorer.challenges.models import Challenge, Draft, Party
from explorer.challenges.parties import stay
from explorer.challenges.pending import pending_at, pending_of
from explorer.challenges.person import Person
from explorer.challenges.target import Questioned
from explorer.desk import sequences
from explorer.desk.models import DESK
from explorer.desk.outbox import enqueue
from explorer.queries.db.errors import NotHere
from explorer.queries.records.snapshots import Snapshot
from explorer.rules import deadlines, lifecycle, naming, registry
from explorer.rules.deadlines import Standing
from explorer.rules.ground import Ground
from explorer.rules.lifecycle import Role, Status

MOST_OF_SCOUT = 5
"""Challenges on one ground that may be pending about the records of one scout."""


class Duplicate(Exception):
    """The same record is challenged on the same ground already; ``number`` says where: that can be joined."""

    def __init__(self, number: int) -> None:
        super().__init__(f"This is challenged already, as {naming.name_of(number)}: join that one.")
        self.number = number


class TooManyOfScout(Exception):
    """As many as may be are pending about this scout on this ground."""

    def __init__(self) -> None:
        super().__init__(
            f"{MOST_OF_SCOUT} challenges on this ground are pending about records of this scout, and that is "
            "as many as may be at a time: file this when one of them is over, or join one."
        )


@dataclass(frozen=True, slots=True)
class Filing:
    """What is filed, once it is known to be whole. ``fields`` are what the ground asks for, by name."""

    ground: Ground
    fields: Mapping[str, str]
    statement: str


@dataclass(frozen=True, slots=True)
class Whole:
    """A filing, what is known of its record, and what of that is kept with it."""

    filing: Filing
    about: Questioned
    snapshot: Snapshot


def pending(about: Questioned, ground: Ground, *, now: datetime) -> int | None:
    """The number of the pending challenge of this record on this ground; None where there is none."""
    return pending_of(about.target.brid, about.target.prompt_id, ground, now=now)


def whole(filing: Filing, about: Questioned, *, now: datetime) -> Whole:
    """All that is filed, made before anybody has to wait for it. Raises Duplicate: who asks for what is there
    already waits for nobody.
    """
    _settle(about, filing.ground, now=now)
    _check_pending(about, filing.ground, now=now)
    return Whole(filing, about, about.snapshot())


def file(draft: Draft, filing: Filing, about: Questioned, *, person: Person, now: datetime) -> int:
    """File what was drafted; gives its number, which is the one it has where it was filed before.

    Raises Duplicate where the same is challenged already, and TooManyOfScout and TooMany where it is one too
    many. Then nothing is changed.
    """
    if draft.challenge_id is not None:
        return int(draft.challenge_id)
    try:
        return file_whole(whole(filing, about, now=now), lambda: draft, person=person, now=now)
    except Duplicate:
        # Sent twice, whoever comes second finds what he filed himself.
        own = Challenge.objects.filter(draft=draft.id).values_list("number", flat=True).first()
        if own is None:
            raise
        return own


def file_whole(whole: Whole, draft: Callable[[], Draft], *, person: Person, now: datetime) -> int:
    """The same of what is whole; ``draft`` gives the draft, or makes it, once it is this one's turn and
    nothing like it is pending.
    """
    try:
        with transaction.atomic(using=DESK):
            return _file(whole, draft, person=person, now=now)
    except (IntegrityError, OperationalError):
        # Whoever filed it in between has the row that the constraint found, or that was waited for too long.
        _check_pending(whole.about, whole.filing.ground, now=now)
        raise


def _file(whole: Whole, begin: Callable[[], Draft], *, person: Person, now: datetime) -> int:
    filing, about = whole.filing, whole.about
    account = stay(person.id)
    # Whoever files anything in the same year waits here, so that all that is counted below stays as it is.
    year = sequences.locked(f"challenge {now.year}")
    _check_pending(about, filing.ground, now=now)
    draft = Draft.objects.select_for_update().filter(pk=begin().pk).first()
    if draft is None:
        raise NotHere("This draft is not here any more: it was too old, or nobody went on with it.")
    if draft.challenge_id is not None:
        return int(draft.challenge_id)
    _check_scout(about, filing.ground, now=now)
    check_filer(person, mail=account.email, now=now)
    number = naming.key_of(now.year, sequences.next_number(year))
    challenge = _made(number, draft, whole, now=now)
    party = Party.objects.create(
        challenge=challenge, role=Role.CHALLENGER.value, place=1, person_id=person.id, name=person.name
    )
    waiting = files.locked(Place(person.id, draft=draft.id).waiting())
    said = _said(challenge, filing, whole.snapshot, files.facts(challenge, waiting))
    files.bind(waiting, events.add(challenge, lifecycle.FILED, said, party=party, now=now))
    challenge.save()
    drafts.close(draft, challenge=number)
    enqueue(MAIL_FILED, now=now, number=number)
    return number


def _made(number: int, draft: Draft, whole: Whole, *, now: datetime) -> Challenge:
    ground, about, snapshot = whole.filing.ground, whole.about, whole.snapshot
    is_confirmed = ground.opens_at_once and snapshot.is_witnessed and snapshot.finds(ground.checks[0])
    status = Status.OPEN if is_confirmed else Status.SCREENING
    return Challenge.objects.create(
        number=number,
        draft=draft.id,
        ground=ground.name,
        rules_sha256=bytes.fromhex(registry.sha256_hex()),
        brid=about.target.brid,
        prompt_id=about.target.prompt_id,
        position=about.position,
        scout=about.record.row.scout,
        model_sha256=about.model_sha256,
        provider_sha256=about.provider_sha256,
        snapshot=snapshot.as_json(),
        status=status.value,
        entered_at=now,
        elapses_at=deadlines.elapses_at(Standing(status, now)),
        due_ms=deadlines.due_ms(Standing(status, now)),
        is_confirmed=is_confirmed,
        filed_at=now,
        changed_at=now,
    )


def _said(challenge: Challenge, filing: Filing, snapshot: Snapshot, more: Mapping[str, Any]) -> Said:
    facts = {
        "record": f"{bytes(challenge.brid).hex().upper()}:{challenge.prompt_id}",
        "position": str(challenge.position),
        "ground": filing.ground.name,
        "rules_sha256": registry.sha256_hex(),
        "snapshot_sha256": snapshot.sha256_hex(),
        "status": challenge.status,
        **more,
    }
    return Said(facts, {"statement": filing.statement, **filing.fields})


def _settle(about: Questioned, ground: Ground, *, now: datetime) -> None:
    """Write down that the challenge is over that was so by itself: it is in the way of no other."""
    of = {"brid": about.target.brid, "prompt_id": about.target.prompt_id, "ground": ground.name}
    ended = [each.value for each in deadlines.OVER_BY_ITSELF]
    for each in Challenge.objects.filter(**of, status__in=ended, elapses_at__lte=now):
        acting.elapsed_by(each.number, now=now)


def _check_pending(about: Questioned, ground: Ground, *, now: datetime) -> None:
    if (known := pending(about, ground, now=now)) is not None:
        raise Duplicate(known)


def _check_scout(about: Questioned, ground: Ground, *, now: datetime) -> None:
    of = {"brid": about.target.brid, "scout": about.record.row.scout, "ground": ground.name}
    if Challenge.objects.filter(pending_at(now), **of).count() >= MOST_OF_SCOUT:
        raise TooManyOfScout
