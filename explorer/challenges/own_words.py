"""What somebody wrote in challenges, as he himself may read it: also before anybody has looked it through,
and while it is withheld, which it is from others. What was erased is there no more.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from django.db import connections

from explorer.desk.models import DESK
from explorer.rules import naming

_OWN = """
    SELECT challenge, ordinal, type, at, words::text, published_at, suppressed_at FROM challenges_own_words
    WHERE person = %(person)s AND (%(challenge)s::bigint IS NULL OR challenge = %(challenge)s) ORDER BY seq
"""


class Seen(Enum):
    """Who can read it."""

    WAITING = "waiting"
    SHOWN = "shown"
    WITHHELD = "withheld"

    @property
    def words(self) -> str:
        """In a sentence."""
        return _SEEN[self]


_SEEN = {
    Seen.WAITING: "It is shown to others once somebody has looked it through.",
    Seen.SHOWN: "It was looked through: the page of the challenge shows it, unless words of a record that it "
    "is about are withheld.",
    Seen.WITHHELD: "It is withheld from others.",
}


@dataclass(frozen=True, slots=True)
class OwnWords:
    """The words of one event, by what they are."""

    challenge: int
    ordinal: int
    type: str
    at: datetime
    words: Mapping[str, str]
    seen: Seen

    @property
    def name(self) -> str:
        """Of the challenge."""
        return naming.name_of(self.challenge)


def of_person(person: Any, *, challenge: int | None = None) -> Sequence[OwnWords]:
    """All that a person wrote, in one challenge where that is given, the oldest first."""
    with connections[DESK].cursor() as cursor:
        cursor.execute(_OWN, {"person": person, "challenge": challenge})
        return [_own(*row) for row in cursor.fetchall()]


def _own(
    challenge: int, ordinal: int, kind: str, at: datetime, words: str,
    published_at: datetime | None, suppressed_at: datetime | None,
) -> OwnWords:  # fmt: skip
    seen = Seen.WITHHELD if suppressed_at else Seen.SHOWN if published_at else Seen.WAITING
    return OwnWords(challenge, ordinal, kind, at, json.loads(words), seen)
