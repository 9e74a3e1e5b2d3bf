"""What can be changed in the tables of the varied chain (`tests.indexer.kept`) once all is derived, and what
a check says.
"""

from tests.indexer.audit.tampering import facts, folded, rows
from tests.indexer.audit.tampering.case import ZEROS, Case, changed

__all__ = ["CASES", "ZEROS", "Case"]

CASES = [
    *(
        changed(*at, *each)
        for changes in (facts.CHANGES, folded.CHANGES)
        for at, several in changes.items()
        for each in several
    ),
    *rows.OTHERS,
]
