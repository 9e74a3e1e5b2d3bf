"""Where the pages of a list lead."""

import pytest
from django.test import RequestFactory

from explorer.pages.frame.pagination import Pager
from explorer.queries.db.pagination import Page, PageRequest


@pytest.mark.parametrize(
    ("part", "onwards"),
    [
        (PageRequest(), "before=3"),
        (PageRequest(before=9), "before=3"),
        (PageRequest(after=1), "after=8"),
        (PageRequest(oldest_first=True), "after=8"),
        (PageRequest(after=1, oldest_first=True), "after=8"),
        (PageRequest(before=9, oldest_first=True), "before=3"),
    ],
)
def test_onwards_leads_the_way_that_the_page_was_read(part: PageRequest, onwards: str) -> None:
    found: Page[int] = Page(rows=[], newer=PageRequest(after=8), older=PageRequest(before=3))
    assert Pager(RequestFactory().get("/records"), part, found).onwards_url == f"/records?{onwards}"
