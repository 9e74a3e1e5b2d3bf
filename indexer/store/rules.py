"""By which rules the records of a chain were folded, and what follows where these are not today's.

Another version of this code may have folded them. Nothing is folded onto them then: blocks are stored,
readers see what they saw, until all is folded again beside it (``indexer.records.generations``).
"""

from dataclasses import dataclass

from django.db import connection

from indexer.dapp.replay import RULES

ANEW = f"""(
    SELECT max(p.height) FROM indexer_generation b JOIN indexer_checkpoint p USING (chain_id, generation)
    WHERE b.chain_id = {{chain}} AND b.generation <> {{generation}} AND b.rules = {RULES})
"""
"""The height to which a chain is folded anew beside its generation, as SQL of these two."""

_RULES = f"""
    SELECT c.id, g.rules, c.heard_to IS NULL, {ANEW.format(chain="c.id", generation="c.generation")}
    FROM indexer_chain c
    LEFT JOIN indexer_generation g ON g.chain_id = c.id AND g.generation = c.generation
    WHERE %(chain)s::int IS NULL OR c.id = %(chain)s
"""


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules by which what readers see of a chain was folded: None before the first fold. ``is_heard`` is
    whether all that operations keep is read; ``again`` the height to which it is folded anew beside it, None
    where it is not begun.
    """

    chain_id: int
    folded_by: int | None
    is_heard: bool
    again: int | None

    @property
    def differ(self) -> bool:
        """Whether nothing is folded until all is folded again."""
        return self.folded_by != RULES if self.folded_by is not None else not self.is_heard

    @property
    def sentence(self) -> str:
        """What is so and what happens next; empty where nothing is to be done."""
        if not self.differ:
            return ""
        by = "an earlier version" if self.folded_by is None else f"rules {self.folded_by}"
        newer = " by a newer version" if self.folded_by is not None and self.folded_by > RULES else ""
        so_far = f" So far it is made to height {self.again:,}." if self.again is not None else ""
        return (
            f"The records were made by {by}{newer}, and this version has rules {RULES}. New blocks are "
            "stored, but not shown, until all is made anew beside what is shown and takes its place: "
            f"`make run` does so by itself, on a server `manage.py reindex` does.{so_far}"
        )


def rules_of(chain_id: int) -> Rules:
    """Those of one chain, which must be there; one query."""
    (found,) = _read(chain_id)
    return found


def every() -> list[Rules]:
    """Those of every chain, by id; one query."""
    return sorted(_read(None), key=lambda each: each.chain_id)


def _read(chain_id: int | None) -> list[Rules]:
    with connection.cursor() as cursor:
        cursor.execute(_RULES, {"chain": chain_id})
        return [Rules(*row) for row in cursor.fetchall()]
