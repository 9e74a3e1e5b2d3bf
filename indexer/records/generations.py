"""Generations: fold again from facts beside what readers see, then switch in one transaction.

Follow goes on in the present generation meanwhile; the new one catches up under both locks before the switch.
The same rules with another digest are no switch: that is for the caller to tell.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Max, Model

from indexer import derive
from indexer.dapp.replay import RULES
from indexer.derive import registry
from indexer.models import (
    BlockDigest,
    Chain,
    Checkpoint,
    Generation,
    Owner,
    Record,
    Revision,
)
from indexer.postchain.configuration import ConfigurationError
from indexer.records import fold, hearing
from indexer.store import locks
from indexer.store.read import BrokenBody

_OF_A_GENERATION: tuple[type[Model], ...] = (Record, Revision, BlockDigest, Owner, Checkpoint, Generation)


class AlreadyBuilding(Exception):
    """Another process builds a generation of this chain."""


class OtherDigest(Exception):
    """Folding the same facts by the same rules gave another digest."""

    def __init__(self, *, height: int, stored: bytes | None, again: bytes | None) -> None:
        self.height = height
        super().__init__(
            f"Folding again gives another digest, first at height {height}: stored {_shown(stored)}, again "
            f"{_shown(again)}. Nothing was switched. Run fsck to see which facts or records do not hold."
        )


UNMAKEABLE = (OtherDigest, fold.LinkBroken, BrokenBody, ConfigurationError)
"""Why a generation cannot be built from what is stored."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """A generation that readers see now. ``first_difference`` is a height, where new rules changed it."""

    generation: int
    height: int
    digest: bytes
    first_difference: int | None


def rebuild(chain: Chain) -> Rebuilt:
    """Build the next generation and switch to it.

    Raises ``AlreadyBuilding``, ``OtherDigest`` (nothing is switched then) and
    ``indexer.records.fold.LinkBroken``.
    """
    with building(chain), connection.cursor() as cursor:
        return _rebuild(cursor, chain)


@contextmanager
def building(chain: Chain, *, wait: bool = False) -> Iterator[None]:
    """Be the only one who builds a generation of this chain. Raises ``AlreadyBuilding`` unless it waits."""
    with connection.cursor() as cursor:
        if wait:
            locks.wait_build(cursor, chain.id)
        elif not locks.hold_build(cursor, chain.id):
            raise AlreadyBuilding("Another process is building a generation of this chain: let it end.")
        try:
            chain.refresh_from_db(fields=["generation"])
            yield
        finally:
            locks.release_build(cursor, chain.id)


def fold_beside(chain: Chain, *, last: int | None = None) -> int:
    """Fold what is in, up to ``last``, into a generation of its own, and give its number.

    Call it while ``building``: it removes what others left unfinished, and its own where it fails.
    """
    latest = Generation.objects.filter(chain=chain).aggregate(latest=Max("generation"))["latest"] or 0
    for abandoned in Generation.objects.filter(chain=chain).exclude(generation=chain.generation):
        drop(chain, abandoned.generation)
    generation = max(latest, chain.generation) % 30_000 + 1
    drop(chain, generation)
    fold.begin(chain, generation)
    try:
        while fold.fold(chain, generation=generation, last=last) is not None:
            pass
    except Exception:
        drop(chain, generation)
        raise
    return generation


def drop(chain: Chain, generation: int) -> None:
    """Remove a generation that nobody reads. Waits for what is derived from it just now."""
    if generation == chain.generation:
        raise ValueError("that is the generation that readers see")
    with transaction.atomic(), connection.cursor() as cursor:
        locks.share_suppression(cursor)  # erasers remove rows of the same tables
        list(Generation.objects.select_for_update().filter(chain=chain, generation=generation))
        cursor.execute(_dropping(), {"chain": chain.id, "generation": generation})
        registry.sweep(cursor, chain.id)


def _dropping() -> str:
    """A statement for each table, sent as one: there are some forty, most of them empty."""
    tables = [each._meta.db_table for each in (*registry.tables(), *_OF_A_GENERATION)]
    of = "WHERE chain_id = %(chain)s AND generation = %(generation)s"
    return "; ".join(f"DELETE FROM {table} {of}" for table in tables)


def first_difference(chain: Chain, old: int, new: int) -> OtherDigest | None:
    """The lowest height at which two generations' digests differ, up to the lower of their checkpoints.

    None also where one of them was never folded.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT height, a.digest, b.digest FROM"
            " (SELECT height, digest FROM indexer_blockdigest"
            "  WHERE chain_id = %(chain)s AND generation = %(old)s) a"
            " FULL JOIN"
            " (SELECT height, digest FROM indexer_blockdigest"
            "  WHERE chain_id = %(chain)s AND generation = %(new)s) b"
            " USING (height) WHERE a.digest IS DISTINCT FROM b.digest AND height <="
            " (SELECT min(height) FROM indexer_checkpoint"
            "  WHERE chain_id = %(chain)s AND generation IN (%(old)s, %(new)s) HAVING count(*) = 2)"
            " ORDER BY height LIMIT 1",
            {"chain": chain.id, "old": old, "new": new},
        )
        row = cursor.fetchone()
    return None if row is None else OtherDigest(height=row[0], stored=row[1], again=row[2])


def _rebuild(cursor: CursorWrapper, chain: Chain) -> Rebuilt:
    old = chain.generation
    same_rules = not Generation.objects.filter(chain=chain, generation=old).exclude(rules=RULES).exists()
    hearing.hear(chain)
    new = fold_beside(chain)
    derive.catch_up(chain, generation=new)
    with transaction.atomic():
        locks.own_fold(cursor, chain.id, old)
        locks.own_fold(cursor, chain.id, new)
        while fold.fold(chain, generation=new) is not None:
            pass
        derive.catch_up(chain, generation=new)
        differs = first_difference(chain, old, new)
        if differs is None or not same_rules:
            Chain.objects.filter(id=chain.id).update(generation=new)
    if differs is not None and same_rules:
        drop(chain, new)
        raise differs
    chain.generation = new
    drop(chain, old)
    done = Checkpoint.objects.get(chain=chain, generation=new)
    return Rebuilt(new, done.height, bytes(done.digest), differs.height if differs else None)


def _shown(digest: bytes | None) -> str:
    return bytes(digest).hex().upper() if digest is not None else "none"
