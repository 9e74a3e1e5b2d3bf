"""An index that was made by the code of an earlier commit, with the tables and the rules of then.

`rules-2.json` holds every row of the tables of commit aadf52c (migration 0011, rules 2) after it had indexed
`made()`, folded and derived it, and erased a transaction: `row_to_json` of each, by table.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.management import call_command
from django.db import connection

from indexer.store import names
from tests.indexer.dapp.test_completion import called, result
from tests.indexer.made import MadeChain, add, delete, update

MIGRATION = "0011_configuration_in_force"
RULES = 2
FOLDED = 5  # height of the last block that it folded
ERASED = 1  # of the block whose transaction was erased
_FIXTURE = Path(__file__).with_name("rules-2.json")
_SEQUENCES = """
    SELECT pg_get_serial_sequence(quote_ident(table_name), column_name), table_name, column_name
    FROM information_schema.columns
    WHERE table_schema = 'public' AND table_name LIKE 'indexer\\_%%' AND is_identity = 'YES'
"""


def made() -> MadeChain:
    """The chain: of one prompt two different calls, a refusal, nothing, cut off, and two plain answers;
    then one that was erased, two refusals with different ids, edits of a call and a plain one, a deletion.
    """
    ann, bob = called('{"to": "ann"}'), called('{"to": "bob"}')
    chain = MadeChain()
    chain.block(
        add(result(ann, id="1"), uid=1),
        add(result(bob, id="2"), uid=2),
        add(result({"content": "", "refusal": "No."}, id="3"), uid=3),
        add(result({"content": ""}, reason="length", id="4"), uid=4),
        add(result({"content": "Four."}, id="5"), uid=5),
        add(result({"content": "Four."}, id="6"), uid=6),
    )
    chain.block(add(result({"content": None, "refusal": "Erased."}, id="7"), uid=7, seed=2))
    chain.block()
    chain.block(
        add(result({"content": None, "refusal": "No."}, id="8"), uid=8, seed=3),
        add(result({"content": None, "refusal": "No."}, id="9"), uid=9, seed=3),
    )
    chain.block(update(1, result(bob, id="10")), update(5, result({"content": "Four."}, id="11")))
    chain.block(delete(6))
    return chain


@contextmanager
def index() -> Iterator[None]:
    """The earlier tables with the index in them, until the block brings them up to date or ends."""
    call_command("migrate", "indexer", MIGRATION, verbosity=0)
    try:
        load()
        yield
    finally:
        upgrade()


def upgrade() -> None:
    """The tables brought up to date, as every command does it."""
    call_command("migrate", "indexer", verbosity=0)


def load() -> None:
    """Put the rows into the tables, which are empty."""
    for each in names.ALL:
        each.forget()
    with connection.cursor() as cursor:
        for table, rows in json.loads(_FIXTURE.read_text()).items():
            cursor.execute(
                f"INSERT INTO {table} OVERRIDING SYSTEM VALUE"
                f" SELECT * FROM json_populate_recordset(NULL::{table}, %s)",
                [json.dumps(rows)],
            )
        cursor.execute(_SEQUENCES)
        for sequence, table, column in cursor.fetchall():
            highest = f"(SELECT coalesce(max({column}), 0) + 1 FROM {table})"
            cursor.execute(f"SELECT setval(%s, {highest})", [sequence])
