"""What is derived after the fold, each with a checkpoint of its own: resumable, repeatable, and the same
again when it is derived from nothing.
"""

import time
from collections.abc import Sequence

from django.db.models import F

from indexer.derive import checkpoints, groups, rollups
from indexer.derive.checkpoints import Derivation, Lag
from indexer.models import Chain, Checkpoint, DerivationCheckpoint

ROLLUPS = Derivation(DerivationCheckpoint.Of.ROLLUPS.value, 0, rollups.write)
GROUPS = Derivation(DerivationCheckpoint.Of.GROUPS.value, 1, groups.write)
ALL = (ROLLUPS, GROUPS)


def catch_up(
    chain: Chain,
    *,
    generation: int | None = None,
    only: Sequence[Derivation] = ALL,
    last: int | None = None,
    seconds: float | None = None,
) -> bool:
    """Derive from what is folded, in turns, up to height ``last``; whether there may be more to do.

    ``generation`` is the present one unless named. It stops after ``seconds``; where another process is at
    a derivation, that one is left to it.
    """
    if generation is None:
        chain.refresh_from_db(fields=["generation"])
        generation = chain.generation
    begun = time.monotonic()
    left = list(only)
    while left:
        left = [each for each in left if checkpoints.step(each, chain, generation, last=last) is not None]
        if left and seconds is not None and time.monotonic() - begun > seconds:
            return True
    return False


def lags(chain: Chain) -> Sequence[Lag]:
    """How far each derivation of the generation that readers see is behind its fold."""
    seen = {"chain": chain, "generation": F("chain__generation")}
    checkpoint = Checkpoint.objects.filter(**seen).first()
    folded = -1 if checkpoint is None else checkpoint.height
    reached = {each.name: each for each in DerivationCheckpoint.objects.filter(**seen)}
    found = []
    for each in ALL:
        own = reached.get(each.name)
        height = -1 if own is None else own.height
        found.append(Lag(each.name, height, max(0, folded - height), None if own is None else own.at))
    return found
