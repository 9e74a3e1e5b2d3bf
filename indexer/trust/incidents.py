"""Incidents: what contradicts what should be. Told once for each subject, counted when it comes again."""

import logging
from collections.abc import Callable

from django.db.models import F
from django.db.models.functions import Now

from indexer.models import Incident

logger = logging.getLogger(__name__)

_LONGEST = 2000
_LONGEST_SUBJECT = 500  # characters: it is part of a key


def record(chain_id: int, kind: str, message: str, *, height: int = -1, subject: str = "") -> None:
    """Keep an incident. ``kind`` is a slug; ``height`` is -1 where it is of no block."""
    logger.warning("incident %s at height %s: %s", kind, height, message)
    incident, new = Incident.objects.get_or_create(
        chain_id=chain_id,
        kind=kind,
        height=height,
        subject=_kept(subject, _LONGEST_SUBJECT),
        defaults={"message": _kept(message, _LONGEST)},
    )
    if not new:
        Incident.objects.filter(pk=incident.pk).update(times=F("times") + 1, last_at=Now())


def add(
    chain_id: int, kind: str, subject: str, *, first: int, times: int, message: Callable[[int, int], str]
) -> None:
    """Keep what comes over and over as one incident, at the height at which it first came.

    ``first`` is of the first of these ``times``; ``message`` tells the story from the height at which it
    began and how often it came since. For one writer at a time, who adds each of them once.
    """
    subject = _kept(subject, _LONGEST_SUBJECT)
    incident = Incident.objects.filter(chain_id=chain_id, kind=kind, subject=subject).first()
    if incident is None:
        incident = Incident(chain_id=chain_id, kind=kind, height=first, subject=subject, times=0)
    incident.times += times
    incident.message = _kept(message(incident.height, incident.times), _LONGEST)
    incident.save()
    logger.warning("incident %s from height %s: %s", kind, incident.height, incident.message)


def _kept(text: str, longest: int) -> str:
    return text[:longest].replace("\0", "\\0")
