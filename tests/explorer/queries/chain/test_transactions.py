"""Transactions and their operations, argument by argument."""

import pytest
from pytest_django import DjangoAssertNumQueries

from explorer.queries.chain import operations, transactions
from explorer.queries.chain.chains import ChainView, chain_with
from explorer.queries.chain.transactions import Kind
from explorer.queries.db import values
from explorer.queries.db.errors import NotHere
from indexer.follow import sync
from indexer.models import Checkpoint, Configuration
from indexer.models import Operation as StoredOperation
from indexer.models import Transaction as Stored
from indexer.postchain import gtx
from indexer.postchain.gtx import Operation
from tests.explorer.queries.every import every_transaction
from tests.indexer.dapp import memory
from tests.indexer.made import MadeChain, add, call
from tests.indexer.postchain import recorded
from tests.indexer.writing import row_of, write

pytestmark = pytest.mark.django_db
FOUR = "four-validators"
MOST_QUERIES = 6  # one of them only where an operation is not understood


def of_operation(chain: ChainView, name: str) -> transactions.Operation:
    return next(each for found in every_transaction(chain) for each in found.operations if each.name == name)


def test_every_transaction_is_as_it_was_sent(recorded_chain: ChainView) -> None:
    for block in recorded.blocks(FOUR):
        for ordinal, sent in enumerate(block.transactions):
            read = gtx.decode(sent.data, version=1)
            found = transactions.with_rid(recorded_chain, sent.rid)
            assert (found.rid, found.hash, found.length) == (sent.rid, sent.hash, len(sent.data))
            assert (found.height, found.block_rid, found.ordinal) == (block.height, block.rid, ordinal)
            assert tuple(found.signers) == read.signers
            assert found.withheld is None
            assert found.operation_count == len(found.operations) == len(read.operations)
            for index, (shown, said) in enumerate(zip(found.operations, read.operations, strict=True)):
                assert (shown.index, shown.name) == (index, said.name)
                assert shown.arguments is not None
                assert [each.shown.value for each in shown.arguments] == [
                    values.shown(each) for each in said.arguments
                ]
            assert transactions.raw(recorded_chain, sent.rid) == sent.data


def test_an_operation_names_the_records_that_it_wrote_changed_or_removed(recorded_chain: ChainView) -> None:
    plain = memory.plainly(FOUR)
    found = {
        each.position: each.records for tx in every_transaction(recorded_chain) for each in tx.operations
    }
    expected: dict[int, list[int]] = {}
    for change in plain.changes:
        expected.setdefault(change.position, []).append(change.prompt_id)
    assert {position: ids for position, ids in found.items() if ids} == expected
    assert max(len(ids) for ids in found.values()) == 100


def test_arguments_have_the_dapp_s_own_names_and_gtv_s_own_kinds(each_chain: ChainView) -> None:
    found = of_operation(each_chain, "add_prompt_history")
    assert [(each.name, each.kind) for each in found.arguments or ()] == [
        ("UID", Kind.INTEGER),
        ("messages", Kind.STRING),
        ("result", Kind.STRING),
        ("seed", Kind.INTEGER),
        ("model", Kind.STRING),
        ("provider", Kind.STRING),
    ]
    kinds = {
        each.kind
        for tx in every_transaction(each_chain)
        for operation in tx.operations
        for each in operation.arguments or ()
    }
    assert {Kind.INTEGER, Kind.STRING, Kind.BIG_INTEGER, Kind.BYTE_ARRAY} <= kinds


def test_what_was_not_understood_is_said_and_shown_all_the_same(toured_chain: ChainView) -> None:
    found = of_operation(toured_chain, "note_prompt")
    assert found.note == (
        "Not understood: the code at this height declares it; what it does to records is not known here."
    )
    assert [(each.name, each.kind, each.shown.value) for each in found.arguments or ()] == [
        ("prompt_id", Kind.INTEGER, "1"),
        ("note", Kind.STRING, "seen"),
        ("weight", Kind.STRING, "0.5"),
        ("tags", Kind.ARRAY, '["a"]'),
        ("detail", Kind.DICT, "{}"),
        ("blob", Kind.BYTE_ARRAY, ""),
        ("maybe", Kind.NULL, "null"),
    ]
    understood = of_operation(toured_chain, "add_prompt_history")
    assert understood.note == ""


