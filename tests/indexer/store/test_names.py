"""Names are kept once, found by their hash, and may hold anything."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.models import Name
from indexer.store import names
from indexer.store.names import Names
from tests.indexer.threads import all_at_a_table

KINDS = {
    Name.Kind.OPERATION: names.OPERATIONS,
    Name.Kind.MODEL: names.MODELS,
    Name.Kind.PROVIDER: names.PROVIDERS,
}
ODD = [
    "",
    "gemma2-9b-it",
    "x" * 12_000,
    "long " * 400_000,
    "with \0 in it",
    "\0",
    "é😀\U0010ffff\ue000",
    "\x7f\x01\r\n\t",
    "a'; DROP TABLE indexer_name; --",
    "{}",
    "NULL",
]


@pytest.mark.django_db
@pytest.mark.parametrize("value", ODD)
def test_a_name_comes_back_as_it_was_whatever_it_holds(value: str) -> None:
    (found,) = names.MODELS.intern([value]).items()
    assert found[0] == value
    names.MODELS.forget()
    assert names.MODELS.values([found[1]]) == {found[1]: value}
    names.MODELS.forget()
    assert names.MODELS.intern([value]) == dict([found])
    assert Name.objects.count() == 1


@pytest.mark.django_db
def test_a_text_that_postgresql_refuses_is_kept_as_bytes() -> None:
    names.MODELS.intern(["with \0 in it", "plain"])
    rows = {(each.text, each.raw and bytes(each.raw)) for each in Name.objects.all()}
    assert rows == {(None, b"with \0 in it"), ("plain", None)}


@pytest.mark.django_db
def test_gtv_is_kept_as_bytes_also_where_it_is_text() -> None:
    (found,) = names.SIGNERS.intern([b"plain"]).values()
    names.SIGNERS.forget()
    assert names.SIGNERS.values([found]) == {found: b"plain"}


@pytest.mark.django_db
def test_the_same_value_has_one_id_for_each_kind() -> None:
    ids = {kind: each.intern(["groq"])["groq"] for kind, each in KINDS.items()}
    assert len(set(ids.values())) == 3
    for each in names.ALL:
        each.forget()
    assert {kind: each.intern(["groq"])["groq"] for kind, each in KINDS.items()} == ids


@pytest.mark.django_db
def test_nothing_is_written_for_what_is_known_already(django_assert_num_queries: object) -> None:
    names.MODELS.intern(["a", "b"])
    with django_assert_num_queries(0):  # type: ignore[operator]
        names.MODELS.intern(["a", "b", "a"])
        assert names.MODELS.intern([]) == {}


@pytest.mark.django_db
@given(values=st.lists(st.text(max_size=5) | st.just("\0"), max_size=8), most=st.integers(1, 4))
def test_forgetting_loses_nothing_however_little_is_remembered(values: list[str], most: int) -> None:
    few = Names(Name.Kind.MODEL, most=most)
    ids = few.intern(values)
    assert set(ids) == set(values)
    for value in values:
        assert few.intern([value]) == {value: ids[value]}
        assert few.values([ids[value]]) == {ids[value]: value}
    assert few.values(ids.values()) == {number: value for value, number in ids.items()}


@pytest.mark.django_db
def test_a_small_memory_forgets_and_asks_again() -> None:
    few = Names(Name.Kind.MODEL, most=3)
    ids = [few.intern([f"m{number}"])[f"m{number}"] for number in range(10)]
    assert few.values(ids) == {each: f"m{number}" for number, each in enumerate(ids)}
    assert len(few._ids) <= 10


@pytest.mark.django_db(transaction=True)
def test_the_same_names_interned_at_once_in_different_orders_get_one_id_each() -> None:
    """Sets of other sizes come in other orders."""
    for number in range(4):
        values = [f"model {number} {each}" for each in range(4000)]
        jobs = [lambda some=values[: 4000 >> less]: Names(Name.Kind.MODEL).intern(some) for less in range(4)]
        first, *others = all_at_a_table("indexer_name", jobs)
        assert len(first) == 4000
        for each in others:
            assert each.items() <= first.items()
    assert Name.objects.count() == 16_000
