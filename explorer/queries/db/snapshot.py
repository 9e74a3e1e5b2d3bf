"""One state of the tables for all that a reader asks at once."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from django.db import connection, transaction


@contextmanager
def snapshot() -> Iterator[None]:
    """Within it every question sees the tables as the first one did, so that nothing is newer than the height
    that was read with it. Where a transaction is open it is that one's.

    The first question begins it: who asks nothing needs no database. The web's role reads in REPEATABLE READ
    (``local.servers.readers.SETTINGS``); another sees what is committed meanwhile.
    """
    if connection.in_atomic_block:
        yield
        return
    with ExitStack() as begun:

        def begin(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
            if not connection.in_atomic_block:
                begun.enter_context(transaction.atomic())
            return execute(sql, params, many, context)

        with connection.execute_wrapper(begin):
            yield
