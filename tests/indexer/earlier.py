"""An index that was made by the code of an earlier commit, with the tables and the rules of then.

`rules-2.json` holds every row of the tables of commit aadf52c (migration 0011, rules 2) after it had indexed
`made()`, folded and derived it, and erased a transaction: `row_to_json` of each, by table.
"""

import json
from pathlib import Path

from django.db import connection

from indexer.store import names
from local.supervision.command import migrate
from tests.databases import by_single_steps
from tests.indexer.dapp.test_completion import called, result
from tests.indexer.made import MadeChain, add, delete, update

MIGRATION = "0011_configuration_in_force"
DESK = (("accounts", "0008_wants_mail"), ("challenges", "0010_times"))
"""What the desk has then: some of what each of its squashed migrations replaces."""
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


def make() -> None:
    """Make the index in the database that all connections are to, which is empty, and bring it up to date as
    every command does it.
    """
    by_single_steps("default", ("challenges", "0001_schemas"), ("indexer", MIGRATION))
    by_single_steps("desk", *DESK)
    load()
    _leave_an_index()
    migrate()


def _leave_an_index() -> None:
    """As a run leaves one that is killed while it builds it, which it does outside of a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE INDEX record_unchanged ON indexer_record (position)")
        cursor.execute(
            "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'record_unchanged'::regclass"
        )


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
