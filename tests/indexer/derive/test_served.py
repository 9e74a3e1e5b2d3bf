"""How many records each model and provider has: the same as counting the records one by one."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from indexer import derive
from indexer.derive.served import DERIVATION
from indexer.follow import sync
from indexer.models import Chain, Record, Served, Suppression
from indexer.records import erase, generations
from tests.indexer import kept
from tests.indexer.derive.registering import in_steps_of
from tests.indexer.made import MadeChain, add, completion, delete, update
from tests.indexer.serving import CHAINS
from tests.indexer.writing import row_of, write

pytestmark = pytest.mark.django_db
Stored = Callable[[str], Chain]
Rows = dict[tuple[int, int], tuple[int, int, int]]


def served(chain: Chain) -> Rows:
    rows = Served.objects.filter(chain=chain, generation=chain.generation)
    return {(each.model_id, each.provider_id): (each.records, each.edited, each.deleted) for each in rows}


def counted(chain: Chain) -> Rows:
    """The same, of the records as they stand."""
    found: dict[tuple[int, int], Counter[int]] = {}
    records: Any = Record.objects.filter(chain=chain, generation=chain.generation)
    for each in records:
        found.setdefault((each.model_id, each.provider_id), Counter())[each.status] += 1
    return {
        names: (of.total(), of[Record.Status.EDITED], of[Record.Status.DELETED])
        for names, of in found.items()
    }


def names(chain: Chain) -> dict[tuple[str, str], tuple[int, int, int]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, text FROM indexer_name")
        text = dict(cursor.fetchall())
    return {(text[model], text[provider]): row for (model, provider), row in served(chain).items()}


@pytest.mark.parametrize("name", [*CHAINS, kept.VARIED])
def test_they_are_what_counting_the_records_gives(name: str, stored: Stored) -> None:
    chain = stored(name)
    derive.catch_up(chain)
    assert served(chain) == counted(chain) != {}


@pytest.mark.parametrize("batch", [1, 2, 1_000])
def test_an_edited_record_that_is_deleted_is_deleted_alone(
    batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_steps_of(batch, monkeypatch)
    made = MadeChain()
    made.block(*(add(model=each) for each in ("one", "one", "two", "two")))
    made.block(update(1, completion("b")), update(3, completion("b")))
    made.block(update(1, completion("c")), delete(3), delete(4), delete(4))
    chain = row_of(made)
    write(chain, made.blocks)
    sync.fold_all(chain)
    derive.catch_up(chain)
    assert served(chain) == counted(chain)
    assert sorted(served(chain).values()) == [(2, 0, 2), (2, 1, 0)]
    before = names(chain)
    generations.rebuild(chain)
    assert names(chain) == before


def test_they_stay_when_a_text_is_erased(stored: Stored) -> None:
    chain = stored(kept.VARIED)
    derive.catch_up(chain)
    before = served(chain)
    erase.suppress(
        Suppression.Subject.CONTENT,
        bytes(Record.objects.filter(chain=chain)[0].answer),
        mode=Suppression.Mode.ERASE,
        reason="wish",
        by="me",
    )
    derive.start_anew(DERIVATION, chain, chain.generation)
    derive.catch_up(chain)
    assert served(chain) == before
