"""Blocks, configurations and search as pages."""

import html
import re
from urllib.parse import urlencode

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from selectolax.lexbor import LexborHTMLParser

from explorer.queries.chain import blocks
from explorer.queries.chain.block_filter import BlockFilter, BlockKind
from explorer.queries.chain.chains import ChainView
from explorer.queries.db.pagination import PageRequest
from explorer.queries.lists import listing
from indexer.models import (
    Chain,
    ConfigurationStanding,
    Revision,
)
from tests.explorer import shown
from tests.explorer.pages.asking import get, of, page
from tests.indexer.made import MadeChain, add

pytestmark = pytest.mark.django_db
FILLED = BlockFilter(BlockKind.WITH_TRANSACTIONS)


def searched(line: str) -> str:
    """The records that a query line finds."""
    return f"/records?{urlencode({'q': line})}"


def first_rid(chain: ChainView) -> str:
    """The RID of a transaction."""
    row = blocks.page(chain, FILLED, PageRequest(limit=1)).rows[0]
    return blocks.at_height(chain, row.height).transactions[0].rid.hex().upper()


def test_a_block_is_found_by_its_rid_too(recorded_chain: ChainView) -> None:
    rid = blocks.at_height(recorded_chain, 0).rid.hex().upper()
    text = page(of(recorded_chain, f"/blocks/{rid}"))
    assert "Block 0" in text
    assert f'rel="canonical" href="http://testserver{of(recorded_chain, "/blocks/0")}"' in text


def test_a_block_leads_to_its_neighbours_and_to_those_with_transactions(recorded_chain: ChainView) -> None:
    last = recorded_chain.freshness.height
    filled = [row.height for row in blocks.page(recorded_chain, FILLED, PageRequest(limit=100)).rows]
    text = page(of(recorded_chain, "/blocks/0"))
    assert f'href="{of(recorded_chain, "/blocks/1")}">1</a>' in text
    assert "none before it" in text
    text = page(of(recorded_chain, f"/blocks/{last}"))
    assert "none so far" in text
    assert ("none after it so far" in text) is (last >= filled[0])


def test_a_block_that_is_not_there_says_how_far_the_chain_is_indexed(recorded_chain: ChainView) -> None:
    text = page(of(recorded_chain, f"/blocks/{recorded_chain.freshness.height + 1}"), status=404)
    assert f"to block {recorded_chain.freshness.height}" in text
    page(of(recorded_chain, f"/blocks/{'0' * 64}"), status=404)


def test_a_chain_that_is_not_indexed_is_said_to_be(recorded_chain: ChainView) -> None:
    assert recorded_chain.rid in page(f"/chains/{'AB' * 32}", status=404)


def test_the_lists_of_blocks_show_those_with_transactions_or_all(recorded_chain: ChainView) -> None:
    filled = blocks.page(recorded_chain, FILLED, PageRequest(limit=50)).rows
    text = page(of(recorded_chain, "/blocks"))
    assert all(f'/blocks/{row.height}"' in text for row in filled)
    newest = recorded_chain.freshness.height
    assert f'/blocks/{newest}"' in page(of(recorded_chain, "/blocks?kind=all"))


def test_what_a_batch_deleted_is_said_of_its_block_in_words(recorded_chain: ChainView) -> None:
    batches = Revision.objects.filter(chain_id=recorded_chain.id, kind=Revision.Kind.BATCH_DELETE)
    height = batches.order_by("-position")[0].position >> 20
    lede = LexborHTMLParser(page(of(recorded_chain, f"/blocks/{height}"))).css("p.lede")[0].text()
    assert re.search(r"deleted (#|at least )?\d+ in a batch", " ".join(lede.split()))
    feed = get(f"/feeds/chains/{recorded_chain.rid}/blocks").content.decode()
    assert re.search(rf"Block {height}: .*deleted #?\d+ in a batch", feed)
    assert "batch-deleted" not in lede + feed


