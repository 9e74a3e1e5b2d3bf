"""Addresses of records that can be read out."""

import pytest
from django.test import Client

from explorer.queries.chain import chains
from explorer.queries.chain.chains import ChainView, beginning_of
from indexer.models import Chain
from tests.explorer.pages.asking import get, of, page

pytestmark = pytest.mark.django_db


def led(path: str) -> tuple[int, str | None]:
    response = Client().get(path)
    return response.status_code, response.headers.get("Location")


@pytest.mark.parametrize("below", ["", "/records/1", "/records?status=edited&q=a%20b", "/blocks/0", "?x=1"])
@pytest.mark.parametrize("length", [8, 9, 63])
def test_eight_digits_lead_to_the_whole(recorded_chain: ChainView, below: str, length: int) -> None:
    for digits in (recorded_chain.rid[:length], recorded_chain.rid[:length].lower()):
        assert led(f"/chains/{digits}{below}") == (302, of(recorded_chain, below))


def test_the_whole_is_the_canonical_address(recorded_chain: ChainView) -> None:
    whole = f'<link rel="canonical" href="http://testserver{of(recorded_chain, "/records/1")}">'
    assert whole in page(of(recorded_chain, "/records/1"))


def test_what_no_chain_begins_with_is_not_here(recorded_chain: ChainView) -> None:
    digits = "00000000" if not recorded_chain.rid.startswith("00000000") else "11111111"
    other = Chain.objects.create(brid=b"\x0e" * 32, name="<i>other</i>")
    for path in (f"/chains/{digits}/records/1", f"/chains/{'0F' * 32}/records/1"):
        text = page(path, status=404)
        for rid in (recorded_chain.rid, bytes(other.brid).hex().upper()):
            assert f'href="/chains/{rid}"' in text.partition('id="here"')[2]
    assert get(f"/chains/{recorded_chain.rid[:7]}/records/1").status_code == 404


def test_where_two_begin_alike_both_are_offered(recorded_chain: ChainView) -> None:
    like = Chain.objects.create(brid=recorded_chain.brid[:4] + b"\x00" * 28, name="<i>like</i>")
    text = page(f"/chains/{recorded_chain.rid[:8]}/records/1?view=raw", status=300)
    for rid in (recorded_chain.rid, bytes(like.brid).hex().upper()):
        assert f'href="/chains/{rid}/records/1?view=raw"' in text
    assert "2 chains here have a RID that begins with" in text
    assert "noindex" in text
    first = page(of(recorded_chain, "/records/1"))
    short = beginning_of(recorded_chain, chains.chains())
    assert len(short) > 8
    assert f"testserver/chains/{short}/records/1" in first
    assert led(f"/chains/{short}/records/1") == (302, of(recorded_chain, "/records/1"))


def test_a_record_says_how_it_is_read_out(recorded_chain: ChainView) -> None:
    assert f"testserver/chains/{recorded_chain.rid[:8]}/records/1<" in page(of(recorded_chain, "/records/1"))


def test_the_api_takes_the_whole_alone(recorded_chain: ChainView) -> None:
    assert get(f"/api/v1/chains/{recorded_chain.rid[:8]}/records/1").status_code == 404


def test_the_way_on_never_leaves_the_site(recorded_chain: ChainView) -> None:
    status, address = led(f"/chains/{recorded_chain.rid[:8]}//elsewhere.example/")
    assert (status, address) == (302, of(recorded_chain, "//elsewhere.example/"))
