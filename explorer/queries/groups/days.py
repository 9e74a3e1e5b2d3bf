"""What was written and changed on each of the last days, and how far that agrees: from rollups."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from explorer.queries.chain.chains import ChainView
from explorer.queries.db import sql

DAYS = 30
"""How many days are told of, up to the newest block's."""

_FIRST_DAY = date(1970, 1, 1)
_OF_NAME = """
    SELECT r.day, r.written, r.edits, r.deletions, 0, 0
    FROM indexer_chain h JOIN indexer_namedday r ON r.chain_id = h.id AND r.generation = h.generation
    WHERE h.id = ANY(%(chains)s) AND r.of = %(of)s AND r.key = %(key)s
      AND r.day BETWEEN %(first)s AND %(last)s
    UNION ALL
    SELECT a.day, 0, 0, 0, a.compared, a.agreeing
    FROM indexer_chain h JOIN indexer_agreementday a ON a.chain_id = h.id AND a.generation = h.generation
    WHERE h.id = ANY(%(chains)s) AND a.of = %(of)s AND a.key = %(key)s
      AND a.day BETWEEN %(first)s AND %(last)s
"""


@dataclass(frozen=True, slots=True)
class Day:
    """What was written on one UTC day, by the time of its blocks.

    ``compared`` are the records of that day that have peers (others with the same messages, seed, model and
    provider, whenever they came), ``agreeing`` those of them whose first answer a peer first gave too.
    """

    day: date
    written: int
    edits: int
    deletions: int
    compared: int = 0
    agreeing: int = 0

    @property
    def changed(self) -> int:
        """Edits and deletions of that day."""
        return self.edits + self.deletions

    @property
    def differing(self) -> int:
        """Records that have peers, none of whom first gave the same answer."""
        return self.compared - self.agreeing


def numbered(number: int) -> date:
    """The day that so many days after the first of 1970 is."""
    return _FIRST_DAY + timedelta(days=number)


def last_days(chains: Sequence[ChainView], *, count: int = DAYS) -> range:
    """The last days up to that of the newest block of all, as days since 1970; fewer at the calendar's
    beginning, none where there is no block.
    """
    newest = [each.freshness.block_at for each in chains if each.freshness.block_at is not None]
    if not newest:
        return range(0)
    last = (max(newest).date() - _FIRST_DAY).days
    return range(max(last - count + 1, -(_FIRST_DAY - date.min).days), last + 1)


def of_name(chains: Sequence[ChainView], *, of: int, key: int) -> Sequence[Day]:
    """The last days of a model, provider or scout over these chains, added up; ``of`` and ``key`` are those
    of ``indexer.models.Presence``. One query.
    """
    dates = last_days(chains)
    if not dates:
        return ()
    asked = {
        "chains": [each.id for each in chains], "of": of, "key": key,
        "first": dates.start, "last": dates.stop - 1,
    }  # fmt: skip
    found: Counter[tuple[int, int]] = Counter()
    for day, *numbers in sql.rows(_OF_NAME, asked):
        found.update({(day, place): number for place, number in enumerate(numbers)})
    return [Day(numbered(day), *(found[day, place] for place in range(5))) for day in dates]
