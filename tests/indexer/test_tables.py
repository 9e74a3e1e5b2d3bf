"""The tables themselves: migrations, keys that can be partitioned, and how little an empty block takes."""

from collections.abc import Callable
from io import StringIO

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection, models
from django.db.migrations.executor import MigrationExecutor

from indexer.models import (
    Answer,
    Block,
    BlockBody,
    BlockDigest,
    Chain,
    Checkpoint,
    Group,
    GroupAnswer,
    Operation,
    Owner,
    Prompt,
    Record,
    Revision,
    Transaction,
    UncheckedWitness,
    Window,
)
from tests.indexer import kept

Stored = Callable[[str], Chain]
LARGE: list[type[models.Model]] = [
    Block,
    BlockBody,
    UncheckedWitness,
    Transaction,
    Operation,
    Record,
    Revision,
    BlockDigest,
    Owner,
    Checkpoint,
    Group,
    GroupAnswer,
    Window,
]
LINE_POINTER = 4  # bytes that a row takes in its page beside itself


@pytest.mark.django_db(databases=["default", "desk"])
def test_the_migrations_say_what_the_models_say() -> None:
    call_command("makemigrations", "--check", "--dry-run", stdout=StringIO())


@pytest.mark.django_db(transaction=True)
def test_the_migrations_can_be_undone_and_done_again() -> None:
    tables = set(kept.tables())
    try:
        call_command("migrate", "indexer", "zero", verbosity=0)
        assert tables.isdisjoint(connection.introspection.table_names())
    finally:
        call_command("migrate", "indexer", verbosity=0)
    assert tables <= set(connection.introspection.table_names())
    executor = MigrationExecutor(connection)
    assert executor.migration_plan(executor.loader.graph.leaf_nodes()) == []
    assert statistics("indexer_prompt")["text"] == 0


@pytest.mark.django_db
@pytest.mark.parametrize("model", LARGE, ids=lambda model: model.__name__)
def test_every_unique_key_of_a_large_table_begins_with_the_chain(model: type[models.Model]) -> None:
    """A partitioned table's unique keys must hold the columns that it is partitioned by."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT i.relname, array_agg(a.attname ORDER BY k.n) FROM pg_index x"
            " JOIN pg_class i ON i.oid = x.indexrelid, unnest(x.indkey) WITH ORDINALITY AS k (number, n)"
            " JOIN pg_attribute a ON a.attnum = k.number"
            " WHERE x.indrelid = %s::regclass AND a.attrelid = x.indrelid AND x.indisunique GROUP BY 1",
            [model._meta.db_table],
        )
        keys = dict(cursor.fetchall())
    assert keys
    for name, columns in keys.items():
        assert columns[0] == "chain_id", name


@pytest.mark.django_db
def test_no_table_refers_to_a_large_one_by_foreign_key() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text, confrelid::regclass::text"
            " FROM pg_constraint WHERE contype = 'f'"
        )
        references = cursor.fetchall()
    large = {model._meta.db_table for model in LARGE}
    assert [(table, to) for table, to in references if to in large] == []


@pytest.mark.django_db
def test_no_key_is_made_of_text() -> None:
    """A name may be 12 kB long, which no B-tree takes."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT x.indrelid::regclass::text, a.attname FROM pg_index x JOIN pg_attribute a"
            " ON a.attrelid = x.indrelid AND a.attnum = ANY(x.indkey)"
            " WHERE a.atttypid = 'text'::regtype AND x.indrelid::regclass::text LIKE 'indexer_%%'"
        )
        found = {tuple(row) for row in cursor.fetchall()}
    ours = {
        ("indexer_count", "of"),
        ("indexer_derivationcheckpoint", "name"),
        ("indexer_incident", "kind"),
        ("indexer_incident", "subject"),
        ("indexer_node", "url"),
        ("indexer_suppression", "subject"),
        ("indexer_withdrawal", "subject"),
    }
    assert found <= ours


def statistics(table: str) -> dict[str, int | None]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attname, attstattarget FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0",
            [table],
        )
        return dict(cursor.fetchall())


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("model", "columns"), [(Prompt, ("text", "raw")), (Answer, ("text", "raw")), (BlockBody, ("body",))]
)
def test_no_statistics_are_taken_of_columns_that_hold_text(
    model: type[models.Model], columns: tuple[str, ...]
) -> None:
    found = statistics(model._meta.db_table)
    assert {column: found[column] for column in columns} == dict.fromkeys(columns, 0)


