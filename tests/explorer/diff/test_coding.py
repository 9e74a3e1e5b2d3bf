"""A character for each token: what is the same has the same one, and words alone have letters."""

import pytest

from explorer.diff import cleaning
from explorer.diff.coding import LETTER, Codes, Side
from explorer.diff.texts import compared
from indexer.words.tokens import count_words, cut, is_word

_BLANKS = [" " * each for each in range(1, 60)]
"""More kinds of white space than there are characters for."""


def test_each_token_has_a_character_of_its_own_and_words_alone_a_letter() -> None:
    tokens = [*"ab1_,;.\n\r\t", "\r\n", *_BLANKS, "don't", "3.14", "\u4eca", "\U0001f469\u200d\U0001f52c"]
    codes = Codes()
    written = codes.written(tokens)
    assert len(set(written)) == len(tokens) == len(written)
    assert codes.written(tokens) == written
    assert [bool(LETTER.fullmatch(each)) for each in written] == list(map(is_word, tokens))


@pytest.mark.parametrize("kinds", [5, len(_BLANKS)])
def test_it_knows_whether_all_white_space_is_told_from_signs(kinds: int) -> None:
    codes = Codes()
    codes.written(_BLANKS[:kinds])
    assert codes.has_blanks_as_signs is (kinds > 5)


def test_words_are_counted_by_their_characters_as_in_the_text() -> None:
    text = "I don\u2019t, 3.14 e\u0301 \u4eca\u5929 - no\n"
    tokens = cut(text)
    assert Side(tokens, Codes().written(tokens)).words(0, len(tokens)) == count_words(text)
    assert Side([text]).words(0, 1) == count_words(text)


def test_of_more_kinds_of_white_space_than_characters_each_stretch_has_its_own() -> None:
    a = "".join(f"x{each}{blank}y\n" for each, blank in enumerate(_BLANKS))
    b = a.replace("x40", "z40").replace("x7 ", "x7  ")
    whole = compared(a, b)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cleaning, "_STRETCH", 20)
        parts = compared(a, b)
    assert whole == parts
    assert "".join(each.b for each in parts.operations) == b
