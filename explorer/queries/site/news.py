"""What came to a list since a page of it was made: how many rows, counted up to a bound and in bounded time.

Who asks has seen each chain up to a height. Only chains that grew since are looked at, and of these only what
lies above: by the same conditions, lanes and times as the list itself, so what the list leaves out is left
out here.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from explorer.queries.chain import blocks, configurations
from explorer.queries.chain.block_filter import BlockFilter
from explorer.queries.chain.chains import ChainView
from explorer.queries.db.filters import Condition
from explorer.queries.ledger import ledger
from explorer.queries.ledger.ledger_filter import Change, LedgerFilter
from explorer.queries.lists import listing, walk
from explorer.queries.lists.filter import RecordFilter
from explorer.queries.lists.lanes import Sort
from explorer.queries.lists.search import walking
from explorer.queries.lists.search.walking import Line
from indexer.dapp.replay import position_of

MOST = 100
"""So many new rows are counted; of more it is said that they are more."""

_NO_FILTER = RecordFilter()

Seen = Mapping[int, int]
"""The height to which each chain was seen, by the chain's id; a chain that is not in it was not seen."""


@dataclass(frozen=True, slots=True)
class News:
    """How many rows are new: just so many, or where it is not exact at least so many, perhaps none."""

    value: int
    is_exact: bool

    @property
    def is_any(self) -> bool:
        """Whether there are any, as far as can be told in time."""
        return self.value > 0 or not self.is_exact

    @property
    def are_more(self) -> bool:
        """Whether they are more than are counted."""
        return self.value > MOST

    @property
    def is_final(self) -> bool:
        """Whether asking again says nothing else: more are not counted, and are not sooner found."""
        return self.are_more or not self.is_exact


def of_records(
    chains: Sequence[ChainView], wanted: RecordFilter, seen: Seen, *, changed_first: bool = False
) -> News:
    """How many of the records that are wanted were written since; of a list that has those first that
    changed last, how many were edited or deleted.
    """
    sort = listing.sort_of(wanted, changed_first=changed_first)

    def counted(chain: ChainView, height: int) -> tuple[int, bool]:
        conditions = [*wanted.conditions(), _above(height, sort)]
        if wanted.q is None:
            return walk.count([chain], conditions, sort)
        return walking.count([chain], Line(wanted.q, conditions), sort)

    return _together(chains, seen, counted)


def of_everything(chains: Sequence[ChainView], seen: Seen) -> News:
    """How many records were written since."""
    return of_records(chains, _NO_FILTER, seen)


def of_changes(chains: Sequence[ChainView], wanted: LedgerFilter, seen: Seen) -> News:
    """How many of the changes that are wanted came since."""

    def counted(chain: ChainView, height: int) -> tuple[int, bool]:
        sort = ledger.sort_of(wanted, configurations.changes([chain]))
        return walk.count([chain], [*wanted.conditions(), _above(height, sort)], sort)

    return _together(chains, seen, counted)


def of_kinds(chains: Sequence[ChainView], kinds: Sequence[Change], seen: Seen) -> News:
    """How many changes of any of these kinds came since."""
    found = [of_changes(chains, LedgerFilter(kind=each), seen) for each in kinds]
    return News(sum(each.value for each in found), all(each.is_exact for each in found))


def of_blocks(chains: Sequence[ChainView], wanted: BlockFilter, seen: Seen) -> News:
    """How many of the blocks that are wanted came since."""
    return _together(
        chains, seen, lambda each, height: (blocks.count_above(each, height, wanted, most=MOST + 1), True)
    )


def _together(
    chains: Sequence[ChainView], seen: Seen, counted: Callable[[ChainView, int], tuple[int, bool]]
) -> News:
    """Of all chains that grew, until there are more than are counted."""
    value, is_exact = 0, True
    for each in chains:
        height = seen.get(each.id, -1)
        if each.freshness.height > height and value <= MOST:
            more, is_all = counted(each, height)
            value, is_exact = value + more, is_exact and (is_all or value + more > MOST)
    return News(value, is_exact)


def _above(height: int, sort: Sort) -> Condition:
    """What lies above all operations of that block, in a list that is sorted so."""
    column = f"r.{sort.columns[0]}"
    above = f"{column} >= {position_of(height + 1, 0)}"
    if sort.by_change:
        return Condition(above, bounds_of_change=above)
    return Condition(above, bounds=above, is_whole=True)
