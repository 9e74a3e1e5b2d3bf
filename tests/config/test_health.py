"""Whether the process lives, and whether it can serve."""

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils.timezone import now

from indexer.models import Chain, Incident, Node


def test_a_living_process_says_ok_without_a_database() -> None:
    answer = Client().get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")


@pytest.mark.django_db(databases=["default", "desk"])
def test_with_its_tables_it_is_ready() -> None:
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"ready": True, "reasons": []})
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.django_db(databases=["default", "desk"])
def test_it_is_not_ready_before_all_migrations_and_names_them() -> None:
    MigrationRecorder(connection).record_unapplied("indexer", "0002_storage")
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["reasons"] == ["migrations: not applied yet: indexer.0002_storage"]


@pytest.mark.django_db(databases=["default", "desk"])
def test_failing_nodes_and_incidents_leave_it_ready() -> None:
    chain = Chain.objects.create(brid=b"x" * 32)
    Node.objects.create(chain=chain, url="http://node.example", failed_at=now(), failure="it is away")
    Incident.objects.create(chain=chain, kind="halt", height=7, message="it contradicts itself")
    assert Client().get("/readyz").status_code == 200
