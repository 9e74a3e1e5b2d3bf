"""Names of models: one name for what providers call otherwise, and another for another model."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.checks.model_names import canonical

SAME = [
    ("gemma2-9b-it", "google/gemma-2-9b-it", "gemma2:9b", "gemma2:9b-instruct-q4_K_M", "GEMMA2-9B-IT "),
    (
        "llama-3.1-8b-instant",
        "meta-llama/llama-3.1-8b-instruct",
        "llama3.1:8b",
        "meta-llama/Meta-Llama-3.1-8B-Instruct-Turbo",
        "accounts/fireworks/models/llama-v3p1-8b-instruct",
    ),
    ("mixtral-8x7b-32768", "mistralai/mixtral-8x7b-instruct", "mixtral:8x7b"),
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


@pytest.mark.parametrize("names", SAME, ids=lambda names: names[0])
def test_names_of_one_model_are_one(names: tuple[str, ...]) -> None:
    assert len({canonical(each) for each in names}) == 1


def test_names_of_other_models_are_others() -> None:
    assert len({canonical(each) for each in OTHER}) == len(OTHER)


@given(st.text())
def test_whatever_a_name_is_it_has_one(name: str) -> None:
    assert canonical(name) == canonical(name)
    assert canonical(name) or not name.strip().rpartition("/")[2]
