"""Every root, link, count and digest derived again from what is stored, and compared with it.

Facts are checked block by block from their bytes; records by folding the facts again beside them, and what is
derived by deriving that again. What was erased is told as such: its hashes are all that can be checked.
"""

from collections.abc import Iterator

from indexer.audit.fsck import blocks, configurations, contents, coverage, names, records
from indexer.audit.fsck.finding import Finding
from indexer.models import Chain, Transaction

__all__ = ["Finding", "check", "erased"]


def check(chain: Chain) -> Iterator[Finding]:
    """Every finding, facts first. Folds the chain again beside the present generation.

    Where a name cannot be read, nothing is checked that refers to it: mend that first.
    """
    yield from configurations.check(chain)
    yield from names.check()
    unreadable = list(names.unreadable())
    yield from unreadable
    yield from coverage.check(chain)
    yield from contents.check(chain)
    if not unreadable:
        yield from blocks.check(chain)
        yield from records.check(chain)


def erased(chain: Chain) -> int:
    """How many transactions have hashes only."""
    return Transaction.objects.filter(chain=chain, offset=None).count()
