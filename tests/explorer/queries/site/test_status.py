"""How the index stands, as the status page and the API tell it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from explorer.queries.chain import chains
from explorer.queries.chain.chains import ChainView
from explorer.queries.site import status
from explorer.queries.site.status import HeightRange, UnknownOperation
from indexer import derive
from indexer.follow import sync
from indexer.models import Chain, DerivationCheckpoint, Node, Reconciliation, Suppression, Transaction
from indexer.postchain.gtx import Operation
from indexer.records import generations
from indexer.records.erase import suppress
from indexer.trust import incidents
from tests.indexer.made import MadeChain, add
from tests.indexer.writing import row_of, write

pytestmark = pytest.mark.django_db
NAMES = DerivationCheckpoint.Of.values
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def view_of(row: Chain) -> ChainView:
    return chains.chain_with(bytes(row.brid))


def test_a_chain_is_told_with_all_that_is_known_of_it(
    recorded_chain: ChainView, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(5):
        found = status.status(recorded_chain)
    assert (found.covered, found.gaps) == ([HeightRange(0, 115)], [])
    assert (found.blocks, found.transactions, found.operations) == (116, 134, 263)
    assert [each.split(":")[0] for each in found.unproved] == [
        "configuration at height 30",
        "configuration at height 55",
    ]
    assert found.unknown_operations == [UnknownOperation("note_prompt", 2, 57, 57)]
    assert (found.erased_transactions, found.suppressed, found.incidents) == (0, 0, [])
    (node,) = found.nodes
    assert (node.height, node.failed_at, node.failure, node.is_failing) == (115, None, "", False)
    assert [(each.name, each.height, each.behind) for each in found.lags] == [
        (name, 115, 0) for name in NAMES
    ]
    assert all(each.at is not None for each in found.lags)
    assert found.reconciliations == []


def test_a_chain_of_which_nothing_is_known_yet_is_told() -> None:
    found = status.status(view_of(Chain.objects.create(brid=b"\x01" * 32)))
    assert (found.covered, found.gaps, found.blocks, found.nodes, found.unproved) == ([], [], 0, [], [])
    assert [(each.height, each.behind, each.at) for each in found.lags] == [(-1, 0, None)] * len(NAMES)


def test_what_is_missing_and_what_is_not_derived_yet_are_told() -> None:
    made = MadeChain()
    for _ in range(9):
        made.block(add())
    row = row_of(made)
    write(row, made.blocks[:2])
    write(row, made.blocks[4:6])
    sync.fold_all(row)
    Node.objects.create(chain=row, url="http://a", height=8)
    found = status.status(view_of(row))
    assert found.covered == [HeightRange(0, 1), HeightRange(4, 5)]
    assert found.gaps == [HeightRange(2, 3), HeightRange(6, 8)]
    assert [(each.height, each.behind) for each in found.lags] == [(-1, 2)] * len(NAMES)


def test_witnesses_that_were_not_checked_are_told_by_runs() -> None:
    made = MadeChain()
    for _ in range(7):
        made.block()
    row = row_of(made)
    write(row, made.blocks[:2], unchecked="nobody knows")
    write(row, made.blocks[2:3])
    write(row, made.blocks[3:5], unchecked="nobody knows")
    write(row, made.blocks[5:7], unchecked="of another reason")
    assert [each.split(":")[0] for each in status.status(view_of(row)).unproved] == [
        "blocks 0 to 1",
        "blocks 3 to 4",
        "blocks 5 to 6",
    ]


def test_operations_that_are_not_understood_come_by_how_often_whatever_their_names_hold() -> None:
    made = MadeChain()
    names = ["a\0b", "a\0b", "\u202e<script>", "x" * 12_000]
    made.block(*[Operation(each, ()) for each in names])
    made.block(Operation("delete_prompt_history", ()))
    row = row_of(made)
    write(row, made.blocks)
    sync.fold_all(row)
    derive.catch_up(row)
    found = status.status(view_of(row)).unknown_operations
    assert found[0] == UnknownOperation("a\0b", 2, 0, 0)
    assert {each.name for each in found[1:]} == {"\u202e<script>", "x" * 12_000, "delete_prompt_history"}


def test_suppressions_and_erasures_are_counted(recorded_chain: ChainView) -> None:
    for transaction in Transaction.objects.filter(chain_id=recorded_chain.id, height__gt=20)[:2]:
        suppress(
            Suppression.Subject.TRANSACTION,
            bytes(transaction.rid),
            mode=Suppression.Mode.ERASE,
            reason="r",
            by="b",
        )
    suppress(Suppression.Subject.CONTENT, b"\x07" * 32, mode=Suppression.Mode.HIDE, reason="r", by="b")
    found = status.status(recorded_chain)
    assert (found.erased_transactions, found.suppressed) == (2, 3)


def test_incidents_come_newest_first_and_one_of_no_block_has_no_height(recorded_chain: ChainView) -> None:
    incidents.record(recorded_chain.id, "gap", "at the first block", height=0)
    incidents.record(recorded_chain.id, "state-differs", "of no block", subject="http://node")
    first, second = status.status(recorded_chain).incidents
    assert (first.kind, first.height, first.subject) == ("state-differs", None, "http://node")
    assert (second.kind, second.height, second.message) == ("gap", 0, "at the first block")


@pytest.mark.parametrize(
    ("answered", "failed", "is_failing"),
    [(None, None, False), (1, None, False), (None, 1, True), (2, 1, True), (1, 2, False)],
)
def test_a_node_fails_until_it_answers_again(
    answered: int | None, failed: int | None, is_failing: bool
) -> None:
    answered_at, failed_at = (
        None if ago is None else NOW - timedelta(hours=ago) for ago in (answered, failed)
    )
    row = Chain.objects.create(brid=b"\x01" * 32)
    Node.objects.create(chain=row, url="http://a", answered_at=answered_at, failed_at=failed_at)
    (node,) = status.status(view_of(row)).nodes
    assert node.is_failing is is_failing


def test_the_last_reconciliation_with_each_node_is_told() -> None:
    row = Chain.objects.create(brid=b"\x01" * 32)
    for url in ("http://a", "http://b", "http://never"):
        node = Node.objects.create(chain=row, url=url)
        for height in (1, 2) if url != "http://never" else ():
            Reconciliation.objects.create(
                node=node, height=height, at=timezone.now(), asked=9, differing=height - 1, detail="words"
            )
    found = status.status(view_of(row))
    assert [(each.node, each.height, each.differing) for each in found.reconciliations] == [
        ("http://a", 2, 1),
        ("http://b", 2, 1),
    ]
    assert len(found.nodes) == 3


def test_nodes_and_comparisons_are_told_by_themselves(
    recorded_chain: ChainView, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    node = Node.objects.get(chain_id=recorded_chain.id)
    Reconciliation.objects.create(node=node, height=115, at=NOW, asked=19, differing=0)
    whole = status.status(recorded_chain)
    with django_assert_num_queries(2):
        assert status.nodes(recorded_chain) == whole.nodes
        assert status.compared(recorded_chain) == whole.reconciliations
    assert len(whole.nodes) == len(whole.reconciliations) == 1


def test_a_switch_of_generations_does_not_show(toured_chain: ChainView) -> None:
    before = status.status(toured_chain)
    generations.rebuild(Chain.objects.get(id=toured_chain.id))
    after = status.status(toured_chain)
    assert [each.height for each in after.lags] == [each.height for each in before.lags]
    for name in ("covered", "gaps", "blocks", "transactions", "operations", "unknown_operations"):
        assert getattr(after, name) == getattr(before, name)


def test_nothing_is_read_from_tables_of_blocks_records_or_operations(toured_chain: ChainView) -> None:
    with CaptureQueriesContext(connection) as queries:
        status.status(toured_chain)
    for each in queries.captured_queries:
        for table in ("block", "record", "revision", "operation", "blockdigest"):
            assert f"indexer_{table} " not in each["sql"]
