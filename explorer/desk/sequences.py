"""Numbers without gaps, in the order in which they are given out.

A database's own sequence leaves gaps where a transaction is undone, and advisory locks are not for the web's
role: so the row of the last number is locked until the transaction ends.
"""

from explorer.desk.models import Sequence


def locked(name: str) -> Sequence:
    """The row of a sequence, which nobody else has until the transaction over the desk ends."""
    row, _ = Sequence.objects.select_for_update().get_or_create(name=name)
    return row


def next_number(row: Sequence) -> int:
    """The next number, from 1 on; `row` is `locked`."""
    row.last += 1
    row.save(update_fields=["last"])
    return row.last
