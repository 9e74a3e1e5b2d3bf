"""Arrays as PostgreSQL reads them, for statements that are given very many values: psycopg adapts each value
by itself, and looks into each for what is to be escaped.
"""

from collections.abc import Iterable


def of_bytes(values: Iterable[bytes]) -> str:
    """An array of ``bytea``."""
    said = ",".join([rf'"\\x{each.hex()}"' for each in values])
    return f"{{{said}}}"


def of_numbers(values: Iterable[int]) -> str:
    """An array of whole numbers."""
    return f"{{{','.join(map(str, values))}}}"
