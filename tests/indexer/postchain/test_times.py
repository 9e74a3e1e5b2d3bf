"""Times of a chain."""

from datetime import UTC, datetime

import pytest

from indexer.postchain.times import moment


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
