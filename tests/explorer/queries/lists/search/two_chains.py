"""Two chains, and what a line finds in both, in the order of a list."""

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from pytest_django import DjangoDbBlocker

from explorer.queries.records.row import RecordRow
from explorer.search.parsing import parse
from explorer.search.tree import said_in
from tests.explorer.queries.lists.search.filled import Filled, filled, kept, some

Name = tuple[bytes, int]


@contextmanager
def two_chains(blocker: DjangoDbBlocker) -> Iterator[Sequence[Filled]]:
    """In the tables, for all tests of a module."""
    chance = random.Random(11)
    with kept(blocker):
        yield [
            filled(some(40, chance), brid=b"\x11" * 32, chance=chance),
            filled(some(25, chance), brid=b"\x22" * 32, chance=chance),
        ]


def expected(chains: Sequence[Filled], line: str, *, oldest_first: bool) -> list[Name]:
    """Each chain in its order, merged by the times of blocks."""
    tree = parse(line)
    queues = []
    for each in chains:
        found = each.positions(tree, said_in(tree))
        queues.append([(each.times[at >> 20], each.chain.id, at) for at in found])
    for queue in queues:
        queue.sort(key=lambda one: one[2], reverse=not oldest_first)
    brids = {each.chain.id: each.chain.brid for each in chains}
    merged: list[Name] = []
    while any(queues):
        nearest = (min if oldest_first else max)(queue[0] for queue in queues if queue)
        queue = next(each for each in queues if each and each[0] == nearest)
        merged.append((brids[nearest[1]], queue.pop(0)[2]))
    return merged


def names(rows: Sequence[RecordRow]) -> list[Name]:
    return [(each.chain, each.position) for each in rows]