def test_one_configuration_at_most_is_in_force_now(recorded_chain: ChainView) -> None:
    for height in (116, 500):
        ConfigurationStanding.objects.create(
            chain_id=recorded_chain.id, height=height, standing="pending", hash=bytes([height % 256]) * 32
        )
    text = page(of(recorded_chain, "/configurations"))
    assert text.count(">now</td>") == 1
    assert text.count(">not yet</td>") == 2
    text = page(of(recorded_chain, "/configurations/116"))
    assert "Set for height 116, the next block" in text
    assert "in force since" not in text


def test_one_hit_leads_to_its_page(recorded_chain: ChainView) -> None:
    response = get("/find?q=%231")
    assert (response.status_code, response.headers["Location"]) == (302, of(recorded_chain, "/records/1"))


def test_several_hits_are_listed(recorded_chain: ChainView) -> None:
    text = page("/find?q=1")
    assert f'{of(recorded_chain)}/records/1"' in text
    assert f'{of(recorded_chain)}/blocks/1"' in text


def test_a_transaction_is_found_by_its_rid_and_by_its_short_form(recorded_chain: ChainView) -> None:
    rid = first_rid(recorded_chain)
    for text in (rid, rid.lower(), rid[:8], f"{rid[:8]}…{rid[-6:]}"):
        response = get(f"/find?q={text}")
        assert response.headers["Location"] == of(recorded_chain, f"/transactions/{rid}")


def test_the_transactions_of_a_large_block_go_on() -> None:
    made = MadeChain()
    made.block(*(add(uid=number) for number in range(blocks.MOST + 1)))
    chain = shown.index_made(made)
    path = of(chain, "/blocks/0")
    first = page(path)
    assert "500 of 501 are listed.</p>" in first
    following = f"{path}?transactions_after=499#txs"
    assert f'href="{following}">Next transactions →</a>' in first
    assert "First transactions" not in first
    last = page(following)
    assert "1 of 501 are listed, those after number 499.</p>" in last
    assert f'href="{path}#txs">First transactions</a>' in last
    assert "Next transactions" not in last
    found = [blocks.at_height(chain, 0, after=after) for after in (None, 499)]
    rids = {each.rid.hex().upper() for block in found for each in block.transactions}
    assert len(rids) == 501
    assert all(f"/transactions/{rid}" in first + last for rid in rids)
    assert "0 of 501 are listed" in page(f"{path}?transactions_after=501")
    shown.forget()


def test_a_block_leads_to_its_bytes_where_they_are_kept(recorded_chain: ChainView) -> None:
    empty = next(
        row.height
        for row in blocks.page(recorded_chain, request=PageRequest(limit=100)).rows
        if not row.transactions
    )
    for height in (5, empty):
        path = of(recorded_chain, f"/blocks/{height}")
        assert f'href="{path}/raw/header"' in page(path)
        assert (f'href="{path}/raw/witness"' in page(path)) is (height != empty)
    path = of(recorded_chain, f"/blocks/{empty}/raw")
    assert "dropped once it was checked" in page(f"{path}/witness", status=404)
    assert "There are: header, witness" in page(f"{path}/body", status=404)


def test_what_is_not_found_says_what_can_be(recorded_chain: ChainView) -> None:
    text = page("/find?q=99999999", status=404)
    assert "No match for" in text
    assert "Words and filters" in text
    assert "Words and filters" in page("/find")


@pytest.mark.parametrize(
    "asked",
    [
        "lighthouse",
        "gemma2-9b-it",
        "model:gemma* lighthouse",
        "scout 15",
        "12:30",
        "changed:2026-10-01",
        "the 3 planets",
        '"<script>',
        "x " * 400,
    ],
)
def test_words_lead_to_the_records_that_have_them(recorded_chain: ChainView, asked: str) -> None:
    response = get(f"/find?{urlencode({'q': asked})}")
    assert (response.status_code, response.headers["Location"]) == (302, searched(asked.strip()))


