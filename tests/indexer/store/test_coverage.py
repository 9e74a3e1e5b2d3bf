"""Which heights are in: spans, gaps, and windows made one."""

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from indexer.models import Chain, Window
from indexer.store import coverage
from indexer.store.coverage import HeightRange

pytestmark = pytest.mark.django_db


@pytest.fixture
def chain() -> Chain:
    return Chain.objects.create(brid=b"\xab" * 32)


def cover(chain: Chain, *spans: HeightRange) -> None:
    for span in spans:
        Window.objects.create(chain=chain, first=span.first, last=span.last, transactions=1, operations=2)


def test_nothing_is_covered_before_the_first_window(chain: Chain) -> None:
    assert coverage.covered(chain.id) == []
    assert coverage.covered_to(chain.id, after=-1) == -1
    assert coverage.gaps(chain.id, last=3) == [HeightRange(0, 3)]


def test_an_empty_chain_has_no_gap_and_one_of_a_single_block_has_one(chain: Chain) -> None:
    assert coverage.gaps(chain.id, last=-1) == []
    assert coverage.gaps(chain.id, last=0) == [HeightRange(0, 0)]
    cover(chain, HeightRange(0, 0))
    assert coverage.gaps(chain.id, last=0) == []
    assert coverage.covered_to(chain.id, after=-1) == 0


def test_windows_that_touch_or_overlap_are_one_span(chain: Chain) -> None:
    cover(chain, HeightRange(0, 4), HeightRange(5, 9), HeightRange(8, 12), HeightRange(20, 20))
    assert coverage.covered(chain.id) == [HeightRange(0, 12), HeightRange(20, 20)]
    assert coverage.gaps(chain.id, last=30) == [HeightRange(13, 19), HeightRange(21, 30)]
    assert coverage.gaps(chain.id, last=20) == [HeightRange(13, 19)]
    assert coverage.gaps(chain.id, last=12) == []
    assert coverage.gaps(chain.id, last=15) == [HeightRange(13, 15)]


def test_the_way_up_ends_before_the_first_gap(chain: Chain) -> None:
    cover(chain, HeightRange(0, 4), HeightRange(6, 9))
    assert coverage.covered_to(chain.id, after=-1) == 4
    assert coverage.covered_to(chain.id, after=3) == 4
    assert coverage.covered_to(chain.id, after=4) == 4
    assert coverage.covered_to(chain.id, after=5) == 9


def test_chains_do_not_cover_for_each_other(chain: Chain) -> None:
    other = Chain.objects.create(brid=b"\xcd" * 32)
    cover(other, HeightRange(0, 9))
    assert coverage.covered(chain.id) == []
    assert coverage.gaps(other.id, last=9) == []


def compact(chain: Chain, *, below: int) -> list[tuple[int, int, int, int]]:
    with connection.cursor() as cursor:
        coverage.compact(cursor, chain.id, below=below)
    rows = Window.objects.filter(chain=chain).order_by("first")
    return [(each.first, each.last, each.transactions, each.operations) for each in rows]


def test_what_is_folded_becomes_one_row_and_what_is_not_stays(chain: Chain) -> None:
    cover(chain, HeightRange(0, 4), HeightRange(5, 9), HeightRange(10, 14), HeightRange(20, 24))
    assert compact(chain, below=13) == [(0, 9, 2, 4), (10, 14, 1, 2), (20, 24, 1, 2)]
    assert compact(chain, below=14) == [(0, 14, 3, 6), (20, 24, 1, 2)]
    assert compact(chain, below=14) == [(0, 14, 3, 6), (20, 24, 1, 2)]


def test_making_one_row_of_nothing_changes_nothing(chain: Chain) -> None:
    assert compact(chain, below=100) == []
    cover(chain, HeightRange(3, 9))
    assert compact(chain, below=5) == [(3, 9, 1, 2)]


@given(
    spans=st.lists(st.tuples(st.integers(0, 40), st.integers(0, 9)), max_size=12), last=st.integers(-1, 60)
)
def test_covered_and_gaps_are_complements_whatever_the_windows(
    spans: list[tuple[int, int]], last: int
) -> None:
    Chain.objects.all().delete()
    chain = Chain.objects.create(brid=b"\xef" * 32)
    cover(chain, *{first: HeightRange(first, first + length) for first, length in spans}.values())
    heights = {height for span in coverage.covered(chain.id) for height in range(span.first, span.last + 1)}
    assert heights == {
        height for first, length in dict(spans).items() for height in range(first, first + length + 1)
    }
    missing = [
        height for span in coverage.gaps(chain.id, last=last) for height in range(span.first, span.last + 1)
    ]
    assert missing == [height for height in range(last + 1) if height not in heights]
    assert all(len(span) == span.last - span.first + 1 for span in coverage.covered(chain.id))
