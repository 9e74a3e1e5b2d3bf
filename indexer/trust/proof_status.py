"""What is complete but not proved, as it is stored: configurations, and blocks whose witness was not checked.

``indexer.trust.configuration_trust`` sets the standings; whoever reads them needs no node.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection

from indexer.models import ConfigurationStanding

Standing = ConfigurationStanding.Standing

COULD_BE_CONFIRMED = "a second one could confirm it"
"""What is said of a configuration that one node alone states, and of no other."""

NOT_GIVEN = "no node gave"
"""What is said where another node may give what none gave."""

UNPROVED = (Standing.NOT_NAMED, Standing.NOT_SELF_PROVED, Standing.UNSEEN)

# Blocks that wait for their witness in one run, for one reason: read once, in the order of their key.
_UNPROVED = """
    SELECT height, height, standing || '. ' || why, true FROM indexer_configurationstanding
    WHERE chain_id = %(chain)s AND standing = ANY(%(unproved)s)
    UNION ALL
    SELECT min(height), max(height), why, false FROM (
        SELECT height, why, count(*) FILTER (WHERE begins) OVER (ORDER BY height) AS run FROM (
            SELECT height, why, lag(height) OVER before IS DISTINCT FROM height - 1
                             OR lag(why) OVER before IS DISTINCT FROM why AS begins
            FROM indexer_uncheckedwitness WHERE chain_id = %(chain)s
            WINDOW before AS (ORDER BY height)) AS found) AS runs
    GROUP BY run, why ORDER BY 4 DESC, 1
"""


@dataclass(frozen=True, slots=True)
class Unproved:
    """Something that is complete but not proved, in one sentence."""

    height: int
    why: str


def unproved(chain_id: int) -> list[Unproved]:
    """What is not proved, by height: configurations, then spans of blocks whose witness was not checked."""
    with connection.cursor() as cursor:
        cursor.execute(_UNPROVED, {"chain": chain_id, "unproved": list(UNPROVED)})
        return [
            Unproved(
                first,
                f"configuration at height {first}: {why}".strip()
                if is_configuration
                else f"blocks {first} to {last}: the witness was not checked, because {why}.",
            )
            for first, last, why, is_configuration in cursor.fetchall()
        ]


def another_could_confirm(unproved: Iterable[str]) -> bool:
    """Whether a second node could vouch for some of this."""
    return any(COULD_BE_CONFIRMED in each for each in unproved)


def another_could_give(unproved: Iterable[str]) -> bool:
    """Whether some of this is not proved because it was not given."""
    return any(NOT_GIVEN in each.lower() for each in unproved)
