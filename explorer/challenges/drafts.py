"""Drafts of challenges. Who knows the link may go on with one, until somebody signed in does: then it is his
alone, and is there for nobody else.
"""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction

from explorer.challenges.models import Draft, EvidenceFile
from explorer.challenges.person import Person
from explorer.challenges.target import Target
from explorer.desk import quotas
from explorer.desk.models import DESK
from explorer.desk.quotas import Limit
from explorer.queries.db.errors import NotHere
from explorer.rules import deadlines, registry

LIMITS = (
    Limit("draft", most=20, period=timedelta(hours=1)),
    Limit("draft of anybody", most=5_000, period=timedelta(days=1), of_everybody=True),
)
WORDS = (
    Limit("draft words, KiB", most=2_000, period=timedelta(hours=1)),
    Limit("draft words of a day, KiB", most=5_000, period=timedelta(days=1)),
    Limit("draft words of anybody, KiB", most=500_000, period=timedelta(days=1), of_everybody=True),
)
"""What may be written into drafts: with how long one is kept it bounds what all of them take."""

_NOWHERE = "No draft has this address: it was removed, or is somebody else's."
_TO_SIGN_IN = "If you began this draft, sign in to go on with it: it is for you alone."


def begin(target: Target, *, person: Person | None, address: str, now: datetime, links: str = "") -> Draft:
    """A new draft about a record, with what is to be looked at beside it. Raises QuotaExceeded where too many
    were begun from this client address, or by everybody.
    """
    quotas.check(LIMITS, address, now=now)
    with transaction.atomic(using=DESK):
        quotas.take(LIMITS, address, now=now)
        return Draft.objects.create(
            person_id=None if person is None else person.id,
            brid=target.brid,
            prompt_id=target.prompt_id,
            revision=target.revision,
            fields={"links": links} if links else {},
            created_at=now,
            expires_at=now + deadlines.DRAFT,
        )


def found(draft_id: uuid.UUID, *, person: Person | None, now: datetime) -> Draft:
    """The draft with that link. Whoever is signed in has it for himself from now on. Raises NotHere where
    there is none, or it is somebody else's.
    """
    draft = Draft.objects.filter(id=draft_id, expires_at__gt=now).first()
    if draft is None or (draft.person_id is not None and (person is None or draft.person_id != person.id)):
        raise NotHere(_NOWHERE if person is not None else _TO_SIGN_IN)
    if person is not None and draft.person_id is None:
        # Of two who come at once, one has it.
        if not Draft.objects.filter(id=draft_id, person=None).update(person_id=person.id):
            return found(draft_id, person=person, now=now)
        draft.person_id = person.id
    return draft


def target_of(draft: Draft) -> Target:
    """The record that it is about."""
    return Target(bytes(draft.brid), draft.prompt_id, draft.revision)


def choose(draft: Draft, ground: str, *, now: datetime) -> None:
    """Note its ground. What was typed for another one stays, as far as this one asks for it too."""
    _write(draft, now, ground=ground)


def write(draft: Draft, *, fields: Mapping[str, str], statement: str, address: str, now: datetime) -> None:
    """Keep what was typed, whether or not it can be filed so. Raises QuotaExceeded where too much was written
    from this client address, or by everybody; then nothing is changed.
    """
    quotas.check(WORDS, address, now=now)
    written = sum(len(each.encode()) for each in (statement, *fields.values()))
    with transaction.atomic(using=DESK):
        quotas.take(WORDS, address, now=now, count=1 + written // 1024)
        _write(draft, now, fields=dict(fields), statement=statement)


def join(draft: Draft, *, challenge: int, now: datetime) -> None:
    """Remove a draft whose author joins the challenge that there is already: his words go into that, and his
    files wait there to be added to it, as long as any that come now. Within the transaction of that.
    """
    Draft.objects.select_for_update().filter(pk=draft.pk).first()  # nothing is added to it meanwhile
    waiting = EvidenceFile.objects.filter(draft=draft.pk, event=None)
    waiting.update(draft=None, challenge=challenge, added_at=now)
    Draft.objects.filter(pk=draft.pk, challenge=None).delete()


def as_words(draft: Draft) -> str:
    """All that was typed into a draft, as one text: the statement, and what its ground asked for."""
    ground = registry.by_name().get(draft.ground)
    asked = () if ground is None else ground.fields
    given = [f"{each.label} {draft.fields[each.name]}" for each in asked if draft.fields.get(each.name)]
    links = draft.fields.get("links", "")
    return "\n\n".join(each for each in (draft.statement, *given, links) if each)


def close(draft: Draft, *, challenge: int) -> None:
    """Note as what it was filed, and take out all words: they are the challenge's now."""
    Draft.objects.filter(pk=draft.pk).update(challenge_id=challenge, fields={}, statement="")


def expire(*, now: datetime) -> int:
    """Remove those that nobody wrote to for two weeks, or that are 90 days old; gives how many."""
    count, _ = Draft.objects.filter(expires_at__lte=now).delete()
    return count


def _write(draft: Draft, now: datetime, **values: object) -> None:
    """To the one that is given too. What is filed meanwhile takes no more words."""
    for name, value in values.items():
        setattr(draft, name, value)
    unfiled = Draft.objects.filter(pk=draft.pk, challenge=None)
    until = max(min(now + deadlines.DRAFT, draft.created_at + deadlines.LONGEST_DRAFT), draft.expires_at)
    unfiled.update(**values, expires_at=until)
