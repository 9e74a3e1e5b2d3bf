"""What is derived after the fold, each with a checkpoint of its own: resumable, repeatable, and the same
again when it is derived from nothing.
"""

import time
from collections.abc import Sequence

from django.db import connection, transaction

from indexer.derive import checkpoints, registry
from indexer.derive.derivation import Derivation
from indexer.models import Chain
from indexer.store import locks


def catch_up(
    chain: Chain,
    *,
    generation: int | None = None,
    only: Sequence[Derivation] | None = None,
    last: int | None = None,
    seconds: float | None = None,
) -> bool:
    """Derive from what is folded, in turns, up to height ``last``; whether there may be more to do.

    ``generation`` is the present one unless named, ``only`` every derivation. It stops after ``seconds``;
    where another process is at a derivation, that one is left to it.
    """
    if generation is None:
        chain.refresh_from_db(fields=["generation"])
        generation = chain.generation
    begun = time.monotonic()
    left = list(registry.derivations() if only is None else only)
    while left:
        reached = [(each, checkpoints.step(each, chain, generation, last=last)) for each in left]
        goal = checkpoints.goal(chain, generation, last=last)
        left = [each for each, height in reached if height is not None and height < goal]
        if left and seconds is not None and time.monotonic() - begun > seconds:
            return True
    return False


def start_anew(derivation: Derivation, chain: Chain, generation: int) -> None:
    """Remove what a derivation has of one generation: its next step begins at the first block.

    Waits for a step that is under way. Readers see what it has again so far until it has caught up.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        locks.own_derive(cursor, chain.id, generation, derivation.lock)
        locks.share_suppression(cursor)  # erasers remove rows of the same tables
        for rows in derivation.rows(chain, generation):
            rows.delete()
        if derivation.sweep is not None:
            derivation.sweep(cursor, chain.id)
