"""Recorded chains for the tests of their server."""

from collections.abc import Iterator

import pytest

from tests.devnet.served import CHAINS, RECORDINGS, Served, serve


@pytest.fixture(params=CHAINS, scope="module")
def served(request: pytest.FixtureRequest) -> Iterator[Served]:
    yield from serve(RECORDINGS / request.param)


@pytest.fixture(scope="module")
def four() -> Iterator[Served]:
    yield from serve(RECORDINGS / "four-validators")
