"""What can be changed in the tables of the varied chain (`tests.indexer.kept`) once all is derived, and what
a check says.
"""

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from tests.indexer.audit.tampering import facts, folded, rows
from tests.indexer.audit.tampering.case import ZEROS, Case, changed

__all__ = ["CASES", "ROUNDS", "ZEROS", "Case"]

CASES = [
    *(
        changed(*at, *each)
        for changes in (facts.CHANGES, folded.CHANGES)
        for at, several in changes.items()
        for each in several
    ),
    *rows.OTHERS,
]


def _rounds() -> Iterator[Sequence[Case]]:
    apart = [
        [changed(*at, *each) for each in several]
        for at, several in folded.CHANGES.items()
        if at[0] in folded.APART and at not in folded.NOT_APART
    ]
    for one in zip_longest(*apart):
        yield [each for each in one if each is not None]


ROUNDS = list(_rounds())
"""Cases that may be checked at once: each changes rows from which nothing follows that is told of another."""
