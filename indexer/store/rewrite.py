"""Facts of a window in the place of what is here: for blocks that were damaged and are fetched again."""

from collections.abc import Sequence

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from indexer.dapp.replay import position_of
from indexer.models.content import Text
from indexer.store import locks, suppression
from indexer.store.coverage import HeightRange, covered
from indexer.store.write import SuppressionChanged, WindowFacts, intern, write_facts, write_texts

_OF_SPAN = "chain_id = %(chain)s AND height BETWEEN %(first)s AND %(last)s"
_CLEARED = [
    *(
        f"DELETE FROM indexer_{table} WHERE {_OF_SPAN}"
        for table in ("block", "blockbody", "uncheckedwitness", "transaction")
    ),
    """
    DELETE FROM indexer_operation
    WHERE chain_id = %(chain)s AND position >= %(begin)s AND position < %(end)s
    """,
]
# Windows overlap, and each counts what it brought: what they hold together is counted anew, as one window.
_COUNTED = [
    "DELETE FROM indexer_window WHERE chain_id = %(chain)s AND first BETWEEN %(first)s AND %(last)s",
    f"""
    INSERT INTO indexer_window (chain_id, first, last, transactions, operations, finished_at)
    SELECT %(chain)s, %(first)s, %(last)s,
           (SELECT count(*) FROM indexer_transaction WHERE {_OF_SPAN}),
           (SELECT count(*) FROM indexer_operation
            WHERE chain_id = %(chain)s AND position >= %(begin)s AND position < %(end)s), now()
    """,
]


def rewrite_window(window: WindowFacts) -> None:
    """Write the facts of a window in the place of what is here of these heights, and its texts too.

    What was erased stays so. Raises ``SuppressionChanged`` where ``window.erased`` is out of date.
    """
    with connection.cursor() as cursor, locks.sharing_suppression(cursor):
        if suppression.erased(cursor) != window.erased:
            raise SuppressionChanged
        ids = intern(window.blocks)
        with transaction.atomic():
            for table, texts in (("prompt", window.texts.prompts), ("answer", window.texts.answers)):
                cursor.execute(
                    f"DELETE FROM indexer_{table} WHERE hash = ANY(%s) AND reason <> %s",
                    [list(texts), Text.Reason.ERASED],
                )
                write_texts(cursor, f"indexer_{table}", texts, window.erased)
            written = HeightRange(window.first, window.last)
            _execute(cursor, _CLEARED, window.chain_id, written)
            write_facts(window, ids)
            (whole,) = [each for each in covered(window.chain_id) if each.first <= written.first <= each.last]
            _execute(cursor, _COUNTED, window.chain_id, whole)


def _execute(cursor: CursorWrapper, statements: Sequence[str], chain_id: int, span: HeightRange) -> None:
    of = {
        "chain": chain_id,
        "first": span.first,
        "last": span.last,
        "begin": position_of(span.first, 0),
        "end": position_of(span.last + 1, 0),
    }
    for statement in statements:
        cursor.execute(statement, of)
