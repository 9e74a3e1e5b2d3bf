"""Names of one model: the file of ours, and what is refused in one."""

import pytest

from explorer.queries.records.families import NotFamilies, families, read

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
    ],
)
def test_a_file_that_says_anything_else_is_refused(text: str) -> None:
    with pytest.raises(NotFamilies):
        read(text)
