"""How often checks find something: numbers with their denominators, over whole chains."""

import pytest

from explorer.queries.chain.chains import ChainView
from tests.explorer.api.asking import told
from tests.explorer.pages.asking import page

pytestmark = pytest.mark.django_db


def test_counts_have_their_denominators(each_chain: ChainView) -> None:
    listed = told("/checks")
    for each in listed["results"]:
        parts = (each["found"], each["passed"], each["not_applicable"], each["unknown"])
        assert each["records"] == sum(parts)
        assert sum(one["records"] for one in each["outcomes"]) == each["records"]
        one = told(f"/checks/{each['check']}")
        assert {name: one[name] for name in each} == each
        assert bool(one["findings"]) is bool(each["found"])
        assert each["title"] in page(f"/checks/{each['check']}")
    assert "Checks" in page("/checks")
