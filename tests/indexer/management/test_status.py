"""What the status says of a chain."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from indexer import derive
from indexer.follow import node_health, sync
from indexer.management.status import status_of
from indexer.models import Chain, Checkpoint, DerivationCheckpoint, Generation, Node, Suppression
from indexer.postchain.gtx import Operation
from indexer.records import generations
from indexer.records.erase import suppress
from indexer.trust import incidents
from tests.indexer import kept
from tests.indexer.made import MadeChain, add
from tests.indexer.postchain import recorded as data
from tests.indexer.serving import AlteredNode, pool_of, recorded
from tests.indexer.writing import row_of, write

pytestmark = pytest.mark.django_db
Stored = Callable[[str], Chain]


def test_a_synced_chain_is_told_with_all_its_figures(stored: Stored) -> None:
    told = status_of(stored("four-validators"))
    assert told["chain"] == data.story("four-validators")["brid"]
    figures = {
        name: told[name]
        for name in ("height", "blocks", "behind", "transactions", "operations", "records", "live")
    }
    assert figures == {
        "height": 115,
        "blocks": 116,
        "behind": 0,
        "transactions": 134,
        "operations": 263,
        "records": 225,
        "live": 121,
    }
    assert (told["ahead"], told["quiet"]) == (0, True)
    assert told["last_block_at"].startswith("20")
    assert (told["covered"], told["gaps"]) == ([[0, 115]], [])
    assert [each["standing"] for each in told["configurations"]] == [
        "genesis",
        *["signer change not self-proved"] * 2,
    ]
    assert len(told["unproved"]) == 2
    assert told["unknown_operations"] == [
        {"name": "note_prompt", "times": 2, "first_height": 57, "last_height": 57}
    ]
    assert (told["erased_transactions"], told["incidents"]) == (0, [])
    assert [(each["height"], each["version"], each["failure"]) for each in told["nodes"]] == [(115, 5, "")]
    json.dumps(told)


def test_a_chain_of_which_nothing_is_known_yet_is_told_without_writing_anything() -> None:
    chain = row_of(MadeChain())
    told = status_of(chain)
    assert (told["height"], told["blocks"], told["behind"], told["records"]) == (-1, 0, 0, 0)
    assert told["digest"] == told["chain"]
    assert (told["covered"], told["gaps"], told["nodes"]) == ([], [], [])
    assert not Checkpoint.objects.exists()
    assert not Generation.objects.exists()
    json.dumps(told)


def test_what_is_missing_and_how_far_behind_it_is_are_told() -> None:
    made = MadeChain()
    for _ in range(9):
        made.block(add())
    chain = row_of(made)
    write(chain, made.blocks[:2])
    write(chain, made.blocks[4:6])
    sync.fold_all(chain)
    Node.objects.create(chain=chain, url="http://a", height=8)
    Node.objects.create(chain=chain, url="http://b", height=None)
    told = status_of(chain)
    assert (told["height"], told["behind"]) == (1, 7)
    assert (told["covered"], told["gaps"]) == ([[0, 1], [4, 5]], [[2, 3], [6, 8]])


def test_where_the_only_node_that_answers_has_less_than_the_index_that_is_told() -> None:
    made = MadeChain()
    for _ in range(5):
        made.block(add())
    chain = row_of(made)
    write(chain, made.blocks)
    sync.fold_all(chain)
    now = timezone.now()
    Node.objects.create(chain=chain, url="http://low", height=1, answered_at=now)
    Node.objects.create(
        chain=chain, url="http://gone", height=4, answered_at=now, failed_at=now + timedelta(1)
    )
    told = status_of(chain)
    assert (told["behind"], told["ahead"]) == (0, 3)


def test_unknown_operations_are_told_apart_whatever_their_names_hold() -> None:
    made = MadeChain()
    made.block(
        Operation("a\0b", ()),
        Operation("a\0c", ()),
        Operation("x" * 12_000, ()),
        Operation("delete_prompt_history", ()),
    )
    made.block(Operation("a\0b", ()))
    chain = row_of(made)
    write(chain, made.blocks)
    found = {each["name"]: each["times"] for each in status_of(chain)["unknown_operations"]}
    assert found.pop("x" * 12_000) == 1
    assert found == {"a\0b": 2, "a\0c": 1, "delete_prompt_history": 1}


def test_incidents_and_erasures_are_told(stored: Stored) -> None:
    chain = stored(kept.VARIED)
    incidents.record(chain.id, "gap", "words", height=0, subject="a node")
    rid = kept.varied().blocks[2].transactions[0].rid
    suppress(Suppression.Subject.TRANSACTION, rid, mode=Suppression.Mode.ERASE, reason="r", by="b")
    told = status_of(chain)
    assert told["erased_transactions"] == 1
    (incident,) = told["incidents"]
    assert (incident["kind"], incident["height"], incident["times"]) == ("gap", 0, 1)
    datetime.fromisoformat(incident["first_at"])


def test_a_switch_of_generations_does_not_show(stored: Stored) -> None:
    chain = stored(kept.VARIED)
    reader = Chain.objects.get()
    derive.catch_up(chain)
    before = status_of(reader)
    generations.rebuild(chain)
    after = status_of(reader)
    for told in (before, after):
        assert [each.pop("at") is not None for each in told["lags"]] == [True] * len(DerivationCheckpoint.Of)
    assert {**after, "generation": 1} == before


def test_one_chain_s_figures_are_not_another_s(stored: Stored) -> None:
    chain = stored(kept.VARIED)
    before = status_of(chain)
    with pool_of(recorded("one-validator")) as pool:
        sync.sync(sync.chain_of(pool, None), pool, options=kept.HERE)
    assert status_of(chain) == before


def test_a_node_that_failed_is_told_beside_the_one_that_answered() -> None:
    made = MadeChain()
    made.block(add())
    with pool_of(AlteredNode(made.recording())) as pool:
        chain = sync.chain_of(pool, None)
        sync.sync(chain, pool, options=kept.HERE)
    (node,) = status_of(chain)["nodes"]
    assert node["answered_at"] is not None


def test_the_nodes_to_follow_are_those_that_answered_last_and_first_those_that_ever_did() -> None:
    chain = row_of(MadeChain())
    now = datetime.now(UTC)
    for name, ago in (("never", None), ("long ago", 9), ("lately", 1)):
        at = None if ago is None else now - timedelta(days=ago)
        Node.objects.create(chain=chain, url=name, answered_at=at)
    assert node_health.known_urls(chain) == ["lately", "long ago", "never"]
