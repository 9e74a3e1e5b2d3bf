"""What is derived: deriving from nothing, beside it and up to the same height, gives the same rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from django.db import DatabaseError, connection, transaction

from indexer import derive
from indexer.audit.fsck.comparison import differences
from indexer.audit.fsck.finding import Finding
from indexer.derive import registry
from indexer.derive.derivation import Derivation
from indexer.models import Chain, Count, DerivationCheckpoint
from indexer.records import fold, withdrawing
from indexer.store import locks

_HOW = "deriving"
_HEIGHTS = """
    SELECT c.generation, d.height, c.height FROM indexer_checkpoint c
    LEFT JOIN indexer_derivationcheckpoint d
      ON d.chain_id = c.chain_id AND d.generation = c.generation AND d.name = %(name)s
    WHERE c.chain_id = %(chain)s AND c.generation IN (%(now)s, %(again)s)
"""


@dataclass(frozen=True, slots=True)
class _Heights:
    """How far a derivation is, and the fold, in the generation that readers see (``now``; None where it has
    not begun) and in the one that is made again (-1 where not).
    """

    now: int | None
    folded: int
    again: int
    folded_again: int


def check(chain: Chain, again: int) -> Iterator[Finding]:
    """Every derivation, against what it gives in the generation ``again``, folded from the same facts."""
    yield from _strangers(chain)
    for each in registry.derivations():
        try:
            yield from _derivation(chain, each, again)
        except (fold.LinkBroken, DatabaseError, psycopg.Error) as error:
            yield Finding("derive", f"{each.name} cannot be derived: {type(error).__name__}: {error}")


def shared(chain: Chain) -> Iterator[Finding]:
    """What generations share, as it stands: before another one is made, which would mend it."""
    for each in registry.derivations():
        if each.faults is not None:
            try:
                yield from (Finding(each.name, told) for told in each.faults(chain.id, chain.generation))
            except (DatabaseError, psycopg.Error) as error:
                yield Finding(each.name, f"cannot be read: {type(error).__name__}: {error}")


def _strangers(chain: Chain) -> Iterator[Finding]:
    """Checkpoints and figures that no derivation has: they would stay as they are for ever."""
    of = {"chain": chain, "generation": chain.generation}
    names = [each.name for each in registry.derivations()]
    for row in DerivationCheckpoint.objects.filter(**of).exclude(name__in=names).order_by("name"):
        yield Finding("derivationcheckpoint", f"name {row.name}: there is no such derivation; reindex")
    counts = [count for each in registry.derivations() for count in each.counts]
    for figure in Count.objects.filter(**of).exclude(of__in=counts).order_by("of"):
        yield Finding("count", f"of {figure.of}: no derivation keeps such a figure; reindex")


def _derivation(chain: Chain, derivation: Derivation, again: int) -> list[Finding]:
    """Most of it is derived before the derivation is held, so that it stands still for a moment only. Where
    it was begun anew meanwhile, so it is here. What is to be remade since texts were withdrawn is, before.
    """
    while True:
        if derivation.reads_texts:
            withdrawing.carry_out_all()
        left = _left_to_remake(derivation)
        _derive(chain, derivation, again, _heights(chain, derivation, again))
        with transaction.atomic(), connection.cursor() as cursor:
            locks.own_derive(cursor, chain.id, chain.generation, derivation.lock)
            at = _heights(chain, derivation, again)
            if at.again <= max(-1 if at.now is None else at.now, -1):
                found = _compared(chain, derivation, again, at)
                if left == _left_to_remake(derivation):
                    return found
        derive.start_anew(derivation, chain, again)


def _left_to_remake(derivation: Derivation) -> Sequence[int]:
    """What cannot be made anew: a damaged block, of which fsck tells, holds what is to be erased."""
    return withdrawing.left() if derivation.reads_texts else ()


def _compared(chain: Chain, derivation: Derivation, again: int, at: _Heights) -> list[Finding]:
    """What differs, while nobody derives."""
    _derive(chain, derivation, again, at)
    found = list(_beyond_the_fold(derivation, at))
    for table in derivation.tables:
        found += differences(chain, table, again, how=_HOW)
    lasting = tuple(each.value for each in derivation.counts if each not in derivation.counts_now)
    if lasting:
        found += differences(chain, Count, again, how=_HOW, column="of", among=lasting)
    if derivation.counts_now:
        found += _counts_now(chain, derivation, again, blocks=0 if at.now is None else at.now + 1)
    return found


def _heights(chain: Chain, derivation: Derivation, again: int) -> _Heights:
    of: dict[str, Any] = {
        "name": derivation.name,
        "chain": chain.id,
        "now": chain.generation,
        "again": again,
    }
    with connection.cursor() as cursor:
        cursor.execute(_HEIGHTS, of)
        found = {generation: heights for generation, *heights in cursor.fetchall()}
    (now, folded), (reached, folded_again) = found[chain.generation], found[again]
    return _Heights(now, folded, -1 if reached is None else max(reached, -1), folded_again)


def _derive(chain: Chain, derivation: Derivation, again: int, at: _Heights) -> None:
    """Derive up to the height of the checkpoint."""
    if at.now is None:
        return
    last = min(at.now, at.folded)
    if at.folded_again < last:  # the present generation has gone on since the other one was folded
        _fold(chain, again, last=last)
    if derivation.counts_now or at.again < max(last, 0):
        derive.catch_up(chain, generation=again, only=[derivation], last=last)


def _fold(chain: Chain, again: int, *, last: int) -> None:
    while fold.fold(chain, generation=again, last=last) is not None:
        pass


def _beyond_the_fold(derivation: Derivation, at: _Heights) -> Iterator[Finding]:
    if at.now is not None and not -1 <= at.now <= at.folded:
        told = f"name {derivation.name}, height {at.now}: the last block that is folded is {at.folded}"
        yield Finding("derivationcheckpoint", told)


def _counts_now(chain: Chain, derivation: Derivation, again: int, *, blocks: int) -> Iterator[Finding]:
    """Figures that may have fallen since the last step: no lower than now, no higher than all blocks."""
    stored, now = (
        dict(
            Count.objects.filter(
                chain=chain, generation=generation, of__in=derivation.counts_now
            ).values_list("of", "count")
        )
        for generation in (chain.generation, again)
    )
    for of in sorted(stored.keys() | now.keys()):
        if of not in stored:
            yield Finding("count", f"of {of}, count {now[of]}: not stored, and {_HOW} again gives it")
        elif of not in now:
            yield Finding("count", f"of {of}, count {stored[of]}: stored, and {_HOW} again does not give it")
        elif not now[of] <= stored[of] <= blocks:
            bounds = f"{now[of]} now, it can only fall, and there are {blocks} blocks"
            yield Finding("count", f"of {of}, count {stored[of]}: it is {bounds}")
