"""Checks that compare records: what a later record makes of earlier ones, in whatever steps."""

import random
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer import derive
from indexer.checks.registry import by_name, checks
from indexer.dapp.replay import height_of
from indexer.derive import check_cohorts, check_kin, check_likeness, check_unsettled
from indexer.derive.checks import DERIVATION
from indexer.follow import sync
from indexer.models import Chain, CheckEvent, CheckFinding
from indexer.postchain.gtx import Operation
from indexer.records import erase as erasing
from tests.indexer.derive.judged import checked, is_the_same_in_steps, rows, said
from tests.indexer.made import MadeChain, add, completion, update
from tests.indexer.records.erasing import TRANSACTION, erase, findings, hide
from tests.indexer.writing import row_of, write

COHORTS = 10  # the number of the check that compares cohorts, which an index names
LONG = "A chain is a list of blocks. Each of them names the one before it, and none can be left out. " * 3


def asked(number: int) -> str:
    return f'[{{"role": "user", "content": "question {number}"}}]'


def by_others(chain: Chain) -> dict[tuple[str, int], tuple[int, int]]:
    """By check and record: the height since which something is found, and the other record."""
    chain.refresh_from_db()
    found = CheckFinding.objects.filter(chain=chain, generation=chain.generation)
    return {
        (checks()[each.number].name, each.prompt_id): (height_of(each.since), each.measured["other_record"])
        for each in found
        if checks()[each.number].comparison is not None
    }


@pytest.mark.django_db
def test_a_later_record_with_the_same_id_makes_a_finding_of_both() -> None:
    made = MadeChain()
    made.block(add(completion("one.", id="response-a"), uid=1))
    made.block(add(completion("one.", id="response-a"), uid=1), add(completion("other.", id="response-b")))
    made.block(add(completion("two.", id="response-a"), uid=2))
    made.block(add(completion("three.", id="response-a"), uid=1), update(1, completion("edited.")))
    chain = checked(made)
    name = "reused-response-id"
    assert by_others(chain) == {
        (name, 1): (2, 4),
        (name, 2): (2, 4),
        (name, 4): (2, 1),
        (name, 5): (3, 4),
    }
    number = by_name()[name].number
    events = CheckEvent.objects.filter(chain=chain, number=number).order_by("prompt_id")
    assert [(each.prompt_id, height_of(each.position)) for each in events] == [(1, 2), (2, 2)]
    assert said(chain, 3)[name] == "own-id"
    assert findings(chain) == []


@pytest.mark.django_db
def test_the_same_long_answer_to_other_messages_is_found_and_to_the_same_is_none() -> None:
    made = MadeChain()
    made.block(
        *(add(completion(LONG, id=f"response-{uid}"), uid=uid, messages=asked(1)) for uid in range(94))
    )
    chain = checked(made)
    assert by_others(chain) == {}
    assert said(chain, 94)["replayed-text"] == "own-text"
    made.block(add(completion(LONG, id="response-x"), messages=asked(2)))
    write(chain, made.blocks[1:])
    sync.fold_all(chain)
    derive.catch_up(chain, only=[DERIVATION])
    found = by_others(chain)
    assert found == {("replayed-text", prompt_id): (1, 95) for prompt_id in range(1, 95)} | {
        ("replayed-text", 95): (1, 1)
    }
    assert findings(chain) == []


@pytest.mark.django_db
@pytest.mark.parametrize("withhold", [hide, erase])
def test_what_a_withheld_record_made_of_others_is_found_no_more(withhold: Callable[..., int]) -> None:
    made = MadeChain()
    made.block(add(completion(LONG, id="response-a"), messages=asked(1)))
    made.block(add(completion(LONG, id="response-a"), messages=asked(2)))
    made.block(add(completion("other.", id="response-a"), messages=asked(3)))
    chain = checked(made)
    before = rows(chain)
    assert len(by_others(chain)) == 5
    withhold(TRANSACTION, made.blocks[1].transactions[0].rid)
    assert by_others(chain) == {("reused-response-id", 1): (2, 3), ("reused-response-id", 3): (2, 1)}
    assert said(chain, 2)["replayed-text"] == said(chain, 2)["reused-response-id"]
    assert said(chain, 2)["replayed-text"] in ("hidden", "erased")
    assert findings(chain) == []
    if withhold is hide:
        erasing.take_back(TRANSACTION, made.blocks[1].transactions[0].rid)
        assert rows(chain) == before
        assert findings(chain) == []


def _any(chance: random.Random) -> Operation:
    content = chance.choice((LONG, LONG + "And more.", "short."))
    more: dict[str, Any] = {"id": f"response-{chance.choice('abc')}"}
    result = completion(content, **more)
    return add(result, uid=chance.randint(1, 2), messages=asked(chance.randint(1, 2)))


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32), batch=st.integers(1, 6))
@pytest.mark.django_db(transaction=True)
def test_steps_of_any_size_give_the_same(seed: int, batch: int, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(seed)
    made = MadeChain()
    for _ in range(chance.randint(2, 8)):
        made.block(*(_any(chance) for _ in range(chance.randint(0, 4))))
    is_the_same_in_steps(made, chance, batch, monkeypatch)


@pytest.mark.django_db
def test_a_chain_that_statistics_do_not_know_yet_is_looked_up_by_the_index_of_keys() -> None:
    """Of it a row at most is expected, for which the primary key would do: that looks through all it has."""
    chain = row_of(MadeChain())
    filled = """
        INSERT INTO indexer_checkkin (chain_id, generation, number, prompt_id, position, key, value)
        SELECT %s, 1, %s, n, n, sha256(n::text::bytea), sha256(n::text::bytea)
        FROM generate_series(1, 20000) AS n
    """
    asked: dict[str, Any] = {
        "chain": chain.id + 1,
        "generation": 1,
        "keys": [bytes(32)],
        "numbers": [COHORTS],
        "key": bytes(32),
        "number": COHORTS,
        "befores": [9],
        "afters": [0],
        "of": [1],
        "values": [bytes(32)],
        "most": 4,
        "among": COHORTS,
        "anew": [1],
        "texts_of": [1],
        "texts": [UUID(int=1)],
    }
    with connection.cursor() as cursor:
        cursor.execute(filled, [chain.id, COHORTS])
        cursor.execute(
            "INSERT INTO indexer_checkband (chain_id, generation, band, prompt_id, text)"
            " SELECT %s, 1, n, n, gen_random_uuid() FROM generate_series(1, 20000) AS n",
            [chain.id],
        )
        cursor.execute("ANALYZE indexer_checkkin, indexer_checkband")
        for query in (
            check_kin._PAIRS,
            check_kin._MEMBERS,
            check_cohorts._KNOWN,
            check_likeness._FIRST,
            check_likeness._STANDING,
            check_unsettled._GIVING,
            check_likeness._BANDS,
        ):
            cursor.execute(f"EXPLAIN {query}", asked)
            plan = "\n".join(row[0] for row in cursor.fetchall())
            assert "check_kin_" in plan or "check_band_text" in plan, plan
            assert "checkkin_pkey" not in plan, plan
            assert "checkband_pkey" not in plan, plan
