"""Where in a text words stand, and the line around them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.search.hits import Line, line_of, marks_in, sought
from explorer.search.parsing import parse


def marked(line: Line | None) -> str:
    """The line with brackets around its marks."""
    assert line is not None
    text, behind = "", 0
    for start, end in line.marks:
        text += f"{line.text[behind:start]}[{line.text[start:end]}]"
        behind = end
    return ("…" if line.is_begun else "") + text + line.text[behind:] + ("…" if line.is_cut else "")


def found(text: str, line: str) -> str:
    return marked(line_of([text], list(sought(parse(line)))))


@pytest.mark.parametrize(
    ("text", "line", "expected"),
    [
        ("The cat sat.", "cat", "The [cat] sat."),
        ("concatenate the Cat", "cat", "concatenate the [Cat]"),
        ("a cat and a dog", "cat dog", "a [cat] and a [dog]"),
        ("a cat and a dog", "cat -dog", "a [cat] and a dog"),
        ("dog cat dog", '"cat dog"', "dog [cat dog]"),
        ("use torch.nn.Linear here", "torch.nn", "use [torch.nn].Linear here"),
        ("catalogue of cats", "cat*", "[catalogue] of [cats]"),
        ("un ÉCLAIR au chocolat", "eclair", "un [ÉCLAIR] au chocolat"),
        ("e\u0301clair", "éclair", "[e\u0301clair]"),
        ("これは日本語です", "日本語", "これは[日本語]です"),
        ("これは日本語です", "日", "これは[日]本語です"),
        ("นี่คือทดสอบ", "ดส", "นี่คือท[ดส]อบ"),
        ("İstanbul is big", "istanbul", "[İstanbul] is big"),
        ("one\n\n two\tcat", "cat", "one two [cat]"),
        ("a \uff23\uff21\uff34", "cat", "a [\uff23\uff21\uff34]"),
    ],
)  # fmt: skip
def test_places_are_marked(text: str, line: str, expected: str) -> None:
    assert found(text, line) == expected


def test_a_line_is_cut_out_of_a_long_text_between_words() -> None:
    line = line_of(["word " * 10_000 + "a needle " + "word " * 10_000], list(sought(parse("needle"))))
    shown = marked(line)
    assert "a [needle] word" in shown
    assert shown.startswith("…word ")
    assert shown.endswith("…")
    assert len(shown) <= 204


def test_a_phrase_is_found_behind_many_places_of_its_words() -> None:
    assert "[cat dog]" in found("cat a dog " * 500 + "cat dog", '"cat dog"')


def test_the_first_text_in_which_something_stands_is_shown() -> None:
    terms = list(sought(parse("cat OR dog")))
    assert marked(line_of(["nothing", "a dog", "a cat"], terms)) == "a [dog]"
    assert line_of(["nothing", ""], terms) is None


def test_what_must_not_be_there_is_not_sought() -> None:
    assert [each.text for each in sought(parse("a -b -(c -d) OR -(-e f) model:x"))] == ["a", "d", "e"]


@given(st.text(max_size=80), st.text(min_size=1, max_size=8))
def test_marks_lie_in_the_text_in_order_and_apart(text: str, word: str) -> None:
    try:
        terms = list(sought(parse(f'"{word}"')))
    except ValueError:
        return
    marks = marks_in(text + word, terms)
    ends = [at for mark in marks for at in mark]
    assert ends == sorted(ends)
    assert all(0 <= start < end <= len(text + word) for start, end in marks)


def test_a_hit_stands_near_the_beginning_of_its_line_where_words_before_it_are_long() -> None:
    line = line_of([f"{'a' * 50}/{'b' * 50} heron {'c' * 50}"], list(sought(parse("heron"))))
    assert line is not None
    assert line.marks[0][1] <= 40


def test_half_a_line_before_a_hit_is_not_left_out_for_nothing() -> None:
    assert marked(line_of(["one two three heron"], list(sought(parse("heron"))))) == "one two three [heron]"
