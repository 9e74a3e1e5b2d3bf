"""What tests of several pages share."""

from collections.abc import Iterator

import pytest

from explorer.queries.chain.chains import ChainView
from tests.explorer import shown
from tests.explorer.challenges import filed
from tests.explorer.conftest import Tables
from tests.explorer.pages.views.comparing import small_chain


@pytest.fixture
def small(db: None) -> Iterator[ChainView]:
    """See ``small_chain``."""
    yield small_chain()
    shown.forget()


@pytest.fixture(scope="module")
def chain(_tables: Tables) -> ChainView:
    """With records to question: see ``filed``."""
    return _tables.hold("challenged", lambda: shown.index_made(filed.made_chain(), is_kept=True))