@pytest.mark.django_db(transaction=True)
def test_analyse_keeps_no_text(stored: Stored) -> None:
    stored(kept.VARIED)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        cursor.execute(
            "SELECT tablename, attname FROM pg_stats"
            " WHERE schemaname = 'public' AND attname IN ('text', 'raw', 'body')"
            " AND tablename IN ('indexer_prompt', 'indexer_answer', 'indexer_blockbody')"
        )
        assert cursor.fetchall() == []


@pytest.mark.django_db
def test_an_empty_block_takes_less_than_100_bytes(stored: Stored) -> None:
    chain = stored("one-validator")
    empty = Block.objects.filter(chain=chain, transactions=0)
    assert empty.count() > 150
    assert not BlockBody.objects.filter(chain=chain, height__in=empty.values("height")).exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(pg_column_size(b)) FROM indexer_block b WHERE transactions = 0")
        (size,) = cursor.fetchone()
    assert size + LINE_POINTER < 100


@pytest.mark.django_db
def test_bodies_are_stored_as_they_are_since_they_are_compressed_already() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attstorage FROM pg_attribute"
            " WHERE attrelid = 'indexer_blockbody'::regclass AND attname = 'body'"
        )
        assert cursor.fetchone()[0] == "e"


@pytest.mark.django_db
def test_batch_deletions_and_rids_are_found_by_an_index(stored: Stored) -> None:
    stored("one-validator")
    queries = {
        "record_live": "SELECT 1 FROM indexer_record WHERE chain_id = 1 AND generation = 1 AND status <> 3"
        " AND created_at > 1 AND created_at < 9 ORDER BY created_at DESC, prompt_id LIMIT 100",
        "transaction_rid": "SELECT 1 FROM indexer_transaction WHERE substr(rid, 1, 6) = '\\x000000000000'",
        "record_prompt": "SELECT 1 FROM indexer_record WHERE substr(prompt, 1, 6) = '\\x000000000000'"
        " AND seed = 1 ORDER BY position LIMIT 60",
        "record_changed": "SELECT 1 FROM indexer_record WHERE chain_id = 1 AND generation = 1 AND status = 3"
        " AND position < 9 ORDER BY position DESC LIMIT 50",
        "operation_answer": "SELECT 1 FROM indexer_operation WHERE substr(answer, 1, 6) = '\\x000000000000'",
        "operation_prompt": "SELECT 1 FROM indexer_operation WHERE substr(prompt, 1, 6) = '\\x000000000000'",
        "operation_result_normal": "SELECT 1 FROM indexer_operation"
        " WHERE substr(result_normal, 1, 6) = '\\x000000000000'",
        "operation_messages": "SELECT 1 FROM indexer_operation"
        " WHERE substr(messages, 1, 6) = '\\x000000000000'",
        "operation_result": "SELECT 1 FROM indexer_operation WHERE substr(result, 1, 6) = '\\x000000000000'",
        "transaction_hash": "SELECT 1 FROM indexer_transaction WHERE substr(hash, 1, 6) = '\\x000000000000'",
        "block_digest": "SELECT 1 FROM indexer_blockdigest WHERE substr(digest, 1, 6) = '\\x000000000000'",
        "transaction_erased": 'SELECT 1 FROM indexer_transaction WHERE chain_id = 1 AND "offset" IS NULL',
        "block_rid": "SELECT 1 FROM indexer_block WHERE substr(rid, 1, 6) = '\\x000000000000'",
        "operation_not_understood": "SELECT 1 FROM indexer_operation WHERE chain_id = 1 AND reading > 0"
        " ORDER BY position",
    }
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute("SET LOCAL enable_sort = off")  # an index gives the order too
        for index, query in queries.items():
            cursor.execute(f"EXPLAIN {query}")
            plan = "\n".join(row[0] for row in cursor.fetchall())
            assert index in plan, plan
            assert "Sort" not in plan, plan


def test_every_table_is_named_in_the_package() -> None:
    import indexer.models as package

    names = {model.__name__ for model in apps.get_app_config("indexer").get_models()}
    assert names <= set(package.__all__)
