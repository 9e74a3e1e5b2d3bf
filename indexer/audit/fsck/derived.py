"""What is derived: deriving from nothing, beside it and up to the same height, gives the same rows."""

from collections.abc import Iterator, Sequence

import psycopg
from django.db import DatabaseError, connection, transaction

from indexer import derive
from indexer.audit.fsck.comparison import differences
from indexer.audit.fsck.finding import Finding
from indexer.derive import registry
from indexer.derive.derivation import Derivation
from indexer.models import Chain, Checkpoint, Count, DerivationCheckpoint
from indexer.records import fold, withdrawing
from indexer.store import locks

_HOW = "deriving"


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
        left = _left_to_remake(derivation)
        _derive(chain, derivation, again)
        with transaction.atomic(), connection.cursor() as cursor:
            locks.own_derive(cursor, chain.id, chain.generation, derivation.lock)
            if _height(chain, derivation, again) <= _height(chain, derivation, chain.generation):
                found = _compared(chain, derivation, again)
                if left == withdrawing.left():
                    return found
        derive.start_anew(derivation, chain, again)


def _left_to_remake(derivation: Derivation) -> Sequence[int]:
    """What cannot be made anew: a damaged block, of which fsck tells, holds what is to be erased."""
    if derivation.reads_texts:
        withdrawing.carry_out_all()
    return withdrawing.left()


def _compared(chain: Chain, derivation: Derivation, again: int) -> list[Finding]:
    """What differs, while nobody derives."""
    found = _derive(chain, derivation, again)
    for table in derivation.tables:
        found += differences(chain, table, again, how=_HOW)
    lasting = tuple(each.value for each in derivation.counts if each not in derivation.counts_now)
    found += differences(chain, Count, again, how=_HOW, column="of", among=lasting)
    found += _counts_now(chain, derivation, again)
    return found


def _height(chain: Chain, derivation: Derivation, generation: int) -> int:
    """How far a derivation is in a generation; -1 where it has not begun."""
    of = {"chain": chain, "generation": generation, "name": derivation.name}
    checkpoint = DerivationCheckpoint.objects.filter(**of).first()
    return -1 if checkpoint is None else max(checkpoint.height, -1)


def _derive(chain: Chain, derivation: Derivation, again: int) -> list[Finding]:
    """Derive up to the height of the checkpoint, and say what is wrong with that."""
    of = {"chain": chain, "generation": chain.generation}
    checkpoint = DerivationCheckpoint.objects.filter(**of, name=derivation.name).first()
    if checkpoint is None:
        return []
    folded = Checkpoint.objects.get(**of).height
    last = min(checkpoint.height, folded)
    _fold(chain, again, last=last)
    if derivation.counts_now or _height(chain, derivation, again) < max(last, 0):
        derive.catch_up(chain, generation=again, only=[derivation], last=last)
    if -1 <= checkpoint.height <= folded:
        return []
    told = f"name {checkpoint.name}, height {checkpoint.height}: the last block that is folded is {folded}"
    return [Finding("derivationcheckpoint", told)]


def _fold(chain: Chain, again: int, *, last: int) -> None:
    """The present generation may have gone on since the other one was folded."""
    while Checkpoint.objects.filter(chain=chain, generation=again, height__lt=last).exists():
        if fold.fold(chain, generation=again, last=last) is None:
            return


def _counts_now(chain: Chain, derivation: Derivation, again: int) -> Iterator[Finding]:
    """Figures that may have fallen since the last step: no lower than now, no higher than all blocks."""
    stored, now = (
        dict(
            Count.objects.filter(
                chain=chain, generation=generation, of__in=derivation.counts_now
            ).values_list("of", "count")
        )
        for generation in (chain.generation, again)
    )
    checkpoint = DerivationCheckpoint.objects.filter(
        chain=chain, generation=chain.generation, name=derivation.name
    ).first()
    blocks = 0 if checkpoint is None else checkpoint.height + 1
    for of in sorted(stored.keys() | now.keys()):
        if of not in stored:
            yield Finding("count", f"of {of}, count {now[of]}: not stored, and {_HOW} again gives it")
        elif of not in now:
            yield Finding("count", f"of {of}, count {stored[of]}: stored, and {_HOW} again does not give it")
        elif not now[of] <= stored[of] <= blocks:
            bounds = f"{now[of]} now, it can only fall, and there are {blocks} blocks"
            yield Finding("count", f"of {of}, count {stored[of]}: it is {bounds}")
