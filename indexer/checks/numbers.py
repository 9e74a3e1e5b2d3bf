"""Numbers in results that strangers wrote."""

LARGEST = 2**53 - 1
"""Beyond this, programs that read JSON do not agree about a number."""


def whole(value: object) -> int | None:
    """A whole number that all programs read alike; None where it is none."""
    if isinstance(value, float) and value.is_integer() and abs(value) <= LARGEST:
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= LARGEST:
        return value
    return None
