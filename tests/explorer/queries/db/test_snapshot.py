"""What is asked in one snapshot is of one state, whatever is written meanwhile."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import DatabaseError, connection, connections, transaction
from django.test import Client

from explorer.queries.chain.chains import ChainView
from explorer.queries.db.errors import NotHere
from explorer.queries.db.snapshot import snapshot
from indexer.models import Chain
from local.servers import readers
from tests.explorer import shown
from tests.indexer.made import MadeChain, add

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def made() -> Iterator[MadeChain]:
    """A chain of three records, whose next block is not indexed yet."""
    found = MadeChain()
    found.block(add(), add(), add())
    yield found
    shown.forget()


@pytest.fixture
def chain(made: MadeChain) -> Iterator[ChainView]:
    """That chain, asked about in a session such as the web's."""
    found = shown.index_made(made)
    made.block(add())
    with connection.cursor() as cursor:
        for setting in readers.SETTINGS.items():
            cursor.execute("SELECT set_config(%s, %s, false)", setting)
    yield found
    connection.close()


class FoldedMeanwhile:
    """Has the chain's next block folded after the first question of this connection, by another one."""

    def __init__(self, made: MadeChain) -> None:
        self._made = made
        self.is_done = False

    def __call__(self, execute: Any, sql: str, *rest: Any) -> Any:
        answer = execute(sql, *rest)
        if not self.is_done:
            self.is_done = True
            with ThreadPoolExecutor(1) as elsewhere:
                elsewhere.submit(self._fold).result()
        return answer

    def _fold(self) -> None:
        try:
            shown.index_made(self._made)
        finally:
            connections.close_all()


def ask(path: str, made: MadeChain) -> Any:
    """The answer during which the next block is folded."""
    meanwhile = FoldedMeanwhile(made)
    with connection.execute_wrapper(meanwhile):
        response = Client().get(path)
    assert meanwhile.is_done
    assert response.status_code == 200
    return response


@pytest.mark.parametrize("rest", ["records", "records?after=0", "blocks"])
def test_no_row_of_an_answer_is_above_the_height_that_dates_it(
    chain: ChainView, made: MadeChain, rest: str
) -> None:
    path = f"/api/v1/chains/{chain.rid}/{rest}"
    during, after = ask(path, made).json(), Client().get(path).json()
    assert (during["as_of"]["height"], after["as_of"]["height"]) == (0, 1)
    assert max(each["height"] for each in during["results"]) == 0
    assert max(each["height"] for each in after["results"]) == 1


def test_no_row_of_a_page_is_above_the_height_that_it_names(chain: ChainView, made: MadeChain) -> None:
    path = f"/chains/{chain.rid}/records"
    assert f"{path}/4" not in ask(path, made).content.decode()
    assert f"{path}/4" in Client().get(path).content.decode()


def test_nothing_is_begun_before_the_first_question(chain: ChainView) -> None:
    with snapshot():
        assert not connection.in_atomic_block
        assert Chain.objects.exists()
        assert connection.in_atomic_block
    assert not connection.in_atomic_block


def test_after_an_error_the_next_question_is_answered(chain: ChainView) -> None:
    with pytest.raises(DatabaseError), snapshot(), connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM nothing")
    assert not connection.in_atomic_block
    assert Client().get(f"/api/v1/chains/{chain.rid}/blocks").json()["results"][0]["height"] == 0


def test_within_a_transaction_it_is_that_one(chain: ChainView) -> None:
    with transaction.atomic():
        with pytest.raises(NotHere), snapshot():
            raise NotHere
        assert Chain.objects.exists()
