"""Words as index, query and highlight have them: what is one, how it is folded, and where it stands."""

# ruff: noqa: RUF001 - letters that look alike are what this is about

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from indexer.words.cutting import LONGEST, Cut, cut, is_part, sought

# Letters, marks, signs and halves of characters of many scripts, more often than chance would have them.
TEXTS = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from(
            "aAßẞİıéÅ\u0301\u0306\u0308иЙйёΣςᾠ日本語はｶﾞカ\u3099한\u1112\u1161\u11abㅋน้ำि्नﬁ½ﷺ\u200d\u00ad\ufe0f"
        ),
        st.sampled_from(" .:_-'\ud800\udfff\0\u2009\u200b"),
    ),
    max_size=60,
)


def words(text: str) -> list[str]:
    return [each.word for each in cut(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("torch.nn.functional.relu", "torch nn functional relu"),
        ("3.14 -5 2026-11-28", "3 14 5 2026 11 28"),
        ("snake_case __init__", "snake case init"),
        ("https://example.org/a/b?x=1#y", "https example org a b x 1 y"),
        ("foo.bar@x.org", "foo bar x org"),
        ("don't don\u2019t", "don t don t"),
        ("C++ AT&T O(n log n) nn.Linear(10,2)", "c at t o n log n nn linear 10 2"),
        ("<b>bold</b> #include <stdio.h>", "b bold b include stdio h"),
        ("std::vector 12:30", "std vector 12 30"),
        ("", ""),
        ("😀 🇩🇪 ™ — … \t\n:", ""),
        ("\u0301 \u200d \u00ad\ufe0f", ""),
        ("1\ufe0f\u20e3 A\ufe0f", "1 a"),
        ("a\0b\ud800c\udfffd", "a b c d"),
    ],
)
def test_letters_and_digits_are_words_and_all_else_parts_them(text: str, expected: str) -> None:
    assert words(text) == expected.split()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("HÉLLO héllo he\u0301llo", "hello hello hello"),
        ("Ａｃｃｅｎｔ ﬁne ｱｲ x² ①", "accent fine アイ イ x2 1"),
        ("ß ẞ STRASSE Straße", "ss ss strasse strasse"),
        ("İstanbul ISTANBUL \u0131stanbul", "istanbul istanbul istanbul"),
        ("Łódź København Đà Nẵng æther Œuvre", "lodz kobenhavn da nang aether oeuvre"),
        ("Ὠδή ᾠδή ΣΊΣΥΦΟΣ σίσυφος", "ωδη ωδη σισυφοσ σισυφοσ"),
        ("Ёлка її е\u0301ж", "елка іі еж"),
        ("Йод и\u0306од йо\u0301д МОЙ мои", "йод йод йод мой мои"),
        ("½ ŀ", "1 2 l"),
        ("ﷺ", "صلى الله عليه وسلم"),
        ("𝐁𝐨𝐥𝐝 ﬀ ǆ", "bold ff dz"),
        ("so\u00adft zu\u200dletzt\u200e \ufeffBOM\u2060s", "soft zuletzt boms"),
        ("a\u200bb", "a b"),
    ],
)
def test_width_case_ligatures_and_accents_are_folded(text: str, expected: str) -> None:
    assert words(text) == expected.split()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("की", "का"),
        ("हिन्दी", "हनद"),
        ("שָׁלוֹם", "שלום"),
        ("مُحَمَّد", "محمد"),
        ("สี", "สิ"),
        ("ກີ", "ກິ"),
        ("が", "か"),
        ("ガ", "カ"),
    ],
)
def test_marks_that_other_scripts_write_with_stay(one: str, other: str) -> None:
    assert words(one) != words(other)
    assert words(one) == words(unicodedata.normalize("NFD", one))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("日本語の文章", "日本 本語 語の の文 文章 章"),
        ("日本", "日本 本"),
        ("日", "日"),
        ("Pythonは楽しい3つ", "python は楽 楽し しい い 3 つ"),
        ("中文，标点。", "中文 文 标点 点"),
        ("ｶﾞｷﾞ ガギ か\u3099", "ガギ ギ ガギ ギ が"),
        ("한국어 \u1112\u1161\u11ab\u1100\u116e\u11a8", "한국 국어 어 한국 국"),
        ("ㅋㅋ", "ᄏᄏ ᄏ"),
        ("葛\U000e0100城 ⽇本", "葛城 城 日本 本"),
        ("ไทย", "ไท ทย ย"),
        ("ກິນ", "ກິ ິນ ນ"),
        ("មាន", "មា ាន ន"),
        ("ကို", "ကိ ို ု"),
    ],
)
def test_scripts_without_spaces_are_pairs_and_a_last_character(text: str, expected: str) -> None:
    assert words(text) == expected.split()


