"""What is pending by now, whether or not a worker came to write down what happened by itself meanwhile."""

from datetime import datetime

from django.db.models import Q

from explorer.challenges.models import Challenge
from explorer.rules import deadlines, lifecycle
from explorer.rules.ground import Ground


def pending_at(now: datetime) -> Q:
    """Of challenges: those of which something is to come still."""
    over = Q(status__in=[each.value for each in deadlines.OVER_BY_ITSELF], elapses_at__lte=now)
    return Q(status__in=[each.value for each in lifecycle.PENDING]) & ~over


def pending_of(brid: bytes, prompt_id: int, ground: Ground, *, now: datetime) -> int | None:
    """The number of the pending challenge of a record on a ground; None where there is none."""
    found = Challenge.objects.filter(pending_at(now), brid=brid, prompt_id=prompt_id, ground=ground.name)
    return found.values_list("number", flat=True).first()
