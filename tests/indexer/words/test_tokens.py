"""Texts cut into tokens: the short pattern cuts what it is taken for as the one for all scripts does."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.words import tokens

_OTHERS = [*"aZ09_.,'- \n\r\t", "\u2019", "\u201c", "\u2014", "\xa0", "\xb7", "\u2192", "\u2026"]
plain = st.text(
    st.one_of(
        st.sampled_from(_OTHERS),
        st.characters(max_codepoint=0x2300).filter(lambda each: tokens._is_plain(each)),
    ),
    max_size=40,
)


@settings(max_examples=500)
@given(plain)
def test_english_prose_is_cut_as_all_scripts_are(text: str) -> None:
    expected = tokens._any().findall(text)
    assert tokens.cut(text) == list(tokens.each(text)) == expected
    assert tokens.count_words(text) == sum(map(tokens.is_word, expected))


@pytest.mark.parametrize(
    "sign", ["\xad", "\xe9", "\xb2", "\u0301", "\u200b", "\u200d", "\u2028", "\u4eca", "\ufe0f"]
)
def test_what_may_join_or_be_a_word_is_left_to_the_pattern_for_all_scripts(sign: str) -> None:
    assert not tokens._is_plain(f"a{sign}b")


def test_quotes_and_dashes_are_signs_and_an_apostrophe_is_within_a_word() -> None:
    assert tokens.cut("\u201cdon\u2019t\u201d \u2014 3\u20134\u2026") == [
        "\u201c", "don\u2019t", "\u201d", " ", "\u2014", " ", "3", "\u2013", "4", "\u2026",
    ]  # fmt: skip
