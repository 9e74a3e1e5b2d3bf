"""Feeds of configurations and of ids that are missing, of a chain that has both."""

import pytest

from explorer.queries.chain import configurations
from explorer.queries.chain.chains import ChainView
from tests.explorer.pages.asking import get
from tests.explorer.pages.views.test_feeds import feed

pytestmark = pytest.mark.django_db


def test_configurations_and_what_is_missing_are_told_as_they_come(recorded_chain: ChainView) -> None:
    of = f"/chains/{recorded_chain.rid}"
    set_at = {each.height for each in configurations.all_of(recorded_chain) if each.governs and each.height}
    for path in (f"{of}/configurations", "/configurations"):
        told = feed(f"/feeds{path}").entries
        links = [each.link.removeprefix("http://testserver") for each in told]
        assert {f"{of}/configurations/{height}" for height in set_at} == set(links)
        assert [each.updated for each in told] == sorted((each.updated for each in told), reverse=True)
    deleted = get(f"/api/v1{of}/records?status=deleted&limit=100").json()["results"]  # type: ignore[attr-defined]
    newest = feed(f"/feeds{of}/missing").entries
    assert len(newest) == min(50, len(deleted))
    links = [each.link.removeprefix("http://testserver") for each in newest]
    assert set(links) <= {f"{of}/records/{each['prompt_id']}" for each in deleted}
