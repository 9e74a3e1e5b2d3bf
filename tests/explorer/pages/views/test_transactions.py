"""Transactions as pages: operations, argument by argument."""

from collections.abc import Callable, Iterator

import pytest

from explorer.queries.chain import blocks
from explorer.queries.chain.block_filter import BlockFilter, BlockKind
from explorer.queries.chain.chains import ChainView
from explorer.queries.db.pagination import PageRequest
from explorer.queries.records.record import record
from explorer.queries.site import status
from indexer.models import Suppression
from indexer.records.erase import suppress
from tests.explorer import shown
from tests.explorer.pages.asking import get, of, page
from tests.indexer.made import MadeChain, add, call, completion

pytestmark = pytest.mark.django_db

Index = Callable[[MadeChain], ChainView]


@pytest.fixture
def index() -> Iterator[Index]:
    """Chains that one test makes."""
    yield shown.index_made
    shown.forget()


def newest_rid(chain: ChainView) -> str:
    """The RID of a transaction in the newest block that has any."""
    row = blocks.page(chain, BlockFilter(BlockKind.WITH_TRANSACTIONS), PageRequest(limit=1)).rows[0]
    return blocks.at_height(chain, row.height).transactions[0].rid.hex().upper()


def test_a_transaction_names_its_arguments(toured_chain: ChainView) -> None:
    rid = record(toured_chain, 1).revisions[0].transaction_rid.hex().upper()
    text = page(of(toured_chain, f"/transactions/{rid}"))
    for name in ("UID", "messages", "result", "seed", "model", "provider"):
        assert f'<span class="mono">{name}</span>' in text


def test_the_keys_of_signers_lead_to_the_records_that_were_written_under_them(
    recorded_chain: ChainView,
) -> None:
    said = record(recorded_chain, 1).revisions[0]
    rid, key = said.transaction_rid.hex().upper(), said.signers[0].hex().upper()
    link = f'href="{of(recorded_chain, "/records")}?writer={key}"'
    for below in (f"/transactions/{rid}", f"/blocks/{said.height}", "/records/1"):
        assert link in page(of(recorded_chain, below)), below
    listed = page(of(recorded_chain, f"/records?writer={key}&order=oldest"))
    assert "#1<" in listed
    assert f'class="hash full" data-full="{key}"' in listed


def test_of_many_operations_the_first_are_shown_and_the_others_named(index: Index) -> None:
    made = MadeChain()
    made.block(call(*(add(completion(f"answer {number}")) for number in range(70))))
    chain = index(made)
    rid = blocks.at_height(chain, 0).transactions[0].rid.hex().upper()
    text = page(of(chain, f"/transactions/{rid}"))
    assert "70 operations, signed by 1 key" in text
    assert text.count('<span class="mono">messages</span>') == 50
    assert "The arguments of the first 50 operations are shown" in text
    assert 'href="' + of(chain, '/records/70">#70') in text


def test_long_arguments_are_cut_with_a_way_to_all_of_them(index: Index) -> None:
    made = MadeChain()
    made.block(add(completion("word " * 10_000)))
    chain = index(made)
    rid = blocks.at_height(chain, 0).transactions[0].rid.hex().upper()
    text = page(of(chain, f"/transactions/{rid}"))
    assert len(text) < 30_000
    assert "The first 4,000 of" in text
    assert f'href="{of(chain, f"/transactions/{rid}/raw")}">All of it is in the bytes</a>' in text


def test_an_operation_that_is_not_understood_keeps_its_arguments(toured_chain: ChainView) -> None:
    height = status.status(toured_chain).unknown_operations[0].first_height
    assert f'href="{of(toured_chain, f"/blocks/{height}")}"' in page("/status")
    rid = blocks.at_height(toured_chain, height).transactions[0].rid.hex().upper()
    text = page(of(toured_chain, f"/transactions/{rid}"))
    assert "Not understood" in text
    assert '<em class="quiet">empty</em>' in text


def test_a_transaction_that_is_withheld_is_a_451_and_so_are_its_bytes(toured_chain: ChainView) -> None:
    rid = newest_rid(toured_chain)
    suppress(
        Suppression.Subject.TRANSACTION,
        bytes.fromhex(rid),
        mode=Suppression.Mode.HIDE,
        reason="private <i>",
        by="operator",
    )
    text = page(of(toured_chain, f"/transactions/{rid}"), status=451)
    assert "private &lt;i&gt;" in text
    assert "Its arguments are withheld" in text
    for path in (f"/transactions/{rid}", f"/transactions/{rid}/raw"):
        response = get(of(toured_chain, path))
        assert (response.status_code, response.headers["X-Robots-Tag"]) == (451, "noindex")
        assert response.headers["Link"] == '</contact>; rel="blocked-by"'
