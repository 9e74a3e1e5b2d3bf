"""Which elements of two sequences stand in both in the same order: a longest common subsequence.

Bit-parallel (Hyyrö 2004), and in linear space: what is too large for one table is halved first (Hirschberg
1975). Where even that would take too long, elements that are unique on both sides are anchors (patience), and
what lies between two of them is compared by itself.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from itertools import accumulate, pairwise

from rapidfuzz.distance import LCSseq, MatchingBlock

from explorer.diff.effort import Effort

_TABLE = 1 << 25
"""Cells of one table: 4 MiB of bits."""

_MOST_CELLS = 20_000 * 20_000
"""Cells that one comparison looks at."""

_STEPS = 1_000  # elements between two looks at the clock


Elements = Sequence[Hashable]
"""A list, or a string of characters."""


Run = MatchingBlock
"""So many elements that are equal (``size``), from the places ``a`` and ``b`` on."""


def matches(a: Elements, b: Elements, effort: Effort) -> Sequence[Run]:
    """Runs of equal elements, in the order of both sequences; elements that are not in any differ. The last
    one may have none. Raises ``TookTooLong``.
    """
    if len(a) * len(b) <= _TABLE:
        effort.go_on()
        return _at_once(a, b)
    return _joined(_between(a, b, effort))


def _at_once(a: Elements, b: Elements) -> Sequence[Run]:
    return LCSseq.opcodes(a, b).as_matching_blocks()


def _between(a: Elements, b: Elements, effort: Effort, *, is_narrowed: bool = False) -> Iterator[Run]:
    """``is_narrowed`` is whether what is on one side alone was left out before."""
    first = alike(a, b)
    last = alike(a[first:][::-1], b[first:][::-1])
    yield Run(0, 0, first)
    middle = a[first : len(a) - last], b[first : len(b) - last]
    cells = len(middle[0]) * len(middle[1])
    if cells > _TABLE and not is_narrowed:
        yield from _shifted(_narrowed(*middle, effort), first, first)
    elif cells <= _MOST_CELLS:
        yield from _shifted(_halved(*middle, effort), first, first)
    else:
        yield from _shifted(_anchored(*middle, effort), first, first)
    yield Run(len(a) - last, len(b) - last, last)


def _narrowed(a: Elements, b: Elements, effort: Effort) -> Iterator[Run]:
    """Without what is on one side alone, which nothing can match; element by element."""
    both = set(a) & set(b)
    here, there = ([at for at, each in enumerate(side) if each in both] for side in (a, b))
    rest = [a[at] for at in here], [b[at] for at in there]
    for run in _between(*rest, effort, is_narrowed=True):
        for step in range(run.size):
            yield Run(here[run.a + step], there[run.b + step], 1)


def alike(a: Elements, b: Elements) -> int:
    """How many elements are equal from the beginning on."""
    least, most = 0, min(len(a), len(b))
    while least < most:
        middle = (least + most + 1) // 2
        if a[least:middle] == b[least:middle]:
            least = middle
        else:
            most = middle - 1
    return least


def _halved(a: Elements, b: Elements, effort: Effort) -> Iterator[Run]:
    effort.go_on()
    if not a or not b:
        return
    if len(a) * len(b) <= _TABLE or len(a) == 1:
        yield from _at_once(a, b)
        return
    middle = len(a) // 2
    place = _best_cut(a[:middle], a[middle:], b, effort)
    yield from _halved(a[:middle], b[:place], effort)
    yield from _shifted(_halved(a[middle:], b[place:], effort), middle, place)


def _best_cut(head: Elements, tail: Elements, b: Elements, effort: Effort) -> int:
    """Where ``b`` is cut so that the two parts have as much in common with these two as all of it has."""
    before = _common(head, b, effort)
    behind = _common(tail[::-1], b[::-1], effort)[::-1]
    sums = [one + other for one, other in zip(before, behind, strict=True)]
    return sums.index(max(sums))


def _common(a: Elements, b: Elements, effort: Effort) -> Sequence[int]:
    """The length of a longest common subsequence of ``a`` with each beginning of ``b``, the empty one too."""
    places: dict[Hashable, int] = {}
    for at, each in enumerate(b):
        places[each] = places.get(each, 0) | 1 << at
    every = (1 << len(b)) - 1
    row = every
    for at, each in enumerate(a):
        if at % _STEPS == 0:
            effort.go_on()
        if (found := row & places.get(each, 0)) != 0:
            row = ((row + found) | (row - found)) & every
    bits = format(row, f"0{len(b)}b")[::-1]
    return [0, *accumulate(bit == "0" for bit in bits)]


def _anchored(a: Elements, b: Elements, effort: Effort) -> Iterator[Run]:
    """Elements that are there once on both sides, and what lies between them as far as there is time."""
    effort.go_on()
    anchors = [(-1, -1), *_rising(_unique_pairs(a, b)), (len(a), len(b))]
    left = _MOST_CELLS
    for (at, bt), (a_end, b_end) in pairwise(anchors):
        cells = (a_end - at - 1) * (b_end - bt - 1)
        if cells <= left:
            left -= cells
            yield from _shifted(_ends(a[at + 1 : a_end], b[bt + 1 : b_end], effort), at + 1, bt + 1)
        if a_end < len(a):
            yield Run(a_end, b_end, 1)


def _ends(a: Elements, b: Elements, effort: Effort) -> Iterator[Run]:
    first = alike(a, b)
    yield Run(0, 0, first)
    yield from _shifted(_halved(a[first:], b[first:], effort), first, first)


def _unique_pairs(a: Elements, b: Elements) -> Sequence[tuple[int, int]]:
    once = {each for each, count in Counter(b).items() if count == 1}
    places = {each: at for at, each in enumerate(b) if each in once}
    in_a = Counter(a)
    return [(at, places[each]) for at, each in enumerate(a) if in_a[each] == 1 and each in places]


def _rising(pairs: Sequence[tuple[int, int]]) -> Sequence[tuple[int, int]]:
    """As many of the pairs as rise on both sides."""
    ends: list[int] = []
    last: list[int] = []  # the pair with which a run of each length ends
    before: list[int] = []
    for at, (_, place) in enumerate(pairs):
        length = bisect_left(ends, place)
        before.append(last[length - 1] if length else -1)
        ends[length : length + 1] = [place]
        last[length : length + 1] = [at]
    found: list[tuple[int, int]] = []
    at = last[-1] if last else -1
    while at >= 0:
        found.append(pairs[at])
        at = before[at]
    return found[::-1]


def _shifted(runs: Iterator[Run], a: int, b: int) -> Iterator[Run]:
    return (Run(each.a + a, each.b + b, each.size) for each in runs) if a or b else runs


def _joined(runs: Iterator[Run]) -> Sequence[Run]:
    found: list[Run] = []
    for each in runs:
        before = found[-1] if found else None
        if each.size == 0:
            continue
        if before and (before.a + before.size, before.b + before.size) == (each.a, each.b):
            found[-1] = Run(before.a, before.b, before.size + each.size)
        else:
            found.append(each)
    return found
