"""What fsck says, and changes for it to find."""

from collections.abc import Iterator

from django.db import connection

from indexer.audit import fsck
from indexer.models import Chain
from indexer.store import names


def findings(chain: Chain) -> list[str]:
    """All that fsck says of a chain."""
    return list(found_in(chain))


def found_in(chain: Chain) -> Iterator[str]:
    """The same as it is found."""
    return map(str, fsck.check(Chain.objects.get(id=chain.id)))


def tamper(*statements: str) -> None:
    """Change something behind everybody's back; each statement must change a row."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for statement in statements:
            cursor.execute(statement)
            assert cursor.rowcount > 0, statement
    for each in names.ALL:
        each.forget()
