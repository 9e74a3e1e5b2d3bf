"""What an arbiter asked of whoever filed a challenge, as the form shows it on which that is answered."""

from dataclasses import dataclass
from datetime import datetime

from explorer.queries.db.errors import NotHere
from explorer.queries.site import challenges
from explorer.queries.site.challenge_events import EventRow
from explorer.queries.site.challenges import ChallengeRow
from explorer.rules.lifecycle import Action


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked last, with its challenge: as everybody may read it, so without what is withheld."""

    row: ChallengeRow
    event: EventRow


def last_question(number: int, *, now: datetime) -> Question | None:
    """The newest; None where nothing was asked, or readers do not see it yet."""
    try:
        found = challenges.challenge(number, now=now)
    except NotHere:
        return None
    asked = [each for each in found.events if each.type == Action.ASK.value]
    return Question(found.row, asked[-1]) if asked else None
