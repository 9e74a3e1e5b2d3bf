"""What windows say is in, and what is."""

from collections.abc import Iterator, Sequence

from django.db import connection

from indexer.audit.fsck.finding import Finding
from indexer.models import Chain
from indexer.store import coverage
from indexer.store.coverage import HeightRange

_PRESENT = """
    SELECT min(height), max(height) FROM (
        SELECT height, height - row_number() OVER (ORDER BY height) AS run
        FROM indexer_block WHERE chain_id = %s
    ) AS runs GROUP BY run ORDER BY 1
"""
_OF_A_BLOCK = {
    "blockbody": "height",
    "uncheckedwitness": "height",
    "transaction": "height",
    "operation": "position >> 20",
}
_STRAY = """
    SELECT DISTINCT {height} FROM indexer_{table} t WHERE t.chain_id = %s AND NOT EXISTS (
        SELECT FROM indexer_block b WHERE b.chain_id = t.chain_id AND b.height = t.{height}) ORDER BY 1
"""
_COUNTS = """
    SELECT coalesce(sum(transactions), 0)::bigint, coalesce(sum(operations), 0)::bigint,
           (SELECT count(*) FROM indexer_transaction WHERE chain_id = %(chain)s),
           (SELECT count(*) FROM indexer_operation WHERE chain_id = %(chain)s)
    FROM indexer_window WHERE chain_id = %(chain)s
"""


def check(chain: Chain) -> Iterator[Finding]:
    """Blocks that are missing, rows of blocks that are not there, windows that do not say what is in."""
    covered, present = coverage.covered(chain.id), _present(chain)
    for span in without(covered, present):
        yield Finding(_blocks(span), "missing, and a window says that it is in")
    for span in without(present, covered):
        heights = f"heights {span.first} to {span.last}"
        yield Finding("windows", f"{heights} are in, and no window covers them")
    yield from _stray(chain)
    yield from _counts(chain)


def without(spans: Sequence[HeightRange], others: Sequence[HeightRange]) -> list[HeightRange]:
    """What is left of spans without the heights of others; both lowest first and apart from each other."""
    left = []
    for span in spans:
        first = span.first
        for other in others:
            if other.last < first or other.first > span.last:
                continue
            if other.first > first:
                left.append(HeightRange(first, other.first - 1))
            first = other.last + 1
        if first <= span.last:
            left.append(HeightRange(first, span.last))
    return left


def _present(chain: Chain) -> list[HeightRange]:
    with connection.cursor() as cursor:
        cursor.execute(_PRESENT, [chain.id])
        return [HeightRange(first, last) for first, last in cursor.fetchall()]


def _blocks(span: HeightRange) -> str:
    return f"block {span.first}" if len(span) == 1 else f"blocks {span.first} to {span.last}"


def _stray(chain: Chain) -> Iterator[Finding]:
    for table, height in _OF_A_BLOCK.items():
        with connection.cursor() as cursor:
            cursor.execute(_STRAY.format(table=table, height=height), [chain.id])
            for (at,) in cursor.fetchall():
                yield Finding(f"block {at}", f"missing, and table {table} has rows of it")


def _counts(chain: Chain) -> Iterator[Finding]:
    """What windows counted as they wrote it, against what is there."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, {"chain": chain.id})
        transactions, operations, stored_transactions, stored_operations = cursor.fetchone()
    if transactions != stored_transactions:
        yield Finding("windows", f"they count {transactions} transactions, {stored_transactions} are stored")
    if operations != stored_operations:
        yield Finding("windows", f"they count {operations} operations, {stored_operations} are stored")
