"""Erasing while others write: whoever comes second waits, and nothing is left."""

from concurrent.futures import Future
from typing import Any

import pytest
from django.db import connection, transaction

from indexer.follow import sync
from indexer.records.erase import drop_unsaid
from indexer.store import write as writing
from indexer.store.write import SuppressionChanged, write_window
from tests.indexer.made import MadeChain, add, completion
from tests.indexer.records.erasing import (
    CONTENT,
    SECRET,
    TRANSACTION,
    answer_key,
    erase,
    findings,
    indexed,
    is_anywhere,
    results,
    secretive,
)
from tests.indexer.threads import LONGEST, begun, holding, wait_until_blocked
from tests.indexer.writing import row_of, window, write


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", ["content", "transaction"])
@pytest.mark.parametrize("step", ["_text_row", "intern", "_copy_blocks", "_copy_operations"])
def test_erasing_waits_for_whoever_is_writing_text_and_then_erases_that_too(
    way: str, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = secretive()
    chain = row_of(made)
    key = answer_key(SECRET) if way == "content" else made.blocks[0].transactions[1].rid
    facts = window(chain, made.blocks[:1])
    write = getattr(writing, step)
    running: list[Future[int]] = []

    def meanwhile(*given: Any) -> Any:
        if not running:
            running.append(begun(lambda: erase(CONTENT if way == "content" else TRANSACTION, key)))
            wait_until_blocked(running[0])
        return write(*given)

    monkeypatch.setattr(writing, step, meanwhile)
    write_window(facts)
    assert running[0].result(LONGEST) == 1
    assert is_anywhere(SECRET) == []
    sync.fold_all(chain)
    assert findings(chain) == []


@pytest.mark.django_db(transaction=True)
def test_a_writer_waits_for_whoever_is_erasing_and_then_starts_over() -> None:
    made = secretive()
    chain = row_of(made)
    late = window(chain, made.blocks[:1])
    with holding(lambda: erase(CONTENT, answer_key(SECRET))):
        running = begun(lambda: write_window(late))
        wait_until_blocked(running)
    with pytest.raises(SuppressionChanged):
        running.result(LONGEST)
    assert is_anywhere(SECRET) == []


@pytest.mark.django_db
def test_what_a_killed_writer_left_behind_goes_when_its_transaction_is_erased() -> None:
    """Content is committed before facts: whoever dies between leaves a text that no operation says."""
    made = secretive()
    chain = row_of(made)
    facts = window(chain, made.blocks[:1])
    with transaction.atomic(), connection.cursor() as cursor:
        writing.write_texts(cursor, "indexer_answer", facts.texts.answers, facts.erased)
    erase(TRANSACTION, made.blocks[0].transactions[1].rid)
    write(chain, made.blocks[:1])
    sync.fold_all(chain)
    assert findings(chain) == []
    drop_unsaid()
    assert is_anywhere(SECRET) == []


@pytest.mark.django_db
def test_two_chains_that_say_the_same_lose_it_both() -> None:
    one, other = secretive(), MadeChain(more={"other": 1})
    other.block(add(completion(SECRET)))
    chains = [indexed(one), indexed(other)]
    assert erase(CONTENT, answer_key(SECRET)) == 3
    assert [findings(each) for each in chains] == [[], []]
    assert results(chains[1], 0)[1] == (None, None)
