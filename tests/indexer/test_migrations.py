"""Databases of earlier versions go through each migration, new ones through squashed ones: both end alike."""

from typing import Any, LiteralString

import psycopg
import pytest
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from config import databases
from local.supervision.command import opened
from tests.databases import connect
from tests.indexer import kept

pytestmark = pytest.mark.django_db(databases=["default", "desk"])

# A primary key or a reference is called after what its table was called first; nothing goes by that.
CATALOGUE: dict[str, LiteralString] = {
    "relations": """
        SELECT c.oid::regclass::text, c.relkind, c.reloptions, ARRAY(SELECT unnest(c.relacl)::text ORDER BY 1)
        FROM pg_class c WHERE c.relkind <> 'i' AND c.relnamespace = ANY(%(schemas)s::regnamespace[])
    """,
    "columns": """
        SELECT c.oid::regclass::text, a.attname, row_number() OVER (PARTITION BY c.oid ORDER BY a.attnum),
               format_type(a.atttypid, a.atttypmod), a.attcollation::regcollation::text, a.attnotnull,
               a.attidentity, a.attstorage, a.attstattarget, pg_get_expr(d.adbin, d.adrelid)
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
        WHERE c.relkind IN ('r', 'v') AND c.relnamespace = ANY(%(schemas)s::regnamespace[])
    """,
    "indexes": """
        SELECT pg_get_indexdef(x.indexrelid), x.indisvalid FROM pg_index x
        JOIN pg_class c ON c.oid = x.indexrelid
        WHERE NOT x.indisprimary AND c.relnamespace = ANY(%(schemas)s::regnamespace[])
    """,
    "constraints": """
        SELECT k.conrelid::regclass::text, pg_get_constraintdef(k.oid),
               CASE WHEN k.contype NOT IN ('p', 'f', 'n') THEN k.conname END
        FROM pg_constraint k WHERE k.connamespace = ANY(%(schemas)s::regnamespace[])
    """,
    "triggers": """
        SELECT pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
        WHERE NOT t.tgisinternal AND c.relnamespace = ANY(%(schemas)s::regnamespace[])
    """,
    "views": """
        SELECT c.oid::regclass::text, pg_get_viewdef(c.oid) FROM pg_class c
        WHERE c.relkind = 'v' AND c.relnamespace = ANY(%(schemas)s::regnamespace[])
    """,
    "functions": """
        SELECT pg_get_functiondef(p.oid) FROM pg_proc p
        WHERE p.pronamespace = ANY(%(schemas)s::regnamespace[])
    """,
    "statistics": """
        SELECT pg_get_statisticsobjdef(s.oid) FROM pg_statistic_ext s
        WHERE s.stxnamespace = ANY(%(schemas)s::regnamespace[])
    """,
}
SCHEMAS = ["public", "desk", "desk_public"]


def catalogue(database: psycopg.Connection[Any]) -> dict[str, set[str]]:
    """All that can be said of the tables, by what it is of: a line for each."""
    asked = {kind: database.execute(query, {"schemas": SCHEMAS}) for kind, query in CATALOGUE.items()}
    return {kind: {repr(row) for row in rows} for kind, rows in asked.items()}


def test_tables_of_an_earlier_version_become_those_of_a_new_one(kept_earlier: None) -> None:
    """The earlier one had an index, too, that a killed run left half made."""
    with connect(kept.BY_SINGLE_STEPS) as database:
        before = catalogue(database)
    made = catalogue(opened(connection))
    assert {kind for kind, lines in made.items() if not lines} == {"statistics"}
    for kind, lines in made.items():
        assert before[kind] ^ lines == set(), kind


@pytest.mark.parametrize(
    ("app", "newest"),
    [
        ("accounts", "0001_tables"),
        ("accounts", "0003_instead_of_users"),
        ("accounts", "0009_respondents"),
        ("challenges", "0005_challenges"),
        ("indexer", "0040_check_kin_value"),
        ("indexer", "0046_check_unsettled"),
    ],
)
def test_wherever_a_database_is_it_goes_on_with_the_next_one(app: str, newest: str) -> None:
    """Of the apps that what is missing needs nothing, all is there already."""
    alias = connections[databases.alias_of(app)]
    every = MigrationLoader(None, replace_migrations=False)
    replaced = sorted(key for each in every.replacements.values() for key in each.replaces if key[0] == app)
    rest = [key for key in replaced if key[1] > newest]
    missing = {key for each in rest for key in every.graph.backwards_plan(each)} | set(every.replacements)
    recorder = MigrationRecorder(alias)
    for missed in missing:
        recorder.record_unapplied(*missed)
    executor = MigrationExecutor(alias)
    executor.loader.check_consistent_history(alias)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    ours = [each.replaces or [(app, each.name)] for each, _ in plan if each.app_label == app]
    assert [key for keys in ours for key in keys][: len(rest)] == rest
