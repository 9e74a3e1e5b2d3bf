"""The words of a unit as PostgreSQL keeps them: what it takes, what it finds, and where words end."""

from collections.abc import Sequence

import pytest
from django.db import connection
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from indexer.words.cutting import cut, words
from indexer.words.vector import GAP, MOST_BYTES, MOST_OF_ONE, MOST_PLACES, Vector, quoted, vector

pytestmark = pytest.mark.django_db


def of(*, prompt: Sequence[str] = (), answers: Sequence[str] = (), filters: Sequence[str] = ()) -> Vector:
    return vector(prompt=prompt, answers=answers, filters=filters)


def matches(found: Vector, query: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::tsvector @@ %s::tsquery", [found.literal, query])
        return bool(cursor.fetchone()[0])


def lexemes(found: Vector) -> dict[str, list[int]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT lexeme, positions FROM unnest(%s::tsvector)", [found.literal])
        return {lexeme: positions or [] for lexeme, positions in cursor.fetchall()}


def test_prompt_answer_and_filters_have_names_of_their_own() -> None:
    found = of(prompt=["What is a chain?"], answers=["A chain"], filters=["c:1", "m:12"])
    assert lexemes(found) == {
        "c:1": [],
        "m:12": [],
        "pwhat": [1],
        "pis": [2],
        "pa": [3],
        "pchain": [4],
        "aa": [1],
        "achain": [2],
    }
    assert not found.prompt_cut
    assert not found.answer_cut


def test_a_phrase_stays_within_one_text() -> None:
    found = of(prompt=["one two"], answers=["three four", "", "five"])
    assert matches(found, "'pone' <-> 'ptwo'")
    assert matches(found, "'athree' <-> 'afour'")
    assert not matches(found, "'afour' <-> 'afive'")
    assert lexemes(found)["afive"] == [3 + 2 * GAP]


def test_pairs_of_characters_are_phrases_and_beginnings() -> None:
    found = of(answers=["日本語の文章"])
    assert matches(found, "'a日本' <-> 'a本語'")
    assert matches(found, "'a章':*")
    assert matches(found, "'a語':*")
    assert not matches(found, "'a日語':*")


@pytest.mark.parametrize(
    "hostile",
    [
        "it's '' ' \\ \\\\ \\' :* :1A & | ! <-> ( )",
        "a:1,2 'b':3 c\\:d",
        "\ud800 \udfff \0 \x01 \ufffe \U0010ffff",
        "x" * 60_000,
        "é" * 5_000 + "\u0301" * 5_000,
        "日" * 200,
        "'; DROP TABLE indexer_record; --",
        "\u202e evil \u2066",
        "",
    ],
)
def test_whatever_a_text_holds_is_taken(hostile: str) -> None:
    found = of(prompt=[hostile], answers=[hostile, hostile], filters=["s:1:2"])
    kept = lexemes(found)
    assert {each for each in kept if each[0] == "a"} == {f"a{each}" for each in words(hostile)}


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(max_size=40), max_size=4), st.lists(st.text(max_size=40), max_size=4))
@example(["'"], ["\\"])
def test_any_texts_are_taken_and_each_word_is_found(prompt: list[str], answers: list[str]) -> None:
    found = of(prompt=prompt, answers=answers)
    kept = lexemes(found)
    for namespace, texts in (("p", prompt), ("a", answers)):
        assert {each[1:] for each in kept if each[0] == namespace} == {
            word for text in texts for word in words(text)
        }
        for text in texts:
            phrase = " <-> ".join(quoted(namespace + each.word) for each in cut(text))
            assert not phrase or matches(found, phrase)


@given(st.text(max_size=200))
def test_words_are_those_that_are_cut(text: str) -> None:
    assert list(words(text)) == [each.word for each in cut(text)]


def test_words_end_where_places_do_and_that_is_told() -> None:
    text = " ".join(f"w{each}" for each in range(MOST_PLACES + 1))
    found = of(prompt=[text], answers=[text[: text.rindex(" ")]])
    assert (found.prompt_cut, found.answer_cut) == (True, False)
    kept = lexemes(found)
    assert kept[f"pw{MOST_PLACES - 1}"] == kept[f"aw{MOST_PLACES - 1}"] == [MOST_PLACES]
    assert f"pw{MOST_PLACES}" not in kept


def test_words_end_where_one_of_them_has_all_its_places() -> None:
    found = of(answers=["so " * MOST_OF_ONE + "it ends", "so it does", "never"])
    kept = lexemes(found)
    assert found.answer_cut
    assert kept["aso"] == list(range(1, MOST_OF_ONE + 1))
    assert set(kept) == {"aso", "ait", "aends"}


def test_the_longest_words_of_both_fit_into_one_vector() -> None:
    long = [f"{each:04}" + "語" * 250 for each in range(2_000)]
    text = " ".join(f"{each:05}" + "\U00010451" * 250 for each in range(2_000))
    found = of(prompt=[text, *long], answers=[text], filters=[f"k:{each:064}" for each in range(400)])
    assert (found.prompt_cut, found.answer_cut) == (True, True)
    kept = lexemes(found)
    assert MOST_BYTES - 2_000 < sum(len(each.encode()) + 5 for each in kept if each[0] == "a") <= MOST_BYTES
