"""The home of the site and of a chain."""

import pytest
from pytest_django import DjangoAssertNumQueries

from explorer.queries import records
from explorer.queries.chains import ChainView
from tests.explorer.pages.asking import SHARED, get, of, page

pytestmark = pytest.mark.django_db


def test_with_one_chain_it_shows_records_numbers_and_what_is_proved(recorded_chain: ChainView) -> None:
    text = page("/")
    for words in ("What the chain proves", "What it does not prove", "Records written", "Latest records"):
        assert words in text
    for row in records.latest(recorded_chain):
        assert f'{of(recorded_chain)}/records/{row.prompt_id}"' in text
    assert f"<dd>{recorded_chain.records:,}</dd>" in text


def test_a_page_that_watches_is_told_what_is_new(recorded_chain: ChainView) -> None:
    newest = records.latest(recorded_chain, count=3)
    told = get(of(recorded_chain, f"?since={newest[2].position}")).content.decode()
    assert "2 new records: show" in told
    nothing = get(of(recorded_chain, f"?since={newest[0].position}")).content.decode()
    assert "No new records" in nothing


def test_the_home_page_asks_few_queries(
    recorded_chain: ChainView, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(8 + SHARED):
        page("/")