def test_what_has_a_name_can_be_searched_for_as_words_too(recorded_chain: ChainView) -> None:
    for asked, status in (("1", 200), ("99999999", 404), ("see record #7", 200)):
        text = page(f"/find?{urlencode({'q': asked})}", status=status)
        assert f'href="{html.escape(searched(chr(34) + asked + chr(34)))}"' in text


def test_records_of_several_hits_say_what_they_ask_and_when(recorded_chain: ChainView) -> None:
    text = page("/find?q=1")
    row = listing.page(recorded_chain, request=PageRequest(oldest_first=True, limit=1)).rows[0]
    assert row.prompt.text[:20] in text
    assert f'datetime="{row.block_at:%Y-%m-%dT%H:%M:%S}' in text


def test_an_address_of_this_site_leads_there(recorded_chain: ChainView) -> None:
    path = f"{of(recorded_chain, '/records/1')}?revision=1#answer"
    for address in (f"http://testserver{path}", f"https://testserver{path}", f"testserver{path}", path):
        response = get(f"/find?{urlencode({'q': address})}")
        assert (response.status_code, response.headers["Location"]) == (302, path)


@pytest.mark.parametrize(
    "address",
    [
        "http://elsewhere.example/status",
        "http://testserver@elsewhere.example/status",
        "javascript://testserver/status",
        "//elsewhere.example/status",
        "///elsewhere.example",
        "/\\elsewhere.example",
        "http://testserver/nowhere",
        "http://testserver//elsewhere.example/status",
        "http://[",
    ],
)
def test_no_other_address_leads_anywhere(recorded_chain: ChainView, address: str) -> None:
    response = get(f"/find?{urlencode({'q': address})}")
    assert (response.status_code, response.headers["Location"]) == (302, searched(address))


def test_a_configuration_that_was_never_in_force_is_found_in_the_list(recorded_chain: ChainView) -> None:
    row = ConfigurationStanding.objects.get(chain_id=recorded_chain.id, height=30)
    digits = bytes(row.hash).hex()
    assert get(f"/find?q={digits}").headers["Location"] == of(recorded_chain, "/configurations/30")
    row.standing = ConfigurationStanding.Standing.NOT_APPLIED
    row.save()
    address = of(recorded_chain, "/configurations#height-30")
    assert get(f"/find?q={digits}").headers["Location"] == address
    text = page(of(recorded_chain, "/configurations"))
    assert '<tr role="row" id="height-30">' in text
    assert "never in force" in text


@pytest.mark.parametrize(
    "path", ["/how-checks-are-made", "/glossary", "/privacy", "/terms", "/contact", "/data-licence"]
)
def test_the_site_s_own_words_are_pages(path: str) -> None:
    page(path)
    page(f"{path}?x=1", status=400)


def test_robots_are_told_what_not_to_read() -> None:
    response = get("/robots.txt")
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert b"Disallow: /find" in response.content


def test_every_page_links_to_its_json(recorded_chain: ChainView) -> None:
    for path in ("/records", "/records/1", "/blocks/0", "/configurations", "/configurations/0"):
        expected = f'<link rel="alternate" type="application/json" href="/api/v1{of(recorded_chain, path)}">'
        assert expected in page(of(recorded_chain, path))


def test_bytes_are_files(recorded_chain: ChainView) -> None:
    rid = first_rid(recorded_chain)
    for path, name in (
        (f"/transactions/{rid}/raw", f"transaction-{rid}.gtv"),
        ("/configurations/115/raw", "configuration-55.gtv"),
        ("/blocks/5/raw/header", "block-5-header.bin"),
        ("/blocks/5/raw/witness", "block-5-witness.bin"),
    ):
        response = get(of(recorded_chain, path))
        assert response.headers["Content-Type"] == "application/octet-stream"
        assert response.headers["Content-Disposition"] == f'attachment; filename="{name}"'
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Cache-Control"] == "public, max-age=300"
        assert response.headers["ETag"]


