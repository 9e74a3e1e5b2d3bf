"""When blocks are built."""

import pytest

from devnet.chain.configurations import Wanted, of_dapp
from devnet.chain.pace import Pace
from indexer.postchain import gtv

PACE = Pace(most_time=3_000, least_time=200, delay=1_000, transactions=3)


@pytest.mark.parametrize(
    ("since_last", "waiting", "for_ms", "is_due"),
    [
        (3_001, 0, None, True),
        (3_000, 0, None, False),
        (2_000, 0, None, False),
        (1_500, 1, 1_001, True),
        (1_500, 1, 1_000, False),
        (300, 3, 10, True),
        (199, 3, 10, False),
        (199, 1, 1_500, False),
    ],
)
def test_a_block_is_due_by_time_by_what_waits_and_never_too_soon(
    since_last: int, waiting: int, for_ms: int | None, is_due: bool
) -> None:
    now = 1_000_000
    since = None if for_ms is None else now - for_ms
    assert PACE.is_due(now, last_at=now - since_last, waiting=waiting, since=since) is is_due


def test_the_first_block_of_a_chain_is_due_at_once() -> None:
    assert PACE.is_due(1_728_600_000_000, last_at=0, waiting=0, since=None)


def test_the_pace_is_that_of_the_configuration() -> None:
    assert Pace.of(of_dapp(Wanted(block_time=500))) == Pace(500, 200, 500, 100)
    assert Pace.of(of_dapp(Wanted())) == Pace(3_000, 200, 1_000, 100)
    assert Pace.of(gtv.encode({})) == Pace.of(gtv.encode([])) == Pace(30_000, 0, 1_000, 100)


def test_another_time_hurries_what_waits_too() -> None:
    assert PACE.within(100) == Pace(100, 200, 100, 3)
