"""Names of one model: the file of ours and what is refused in one; one name for what is called otherwise, and
another for another model.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.dapp.model_names import NotFamilies, canonical, families, read

SAME = [
    ("gemma2-9b-it", "google/gemma-2-9b-it", "gemma2:9b", "gemma2:9b-instruct-q4_K_M", "GEMMA2-9B-IT "),
    (
        "llama-3.1-8b-instant",
        "meta-llama/llama-3.1-8b-instruct",
        "llama3.1:8b",
        "meta-llama/Meta-Llama-3.1-8B-Instruct-Turbo",
        "accounts/fireworks/models/llama-v3p1-8b-instruct",
    ),
    (
        "mixtral-8x7b-32768",
        "mistralai/mixtral-8x7b-instruct",
        "mixtral:8x7b",
        "mistralai/Mixtral-8x7B-Instruct-v0.1",
    ),
    ("gpt-4o", "gpt-4o-2024-08-06", "openai/gpt-4o"),
    ("claude-3-5-sonnet-20241022", "anthropic/claude-3.5-sonnet"),
]
OTHER = [
    "gemma2-9b-it",
    "gemma2-27b-it",
    "gemma-7b",
    "gpt-4o",
    "gpt-4o-mini",
    "gpt-4",
    "gpt-4-turbo",
    "",
    "m",
]
ONE = '[[family]]\nname = "A"\nmodels = ["a", "b"]\n'


def test_the_file_knows_the_names_of_gemma() -> None:
    found = families()
    assert found.version >= 1
    names = {"gemma2-9b-it", "google/gemma-2-9b-it", "gemma2:9b"}
    assert {found.by_model[each] for each in names} == {found.by_model["gemma2:9b"]}
    assert set(found.by_model["gemma2:9b"].models) == names


def test_what_it_says_is_read() -> None:
    found = read(f"version = 3\n{ONE}")
    assert (found.version, found.by_model["a"].models, found.by_model["b"].name) == (3, ("a", "b"), "A")


@pytest.mark.parametrize(
    "text",
    [
        "",
        ONE,
        f"version = 0\n{ONE}",
        f"version = true\n{ONE}",
        f'version = "1"\n{ONE}',
        "version = 1",
        f"version = 1\nmore = 1\n{ONE}",
        f"version = 1\n{ONE}{ONE.replace('A', 'B')}",
        f"version = 1\n{ONE}{ONE.replace('a', 'c').replace('b', 'd').replace('fcmily', 'family')}",
        'version = 1\n[[family]]\nname = "A"\nmodels = ["a"]',
        'version = 1\n[[family]]\nname = "A"\nmodels = ["a", "a"]',
        'version = 1\n[[family]]\nname = "A"\nmodels = ["a", 1]',
        'version = 1\n[[family]]\nname = " "\nmodels = ["a", "b"]',
        "version = 1\nfamily = 1",
        "version = 1\nfamily = [1]",
        f'version = 1\n{ONE}[[family]]\nname = "B"\nmodels = ["x/A", "c"]',
    ],
)
def test_a_file_that_says_anything_else_is_refused(text: str) -> None:
    with pytest.raises(NotFamilies):
        read(text)


def test_every_family_has_one_name_in_checks_and_no_two_have_the_same() -> None:
    of = {each.name: {canonical(model) for model in each.models} for each in families().by_model.values()}
    assert all(len(names) == 1 for names in of.values())
    assert len(set.union(*of.values())) == len(of)


@pytest.mark.parametrize("names", SAME, ids=lambda names: names[0])
def test_names_of_one_model_are_one(names: tuple[str, ...]) -> None:
    assert len({canonical(each) for each in names}) == 1


def test_names_of_other_models_are_others() -> None:
    assert len({canonical(each) for each in OTHER}) == len(OTHER)


@given(st.text())
def test_whatever_a_name_is_it_has_one(name: str) -> None:
    assert canonical(name) == canonical(name)
    assert canonical(name) or not name.strip().rpartition("/")[2]
