"""What is known of a model, a provider or a scout: its numbers, on each chain and in all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from explorer.queries.chain.chains import ChainView, CountedTo
from explorer.queries.db.pagination import Page
from explorer.queries.groups.days import Day
from explorer.queries.groups.fingerprints import Fingerprints
from explorer.queries.groups.naming import part_of
from explorer.queries.groups.presence_order import Kind
from explorer.queries.records.challenged import Tally, together
from explorer.queries.records.check_counts import CheckCounts
from indexer.store.names import hash_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """Records that name something: all that were ever written, and what became of them."""

    records: int
    edited: int  # and not deleted
    deleted: int

    @property
    def live(self) -> int:
        """Those that are not deleted."""
        return self.records - self.deleted


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared(Numbers):
    """The same, with how many of them have peers, other records with the same messages, seed, model and
    provider (``compared``), and how many of these first gave an answer that a peer first gave too
    (``agreeing``).
    """

    compared: int
    agreeing: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Present(Compared):
    """A model, provider or scout: its numbers, and when the blocks were made that added the first and the
    last of its records. ``name`` is as the records have it, of a scout its UID; ``chain`` is a scout's,
    ``family`` a model's that is known under other names too. ``challenged`` are its records by now.
    """

    kind: Kind
    name: str | int
    chain: ChainView | None = None
    first_at: datetime
    last_at: datetime
    challenged: Tally
    family: "Gathered | None" = None

    @property
    def is_gathered(self) -> bool:
        """Whether records name its model by other names too."""
        return self.family is not None and len(self.family.models) > 1

    @property
    def part(self) -> str:
        """What stands for it in an address."""
        return part_of(self.name) if isinstance(self.name, str) else str(self.name)

    @property
    def hash(self) -> bytes:
        """The SHA-256 of its name."""
        return hash_of(str(self.name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered(Compared):
    """A model under all its names: the sums of those that records name. ``models`` are these, each with its
    own numbers, ``unseen`` the names that no record has.
    """

    name: str
    version: int  # of the file that says so
    models: Sequence[Present]
    unseen: Sequence[str]

    @property
    def challenged(self) -> Tally:
        """Of the records under all of these names."""
        return together(each.challenged for each in self.models)

    @property
    def first_at(self) -> datetime:
        """When the block was made that added the first record under any of these names."""
        return min(each.first_at for each in self.models)

    @property
    def last_at(self) -> datetime:
        """The same of the last one."""
        return max(each.last_at for each in self.models)


@dataclass(frozen=True, slots=True, kw_only=True)
class OnChain(Compared):
    """The same on one chain, with the ids of the first and the last record."""

    chain: ChainView
    first_at: datetime
    last_at: datetime
    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside(Numbers):
    """A provider of a model, or a model of a provider, and the records that name both."""

    kind: Kind
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told(Present):
    """One of them with all that is kept. ``of`` are the chains that were asked, ``on_chains`` those that have
    records of it.

    ``beside`` is what its records name with it, by the number of records, ``has_more`` whether that is not
    all of it. ``days`` are the last ones, ``fingerprints`` what is reported of how the results were made; of
    a scout there are none. ``checks`` is what checks say. ``counted_to`` are
    the chains of which numbers lag, ``beside_to``, ``compared_to``, ``days_to`` and ``fingerprints_to`` those
    of which ``beside``, agreement with peers, the days and the fingerprints do.
    """

    of: Sequence[ChainView]
    on_chains: Sequence[OnChain]
    beside: Sequence[Beside]
    has_more: bool
    days: Sequence[Day]
    fingerprints: Fingerprints
    checks: CheckCounts
    counted_to: Sequence[CountedTo]
    beside_to: Sequence[CountedTo]
    compared_to: Sequence[CountedTo]
    days_to: Sequence[CountedTo]
    fingerprints_to: Sequence[CountedTo]

    @property
    def on_chain(self) -> OnChain:
        """The first of these chains: of a scout the one there is."""
        return self.on_chains[0]


@dataclass(frozen=True, slots=True)
class Presences(Page[Present]):
    """A page of them. ``counted_to`` are the chains of which numbers lag, ``compared_to`` those of which
    agreement with peers does.
    """

    counted_to: Sequence[CountedTo]
    compared_to: Sequence[CountedTo]
