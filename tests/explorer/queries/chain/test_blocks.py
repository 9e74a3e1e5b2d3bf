"""Blocks, and the transactions in them."""

import pytest
from pytest_django import DjangoAssertNumQueries

from explorer.queries.chain import blocks, deeds
from explorer.queries.chain.block_filter import BlockFilter, BlockKind
from explorer.queries.chain.chains import ChainView, chain_with
from explorer.queries.chain.evidence import ProofStatus
from explorer.queries.db.errors import NotHere
from explorer.queries.db.pagination import PageRequest
from indexer.models import Block, Checkpoint, Owner, Revision, UncheckedWitness
from indexer.postchain import gtx
from indexer.postchain.block import EMPTY_ROOT, decode_header, decode_witness
from indexer.postchain.merkle import root_of_hashes
from indexer.postchain.times import moment
from tests.indexer.dapp import memory
from tests.indexer.postchain import recorded

pytestmark = pytest.mark.django_db
NAMES = {"recorded_chain": "four-validators", "one_validator_chain": "one-validator"}
MOST_QUERIES = 6


@pytest.mark.parametrize("name", NAMES.values())
def test_every_block_is_as_the_node_stated_it(
    recorded_chain: ChainView, one_validator_chain: ChainView, name: str
) -> None:
    chain = {"four-validators": recorded_chain, "one-validator": one_validator_chain}[name]
    for stated in recorded.blocks(name):
        header = decode_header(stated.header)
        found = blocks.at_height(chain, stated.height)
        assert (found.height, found.rid, found.previous_rid) == (
            stated.height,
            stated.rid,
            stated.previous_rid,
        )
        assert (found.timestamp, found.at) == (stated.timestamp, moment(stated.timestamp))
        assert (found.transactions_root, found.dependencies) == (
            header.transactions_root,
            header.dependencies,
        )
        assert found.extra == [("config_hash", str(header.extra["config_hash"].hex().upper()))]  # type: ignore[union-attr]
        assert found.transaction_count == len(found.transactions) == len(stated.transactions)
        for row, sent in zip(found.transactions, stated.transactions, strict=True):
            read = gtx.decode(sent.data, version=1)
            assert (row.rid, row.hash) == (sent.rid, sent.hash)
            assert (row.length, tuple(row.signers)) == (len(sent.data), read.signers)
            assert list(row.operations) == [each.name for each in read.operations]
            assert row.operation_count == len(read.operations)
            assert row.erased is False
        if stated.transactions:
            assert found.signatures is not None
            assert {each.signer: each.signature for each in found.signatures} == {
                each.subject: each.signature for each in decode_witness(stated.witness)
            }
            assert found.evidence.signed == len(found.signatures)
        else:
            assert (found.signatures, found.evidence.signed, found.evidence.needed) == (None, None, None)


def test_a_block_names_the_records_that_it_writes_and_the_digest_after_it(recorded_chain: ChainView) -> None:
    plain = memory.plainly("four-validators")
    for height in range(recorded_chain.freshness.height + 1):
        found = blocks.at_height(recorded_chain, height)
        expected = {each.prompt_id for each in plain.changes if each.position >> 20 == height}
        assert found.records == (sorted(expected) if found.transactions else ())
        assert found.record_count == len(expected)
        assert found.digest == plain.digests.get(height)


def test_the_root_of_a_block_follows_from_the_hashes_of_its_transactions(recorded_chain: ChainView) -> None:
    for stated in recorded.blocks("four-validators"):
        found = blocks.at_height(recorded_chain, stated.height)
        version = decode_header(stated.header).merkle_version
        root = root_of_hashes([each.hash for each in found.transactions], version=version)
        assert found.transactions_root == (root if found.transactions else EMPTY_ROOT)


def test_header_and_witness_are_given_byte_for_byte(
    recorded_chain: ChainView, one_validator_chain: ChainView
) -> None:
    for chain, name in ((recorded_chain, "four-validators"), (one_validator_chain, "one-validator")):
        for stated in recorded.blocks(name):
            assert blocks.header(chain, stated.height) == stated.header
            if stated.transactions:
                assert blocks.witness(chain, stated.height) == stated.witness
            else:
                with pytest.raises(NotHere, match="dropped once it was checked"):
                    blocks.witness(chain, stated.height)
    for question in (blocks.header, blocks.witness):
        with pytest.raises(NotHere, match="from block 0"):
            question(recorded_chain, 999)


def test_the_nearest_blocks_with_transactions_are_named(recorded_chain: ChainView) -> None:
    full = [each.height for each in recorded.blocks("four-validators") if each.transactions]
    for height in range(recorded_chain.freshness.height + 1):
        found = blocks.at_height(recorded_chain, height)
        assert found.previous == max((each for each in full if each < height), default=None)
        assert found.next == min((each for each in full if each > height), default=None)


def test_block_0_follows_the_chain_s_own_rid(each_chain: ChainView) -> None:
    found = blocks.at_height(each_chain, 0)
    assert (found.height, found.previous_rid, found.previous) == (0, each_chain.brid, None)
    assert blocks.with_rid(each_chain, found.rid) == found


