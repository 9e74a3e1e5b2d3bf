"""Incidents are told once for each subject and counted when they come again."""

import random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from indexer.models import Chain, Incident
from indexer.trust import incidents
from tests.indexer.threads import at_once


@pytest.fixture
def chain() -> Chain:
    return Chain.objects.create(brid=b"\xab" * 32)


@pytest.mark.django_db
def test_the_same_subject_is_counted_and_another_one_is_told(chain: Chain) -> None:
    for _ in range(3):
        incidents.record(chain.id, "gap", "first words", height=0, subject="a node")
    incidents.record(chain.id, "gap", "other words", height=0, subject="another node")
    incidents.record(chain.id, "gap", "other words", height=1, subject="a node")
    incidents.record(chain.id, "link", "other words", height=0, subject="a node")
    found = sorted((each.kind, each.height, each.subject, each.times) for each in Incident.objects.all())
    assert found == [
        ("gap", 0, "a node", 3),
        ("gap", 0, "another node", 1),
        ("gap", 1, "a node", 1),
        ("link", 0, "a node", 1),
    ]


@pytest.mark.django_db
def test_what_comes_over_and_over_is_one_incident_from_where_it_began(chain: Chain) -> None:
    def told(first: int, times: int) -> str:
        return f"{times} times since {first}"

    incidents.add(chain.id, "rule", "a key", first=7, times=3, message=told)
    incidents.add(chain.id, "rule", "another key", first=8, times=1, message=told)
    incidents.add(chain.id, "rule", "a key", first=9, times=2, message=told)
    found = sorted((each.height, each.subject, each.times, each.message) for each in Incident.objects.all())
    assert found == [(7, "a key", 5, "5 times since 7"), (8, "another key", 1, "1 times since 8")]


@pytest.mark.django_db
def test_an_incident_of_no_block_has_height_minus_1(chain: Chain) -> None:
    incidents.record(chain.id, "gap", "words")
    assert Incident.objects.get().height == -1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "text",
    [
        "\0",
        "with \0 in it" * 300,
        "x" * 100_000,
        "".join(random.Random(1).choices("abcdefgh\U0001f600é", k=5000)),
        "".join(map(chr, random.Random(2).choices(range(0x4E00, 0x9FFF), k=5000))),
        "",
    ],
)
def test_any_words_can_be_kept(chain: Chain, text: str) -> None:
    incidents.record(chain.id, "gap", text, subject=text)
    incidents.record(chain.id, "gap", text, subject=text)
    row = Incident.objects.get()
    assert row.times == 2
    assert len(row.message) < 5000
    assert "\0" not in row.message + row.subject


@pytest.mark.django_db(transaction=True)
def test_what_several_find_at_once_is_one_incident(chain: Chain) -> None:
    at_once([lambda: incidents.record(chain.id, "gap", "words", subject="a node")] * 6)
    assert Incident.objects.count() == 1


@pytest.mark.django_db
def test_it_is_the_database_that_counts_so_that_none_of_two_at_once_is_lost(chain: Chain) -> None:
    incidents.record(chain.id, "odd", "it is odd")
    with CaptureQueriesContext(connection) as asked:
        incidents.record(chain.id, "odd", "it is odd")
    (update,) = (each["sql"] for each in asked if each["sql"].startswith("UPDATE"))
    assert '"indexer_incident"."times" + 1' in update
    assert Incident.objects.get(chain=chain).times == 2
