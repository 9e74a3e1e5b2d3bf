"""Incidents: what contradicts what should be. Told once for each subject, counted when it comes again."""

import logging

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
        subject=subject[:_LONGEST_SUBJECT].replace("\0", "\\0"),
        defaults={"message": message[:_LONGEST].replace("\0", "\\0")},
    )
    if not new:
        incident.times += 1
        incident.save(update_fields=["times", "last_at"])
