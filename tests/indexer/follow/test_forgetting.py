"""Forgetting a chain: all of it goes, nothing of another one, and it can be begun anew."""

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone

from indexer import derive
from indexer.follow import forgetting, sync
from indexer.models import Answer, Chain, Node, Prompt, Reconciliation, Suppression
from indexer.records import erase
from indexer.store import locks
from tests.indexer.made import MadeChain, add, completion
from tests.indexer.threads import holding
from tests.indexer.writing import row_of, write

ANSWER = "said on the second chain alone"


def indexed(made: MadeChain) -> Chain:
    row = row_of(made)
    write(row, made.blocks)
    sync.fold_all(row)
    derive.catch_up(row)
    node = Node.objects.create(chain=row, url="http://127.0.0.1:9")
    Reconciliation.objects.create(node=node, height=1, at=timezone.now(), asked=1, differing=0, detail="")
    return row


def two_chains() -> tuple[Chain, Chain]:
    first, second = MadeChain(), MadeChain(more={"another": 1})
    for made in (first, second):
        made.block(add())
        made.block()
    second.block(add(completion(ANSWER)))
    return indexed(first), indexed(second)


def rows_of(chain_id: int) -> dict[str, int]:
    """How many rows each table has of a chain."""
    found = {}
    for model in apps.get_app_config("indexer").get_models():
        if any(field.name == "chain" for field in model._meta.concrete_fields):
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT count(*) FROM {model._meta.db_table} WHERE chain_id = %s", [chain_id])
                found[model._meta.db_table] = cursor.fetchone()[0]
    return found


@pytest.mark.django_db
def test_a_chain_that_is_forgotten_leaves_no_row_and_the_other_one_all_of_its() -> None:
    first, second = two_chains()
    before = rows_of(first.id)
    assert sum(rows_of(second.id).values()) > 0
    forgetting.forget(second)
    assert set(rows_of(second.id).values()) == {0}
    assert rows_of(first.id) == before
    assert list(Chain.objects.values_list("id", flat=True)) == [first.id]
    assert Reconciliation.objects.count() == 1


@pytest.mark.django_db
def test_texts_that_another_chain_says_stay_and_the_others_go() -> None:
    _, second = two_chains()
    assert Answer.objects.filter(text__contains=ANSWER).exists()
    forgetting.forget(second)
    assert not Answer.objects.filter(text__contains=ANSWER).exists()
    assert (Prompt.objects.count(), Answer.objects.count()) == (1, 1)


@pytest.mark.django_db
def test_what_was_hidden_or_erased_stays_so_when_the_chain_comes_again() -> None:
    made = MadeChain()
    made.block(add(completion(ANSWER)))
    row = indexed(made)
    key = bytes(Answer.objects.get().hash)
    erase.suppress(
        Suppression.Subject.CONTENT, key, mode=Suppression.Mode.ERASE, reason="asked for", by="operator"
    )
    forgetting.forget(row)
    assert Suppression.objects.count() == 1
    indexed(made)
    assert Answer.objects.get().text is None


@pytest.mark.django_db(transaction=True)
def test_a_chain_that_is_followed_all_the_time_is_not_forgotten_but_asked_about_no_more() -> None:
    first, _ = two_chains()
    slept: list[float] = []

    def follow() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(7404, %s)", [first.id])

    with holding(follow), pytest.raises(forgetting.AtWork, match="try once more"):
        forgetting.forget(first, sleep=slept.append)
    assert slept
    assert not Node.objects.filter(chain=first).exists()
    assert sum(rows_of(first.id).values()) > 0
    forgetting.forget(first, sleep=slept.append)
    assert not Chain.objects.filter(id=first.id).exists()


@pytest.mark.django_db(transaction=True)
def test_a_chain_that_is_rebuilt_just_now_is_not_forgotten() -> None:
    first, _ = two_chains()

    def build() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(7403, %s)", [first.id])

    with holding(build), pytest.raises(forgetting.AtWork):
        forgetting.forget(first)
    with connection.cursor() as cursor:
        assert locks.hold_build(cursor, first.id)
        locks.release_build(cursor, first.id)
