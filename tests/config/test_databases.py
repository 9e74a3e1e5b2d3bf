"""Which table lies where, and all that each role of the web server may do to any of them."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from psycopg.conninfo import conninfo_to_dict

from config import databases
from local.servers import desk, readers, roles
from local.supervision.command import opened

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "desk"])
Rights = dict[str, dict[str, set[str]]]
OURS = ("accounts", "challenges", "desk")
PUBLIC_VIEWS = ("challenge", "challenge_event", "challenge_file", "challenge_history")


def rights_of(role: str) -> Rights:
    """By schema and table: what the role may do to it."""
    found: Rights = defaultdict(dict)
    for each in roles.held(opened(connection), role=role):
        found[each.schema].setdefault(each.table, set()).add(each.privilege)
    return dict(found)


def tables_of(alias: str) -> set[str]:
    """Tables and views that an alias sees."""
    return set(connections[alias].introspection.table_names(include_views=True))


def as_role(role: str) -> psycopg.Connection[Any]:
    address: dict[str, Any] = {**conninfo_to_dict(opened(connection).info.dsn), "user": role}
    return psycopg.connect(**address, autocommit=True)


@pytest.fixture(autouse=True)
def granted() -> None:
    connection.close()  # a session that an earlier test began may have tables of its own
    readers.grant(opened(connection))
    desk.grant(opened(connection), settings.DESK_RIGHTS)


@pytest.fixture
def public_view() -> Iterator[str]:
    """Something that the desk shows to everybody, as a migration would make it."""
    owner = opened(connection)
    owner.execute("CREATE VIEW desk_public.busy AS SELECT count(*) AS reports FROM desk.challenges_report")
    yield "desk_public.busy"
    owner.execute("DROP VIEW desk_public.busy")


def test_the_reader_reads_every_table_of_the_index_and_no_other() -> None:
    assert rights_of(readers.ROLE) == {
        "public": {table: {"SELECT"} for table in tables_of("default")},
        "desk_public": {view: {"SELECT"} for view in PUBLIC_VIEWS},
    }


def test_the_desk_s_writer_may_do_this_and_nothing_else() -> None:
    assert rights_of(desk.ROLE) == {
        "desk": {
            "accounts_account": {
                "INSERT",
                "SELECT",
                "UPDATE (deleted_at, email, handle, password, wants_mail)",
            },
            "accounts_apikey": {"INSERT", "SELECT", "UPDATE (revoked_at)"},
            "accounts_appointment": {"SELECT"},
            "accounts_notice": {"DELETE", "INSERT", "SELECT"},
            "accounts_respondent": {"SELECT"},
            "accounts_session": {"DELETE", "INSERT", "SELECT", "UPDATE"},
            "accounts_signin": {"INSERT", "SELECT", "UPDATE (attempts, used_at)"},
            "challenges_challenge": {"INSERT", "SELECT", "UPDATE"},
            "challenges_draft": {"DELETE", "INSERT", "SELECT", "UPDATE"},
            "challenges_event": {"INSERT", "SELECT"},
            "challenges_evidencefile": {
                "DELETE",
                "INSERT",
                "SELECT",
                "UPDATE (added_at, challenge_id, draft_id, event_id, number, person_id)",
            },
            "challenges_own_words": {"SELECT"},
            "challenges_party": {"INSERT", "SELECT", "UPDATE"},
            "challenges_payload": {"INSERT"},
            "challenges_sentonce": {"DELETE", "INSERT", "SELECT", "UPDATE (answer)"},
            "challenges_keptwords": {"DELETE", "INSERT", "SELECT", "UPDATE (person_id)"},
            "desk_outboxentry": {"INSERT"},
            "desk_quota": {"INSERT", "SELECT", "UPDATE"},
            "challenges_report": {"INSERT", "SELECT (id, number)"},
            "desk_sequence": {"INSERT", "SELECT", "UPDATE"},
            "django_migrations": {"SELECT"},
            "mfa_authenticator": {"DELETE", "INSERT", "SELECT", "UPDATE (data, last_used_at)"},
        }
    }


def test_each_table_lies_in_its_schema_and_in_no_other() -> None:
    for alias, apps_of_it in (
        ("default", {"indexer"}),
        ("desk", {"account", "accounts", "auth", "challenges", "contenttypes", "desk", "mfa"}),
    ):
        models = [model for model in apps.get_models() if databases.alias_of(model._meta.app_label) == alias]
        assert {model._meta.app_label for model in models} == apps_of_it
        assert {model._meta.db_table for model in models} <= tables_of(alias)
        other = tables_of("desk" if alias == "default" else "default")
        assert not {model._meta.db_table for model in models} & other


def test_both_aliases_are_of_one_database_and_up_to_date() -> None:
    seen = set()
    for alias in connections:
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT current_database(), current_schema()")
            seen.add(cursor.fetchone())
        executor = MigrationExecutor(connections[alias])
        assert executor.migration_plan(executor.loader.graph.leaf_nodes()) == []
    assert seen == {(connection.settings_dict["NAME"], schema) for schema in ("public", "desk")}


def test_only_the_migration_that_makes_the_schemas_is_meant_for_the_other_alias() -> None:
    """All others are noted as done there, and not gone through."""
    meant = {
        (app, name)
        for (app, name), migration in MigrationLoader(None).disk_migrations.items()
        for each in migration.operations
        if getattr(each, "hints", {}).get("alias", databases.alias_of(app)) != databases.alias_of(app)
    }
    assert meant == {("challenges", "0001_schemas")}


def test_the_desk_s_migrations_can_be_undone_and_done_again() -> None:
    tables = {model._meta.db_table for label in OURS for model in apps.get_app_config(label).get_models()}
    introspection = connections["desk"].introspection
    try:
        for label in ("accounts", "challenges"):
            call_command("migrate", label, "zero", database="desk", verbosity=0)
        assert tables.isdisjoint(introspection.table_names())
    finally:
        call_command("migrate", database="desk", verbosity=0)
    assert tables <= set(introspection.table_names())


def test_the_reader_reads_what_the_desk_makes_public_and_nothing_behind_it(public_view: str) -> None:
    readers.grant(opened(connection))
    with as_role(readers.ROLE) as reading:
        assert reading.execute("SELECT reports FROM desk_public.busy").fetchone() == (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            reading.execute("SELECT count(*) FROM desk.challenges_report")
    assert rights_of(readers.ROLE)["desk_public"] == {view: {"SELECT"} for view in ("busy", *PUBLIC_VIEWS)}
    assert "desk_public" not in rights_of(desk.ROLE)


def test_a_public_view_is_read_as_soon_as_it_is_made(public_view: str) -> None:
    assert readers.can_read(opened(connection))


@pytest.mark.parametrize("schema", ["public", "desk"])
def test_a_table_that_comes_later_is_nothing_to_the_desk_s_writer(schema: str) -> None:
    owner = opened(connection)
    owner.execute(f"CREATE TABLE {schema}.later (n integer)")
    try:
        assert desk.has_its_rights(owner, settings.DESK_RIGHTS)
        assert ("later" in rights_of(readers.ROLE).get(schema, {})) is (schema == "public")
    finally:
        owner.execute(f"DROP TABLE {schema}.later")


def test_no_relation_leads_from_one_schema_to_the_other() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text FROM pg_constraint k"
            " JOIN pg_class a ON a.oid = k.conrelid JOIN pg_class b ON b.oid = k.confrelid"
            " WHERE contype = 'f' AND a.relnamespace <> b.relnamespace"
        )
        assert cursor.fetchall() == []


def test_every_table_of_the_desk_says_who_may_do_what_and_what_erases_it() -> None:
    for label in OURS:
        module = apps.get_app_config(label).models_module
        assert module is not None
        assert "generation" in str(module.__doc__)
        assert "fsck" in str(module.__doc__)
    for model in (m for label in OURS for m in apps.get_app_config(label).get_models()):
        said = str(model.__doc__)
        assert "The web" in said, model
        assert "erase" in said or "expire" in said, model


def test_an_installation_from_before_there_were_accounts_is_brought_up_to_date() -> None:
    """It has the tables of Django's own users and sessions, and those of the desk under their old names."""
    owner = opened(connection)
    old = ("auth_user", "auth_user_groups", "auth_user_user_permissions", "django_session")
    for label, name in (("accounts", "zero"), ("challenges", "0003")):
        call_command("migrate", label, name, database="desk", verbosity=0)
    for table in old:
        owner.execute(f"CREATE TABLE desk.{table} (id integer PRIMARY KEY)")
    owner.execute("ALTER TABLE desk.auth_user_groups ADD user_id integer REFERENCES desk.auth_user")
    owner.execute("INSERT INTO desk.challenges_sequence (name, last) VALUES ('report', 7)")
    call_command("migrate", database="desk", verbosity=0)
    assert not set(old) & tables_of("desk")
    assert {model._meta.db_table for model in apps.get_app_config("accounts").get_models()} <= tables_of(
        "desk"
    )
    assert owner.execute("DELETE FROM desk.desk_sequence RETURNING last").fetchall() == [(7,)]
