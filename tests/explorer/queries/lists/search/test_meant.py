"""What a line may have been meant to ask."""

from collections.abc import Sequence

import pytest

from explorer.queries.chain.chains import ChainView
from explorer.queries.lists.search.meant import Why, meant
from explorer.search.parsing import parse
from tests.explorer.shown import index_again
from tests.indexer.made import MadeChain, add, completion

pytestmark = pytest.mark.django_db


@pytest.fixture
def chain() -> ChainView:
    made = MadeChain()
    made.block(
        add(completion("a heron"), model="gemma2-9b-it", provider="groq"),
        add(completion("an egret"), model="a*b", provider="gemma2-9b-it"),
    )
    return index_again(made)


def told(chain: ChainView, line: str, *, is_empty: bool = True) -> Sequence[tuple[Why, str]]:
    return [(each.why, each.line) for each in meant(parse(line), [chain], is_empty=is_empty)]


@pytest.mark.parametrize(
    ("line", "instead"),
    [
        ("scout: 5", "scout:5"),
        ("heron SCOUT: 5 -egret", "heron scout:5 -egret"),
        ('model: "a b"', 'model:"a b"'),
        ("prompt: heron", "prompt:heron"),
        ("since: 2026-10-01 until: 2026-11-01", "since:2026-10-01 until: 2026-11-01"),
    ],
)
def test_a_key_apart_from_its_value_may_have_been_meant_together(
    chain: ChainView, line: str, instead: str
) -> None:
    assert told(chain, line)[0] == (Why.KEY_APART, instead)


@pytest.mark.parametrize("line", ["Note: x", "scout: five", "scout:", "model: lla*", "-scout: 5", "heron"])
def test_words_that_are_no_key_and_value_are_let_be(chain: ChainView, line: str) -> None:
    assert told(chain, line) == []


def test_words_that_are_a_name_too_are_offered_as_one(chain: ChainView) -> None:
    assert told(chain, "gemma2-9b-it", is_empty=False) == [
        (Why.ALSO_A_NAME, "model:gemma2-9b-it"),
        (Why.ALSO_A_NAME, "provider:gemma2-9b-it"),
    ]
    assert told(chain, '"a*b"', is_empty=False) == [(Why.ALSO_A_NAME, "model:a\\*b")]
    assert told(chain, "gemma2-9b-it heron", is_empty=False) == []
    assert told(chain, "prompt:groq", is_empty=False) == []


def test_where_a_name_is_not_there_those_that_begin_so_are_offered(chain: ChainView) -> None:
    assert told(chain, "heron model:gemma") == [(Why.NO_SUCH_NAME, "heron model:gemma*")]
    assert told(chain, "model:gemma", is_empty=False) == []
    for line in ("model:gemma2-9b-it egret", "model:nothing", "model:gem*", "model:a* -heron"):
        assert told(chain, line) == []


def test_a_chain_that_is_not_among_these_is_said_to_be_none(chain: ChainView) -> None:
    assert told(chain, "heron -chain:00000000") == [(Why.NO_SUCH_CHAIN, "")]
    assert told(chain, f"egret chain:{chain.rid[:8]}") == []
