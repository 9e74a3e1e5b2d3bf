"""What a challenge is called: C-2026-000123, the 123rd that was filed in 2026.

In the tables it is one number, the year's times ``_OF_A_YEAR`` and the count, by which challenges sort.
"""

_OF_A_YEAR = 10**9

PATTERN = "C-[1-9][0-9]{3}-(?!000000)(?:[0-9]{6}|[1-9][0-9]{6,8})"
"""A regular expression of all names."""


def key_of(year: int, count: int) -> int:
    """The number of the challenge that was filed as the ``count``-th of a year, from 1."""
    return year * _OF_A_YEAR + count


def name_of(key: int) -> str:
    """What it is called."""
    year, count = divmod(key, _OF_A_YEAR)
    return f"C-{year}-{count:06d}"


def key_named(name: str) -> int:
    """The number of the challenge with a name that fits ``PATTERN``."""
    _, year, count = name.split("-")
    return key_of(int(year), int(count))