def test_a_block_is_found_by_its_rid_on_its_own_chain_alone(
    recorded_chain: ChainView, one_validator_chain: ChainView
) -> None:
    found = blocks.at_height(recorded_chain, 7)
    assert blocks.with_rid(recorded_chain, found.rid) == found
    with pytest.raises(NotHere, match=found.rid.hex().upper()):
        blocks.with_rid(one_validator_chain, found.rid)
    with pytest.raises(NotHere):
        blocks.with_rid(recorded_chain, found.rid[:31] + b"\0")
    with pytest.raises(NotHere):
        blocks.with_rid(recorded_chain, b"")


def test_a_height_that_is_not_here_is_told_which_are(recorded_chain: ChainView) -> None:
    last = recorded_chain.freshness.height
    for height in (-1, last + 1, 2**63 - 1, 10**40):
        with pytest.raises(NotHere, match=f"from block 0 to block {last}"):
            blocks.at_height(recorded_chain, height)


def test_what_is_not_folded_is_not_shown_for_its_link_was_not_checked(recorded_chain: ChainView) -> None:
    rid = blocks.at_height(recorded_chain, 31).rid
    Checkpoint.objects.filter(chain_id=recorded_chain.id).update(height=30)
    chain = chain_with(recorded_chain.brid)
    with pytest.raises(NotHere, match="to block 30"):
        blocks.at_height(chain, 31)
    with pytest.raises(NotHere, match="up to height 30"):
        blocks.with_rid(chain, rid)
    assert blocks.page(chain).rows[0].height == 30
    assert blocks.at_height(chain, 30).next is None


def test_a_chain_without_a_block_says_so(recorded_chain: ChainView) -> None:
    Checkpoint.objects.filter(chain_id=recorded_chain.id).update(height=-1)
    chain = chain_with(recorded_chain.brid)
    with pytest.raises(NotHere, match="none is indexed yet"):
        blocks.at_height(chain, 0)
    assert blocks.page(chain).rows == []


def test_a_list_says_how_many_transactions_each_block_has(recorded_chain: ChainView) -> None:
    stated = {each.height: len(each.transactions) for each in recorded.blocks("four-validators")}
    page = blocks.page(recorded_chain, request=PageRequest(limit=100))
    assert {each.height: each.transactions for each in page.rows} == {
        each.height: stated[each.height] for each in page.rows
    }
    full = blocks.page(recorded_chain, BlockFilter(BlockKind.WITH_TRANSACTIONS), PageRequest(limit=100))
    assert [each.height for each in full.rows] == sorted((h for h, n in stated.items() if n), reverse=True)


def test_a_list_says_what_each_block_did(each_chain: ChainView) -> None:
    told: dict[int, dict[str, set[int]]] = {}
    kinds = ("wrote", "edited", "deleted", "batch-deleted")
    for each in Revision.objects.filter(chain_id=each_chain.id):
        of_block = told.setdefault(each.position >> 20, {})
        of_block.setdefault(kinds[each.kind - 1], set()).add(each.prompt_id)
    owners = [each.position >> 20 for each in Owner.objects.filter(chain_id=each_chain.id, position__gte=0)]
    found = blocks.page(each_chain, request=PageRequest(limit=100)).rows
    for row in found:
        named = {deed.did.value: (deed.count, deed.prompt_id, deed.is_exact) for deed in row.deeds}
        owned = named.pop("changed-owner", (0, None, True))
        assert owned == (owners.count(row.height), None, True)
        assert named.keys() == told.get(row.height, {}).keys()
        for did, ids in told.get(row.height, {}).items():
            assert named[did][1:] == (min(ids), True)
            assert named[did][0] >= len(ids)
        assert blocks.at_height(each_chain, row.height).deeds == row.deeds


def test_of_a_block_with_very_many_records_the_first_are_counted(
    recorded_chain: ChainView, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = blocks.page(recorded_chain, request=PageRequest(limit=100)).rows
    row = max(found, key=lambda each: sum(deed.count for deed in each.deeds))
    cut = deeds._CHANGES.replace(f"> {deeds.MOST}", "> 2").replace(f"LIMIT {deeds.MOST + 1}", "LIMIT 3")
    monkeypatch.setattr(deeds, "_CHANGES", cut)
    told = deeds.deeds_of(recorded_chain.id, [row.height])[row.height]
    assert sum(each.count for each in told) == 2
    assert not any(each.is_exact for each in told)


def test_a_witness_that_was_not_checked_is_said_to_be_so(recorded_chain: ChainView) -> None:
    UncheckedWitness.objects.create(chain_id=recorded_chain.id, height=5, why="no node gave configuration 0")
    found = blocks.at_height(recorded_chain, 5)
    assert found.evidence.standing is ProofStatus.WITNESS_NOT_CHECKED
    assert found.evidence.why == "Its witness was not checked, because no node gave configuration 0."


def test_a_time_that_no_calendar_has_breaks_nothing(recorded_chain: ChainView) -> None:
    Block.objects.filter(chain_id=recorded_chain.id, height=1).update(timestamp=2**63 - 1)
    assert blocks.at_height(recorded_chain, 1).at.year == 9999
    assert blocks.page(recorded_chain, request=PageRequest(before=2)).rows


def test_blocks_cost_a_fixed_number_of_queries(
    each_chain: ChainView, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for height in range(each_chain.freshness.height + 1):
        with django_assert_max_num_queries(MOST_QUERIES):
            blocks.at_height(each_chain, height)
    with django_assert_max_num_queries(3):
        blocks.page(each_chain, request=PageRequest(before=20, limit=100))
