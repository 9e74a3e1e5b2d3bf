"""A stored block that is damaged is an error of this site, on pages and in the API; nothing is withheld."""

from collections.abc import Callable

import pytest

from explorer.queries.chain.chains import ChainView
from explorer.queries.records.record import record
from indexer.models import Block, BlockBody, Suppression
from indexer.store import body
from indexer.store.read import read_transactions
from tests.explorer.api.asking import refused
from tests.explorer.pages.asking import get, of, page

pytestmark = pytest.mark.django_db
Hurt = Callable[[int, int], object]
FIRST = 5  # a record whose block is hurt


def unpackable(chain: int, height: int) -> None:
    BlockBody.objects.filter(chain_id=chain, height=height).update(body=b"no frame")


def emptied(chain: int, height: int) -> None:
    BlockBody.objects.filter(chain_id=chain, height=height).update(body=None)


def gone(chain: int, height: int) -> None:
    BlockBody.objects.filter(chain_id=chain, height=height).delete()


def altered(chain: int, height: int) -> None:
    """Another letter in each transaction, in a frame that is whole."""
    data = [
        (each.data or b"").replace(b"content", b"CONTENT") for each in read_transactions(chain, height=height)
    ]
    BlockBody.objects.filter(chain_id=chain, height=height).update(body=body.pack(data).frame)


def garbled(chain: int, height: int) -> None:
    """No transaction at all, of the right length."""
    data = [b"\xff" * len(each.data or b"") for each in read_transactions(chain, height=height)]
    BlockBody.objects.filter(chain_id=chain, height=height).update(body=body.pack(data).frame)


@pytest.fixture(params=[unpackable, emptied, gone, altered, garbled])
def hurt(request: pytest.FixtureRequest) -> Hurt:
    """Every way in which a body may be damaged."""
    found: Hurt = request.param
    return found


def test_the_page_of_a_transaction_says_that_the_copy_is_damaged(
    recorded_chain: ChainView, hurt: Hurt
) -> None:
    first = record(recorded_chain, FIRST).revisions[0]
    hurt(recorded_chain.id, first.height)
    at = of(recorded_chain, f"/transactions/{first.transaction_rid.hex().upper()}")
    text = page(at, status=500)
    for said in ("copy of the block is damaged", "nothing is withheld", "fsck", "cannot be read here"):
        assert said in text
    assert "withholds" not in text
    assert "CONTENT" not in text
    assert "blocked-by" not in get(at).headers.get("Link", "")
    assert "This is damaged here" in page(f"{at}/raw", status=500)


def test_the_page_of_a_record_says_so_and_shows_what_there_is(recorded_chain: ChainView, hurt: Hurt) -> None:
    found = record(recorded_chain, FIRST)
    hurt(recorded_chain.id, found.revisions[0].height)
    at = of(recorded_chain, f"/records/{FIRST}")
    text = page(at, status=500)
    assert "copy of the block is damaged" in text
    assert "withholds" not in text
    assert "CONTENT" not in text
    assert "This is damaged here" in page(f"{at}/raw/1/messages", status=500)


def test_the_api_answers_with_a_problem_that_holds_the_rest(recorded_chain: ChainView, hurt: Hurt) -> None:
    first = record(recorded_chain, FIRST).revisions[0]
    hurt(recorded_chain.id, first.height)
    rid = first.transaction_rid.hex().upper()
    told = refused(f"/chains/{recorded_chain.rid}/transactions/{rid}", 500, "damaged")
    assert told["transaction"]["rid"] == rid
    assert told["transaction"]["withheld"]["kind"] == "unreadable"
    assert [each["arguments"] for each in told["transaction"]["operations"]] == [None]
    assert "fsck" in told["detail"]
    told = refused(f"/chains/{recorded_chain.rid}/records/{FIRST}", 500, "damaged")
    assert told["record"]["prompt_id"] == FIRST
    assert {each["kind"] for each in told["record"]["withheld"]} == {"unreadable"}


def test_what_the_operator_hides_is_withheld_also_where_the_copy_is_damaged(
    recorded_chain: ChainView, hurt: Hurt
) -> None:
    first = record(recorded_chain, FIRST).revisions[0]
    hurt(recorded_chain.id, first.height)
    Suppression.objects.create(
        subject="transaction", hash=first.transaction_rid, mode="hide", reason="a reason", by="b"
    )
    rid = first.transaction_rid.hex().upper()
    for address in (f"/transactions/{rid}", f"/transactions/{rid}/raw", f"/records/{FIRST}"):
        page(of(recorded_chain, address), status=451)


def test_other_blocks_are_shown_as_before(recorded_chain: ChainView, hurt: Hurt) -> None:
    found = record(recorded_chain, FIRST)
    other = record(recorded_chain, recorded_chain.records)
    assert other.revisions[0].height not in {each.height for each in found.revisions}
    hurt(recorded_chain.id, found.revisions[0].height)
    page(of(recorded_chain, f"/records/{recorded_chain.records}"))
    page(of(recorded_chain, f"/blocks/{found.revisions[0].height}"), status=500 if hurt is gone else 200)
    page(of(recorded_chain, "/records"))


def header_altered(chain: int, height: int) -> None:
    found = BlockBody.objects.get(chain_id=chain, height=height)
    altered = bytearray(found.header or b"")
    altered[60] ^= 1
    BlockBody.objects.filter(chain_id=chain, height=height).update(header=bytes(altered))


def header_cut(chain: int, height: int) -> None:
    found = BlockBody.objects.get(chain_id=chain, height=height)
    BlockBody.objects.filter(chain_id=chain, height=height).update(header=bytes(found.header or b"")[:50])


@pytest.mark.parametrize("hurt_header", [header_altered, header_cut, gone])
def test_a_header_that_is_not_the_block_s_is_not_shown_as_it(
    recorded_chain: ChainView, hurt_header: Hurt
) -> None:
    height = record(recorded_chain, FIRST).revisions[0].height
    rid = Block.objects.get(chain_id=recorded_chain.id, height=height).rid.hex().upper()
    hurt_header(recorded_chain.id, height)
    for address in (f"/blocks/{height}", f"/blocks/{rid}", f"/blocks/{height}/raw/header"):
        assert "copy of the block is damaged" in page(of(recorded_chain, address), status=500)
    told = refused(f"/chains/{recorded_chain.rid}/blocks/{height}", 500, "damaged")
    assert "fsck" in told["detail"]
