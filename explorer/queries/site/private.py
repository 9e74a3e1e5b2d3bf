"""Records in whose texts secrets or personal data were found, for the operator: no page lists them."""

from collections.abc import Iterator
from dataclasses import dataclass

from explorer.queries.chain.chains import ChainView, chains
from explorer.queries.db import sql
from indexer.words.private import kinds_of

_PART = 1_000  # rows that are read at once

# Of a unit's records each has all of its texts: those of its first and present answers are among them.
_FOUND = """
    SELECT r.prompt_id, u.private, s.position FROM indexer_searchunit u
    CROSS JOIN LATERAL (
        SELECT chain_id, generation, position FROM indexer_searchrecord
        WHERE ever = u.id AND chain_id = %(chain)s AND generation = %(generation)s
          AND position < %(below)s OFFSET 0) s
    JOIN indexer_record r
      ON r.chain_id = s.chain_id AND r.generation = s.generation AND r.position = s.position
    WHERE u.private > 0 ORDER BY s.position DESC LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class PrivateRecord:
    """A record, and in words what kinds were found in it."""

    chain: ChainView
    prompt_id: int
    kinds: tuple[str, ...]


def private_records() -> Iterator[PrivateRecord]:
    """All of them that are searched so far and are not withheld, of each chain the newest first."""
    for chain in chains():
        below: int | None = 2**63 - 1
        while below is not None:
            of = {"chain": chain.id, "generation": chain.generation, "below": below, "most": _PART}
            rows = sql.rows(_FOUND, of)
            for prompt_id, bits, _ in rows:
                yield PrivateRecord(chain, prompt_id, tuple(each.value for each in kinds_of(bits)))
            below = rows[-1][2] if len(rows) == _PART else None
