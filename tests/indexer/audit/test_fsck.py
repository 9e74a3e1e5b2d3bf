"""Whatever is changed in the tables is found, and named."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from indexer import derive
from indexer.audit import fsck
from indexer.derive import registry
from indexer.follow import sync
from indexer.ingest.filler import Filler
from indexer.models import Chain, Count, Generation, Suppression, UncheckedWitness
from indexer.records import fold, generations
from indexer.records.erase import suppress
from indexer.store.coverage import HeightRange
from indexer.trust import configurations
from tests.indexer import kept
from tests.indexer.audit.checking import findings, tamper
from tests.indexer.audit.tampering import ZEROS
from tests.indexer.made import MadeChain, add
from tests.indexer.serving import (
    CHAINS,
    AlteredNode,
    asks_configuration,
    no_configuration,
    pool_of,
    recorded,
)
from tests.indexer.writing import contents, row_of, write

pytestmark = pytest.mark.django_db
Stored = Callable[[str], Chain]
EVER = 10**9  # a height above any


# What is right is clean


@pytest.mark.parametrize("name", [*CHAINS, kept.VARIED])
def test_a_chain_as_it_was_synced_is_clean_and_checking_changes_nothing(name: str, stored: Stored) -> None:
    chain = stored(name)
    before = contents(without=set())
    assert findings(chain) == []
    assert contents(without=set()) == before
    assert fsck.erased(chain) == 0


def test_a_chain_without_blocks_is_clean() -> None:
    assert findings(row_of(MadeChain())) == []


def test_what_is_in_and_not_folded_yet_is_clean(stored: Stored) -> None:
    made = MadeChain()
    for _ in range(4):
        made.block(add())
    chain = row_of(made)
    write(chain, made.blocks[:3])
    assert findings(chain) == []
    fold.fold(chain, last=1)
    assert findings(chain) == []


@pytest.mark.parametrize("name", [*CHAINS, kept.VARIED])
@pytest.mark.parametrize("last", [-1, 0, 7, EVER])
def test_what_is_derived_is_clean_however_far_it_is_and_checking_changes_nothing(
    name: str, last: int, stored: Stored
) -> None:
    chain = stored(name)
    derive.catch_up(chain, last=last)
    derive.catch_up(chain, only=registry.derivations()[:1])
    before = contents(without=set())
    assert findings(chain) == []
    assert contents(without=set()) == before


def test_figures_that_fell_since_they_were_derived_are_clean() -> None:
    chain = unseen()
    derive.catch_up(chain)
    assert Count.objects.get(of=Count.Of.UNCHECKED).count > 1
    assert findings(chain) == []
    UncheckedWitness.objects.order_by("height").first().delete()  # type: ignore[union-attr]
    told = [each for each in findings(chain) if "unchecked, count" in each]
    assert told == []
    Count.objects.filter(of=Count.Of.UNCHECKED).update(count=0)
    assert any(each.startswith("count: of unchecked, count 0: it is ") for each in findings(chain))


def test_what_is_folded_and_derived_meanwhile_is_no_finding(
    stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = MadeChain()
    for _ in range(4):
        made.block(add())
    chain = row_of(made)
    write(chain, made.blocks)
    fold.fold(chain, last=1)
    derive.catch_up(chain)
    beside = generations.fold_beside

    def meanwhile(*args: Any, **kwargs: Any) -> int:
        again = beside(*args, **kwargs)
        fold.fold(chain)
        derive.catch_up(chain)
        return again

    monkeypatch.setattr(generations, "fold_beside", meanwhile)
    kinds = {each.split(":")[0] for each in findings(chain)}
    assert kinds.isdisjoint({"rollup", "count", "group", "groupanswer", "derivationcheckpoint"})


@pytest.mark.parametrize("is_folded", [True, False])
def test_a_chain_with_gaps_that_are_still_to_be_filled_is_clean(is_folded: bool) -> None:
    with pool_of(recorded("four-validators")) as pool:
        chain = sync.chain_of(pool, None)
        configurations.fetch(chain, pool, head=1_000)
        for span in (HeightRange(90, 115), HeightRange(40, 41), HeightRange(0, 20), HeightRange(61, 61)):
            for _ in Filler(chain, pool).fill(span):
                pass
    if is_folded:
        sync.fold_all(chain)
    assert findings(chain) == []


def test_blocks_whose_signers_no_node_told_are_clean() -> None:
    chain = unseen()
    assert findings(chain) == []


def unseen() -> Chain:
    """The varied chain from a node that does not give the configuration of height 6."""
    node = AlteredNode(
        kept.varied().recording(),
        lambda question, answer: (
            no_configuration(question) if asks_configuration(question, height=6) else answer
        ),
    )
    with pool_of(node) as pool:
        chain = sync.chain_of(pool, None)
        sync.sync(chain, pool, options=kept.HERE)
    return chain


# What is changed is found


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        (
            "DELETE FROM indexer_uncheckedwitness WHERE height = 7",
            "block 7: its witness is said to be checked, and its signers",
        ),
        ("UPDATE indexer_blockbody SET witness = NULL WHERE height = 11", "block 11: its witness is missing"),
        (
            "UPDATE indexer_uncheckedwitness SET height = 5 WHERE height = 7",
            "block 7: its witness is said to be checked, and its signers",
        ),
        (
            "UPDATE indexer_blockbody SET witness = set_byte(witness, 150, get_byte(witness, 150) # 1)"
            " WHERE height = 7",
            "block 7: its witness bears a signature by [0-9A-F]{66}, which is not one over its RID",
        ),
        (
            "UPDATE indexer_blockbody SET witness = substr(witness, 1, 60) WHERE height = 8",
            "block 8: its witness cannot be read: ",
        ),
        (
            "UPDATE indexer_uncheckedwitness SET why = 'no node answered' WHERE height = 9",
            "block 9: its witness is said not to be checked because no node answered, and the reason is that"
            " no node gave configuration",
        ),
        (
            "INSERT INTO indexer_uncheckedwitness (chain_id, height, why)"
            " SELECT chain_id, 2, why FROM indexer_uncheckedwitness WHERE height = 7",
            "block 2: its witness is said not to be checked, and it holds",
        ),
        (
            "INSERT INTO indexer_uncheckedwitness (chain_id, height, why)"
            " SELECT chain_id, 1, why FROM indexer_uncheckedwitness WHERE height = 7",
            "block 1: its witness is missing",
        ),
        (
            "UPDATE indexer_uncheckedwitness SET height = 77 WHERE height = 7",
            "block 77: missing, and table uncheckedwitness has rows of it",
        ),
        (
            "DELETE FROM indexer_configurationstanding WHERE height = 6",
            "block 6: configuration: its header names configuration",
        ),
        (
            "UPDATE indexer_configurationstanding SET standing = 'named by headers' WHERE height = 6",
            "configuration at height 6: it is said to be named by headers",
        ),
    ],
)
def test_what_was_changed_about_unchecked_witnesses_is_found(sql: str, told: str) -> None:
    chain = unseen()
    tamper(sql)
    found = findings(chain)
    assert any(re.match(told, each) for each in found), found


def test_witnesses_that_are_checked_while_fsck_is_under_way_are_no_finding() -> None:
    chain = unseen()
    tamper("UPDATE indexer_transaction SET oddities = 32 WHERE height = 2 AND ordinal = 0")
    found = fsck.check(chain)
    assert "block 2" in str(next(found))
    with pool_of(AlteredNode(kept.varied().recording())) as pool:
        sync.sync(chain, pool, options=kept.HERE)
    assert not UncheckedWitness.objects.exists()
    assert [str(each) for each in found if "block 2" not in str(each)] == []


def test_an_empty_block_said_to_be_unchecked_without_its_witness_is_found(stored: Stored) -> None:
    chain = stored(kept.VARIED)
    tamper(f"INSERT INTO indexer_uncheckedwitness (chain_id, height, why) VALUES ({chain.id}, 1, '')")
    assert findings(chain) == ["block 1: its witness is missing"]


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE indexer_record SET seed = 99 WHERE prompt_id = 1",
        "UPDATE indexer_operation SET second = 99 WHERE position = 2097153",
        "DELETE FROM indexer_name WHERE text = 'groq'",
        "UPDATE indexer_operation SET first = NULL WHERE position = 2097153",
        "DELETE FROM indexer_transaction WHERE height = 2 AND ordinal = 1",
    ],
)
def test_a_check_that_finds_something_leaves_nothing_of_its_own_behind(sql: str, stored: Stored) -> None:
    chain = stored(kept.VARIED)
    tamper(sql)
    before = contents(without={"node", "window"})
    assert findings(chain) != []
    assert contents(without={"node", "window"}) == before
    assert Generation.objects.count() == 1


def test_erased_is_no_finding_and_is_told_as_a_number(stored: Stored) -> None:
    chain = stored(kept.VARIED)
    rid = kept.varied().blocks[2].transactions[1].rid
    suppress(Suppression.Subject.TRANSACTION, rid, mode=Suppression.Mode.ERASE, reason="r", by="b")
    assert findings(chain) == []
    assert fsck.erased(chain) == 1


def test_what_was_erased_and_then_loses_its_suppression_is_a_finding(stored: Stored) -> None:
    chain = stored(kept.VARIED)
    rid = kept.varied().blocks[2].transactions[1].rid
    suppress(Suppression.Subject.TRANSACTION, rid, mode=Suppression.Mode.ERASE, reason="r", by="b")
    tamper("DELETE FROM indexer_suppression")
    assert any("block 2: transaction 1" in each for each in findings(chain))


@pytest.mark.parametrize(
    "sql",
    [
        f'UPDATE indexer_transaction SET hash = {ZEROS} WHERE "offset" IS NULL',
        "UPDATE indexer_operation SET first = 99 WHERE position = 2097153",
        f"UPDATE indexer_operation SET result = {ZEROS} WHERE position = 2097153",
        "DELETE FROM indexer_operation WHERE position = 2097153",
    ],
)
def test_of_what_was_erased_the_hashes_and_typed_fields_are_checked(sql: str, stored: Stored) -> None:
    chain = stored(kept.VARIED)
    rid = kept.varied().blocks[2].transactions[1].rid
    suppress(Suppression.Subject.TRANSACTION, rid, mode=Suppression.Mode.ERASE, reason="r", by="b")
    tamper(sql)
    assert findings(chain) != []
