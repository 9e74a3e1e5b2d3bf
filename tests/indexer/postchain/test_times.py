"""Times of a chain."""

from datetime import UTC, datetime, timedelta

import pytest

from indexer.postchain.times import is_quiet, moment, quiet_after


@pytest.mark.parametrize(
    ("ms", "at"),
    [
        (0, datetime(1970, 1, 1, tzinfo=UTC)),
        (1_728_600_000_123, datetime(2024, 10, 10, 22, 40, 0, 123_000, tzinfo=UTC)),
        (-1, datetime(1969, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC)),
        (2**63 - 1, datetime(9999, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC)),
        (-(2**63), datetime(1, 1, 1, tzinfo=UTC)),
    ],
)
def test_any_number_is_a_time(ms: int, at: datetime) -> None:
    assert moment(ms) == at


@pytest.mark.parametrize(
    ("longest_block_ms", "minutes"),
    [(None, 10), (30_000, 10), (3_000, 1), (1, 1), (60_000, 20), (3_600_000, 1_200)],
)
def test_a_chain_stands_still_after_twenty_of_its_longest_times_between_blocks(
    longest_block_ms: int | None, minutes: int
) -> None:
    now = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
    limit = timedelta(minutes=minutes)
    assert quiet_after(longest_block_ms) == limit
    assert not is_quiet(now - limit, longest_block_ms, now=now)
    assert is_quiet(now - limit - timedelta(milliseconds=1), longest_block_ms, now=now)


def test_a_chain_without_a_block_is_not_quiet() -> None:
    assert not is_quiet(None, 1, now=datetime(2026, 11, 29, tzinfo=UTC))
