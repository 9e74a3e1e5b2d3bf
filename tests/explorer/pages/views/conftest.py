"""What tests of several pages share."""

from collections.abc import Iterator

import pytest

from explorer.queries.chain.chains import ChainView
from tests.explorer import shown
from tests.explorer.pages.views.comparing import small_chain


@pytest.fixture
def small(db: None) -> Iterator[ChainView]:
    """See ``small_chain``."""
    yield small_chain()
    shown.forget()
