"""The site before any chain is indexed, and chains of which little is."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.utils import timezone

from explorer.queries.chain.chains import ChainView, chain_with
from indexer.models import Chain, Checkpoint, Node
from tests.explorer import shown
from tests.explorer.pages.asking import get, of, page
from tests.indexer.made import MadeChain

pytestmark = pytest.mark.django_db

SECTIONS = ("/records", "/blocks", "/configurations", "/scouts")


@pytest.fixture
def awaited() -> ChainView:
    """A chain that is followed, and of which no node has told anything."""
    row = Chain.objects.create(brid=b"\xab" * 32, name="<b>awaited", network="devnet", generation=1)
    return chain_with(bytes(row.brid))


@pytest.fixture
def single() -> Iterator[ChainView]:
    """A chain of one block without transactions."""
    made = MadeChain()
    made.block()
    yield shown.index_made(made)
    shown.forget()


def test_the_home_page_says_what_is_awaited() -> None:
    text = page("/")
    assert "No chain is indexed yet" in text
    assert "make run NODE=" in text


def test_a_page_that_waits_for_a_chain_loads_again_once_there_is_one() -> None:
    assert 'hx-get="/" hx-trigger="every 5s"' in page("/")
    assert told("/") == (204, None)
    Chain.objects.create(brid=b"\xab" * 32)
    assert told("/") == (200, "true")


def test_a_page_that_waits_for_the_first_block_loads_again_once_it_is_here(awaited: ChainView) -> None:
    assert f'hx-get="{of(awaited)}" hx-trigger="every 5s"' in page("/")
    assert told(of(awaited)) == (204, None)
    numbers = dict.fromkeys(
        ("height", "timestamp", "last_prompt_id", "live", "transactions", "operations"), 0
    )
    Checkpoint.objects.create(chain_id=awaited.id, generation=1, block_rid=b"", digest=b"", **numbers)
    assert told(of(awaited)) == (200, "true")


def told(path: str) -> tuple[int, str | None]:
    """What a page that waits is answered."""
    response = Client().get(path, headers={"HX-Request": "true"})
    assert response.content == b""
    return response.status_code, response.headers.get("HX-Refresh")


def test_chains_of_which_nothing_is_read_say_so_and_wait() -> None:
    rows = [Chain.objects.create(brid=bytes([number]) * 32) for number in (1, 2)]
    text = page("/")
    assert text.count("not read yet") == 2
    assert "indexed to" not in text
    assert ">0<" not in text
    for row in rows:
        assert f'hx-get="/chains/{bytes(row.brid).hex().upper()}" hx-trigger="every 5s"' in text


def test_status_says_that_there_is_no_chain() -> None:
    assert "No chain is indexed yet" in page("/status")


def test_search_finds_nothing_and_says_what_could_be_found() -> None:
    text = page("/find?q=1", status=404)
    assert "Words and filters" in text
    assert "No block is read yet" in text
    assert "No block is read yet" in page("/find?q=lighthouse", status=404)
    assert "No block is read yet" not in page("/find")


def test_a_chain_says_that_none_is_indexed() -> None:
    assert "None is yet" in page(f"/chains/{'AB' * 32}", status=404)


@pytest.mark.django_db(databases=["default", "desk"])
def test_the_readiness_is_not_about_chains() -> None:
    assert get("/readyz").status_code == 200


def test_a_chain_without_a_block_says_from_whom_it_is_awaited(awaited: ChainView) -> None:
    text = page("/")
    assert "Waiting for the first block" in text
    assert "none of its nodes has answered" in text
    assert "&lt;b&gt;awaited" in text
    Node.objects.create(
        chain_id=awaited.id,
        url="http://node.example:7740",
        failed_at=timezone.now(),
        failure="connection refused <script>",
    )
    text = page(of(awaited))
    assert "node.example:7740" in text
    assert "connection refused &lt;script&gt;" in text
    Node.objects.update(answered_at=timezone.now())
    assert "blocks are on their way" in page("/")


def test_a_chain_without_a_block_has_its_pages_all_the_same(awaited: ChainView) -> None:
    for section in SECTIONS:
        page(of(awaited, section))
    page("/status")
    assert "No record so far" in page(of(awaited, "/records"))
    assert "none is indexed yet" in page(of(awaited, "/blocks/0"), status=404)
    page(of(awaited, "/records/1"), status=404)
    page(of(awaited, "/configurations/0"), status=404)


def test_a_chain_of_one_block_has_that_block_and_no_record(single: ChainView) -> None:
    assert single.freshness.height == 0
    text = page("/")
    assert "What a record is" in text
    assert "no record in it so far" in text
    assert f'hx-get="/news{of(single, "/records")}?seen=0"' in text
    for section in SECTIONS:
        page(of(single, section))
    assert "An empty block" in page(of(single, "/blocks/0"))
    assert 'href="' + of(single, "/blocks/0") in page(of(single, "/blocks?kind=all"))
    assert "No block with transactions" in page(of(single, "/blocks"))
    assert "it has none yet" in page(of(single, "/records/1"), status=404)
    assert "from block 0 to block 0" in page(of(single, "/blocks/1"), status=404)
    page(of(single, "/configurations/1"))
    page(of(single, "/configurations/2"), status=404)


@pytest.mark.parametrize("path", ["/models", "/providers", "/scouts"])
def test_nothing_is_named_so_far(path: str, single: ChainView) -> None:
    assert "so far" in page(path)
    assert get(f"{path}/1").status_code == 404
