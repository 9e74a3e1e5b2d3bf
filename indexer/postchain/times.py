"""Times of a chain as readers take them."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST = -62_135_596_800_000  # ms at the beginning of year 1
_LAST = 253_402_300_799_999  # ms at the end of year 9999


def moment(ms: int) -> datetime:
    """The time that is so many ms after 1970, in UTC.

    Builders of blocks state any 64-bit number: one beyond the years 1 to 9999 gives the nearest of them.
    """
    return _EPOCH + timedelta(milliseconds=min(max(ms, _FIRST), _LAST))
