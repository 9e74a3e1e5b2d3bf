"""The same file in several challenges: it is sent with one of them, and pointed at from others (`links`).

Whoever sends a file is told of one that everybody can read where it is, and of those that he sent himself. Of
any other he is told nothing, so that nobody learns by sending bytes whether somebody else sent the same, and
it is taken. Whoever looks it through is told of all.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from explorer.challenges.inspection import NotTaken
from explorer.challenges.models import EvidenceFile
from explorer.queries.site import challenges
from explorer.queries.site.challenge_files import screened as screened_of
from explorer.queries.site.challenge_links import FileLink
from explorer.rules import naming

_MOST_TOLD = 5
"""Others of which the desk is told, and of which it is asked whether words of their record are withheld."""


def check(row: EvidenceFile, waiting: QuerySet[EvidenceFile], *, now: datetime) -> None:
    """Raise NotTaken where the same file is with another challenge than ``row``, which is in no table yet, or
    waits elsewhere than among ``waiting``; as far as whoever sends it may know.
    """
    others = _same(row).exclude(pk__in=waiting).order_by("pk")
    if row.challenge_id is not None:
        others = others.exclude(challenge=row.challenge_id)
    if (public := next(_public(others, now), None)) is not None:
        raise NotTaken(
            f"It is with challenge {public.challenge} already: point at it, as {public.address}, in place of "
            "sending it again."
        )
    own = others.filter(person=row.person_id).first()
    if own is None:
        return
    if own.event_id is None or own.challenge_id is None:
        raise NotTaken("It waits with something else of yours: remove it there first.")
    raise NotTaken(
        f"You sent it with challenge {naming.name_of(own.challenge_id)}: say that it is the same, in place "
        "of sending it again."
    )


def same_as(found: Iterable[EvidenceFile]) -> Mapping[int, Sequence[str]]:
    """For the desk: which files of other challenges have the same bytes as one of these, by its number. Those
    with none are left out.
    """
    told: dict[int, Sequence[str]] = {}
    for each in found:
        others = _same(each).exclude(challenge=each.challenge_id).exclude(event=None).order_by("pk")
        if names := [_link(*_key(other)).words for other in others[:_MOST_TOLD]]:
            told[_key(each)[1]] = names
    return told


def _same(row: EvidenceFile) -> QuerySet[EvidenceFile]:
    """Those with the bytes that were sent, or that are kept: a picture may have been fetched here and sent
    again. None of those that were erased, of which no hash is left.
    """
    sent: Any = row.sent_sha256
    return EvidenceFile.objects.filter(Q(sent_sha256=sent) | Q(sha256=sent) | Q(sha256=row.sha256))


def _public(others: QuerySet[EvidenceFile], now: datetime) -> Iterator[FileLink]:
    """Those that everybody can read by now."""
    found = {_key(each) for each in others.exclude(event=None)}
    screened = screened_of({challenge for challenge, _ in found}) if found else []
    for challenge, number in [each for each in screened if each in found][:_MOST_TOLD]:
        _, file = challenges.challenge(challenge, now=now).file(number)
        if file.is_shown:
            yield _link(challenge, number)


def _key(row: EvidenceFile) -> tuple[int, int]:
    """Of a file that is of an event: its challenge, and its number there."""
    assert row.challenge_id is not None
    assert row.number is not None
    return row.challenge_id, row.number


def _link(challenge: int, number: int) -> FileLink:
    return FileLink(naming.name_of(challenge), number)