def test_what_postchain_itself_puts_in_a_block_is_understood() -> None:
    made = MadeChain()
    made.block(call(Operation("__begin_block", (0,)), keys=()), add())
    row = row_of(made)
    write(row, made.blocks)
    sync.fold_all(row)
    found = of_operation(chain_with(made.brid), "__begin_block")
    assert (found.note, [each.name for each in found.arguments or ()]) == ("", ["height"])


def test_an_operation_of_the_recorded_upgrade_has_the_names_of_its_code(recorded_chain: ChainView) -> None:
    found = of_operation(recorded_chain, "note_prompt")
    assert [each.name for each in found.arguments or ()] == [
        "prompt_id",
        "note",
        "weight",
        "tags",
        "detail",
        "blob",
        "maybe",
    ]


def test_an_operation_that_the_code_at_its_height_does_not_declare_is_of_no_known_name(
    toured_chain: ChainView,
) -> None:
    rid, index = next(
        (tx.rid, each.index)
        for tx in every_transaction(toured_chain)
        for each in tx.operations
        if each.name == "note_prompt"
    )
    Configuration.objects.filter(chain_id=toured_chain.id).update(raw=recorded.configurations(FOUR)[0].raw)
    found = transactions.with_rid(toured_chain, rid).operations[index]
    assert found.note == "Not understood: the dapp, as it is known here, has no operation of this name."
    assert {each.name for each in found.arguments or ()} == {""}


def test_the_code_of_a_configuration_is_read_once_for_all_pages(toured_chain: ChainView) -> None:
    rid = next(
        tx.rid
        for tx in every_transaction(toured_chain)
        for each in tx.operations
        if each.name == "note_prompt"
    )
    operations._declared.cache_clear()
    shown = [transactions.with_rid(toured_chain, rid).operations for _ in range(3)]
    assert shown[0] == shown[2]
    assert operations._declared.cache_info().misses == 1


def test_other_arguments_than_the_dapp_takes_are_named_in_the_note(recorded_chain: ChainView) -> None:
    found = next(
        (tx, each)
        for tx in every_transaction(recorded_chain)
        for each in tx.operations
        if each.name == "delete_prompt_history"
    )
    StoredOperation.objects.filter(chain_id=recorded_chain.id, position=found[1].position).update(reading=2)
    shown = transactions.with_rid(recorded_chain, found[0].rid).operations[found[1].index]
    assert shown.note.startswith("Not understood: ")
    assert shown.arguments is not None


def test_oddities_are_told_in_sentences(recorded_chain: ChainView) -> None:
    told = {each for tx in every_transaction(recorded_chain) for each in tx.oddities}
    assert any("high S" in each for each in told)
    assert all(each.endswith(".") for each in told)
    assert len(told) >= 4


def test_a_transaction_is_found_on_its_own_chain_alone_and_once_it_is_folded(
    recorded_chain: ChainView, one_validator_chain: ChainView
) -> None:
    rid = recorded.transactions(FOUR)[-1].rid
    for question in (transactions.with_rid, transactions.raw):
        with pytest.raises(NotHere, match=rid.hex().upper()):
            question(one_validator_chain, rid)
        with pytest.raises(NotHere):
            question(recorded_chain, b"\0" * 32)
        with pytest.raises(NotHere):
            question(recorded_chain, b"")
    Checkpoint.objects.filter(chain_id=recorded_chain.id).update(height=10)
    with pytest.raises(NotHere, match="up to height 10"):
        transactions.with_rid(chain_with(recorded_chain.brid), rid)


def test_the_operations_of_a_large_transaction_are_counted(toured_chain: ChainView) -> None:
    largest = max(every_transaction(toured_chain), key=lambda each: each.operation_count)
    assert largest.operation_count == len(largest.operations) == 40
    assert [each.index for each in largest.operations] == [*range(40)]


def test_a_transaction_costs_a_fixed_number_of_queries(
    each_chain: ChainView, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for rid in Stored.objects.filter(chain_id=each_chain.id).values_list("rid", flat=True):
        with django_assert_max_num_queries(MOST_QUERIES):
            transactions.with_rid(each_chain, bytes(rid))
        with django_assert_max_num_queries(4):
            transactions.raw(each_chain, bytes(rid))