def test_a_configuration_is_the_one_in_force_and_has_one_canonical_address(recorded_chain: ChainView) -> None:
    text = page(of(recorded_chain, "/configurations/40"))
    assert "Set at height 30 and in force up to height 54" in text
    assert f'rel="canonical" href="http://testserver{of(recorded_chain, "/configurations/30")}"' in text
    assert "signer change not self-proved" in text
    assert "add_prompt_history" in text
    assert "the chain is indexed to 115" in page(of(recorded_chain, "/configurations/999"), status=404)


def test_the_witness_of_a_block_is_not_said_to_hold_where_its_signers_are_not_proved(
    recorded_chain: ChainView,
) -> None:
    assert "signers not proved" not in page(of(recorded_chain, "/blocks/5"))
    assert "signers not proved" in page(of(recorded_chain, "/blocks/115"))


def test_lists_of_blocks_are_refused_what_they_do_not_take(recorded_chain: ChainView) -> None:
    assert "kind is one of all, with-transactions" in page(of(recorded_chain, "/blocks?kind=x"), status=400)
    assert "There are: after, before, kind, limit" in page(of(recorded_chain, "/blocks?status=x"), status=400)
    for path in (
        "/configurations",
        "/configurations/0",
        f"/transactions/{first_rid(recorded_chain)}",
    ):
        assert "This address takes none" in page(of(recorded_chain, f"{path}?x"), status=400)
    assert "There are: transactions_after" in page(of(recorded_chain, "/blocks/0?x"), status=400)
    for path in ("/blocks/-1", "/blocks/x", "/blocks/00", "/blocks/" + "9" * 30, "/transactions/ABC"):
        page(of(recorded_chain, path), status=404)


def test_pages_are_asked_for_again_each_time(recorded_chain: ChainView) -> None:
    for path in ("/", "/status", "/find", of(recorded_chain, "/records"), of(recorded_chain, "/records/1")):
        response = get(path)
        assert response.headers["Cache-Control"] == "no-cache"
        assert {"Cookie", "HX-Request"} <= set(response.headers["Vary"].split(", "))
        again = Client().get(path, headers={"If-None-Match": response.headers["ETag"]})
        assert again.status_code in (200, 304)


def test_pages_ask_a_fixed_number_of_queries(
    recorded_chain: ChainView, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    page(of(recorded_chain, "/ledger"))  # the code of each configuration is read once
    for path, queries in (
        ("/blocks", 3),
        ("/blocks?kind=all", 2),
        ("/blocks/0", 3),
        ("/blocks/5", 7),
        ("/ledger", 5),
        ("/missing", 4),
        (f"/transactions/{first_rid(recorded_chain)}", 6),
        ("/configurations", 2),
        ("/configurations/0", 3),
    ):
        with django_assert_num_queries(queries):
            page(of(recorded_chain, path))
    with django_assert_num_queries(6):
        page("/status")
    with django_assert_num_queries(6):  # the records, and an example
        page("/find?q=1")


@pytest.mark.parametrize("name", ["", "chasm <b>"])
def test_the_rid_of_a_chain_is_seen_whole_and_copied_by_its_name(
    recorded_chain: ChainView, name: str
) -> None:
    Chain.objects.filter(id=recorded_chain.id).update(name=name)
    for path in ("/", of(recorded_chain), "/status", of(recorded_chain, "/records/1")):
        found = LexborHTMLParser(page(path)).css(f'main .hash[data-full="{recorded_chain.rid}"]')
        named = [each for each in found if each.attributes["data-what"] == "chain RID"]
        assert named
        is_whole = any("".join(each.text().split()) == recorded_chain.rid for each in named)
        assert is_whole or any(each.attributes.get("href") == of(recorded_chain) for each in named)
        assert is_whole or path.endswith("/records/1")
