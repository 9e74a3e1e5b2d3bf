"""Every kind of page of whole chains: each answers, and nothing of a stranger's is more than words."""

import re
from collections.abc import Sequence

import pytest
from django.urls import URLPattern, reverse
from pytest_django import Settings

from explorer.pages import urls
from explorer.queries.chain import blocks, configurations
from explorer.queries.chain.chains import ChainView
from explorer.queries.records.record import record
from explorer.queries.records.revisions import Revision
from explorer.queries.records.states import Status
from tests.explorer.pages.asking import get, of, page
from tests.explorer.queries.every import every_record, every_transaction, one_of_each

pytestmark = pytest.mark.django_db
_WORDS = re.compile(r'class="[^"]*\b(?:said|snippet|arguments)\b')  # what holds those of records


def ids(chain: ChainView) -> range:
    return range(1, chain.records + 1)


def heights(chain: ChainView) -> range:
    return range(chain.freshness.height + 1)


def test_every_page_of_a_chain_has_its_like_in_json(each_chain: ChainView) -> None:
    pages = [each for each in urls.urlpatterns if isinstance(each, URLPattern)]
    of_chain = [each for each in pages if set(each.pattern.converters) == {"brid"}]
    assert len(of_chain) >= 4
    for route in of_chain:
        path = reverse(str(route.name), args=[each_chain.rid])
        page(path)
        assert get(f"/api/v1{path}").status_code == 200


def test_every_kind_of_record_has_a_page(each_chain: ChainView) -> None:
    for found in one_of_each(every_record(each_chain)):
        prompt_id = found.row.prompt_id
        path = of(each_chain, f"/records/{prompt_id}")
        assert f"Record #{prompt_id}" in page(path, status=_status_of(found.row.status))


def test_every_kind_of_result_has_a_page_in_each_view(each_chain: ChainView) -> None:
    every = ((found.row.prompt_id, found.row.status, found.current) for found in every_record(each_chain))
    for prompt_id, status, _ in one_of_each(every):
        for view in ("json", "raw"):
            page(of(each_chain, f"/records/{prompt_id}?view={view}"), status=_status_of(status))


def test_every_kind_of_revision_has_a_page(each_chain: ChainView) -> None:
    """Of what became of its record, and of where it stands among its revisions, as well."""
    every = (
        (found.row.prompt_id, found.row.status, each.number == 1, each is found.current, each)
        for found in every_record(each_chain)
        for each in found.revisions
        if each.result is not None
    )
    for prompt_id, status, *_, each in one_of_each(every):
        page(of(each_chain, f"/records/{prompt_id}?revision={each.number}"), status=_status_of(status))


def _status_of(status: Status) -> int:
    return 410 if status is Status.DELETED else 200


def test_every_kind_of_signed_text_can_be_taken_byte_for_byte(each_chain: ChainView) -> None:
    for prompt_id, revision in _signed(each_chain):
        response = get(of(each_chain, f"/records/{prompt_id}/raw/{revision.number}/result"))
        assert revision.result is not None
        assert revision.result.value is not None
        assert response.content == revision.result.value.encode("utf-8", "surrogatepass")
        assert response.headers["Content-Disposition"].startswith("attachment; ")
        assert response.headers["Content-Type"] == "application/octet-stream"


def _signed(chain: ChainView) -> Sequence[tuple[int, Revision]]:
    """A revision of each kind that has a text, with the id of its record."""
    every = ((found.row.prompt_id, each) for found in every_record(chain) for each in found.revisions)
    return one_of_each(
        (prompt_id, each)
        for prompt_id, each in every
        if each.result is not None and each.result.value is not None
    )


def test_every_kind_of_block_has_a_page(each_chain: ChainView) -> None:
    for found in one_of_each(blocks.at_height(each_chain, each) for each in heights(each_chain)):
        assert f"Block {found.height:,}" in page(of(each_chain, f"/blocks/{found.height}"))


def test_every_kind_of_transaction_has_a_page(each_chain: ChainView) -> None:
    for found in one_of_each(every_transaction(each_chain)):
        rid = found.rid.hex().upper()
        assert rid in page(of(each_chain, f"/transactions/{rid}"))
        assert get(of(each_chain, f"/transactions/{rid}/raw")).status_code == 200


def test_every_configuration_has_a_page(each_chain: ChainView) -> None:
    page(of(each_chain, "/configurations"))
    for row in configurations.all_of(each_chain):
        if row.governs and row.height <= each_chain.freshness.height:
            text = page(of(each_chain, f"/configurations/{row.height}"))
            assert row.hash.hex().upper() in text


def test_pages_with_words_of_records_stay_out_of_search_engines(
    recorded_chain: ChainView, settings: Settings
) -> None:
    settings.NOINDEX = True
    wordy = {path for path in _pages(recorded_chain) if _WORDS.search(page(path))}
    hidden = {path for path in _pages(recorded_chain) if _asks_robots_away(path)}
    record = of(recorded_chain, "/records/1")
    assert {"/", of(recorded_chain), of(recorded_chain, "/records"), record} <= wordy
    assert any("/transactions/" in path for path in wordy)
    assert wordy - {"/"} <= hidden  # what the site is may be found
    settings.NOINDEX = False
    assert not any(map(_asks_robots_away, wordy))


def _pages(chain: ChainView) -> list[str]:
    """Every page that is not always left out, and one of each of which there are many."""
    revision = record(chain, 1).revisions[0]
    many = ("", "/records", "/records/1", "/blocks", f"/blocks/{revision.height}", "/configurations/0")
    transaction = f"/transactions/{revision.transaction_rid.hex().upper()}"
    ours = (
        "/",
        "/status",
        "/api",
        "/how-checks-are-made",
        "/glossary",
        "/privacy",
        "/terms",
        "/contact",
        "/data-licence",
    )
    return [*ours, *(of(chain, each) for each in (*many, "/configurations", transaction))]


def _asks_robots_away(path: str) -> bool:
    response = get(path)
    meta = b'<meta name="robots" content="noindex">' in response.content
    assert (response.headers.get("X-Robots-Tag") == "noindex") is meta
    return meta


def test_the_list_of_records_leads_over_all_of_them_and_back(each_chain: ChainView) -> None:
    seen: list[str] = []
    path = of(each_chain, "/records?limit=25")
    last = path
    while path:
        text = page(path)
        found = [line.split('"')[0] for line in text.split(f"{of(each_chain)}/records/")[1:]]
        seen += [each for each in found if not each.startswith("facets")]
        last, path = path, link(text, "next")
    assert [int(each) for each in seen] == list(reversed(ids(each_chain)))
    back = 0
    path = last
    while path := link(page(path), "prev"):
        back += 1
    assert back == (each_chain.records - 1) // 25


def link(text: str, rel: str) -> str:
    """Where the link with that relation leads; empty where there is none."""
    head, found, _ = text.partition(f'" rel="{rel}"')
    return head.rpartition('href="')[2].replace("&amp;", "&") if found else ""
