"""Chains merged whose builders state times that run backwards, in pages that end early by chance."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import pytest
from django.db import OperationalError

from explorer.queries.db.pagination import LARGEST_PAGE, PageRequest
from explorer.queries.lists import filter as records_filter
from explorer.queries.lists import lanes, listing, walk
from explorer.queries.lists.filter import RecordFilter
from explorer.queries.lists.search import clauses, finding, walking
from explorer.queries.records.states import Status
from explorer.search.parsing import parse
from indexer.dapp.replay import height_of
from indexer.models import Block
from tests.explorer.queries.lists.search.filled import BEGIN, HOUR, Filled, filled, some

pytestmark = pytest.mark.django_db
ASKED = (
    *(RecordFilter(q=parse(each)) for each in ("cat", "-cat", "rare OR olden", '"silver anchor" scout:7')),
    *(RecordFilter(), RecordFilter(model="gpt*", provider="*"), RecordFilter(has="edit", model="*")),
    RecordFilter(Status.LIVE, provider="*", since=BEGIN),
)
Name = tuple[bytes, int]


@dataclass
class Uneven:
    """A clock by which now and then more time has passed than there is."""

    chance: random.Random
    now: float = 0.0

    def __call__(self) -> float:
        self.now += self.chance.choice([0.0, 0.0, 0.001, 0.05, 0.3])
        return self.now


def made(chance: random.Random) -> Sequence[Filled]:
    """Three chains whose blocks state any time at all."""
    chains = [
        filled(some(chance.randint(4, 30), chance), brid=bytes([number]) * 32, chance=chance)
        for number in (0x11, 0x22, 0x33)
    ]
    for chain in chains:
        for height in chain.times:
            hours = chance.choice([-9, 0, 1, 1, 2, 7, 500]) * height % 30
            chain.times[height] = BEGIN + hours * HOUR
            Block.objects.filter(chain_id=chain.chain.id, height=height).update(timestamp=chain.times[height])
    return chains


def walked(
    chains: Sequence[Filled], wanted: RecordFilter, begin: PageRequest, chance: random.Random, *, late: bool
) -> Iterator[listing.Records]:
    """Every page, of changing sizes, each with its own share of time."""
    request: PageRequest | None = begin
    of = [each.chain for each in chains]
    while request is not None:
        sized = replace(request, limit=chance.randint(1, 9))
        try:
            page = listing.page_of_all(of, wanted, sized, clock=Uneven(chance) if late else lambda: 0.0)
        except OperationalError:  # nothing was searched: the reader asks again
            continue
        yield page
        request = page.newer if begin.oldest_first else page.older


def at_once(chains: Sequence[Filled], wanted: RecordFilter, begin: PageRequest) -> list[Name]:
    """All that is wanted, on one page that is not late."""
    page = listing.page_of_all([each.chain for each in chains], wanted, replace(begin, limit=LARGEST_PAGE))
    assert (page.newer or page.older) is None
    return names(page)


def names(page: listing.Records) -> list[Name]:
    return [(each.chain, each.position) for each in page.rows]


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("oldest_first", [False, True])
def test_each_record_comes_once_and_what_is_called_searched_was(
    seed: int, oldest_first: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(seed)
    chains = made(chance)
    begin, ended = PageRequest(oldest_first=oldest_first), 0
    every = {wanted: at_once(chains, wanted, begin) for wanted in ASKED}
    monkeypatch.setattr(walk, "STEP", 4)
    monkeypatch.setattr(walk, "_GROWTH", 1)
    monkeypatch.setattr(walking, "SIZES", finding.Sizes(first=(2,), walk=3, units=2))
    for each in (records_filter, walk, lanes, clauses):
        monkeypatch.setattr(each, "FEW", 2)
    monkeypatch.setattr(walking, "SECONDS", 1.0)
    for wanted in ASKED:
        by_chain = {
            each.chain.brid: sorted(
                (at for chain, at in every[wanted] if chain == each.chain.brid), reverse=not oldest_first
            )
            for each in chains
        }
        found: list[Name] = []
        for page in walked(chains, wanted, begin, chance, late=True):
            found += names(page)
            if page.searched_to:
                ended += 1
                holds(page, found, by_chain, oldest_first=oldest_first)
        assert len(found) == len(set(found)), wanted
        assert sorted(found) == sorted(every[wanted]), wanted
        for brid, positions in by_chain.items():
            assert [at for chain, at in found if chain == brid] == positions, wanted
    assert ended > 10


def holds(
    page: listing.Records, found: Sequence[Name], by_chain: dict[bytes, list[int]], *, oldest_first: bool
) -> None:
    """What was shown so far is all that lies before the blocks to which chains were searched."""
    for searched in page.searched_to:
        for at in by_chain[searched.chain.brid]:
            if searched.height is None:
                break
            height = height_of(at)
            is_before = height < searched.height if oldest_first else height > searched.height
            assert (searched.chain.brid, at) in found or not is_before


@pytest.mark.parametrize("seed", range(2))
def test_going_back_loses_nothing_either(seed: int) -> None:
    chance = random.Random(seed)
    chains = made(chance)
    of = [each.chain for each in chains]
    for wanted in ASKED[:3]:
        pages = list(walked(chains, wanted, PageRequest(), chance, late=False))
        every = [name for page in pages for name in names(page)]
        found, page = names(pages[-1]), pages[-1]
        while page.newer is not None:
            page = listing.page_of_all(of, wanted, replace(page.newer, limit=chance.randint(1, 9)))
            found = names(page) + found
        assert sorted(found) == sorted(every)
        assert len(found) == len(set(found))
