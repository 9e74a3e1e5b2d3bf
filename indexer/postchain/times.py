"""Times of a chain as readers take them."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST = -62_135_596_800_000  # ms at the beginning of year 1
_MANY = 20
_LEAST_QUIET = timedelta(minutes=1)
_QUIET = timedelta(minutes=10)
_LAST = 253_402_300_799_999  # ms at the end of year 9999


def moment(ms: int) -> datetime:
    """The time that is so many ms after 1970, in UTC.

    Builders of blocks state any 64-bit number: one beyond the years 1 to 9999 gives the nearest of them.
    """
    return _EPOCH + timedelta(milliseconds=min(max(ms, _FIRST), _LAST))


def quiet_after(longest_block_ms: int | None) -> timedelta:
    """How old a chain's last block must be for the chain to stand still, or its nodes to be behind.

    Twenty times what it takes at most from one block to the next, a minute at least; ten minutes, which is
    that of Postchain's own 30 s, where it is not known.
    """
    if longest_block_ms is None:
        return _QUIET
    return max(timedelta(milliseconds=_MANY * longest_block_ms), _LEAST_QUIET)


def is_quiet(last_block_at: datetime | None, longest_block_ms: int | None, *, now: datetime) -> bool:
    """Whether a chain's last block is that old; a chain without any is not."""
    return last_block_at is not None and now - last_block_at > quiet_after(longest_block_ms)
