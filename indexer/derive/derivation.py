"""What a derivation is, and what its functions are given.

One module of this package holds one derivation: its statements, its functions, and at the end ``DERIVATION``,
by which the registry finds it. Nothing else need be told of it: steps, reindex, suppression, purge, status,
and fsck, which derives again and compares, go by what it says of itself.

Checks of records (``indexer.checks``) are one derivation too, with a registry of their own below it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.backends.utils import CursorWrapper
from django.db.models import Model, QuerySet

from indexer.models import Chain, Count, DerivationCheckpoint

BATCH = 20_000  # operations


@dataclass(frozen=True, slots=True)
class PositionRange:
    """Blocks of one generation that a step is about: positions from ``first`` on, below ``end``."""

    chain_id: int
    generation: int
    first: int
    end: int

    @property
    def named(self) -> dict[str, int]:
        """As parameters of a statement."""
        return {
            "chain": self.chain_id,
            "generation": self.generation,
            "first": self.first,
            "end": self.end,
        }


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """Operations of one generation whose texts were hidden, erased or shown again: their positions, all below
    ``end``, which is how far the derivation is. ``order`` is the id of the ``Withdrawal`` whose next ones in
    order they are, of which those that are left come in later steps.
    """

    chain_id: int
    generation: int
    end: int
    positions: Sequence[int]
    order: int

    @property
    def range(self) -> PositionRange:
        """All that the derivation went through."""
        return PositionRange(self.chain_id, self.generation, 0, self.end)

    @property
    def named(self) -> dict[str, Any]:
        """As parameters of a statement."""
        return {**self.range.named, "positions": list(self.positions), "order": self.order}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settling:
    """What follows of what was remade for records that said nothing of it, in steps of their own. ``left``
    gives a chain and generation of which something is left, by rows of the derivation's tables; ``step``
    takes one more, each a transaction, over all that the derivation went through.
    """

    left: Callable[[CursorWrapper], tuple[int, int] | None]
    step: Callable[[CursorWrapper, PositionRange], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Derivation:
    """Something that follows from what is folded.

    ``name`` is that of its checkpoint (``DerivationCheckpoint.Of``, where readers have their list of them);
    ``lock`` a number of its own, from 0 up, by which derivations take turns and are listed.

    ``tables`` are those that it alone writes, each with the columns ``chain_id`` and ``generation``;
    ``counts`` the figures that it keeps in ``Count``. ``counts_now`` are those of them that count blocks as
    they are known now: each step sets them anew, and while the fold stands still they can only fall.

    ``step`` writes what a range adds; the range is empty where there is nothing new. What rows hold must
    not depend on when they were written, nor on where ranges were cut: no clock, no serial number. fsck
    derives again from nothing, and compares. ``batch`` is how many operations a step takes at
    most: fewer where each takes long, since whoever hides a text waits for a step that reads texts.

    ``remake`` makes anew, of what may be shown now, what was made of some operations: few at a time, in a
    transaction of its own after the one that hides, erases or shows again; doing it twice changes nothing. It
    is None only where nothing in the tables was made from a text (hashes and numbers stay). Where there is
    one, a step holds the shared suppression lock and must leave out what
    ``indexer.store.suppression.whole_gate`` holds, and every transaction whose bytes are gone (its offset is
    null), though another text of it may still be kept. ``holding`` gives the chains and positions of further
    operations for whose texts it made something that holds a text with this content key, which no row of an
    operation names. ``settling`` is what comes after all operations of an order are remade.

    ``shared`` are tables kept by content, whose rows generations share. ``sweep`` removes from them what no
    row of a chain refers to any more, after rows of a generation were removed; ``faults`` says what in them
    does not hold of a chain and generation, whoever derives meanwhile.
    """

    name: str
    lock: int
    tables: Sequence[type[Model]]
    counts: Sequence[Count.Of] = ()
    counts_now: Sequence[Count.Of] = ()
    step: Callable[[CursorWrapper, PositionRange], None]
    batch: int = BATCH
    remake: Callable[[CursorWrapper, Withdrawn], None] | None
    holding: Callable[[CursorWrapper, bytes], Sequence[tuple[int, int]]] | None = None
    settling: Settling | None = None
    shared: Sequence[type[Model]] = ()
    sweep: Callable[[CursorWrapper, int], None] | None = None
    faults: Callable[[int, int], Iterator[str]] | None = None

    @property
    def reads_texts(self) -> bool:
        """Whether something in its tables is made from texts."""
        return self.remake is not None

    def rows(self, chain: Chain, generation: int) -> list[QuerySet[Model]]:
        """All that it has of one generation, its checkpoint last. Removed, it starts anew."""
        of = {"chain_id": chain.id, "generation": generation}
        return [
            *(each._default_manager.filter(**of) for each in self.tables),
            Count.objects.filter(**of, of__in=self.counts),
            DerivationCheckpoint.objects.filter(**of, name=self.name),
        ]
