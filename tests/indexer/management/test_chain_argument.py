"""Which chain is meant by what a person typed."""

import pytest
from django.core.management.base import CommandError

from indexer.management.chain_argument import chosen, the_chain
from indexer.models import Chain

pytestmark = pytest.mark.django_db
ONE, OTHER = "AB" * 32, "CD" * 32


def here(*rids: str) -> list[Chain]:
    return [Chain.objects.create(brid=bytes.fromhex(each)) for each in rids]


def test_the_only_chain_need_not_be_named() -> None:
    (chain,) = here(ONE)
    assert the_chain("") == chain
    assert chosen("") == [chain]


@pytest.mark.parametrize("text", [OTHER, OTHER.lower()])
def test_a_chain_is_named_by_its_rid_in_either_case(text: str) -> None:
    _, other = here(ONE, OTHER)
    assert the_chain(text) == other
    assert chosen(text) == [other]


def test_without_a_name_every_chain_is_chosen() -> None:
    both = here(ONE, OTHER)
    assert chosen("") == both
    with pytest.raises(CommandError, match=f"(?s)Name one chain.*{ONE}.*{OTHER}"):
        the_chain("")


def test_where_there_is_none_the_message_says_what_to_do() -> None:
    assert chosen("") == []
    with pytest.raises(CommandError, match="run sync first"):
        the_chain("")
    with pytest.raises(CommandError, match="run sync first"):
        chosen(ONE)


@pytest.mark.parametrize("text", ["x", "AB", "AB" * 33, "AG" * 32, "\uff10" * 64, f"0x{ONE[2:]}", " " + ONE])
def test_what_is_no_rid_is_told(text: str) -> None:
    here(ONE)
    with pytest.raises(CommandError, match="64 hexadecimal digits"):
        chosen(text)


def test_a_chain_that_is_not_here_is_told_with_those_that_are() -> None:
    here(ONE)
    with pytest.raises(CommandError, match=f"Chain {OTHER} is not here.*{ONE}"):
        the_chain(OTHER)