def test_each_word_says_where_it_stands() -> None:
    assert list(cut("Ein „Wörtchen“: ﬁx")) == [Cut("ein", 0, 3), Cut("wortchen", 5, 13), Cut("fix", 16, 18)]
    assert list(cut("日本x")) == [Cut("日本", 0, 2), Cut("本", 1, 2), Cut("x", 2, 3)]
    assert list(cut("e\u0301t ｶﾞｷ")) == [Cut("et", 0, 3), Cut("ガキ", 4, 7), Cut("キ", 6, 7)]
    assert list(cut("½")) == [Cut("1", 0, 1), Cut("2", 0, 1)]


@pytest.mark.parametrize("letter", ["a", "é", "語a", "e\u0301"])
def test_a_long_word_is_several(letter: str) -> None:
    found = words(letter * 600)
    assert max(map(len, found)) <= LONGEST
    assert "".join(words(letter * 10)) in "".join(found)
    assert words("a" * 600) == ["a" * 255, "a" * 255, "a" * 90]


@pytest.mark.parametrize(
    "flood",
    [
        "a" + "\u0301\u0323" * 10_000,
        "ก" + "\u0e49\u0e38" * 10_000,
        "\u05d0" + "\u05b0\u05b1" * 10_000,
        "a" + "\u200d" * 20_000,
        ("a" + "\u200d" * 100) * 2_000,
        "\u1112\u1161" * 10_000,
        "\u1100" * 20_000,
        "ﷺ" * 20_000,
    ],
    ids=["latin", "thai", "hebrew", "joiners", "joined", "jamo", "onsets", "ligatures"],
)
def test_floods_of_marks_end(flood: str) -> None:
    assert all(len(each) <= LONGEST for each in words(flood))


def test_a_phrase_that_ends_within_a_run_may_go_on() -> None:
    assert [each.word for each in sought("本語")] == ["本語"]
    assert [each.word for each in sought("日本語")] == ["日本", "本語"]
    assert [each.word for each in sought("語")] == ["語"]
    assert [each.word for each in sought("日本語 python")] == ["日本", "本語", "語", "python"]
    assert [each.word for each in sought("python 語")] == ["python", "語"]
    assert [each.word for each in sought("ｶﾞｷ")] == ["ガキ"]
    assert [each.word for each in sought("snake_case")] == ["snake", "case"]
    assert list(sought("…")) == []


def test_one_character_without_spaces_is_the_beginning_of_a_word() -> None:
    assert all(map(is_part, "語のガ한ไᄏ"))
    assert not any(map(is_part, ["a", "é", "1", "日本", "", "ि"]))


@given(TEXTS)
@example("ﷺ½ŀ")
def test_words_are_in_order_within_the_text_and_safe(text: str) -> None:
    found = list(cut(text))
    for each in found:
        assert 0 <= each.start < each.end <= len(text)
        assert 0 < len(each.word) <= LONGEST
        assert ":" not in each.word
        assert not any(character.isspace() for character in each.word)
        each.word.encode()
    assert found == sorted(found, key=lambda each: (each.start, each.end))


@given(TEXTS)
@example("각\u0301나 ᄒ\u200d가")
def test_the_slice_of_a_word_gives_it_again(text: str) -> None:
    for each in cut(text):
        assert each.word in words(text[each.start : each.end])


@given(TEXTS, TEXTS)
def test_a_space_keeps_two_texts_apart(one: str, other: str) -> None:
    moved = [Cut(each.word, each.start + len(one) + 1, each.end + len(one) + 1) for each in cut(other)]
    assert list(cut(f"{one} {other}")) == [*cut(one), *moved]


@given(TEXTS)
def test_what_a_reader_copies_is_found_where_it_was_copied(text: str) -> None:
    found = words(f"before {text} after")
    phrase = [each.word for each in sought(text)]
    assert found[1 : 1 + len(phrase)] == phrase


@given(TEXTS)
def test_upper_case_and_composed_letters_are_the_same_words(text: str) -> None:
    assert words(unicodedata.normalize("NFC", text)) == words(unicodedata.normalize("NFD", text))
