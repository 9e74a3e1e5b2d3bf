"""Erasing and hiding: texts and bytes go and do not come back, everything else stays as it was."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from indexer.audit import fsck
from indexer.dapp import rell_json
from indexer.follow import sync
from indexer.models import (
    Answer,
    BlockBody,
    Chain,
    Operation,
    Prompt,
    Suppression,
    Transaction,
)
from indexer.models.content import Text
from indexer.records import generations
from indexer.records.state import state_at
from indexer.store import names
from indexer.store.read import read_transactions
from tests.indexer import kept
from tests.indexer.made import MadeChain, add, completion
from tests.indexer.records.erasing import (
    CONTENT,
    ERASE,
    KEPT_ON_EMPTYING,
    NAMES,
    SECRET,
    TRANSACTION,
    Stored,
    answer_key,
    digest,
    erase,
    findings,
    hide,
    indexed,
    is_anywhere,
    key_of,
    results,
    secretive,
)
from tests.indexer.serving import pool_of, recorded
from tests.indexer.writing import contents, row_of, write

# By content


@pytest.mark.django_db
def test_an_erased_answer_is_nowhere_and_nothing_else_changes() -> None:
    made = secretive()
    chain = indexed(made)
    before, records = digest(chain), contents(without=set())["record"]
    assert is_anywhere(SECRET) == ["answer", "body 0", "body 1", "body 2", "prompt"]
    assert erase(CONTENT, answer_key(SECRET)) == 2
    assert is_anywhere(SECRET) == ["body 1", "prompt"]
    row = Answer.objects.get(hash=answer_key(SECRET))
    assert (row.text, row.raw, row.reason) == (None, None, Text.Reason.ERASED)
    assert digest(chain) == before
    assert contents(without=set())["record"] == records
    assert findings(chain) == []
    assert fsck.erased(chain) == 2


@pytest.mark.django_db
def test_neighbours_in_a_block_keep_their_bytes() -> None:
    made = secretive()
    chain = indexed(made)
    erase(CONTENT, answer_key(SECRET))
    data = [each.data for each in read_transactions(chain.id, height=0)]
    given = [each.data for each in made.blocks[0].transactions]
    assert data == [given[0], None, given[2]]


@pytest.mark.django_db
def test_an_erased_prompt_is_nowhere() -> None:
    chain = indexed(secretive())
    assert erase(CONTENT, key_of(f'["{SECRET}"]')) == 1
    assert is_anywhere(SECRET) == ["answer", "body 0", "body 2"]
    assert findings(chain) == []


@pytest.mark.django_db
def test_the_state_shows_null_for_what_was_erased_and_everything_else_as_before() -> None:
    chain = indexed(secretive())
    before = results(chain, 1)
    erase(CONTENT, answer_key(SECRET))
    after = results(chain, 1)
    assert after.keys() == before.keys()
    assert after[2][1] is None
    assert {each: after[each] for each in (1, 3, 4, 5)} == {each: before[each] for each in (1, 3, 4, 5)}
    assert results(chain, 2)[1][1] is None


@pytest.mark.django_db
def test_a_whole_block_can_be_erased() -> None:
    made = MadeChain()
    made.block(add(completion(SECRET)), add(completion(SECRET)))
    chain = indexed(made)
    assert erase(CONTENT, answer_key(SECRET)) == 2
    assert [each.data for each in read_transactions(chain.id, height=0)] == [None, None]
    assert BlockBody.objects.get().length == 0
    assert findings(chain) == []
    assert results(chain, 0) == {1: (None, None), 2: (None, None)}


@pytest.mark.django_db
def test_a_text_with_nul_and_one_that_is_no_json_can_be_erased() -> None:
    made = MadeChain()
    made.block(add(completion(f"{SECRET}\0")), add(SECRET, messages=SECRET))
    chain = indexed(made)
    for key in (answer_key(f"{SECRET}\0"), key_of(SECRET)):
        assert erase(CONTENT, key) == 1
    assert is_anywhere(SECRET) == []
    assert findings(chain) == []


@pytest.mark.django_db
def test_the_whole_result_can_be_erased_by_its_hash() -> None:
    """The hash of the normalised result stands in the operation, so somebody will name it."""
    made = MadeChain()
    made.block(add(completion("harmless", note=SECRET)))
    chain = indexed(made)
    key = key_of(rell_json.normalise(completion("harmless", note=SECRET)))
    assert erase(CONTENT, key) == 1
    assert is_anywhere(SECRET) == []
    assert findings(chain) == []
    again(chain, made)
    assert is_anywhere(SECRET) == []
    assert findings(chain) == []


@pytest.mark.django_db
def test_erasing_twice_and_erasing_what_is_not_here_is_no_trouble() -> None:
    chain = indexed(secretive())
    assert erase(CONTENT, answer_key(SECRET)) == 2
    assert erase(CONTENT, answer_key(SECRET)) == 2
    assert erase(CONTENT, key_of("never said")) == 0
    assert erase(TRANSACTION, key_of("no such transaction")) == 0
    assert findings(chain) == []


# What it costs those who wait


def erasing(of: Callable[[], object]) -> list[str]:
    """The statements that it takes."""
    with CaptureQueriesContext(connection) as asked:
        of()
    return [each["sql"] for each in asked]


@pytest.mark.django_db
@pytest.mark.parametrize("way", ["prompt", "answer", "result", "transaction"])
def test_who_said_it_is_found_by_an_index(way: str) -> None:
    made = secretive()
    indexed(made)
    keys = {
        "prompt": key_of(f'["{SECRET}"]'),
        "answer": answer_key(SECRET),
        "result": key_of(rell_json.normalise(completion(SECRET))),
    }
    rid = made.blocks[1].transactions[0].rid
    done = erasing(lambda: erase(CONTENT, keys[way]) if way in keys else erase(TRANSACTION, rid))
    verbs = ("SELECT", "INSERT")
    finding = [each for each in done if each.lstrip().startswith(verbs) and "indexer_operation" in each]
    assert finding
    plans = []
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        for each in finding:
            cursor.execute(f"EXPLAIN {each}")
            plan = "\n".join(row[0] for row in cursor.fetchall())
            assert "Seq Scan on indexer_operation" not in plan, plan
            plans.append(plan)
    assert any("substr(" in plan for plan in plans)


@pytest.mark.django_db
def test_a_block_of_many_transactions_takes_as_many_statements_as_one_of_few() -> None:
    taken = []
    for count in (2, 30):
        made = MadeChain(more={"of": count})
        text = f"{SECRET} {count}"
        made.block(add(completion(text)), *(add(completion(str(each)), uid=each) for each in range(count)))
        chain = indexed(made)
        taken.append(len(erasing(lambda text=text: erase(CONTENT, answer_key(text)))))  # type: ignore[misc]
        data = [each.data for each in read_transactions(chain.id, height=0)]
        assert data == [None, *(each.data for each in made.blocks[0].transactions[1:])]
        assert findings(chain) == []
    assert taken[0] == taken[1]


# By transaction


@pytest.mark.django_db
def test_an_erased_transaction_loses_its_bytes_and_the_texts_that_only_it_said() -> None:
    made = secretive()
    chain = indexed(made)
    assert erase(TRANSACTION, made.blocks[1].transactions[0].rid) == 1
    assert is_anywhere(SECRET) == ["answer", "body 0", "body 2"]
    assert not Answer.objects.filter(text__in=["before", "after"]).exists()
    assert findings(chain) == []
    assert results(chain, 1)[4] == (None, None)


@pytest.mark.django_db
def test_a_text_that_another_transaction_says_too_stays() -> None:
    made = secretive()
    chain = indexed(made)
    erase(TRANSACTION, made.blocks[0].transactions[1].rid)
    assert Answer.objects.get(hash=answer_key(SECRET)).text == SECRET
    assert results(chain, 0)[2] == (None, None)
    assert results(chain, 2)[1][1] is not None
    assert findings(chain) == []
    erase(TRANSACTION, made.blocks[2].transactions[0].rid)
    assert not Answer.objects.filter(hash=answer_key(SECRET)).exists()
    assert findings(chain) == []


@pytest.mark.django_db
def test_an_erased_transaction_whose_text_comes_again_later_is_readable_where_it_is_said_later() -> None:
    made = MadeChain()
    made.block(add(completion(SECRET)))
    made.block(add(completion(SECRET), uid=2))
    chain = row_of(made)
    write(chain, made.blocks[:1])
    sync.fold_all(chain)
    erase(TRANSACTION, made.blocks[0].transactions[0].rid)
    assert is_anywhere(SECRET) == []
    write(chain, made.blocks[1:])
    sync.fold_all(chain)
    assert results(chain, 1)[1] == (None, None)
    assert results(chain, 1)[2][1] is not None
    assert findings(chain) == []


@pytest.mark.django_db
def test_both_transactions_of_one_prompt_can_be_erased_one_by_one() -> None:
    made = MadeChain()
    made.block(add(uid=1), add(uid=2))
    chain = indexed(made)
    for each in made.blocks[0].transactions:
        erase(TRANSACTION, each.rid)
    assert not Prompt.objects.exists()
    assert not Answer.objects.exists()
    assert findings(chain) == []


# Hiding


@pytest.mark.django_db
def test_hiding_leaves_everything_where_it_is_and_shows_nothing() -> None:
    made = secretive()
    chain = indexed(made)
    before = contents()
    assert hide(CONTENT, answer_key(SECRET)) == 0
    assert hide(TRANSACTION, made.blocks[1].transactions[0].rid) == 0
    assert contents() == before
    assert results(chain, 1)[2][1] is None
    assert results(chain, 1)[4] == (None, None)
    assert results(chain, 1)[1][1] is not None
    assert findings(chain) == []


@pytest.mark.django_db
def test_what_was_hidden_can_be_erased_and_what_was_erased_stays_so() -> None:
    indexed(secretive())
    hide(CONTENT, answer_key(SECRET))
    assert erase(CONTENT, answer_key(SECRET)) == 2
    assert hide(CONTENT, answer_key(SECRET)) == 0
    row = Suppression.objects.get()
    assert (row.mode, row.reason, row.by) == (ERASE, "personal data", "a test")
    assert is_anywhere(SECRET) == ["body 1", "prompt"]


# Afterwards


def again(chain: Chain, made: MadeChain) -> None:
    """The same windows come again: over what is there, and into tables that were emptied."""
    write(chain, made.blocks)
    with connection.cursor() as cursor:
        for table in kept.tables():
            if table not in KEPT_ON_EMPTYING:
                cursor.execute(f"DELETE FROM {table}")
    write(chain, made.blocks)
    sync.fold_all(chain)


@pytest.mark.django_db
@pytest.mark.parametrize("way", ["answer", "prompt", "transaction"])
def test_syncing_again_does_not_bring_it_back(way: str) -> None:
    made = secretive()
    chain = indexed(made)
    before = digest(chain)
    if way == "answer":
        erase(CONTENT, answer_key(SECRET))
    elif way == "prompt":
        erase(CONTENT, key_of(f'["{SECRET}"]'))
    else:
        erase(TRANSACTION, made.blocks[1].transactions[0].rid)
    left = is_anywhere(SECRET)
    again(chain, made)
    assert is_anywhere(SECRET) == left
    assert digest(chain) == before
    assert findings(chain) == []


@pytest.mark.django_db
def test_reindex_needs_no_text() -> None:
    made = secretive()
    chain = indexed(made)
    before = digest(chain)
    for block in made.blocks:
        for each in block.transactions:
            erase(TRANSACTION, each.rid)
    assert not Prompt.objects.exists()
    assert generations.rebuild(chain).digest == before
    assert findings(chain) == []


@pytest.mark.django_db
def test_everything_of_a_recorded_chain_can_be_erased_and_the_digest_stays(stored: Stored) -> None:
    chain = stored(NAMES)
    before = digest(chain)
    for key in sorted({bytes(each.prompt or b"") for each in Operation.objects.exclude(prompt=None)}):
        erase(CONTENT, key)
    assert generations.rebuild(chain).digest == before
    assert findings(chain) == []
    assert {each.messages for each in state_at(chain, 210)} == {None}


@pytest.mark.django_db
def test_a_real_sync_into_a_fresh_place_keeps_away_from_what_was_erased(stored: Stored) -> None:
    chain = stored(NAMES)
    before = digest(chain)
    answer = Answer.objects.exclude(text=None).exclude(text="").first()
    assert answer is not None
    erase(CONTENT, bytes(answer.hash))
    rid = bytes(Transaction.objects.exclude(offset=None).order_by("height").last().rid)  # type: ignore[union-attr]
    erase(TRANSACTION, rid)
    gone = {bytes(each.rid) for each in Transaction.objects.filter(offset=None)}
    with connection.cursor() as cursor:
        for table in kept.tables():
            if table != "indexer_suppression":
                cursor.execute(f"DELETE FROM {table}")
    for each in names.ALL:
        each.forget()
    with pool_of(recorded(NAMES)) as pool:
        chain = sync.chain_of(pool, None)
        sync.sync(chain, pool, options=kept.HERE)
    assert {bytes(each.rid) for each in Transaction.objects.filter(offset=None)} == gone
    assert Answer.objects.get(hash=answer.hash).text is None
    assert digest(chain) == before
    assert findings(chain) == []
