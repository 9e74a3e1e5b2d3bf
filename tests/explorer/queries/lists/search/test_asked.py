"""What a line asks of a chain, as SQL and as a query of words."""

import random
from collections.abc import Iterator

import pytest
from pytest_django import DjangoDbBlocker

from explorer.queries.lists.search.asked import asked_of
from explorer.search.parsing import parse
from indexer.models import Name
from tests.explorer.queries.lists.search.filled import Filled, filled, kept, some

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def chain(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Filled]:
    chance = random.Random(1)
    with kept(django_db_blocker):
        yield filled(some(20, chance), brid=b"\x11" * 32, chance=chance)


@pytest.mark.parametrize(
    ("line", "words", "loose"),
    [
        ("cat", ["('pcat') | ('acat')"], "('pcat') | ('acat')"),
        ("prompt:cat", ["'pcat'"], "'pcat'"),
        ("answer:cat*", ["'acat':*"], "'acat':*"),
        ('answer:"a cat"', ["'aa' <-> 'acat'"], "'acat' & 'aa'"),
        ('answer:"a cat"*', ["'aa' <-> 'acat':*"], "'aa'"),
        ("-answer:cat", ["!('acat')"], None),
        ("answer:cat -answer:dog", ["('acat') & (!('adog'))"], "'acat'"),
        ("answer:cat OR answer:dog", ["('acat') | ('adog')"], "('acat') | ('adog')"),
        ("answer:cat OR -answer:dog", ["('acat') | (!('adog'))"], None),
        ("-(-answer:cat -answer:dog)", ["!((!('acat')) & (!('adog')))"], "('acat') | ('adog')"),
        ("answer:cat scout:7", ["'acat'"], "'acat'"),
        ("answer:cat OR scout:7", ["'acat'"], None),
        ("answer:cat answer:dog scout:7", ["('acat') & ('adog')"], "('acat') & ('adog')"),
        ("scout:7", [], None),
    ],
)
def test_words_become_queries_that_hold_exactly_and_queries_that_must_hold(
    chain: Filled, line: str, words: list[str], loose: str | None
) -> None:
    asked = asked_of(chain.chain, parse(line))
    assert list(asked.words) == words
    assert asked.loose == (None if loose is None else f"({loose}) & ('c:{chain.chain.id}')")


@pytest.mark.parametrize(
    "line", ["scout:1 scout:1", "scout:1 OR scout:2", "scout:1 -scout:2", "seed:1..2 seed:2"]
)
def test_what_one_record_can_fit_is_looked_for(chain: Filled, line: str) -> None:
    assert not asked_of(chain.chain, parse(line)).is_impossible


def test_a_name_is_asked_of_units_too(chain: Filled) -> None:
    name = Name.objects.get(kind=Name.Kind.MODEL, text="gpt-4").pk
    asked = asked_of(chain.chain, parse("model:gpt-4"))
    assert asked.loose == f"('m:{name}') & ('c:{chain.chain.id}')"
    assert asked_of(chain.chain, parse("-model:gpt-4")).loose is None


@pytest.mark.parametrize(
    "line",
    ["model:none cat", "chain:22222222", "tx:abcdef01", "model:none OR provider:none", "scout:1 cat scout:2"],
)
def test_what_is_not_there_is_known_to_find_nothing(chain: Filled, line: str) -> None:
    assert asked_of(chain.chain, parse(line)).is_impossible


@pytest.mark.parametrize(
    ("line", "is_exact"),
    [
        ("cat", True),
        ("cat dog", True),
        ("cat OR (dog sil*)", True),
        ('"cat dog"', False),
        ("-cat dog", False),
        ('cat -model:gpt-4 -"a b"', False),
        ("cat -model:gpt-4", True),
    ],
)
def test_units_are_looked_at_again_only_where_the_index_does_not_tell(
    chain: Filled, line: str, is_exact: bool
) -> None:
    assert asked_of(chain.chain, parse(line)).is_exact is is_exact


def test_no_sign_in_a_word_or_name_means_anything_to_the_database(chain: Filled) -> None:
    for line in (
        'model:"\'; DROP TABLE x; --"',
        'model:"%s %(x)s"',
        'model:"a\\*"',
        'provider:"a\0b"',
        'model:"\ufffd*"',
    ):
        asked_of(chain.chain, parse(line))
    assert not asked_of(chain.chain, parse("model:100%*")).is_impossible
    assert asked_of(chain.chain, parse("model:g%4*")).is_impossible
    assert not asked_of(chain.chain, parse('model:"\\odd*"')).is_impossible
