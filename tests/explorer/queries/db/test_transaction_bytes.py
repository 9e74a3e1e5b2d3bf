"""What transactions said, from their bytes."""

import pytest
from pytest_django import DjangoAssertNumQueries

from explorer.queries.chain.chains import ChainView
from explorer.queries.db import transaction_bytes
from explorer.queries.db.transaction_bytes import BROKEN, NOT_READ, Place, TransactionBytes
from indexer.models import BlockBody, Transaction
from indexer.postchain import gtx
from indexer.store import body
from tests.indexer.postchain import recorded

pytestmark = pytest.mark.django_db
FOUR = "four-validators"
SENT = {
    Place(block.height, ordinal): each.data
    for block in recorded.blocks(FOUR)
    for ordinal, each in enumerate(block.transactions)
}


def test_the_bytes_of_all_that_is_asked_for_come_in_one_query(
    recorded_chain: ChainView, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        found = transaction_bytes.read(recorded_chain.id, [*SENT, *SENT])
    assert {place: each.data for place, each in found.items()} == SENT
    with django_assert_num_queries(0):
        assert transaction_bytes.read(recorded_chain.id, []) == {}


def test_operations_are_read_from_the_bytes(recorded_chain: ChainView) -> None:
    place, data = next(iter(SENT.items()))
    found = transaction_bytes.read(recorded_chain.id, [place])[place]
    assert found.operations() == gtx.decode(data, version=1).operations
    assert TransactionBytes(None).operations() == ()


def test_where_all_is_too_much_the_first_two_blocks_are_read(recorded_chain: ChainView) -> None:
    heights = list(dict.fromkeys(place.height for place in SENT))
    places = sorted(SENT, key=lambda place: (place.height != heights[5], place.height != heights[3], place))
    found = transaction_bytes.read(recorded_chain.id, places, most=1)
    read = {place.height for place, each in found.items() if each is not NOT_READ}
    assert read == {heights[5], heights[3]}
    assert found.keys() == SENT.keys()
    assert "see the transaction itself" in NOT_READ.fault


def test_what_is_not_there_or_does_not_hold_what_it_should_raises_nothing(recorded_chain: ChainView) -> None:
    place = next(iter(SENT))
    nowhere = Place(10**9, 0)
    assert transaction_bytes.read(recorded_chain.id, [nowhere]) == {nowhere: NOT_READ}
    stored = BlockBody.objects.filter(chain_id=recorded_chain.id, height=place.height)
    body = stored.get().body
    for damaged in (b"", b"no zstd", None):
        stored.update(body=damaged)
        assert transaction_bytes.read(recorded_chain.id, [place]) == {place: BROKEN}
    stored.update(body=body)
    Transaction.objects.filter(chain_id=recorded_chain.id, height=place.height, ordinal=place.ordinal).update(
        offset=10**8
    )
    assert transaction_bytes.read(recorded_chain.id, [place]) == {place: BROKEN}


def test_a_block_whose_body_is_missing_is_damaged_and_not_merely_left_out(recorded_chain: ChainView) -> None:
    place = next(iter(SENT))
    BlockBody.objects.filter(chain_id=recorded_chain.id, height=place.height).delete()
    assert transaction_bytes.read(recorded_chain.id, [place]) == {place: BROKEN}


@pytest.mark.parametrize("at", [0, 60, -40])
def test_bytes_of_another_transaction_than_the_row_s_are_damaged(recorded_chain: ChainView, at: int) -> None:
    """A frame that unpacks to the right length may hold other bytes."""
    place = next(iter(SENT))
    data = [SENT[each] for each in sorted(SENT) if each.height == place.height]
    altered = bytearray(data[place.ordinal])
    altered[at] ^= 1
    packed = body.pack([bytes(altered) if each == place.ordinal else raw for each, raw in enumerate(data)])
    BlockBody.objects.filter(chain_id=recorded_chain.id, height=place.height).update(body=packed.frame)
    places = [Place(place.height, each) for each in range(len(data))]
    found = transaction_bytes.read(recorded_chain.id, places)
    assert [found[each] == BROKEN for each in places] == [each == place for each in places]


def test_erased_bytes_are_none_without_a_fault(recorded_chain: ChainView) -> None:
    place = next(iter(SENT))
    Transaction.objects.filter(chain_id=recorded_chain.id, height=place.height, ordinal=place.ordinal).update(
        offset=None
    )
    assert transaction_bytes.read(recorded_chain.id, [place]) == {place: TransactionBytes(None)}


def test_a_transaction_of_which_nobody_asked_is_not_read(
    recorded_chain: ChainView, caplog: pytest.LogCaptureFixture
) -> None:
    """Places are looked up by their heights and ordinals, of which each goes with each."""
    beside = next(place for place in SENT if place.ordinal == 1)
    asked = [Place(beside.height, 0), next(place for place in SENT if place.ordinal == 1 and place != beside)]
    Transaction.objects.filter(chain_id=recorded_chain.id, height=beside.height, ordinal=1).update(hash=b"x")
    found = transaction_bytes.read(recorded_chain.id, asked)
    assert {place: each.data for place, each in found.items()} == {place: SENT[place] for place in asked}
    assert caplog.messages == []
