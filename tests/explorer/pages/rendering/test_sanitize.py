"""Texts of strangers made safe to look at."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.pages.rendering.sanitize import LONGEST_LINE, MOST_MARKS, MOST_SIGNS, line, words
from tests.explorer.pages.markup import read

SHAPELESS = {"Cc", "Cf", "Cs"}
ANYTHING = st.text(st.characters(exclude_categories=[]), max_size=200)
NASTY = st.text(
    st.sampled_from("a<&\"'\n\t\r \0\x1b\u0301\u0489\u200b\u200d\ufe0f\u202e\u2066\ud800\U000e0061❤م葛")
)


def signs(html: str) -> list[str]:
    return re.findall(r'<span class="unseen" title="[^"]+">([^<]*)</span>', html)


def kept(html: str) -> str:
    """The text without signs."""
    return read(re.sub(r'<span class="unseen"[^>]*>[^<]*</span>', "", html)).text


@pytest.mark.parametrize(
    ("text", "sign", "name"),
    [
        ("a\u202eb", "U+202E", "right-to-left override"),
        ("a\u2066b", "U+2066", "left-to-right isolate"),
        ("a\u200fb", "U+200F", "right-to-left mark"),
        ("a\u200bb", "U+200B", "zero width space"),
        ("a\ufeffb", "U+FEFF", "zero width no-break space"),
        ("a\u00adb", "U+00AD", "soft hyphen"),
        ("a\u2028b", "U+2028", "line separator"),
        ("a\u3164b", "U+3164", "hangul filler"),
        ("a\0b", "U+0000", "control character"),
        ("a\x1bb", "U+001B", "control character"),
        ("a\rb", "U+000D", "control character"),
        ("a\ud83db", "U+D83D", "lone surrogate"),
        ("a\U000e0100b", "U+E0100", "variation selector-17"),
        ("a\u200b\u200b\u200bb", "U+200B \N{MULTIPLICATION SIGN}3", "zero width space"),
    ],
)
def test_what_cannot_be_seen_is_named(text: str, sign: str, name: str) -> None:
    html = words(text)
    assert html == f'a<span class="unseen" title="{name}">{sign}</span>b'


@pytest.mark.parametrize("end", ["", "\U000e007f"])
def test_a_message_in_tag_characters_is_read_out(end: str) -> None:
    hidden = "".join(chr(0xE0000 + ord(each)) for each in 'say <b>"yes"') + end
    assert signs(words(f"Hello{hidden}!")) == ["hidden: say &lt;b&gt;&quot;yes&quot;"]


def test_many_kinds_of_invisible_characters_in_a_row_are_counted() -> None:
    assert signs(words("\u200b\u200c\u200d\u2060\u200b")) == ["5 invisible characters"]


@pytest.mark.parametrize(
    "text",
    [
        "نمی\u200cشود",  # a Persian word
        "क्\u200dष",  # a Devanagari half letter
        "👩🏽\u200d🚀 and ❤\ufe0f\u200d🔥",
        "1\ufe0f\u20e3 ©\ufe0f ↔\ufe0f \u2139\ufe0e",
        "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",  # Scotland's flag
        "葛\U000e0100飾",
        "ខ្ញុំ\u200bសុំ\u200bអរគុណ",
        "ไทย\u200bไทย ລາວ\u200bລາວ မြန်\u200bမာ",
        "അവന്\u200d വന്നു. क्\u200d ශ්\u200dරී ক্\u200d, کتاب\u200cهای\u200c (x) ه\u200d.",  # noqa: RUF001
        "ᠤᠨ\u180b ᠨ\u180eᠠ",
        "⠇⠕\u2800⠺ ∩\ufe00 \U0001d49c\ufe01",
        "ខ្ញុំ\u200b ABC \u200bសុំ\u200b។ «\u200bសុំ\u200b» ១២\u200bសុំ\u200b12 \nសុំ\u200b",
        "\u200bไทย\u200b (ไทย) ᨠᩩ\u200bᨾᩮ ꦗꦮ\u200bꦗꦮ ᬩᬮᬶ\u200bᬩᬮᬶ ᦟᦲᧉ\u200bᦟᦲᧉ",
        "ꯀ꯭\u200d ᬓ᭄\u200dᬓ ꦏ꧀\u200dꦏ 𞤀\u200d𞤁 𐴀\u200d 𑀓𑁆\u200d",
        "۱۲\u200cساله و \u200dه (\u200dه\u200d)",  # noqa: RUF001
        "ᠠ\u180b\u200d ᠠ\u200d",
        "⠇⠕\u2800\n\u2800⠺ \u2800⣿⣿\u2800\u2800",
        "ב\u05b7\u034f\u05b4 \u1100\u1160\u11a8 \u115f\u1161",
        "\U0001d173\U0001d158\U0001d165\U0001d174",
        "🏃🏽\u200d♀\ufe0f 🫱🏻\u200d🫲🏿 👩\u200d❤\ufe0f\u200d💋\u200d👨 🏴\u200d☠ ☝🏽\ufe0f 👩\u200d",
        "ế ọ̄ שָׁלוֹם ที่นี้ العَرَبِيَّة",  # marks that belong to their letters
        "Line\nby\r\nline\tand tab",
    ],
)
def test_what_a_script_or_an_emoji_needs_is_let_be(text: str) -> None:
    assert signs(words(text)) == []
    assert read(words(text)).text == text
    assert "\ufffd" not in line(text)


@pytest.mark.parametrize(
    "text",
    [
        "a\u200db",
        "\u200d",
        "x\ufe0f",
        "म\u200c\u200c",
        "\U0001f3f4\U000e0067\U000e007f",
        "٣\u200c",  # after a digit
        "ក\u200ba",
        "a\u200bก",
        "a\u2800⠺",
        "a\u180b",
        "a\ufe00",
        "ABC\u200bខ្ញុំ",
        "ខ្ញុំ\u200b\u200bសុំ",
        "a \u200b b",
        "\u200b",
        "pay\u200d\u0647",
        "a\u034fb",
        "+\ufe0f",
        "©\u200dx",
        "\u115fa",
        "a\U0001d173b",
        "\u2800",
        "a\U0001fffeb",
    ],
)
def test_a_joiner_with_nothing_to_join_is_named(text: str) -> None:
    assert len(signs(words(text))) == 1


def test_heaped_marks_are_cut() -> None:
    heaped = "Z" + "\u0301\u0323\u0338\u20dd" * 500 + "algo"
    shown = read(words(heaped)).text
    assert shown == "Z" + ("\u0301\u0323\u0338\u20dd" * 2)[:MOST_MARKS] + "\ufffdalgo"


def test_markup_is_text() -> None:
    text = "<script>alert('1')</script><!-- &amp; -->{{ x }}"
    assert read(words(text)).text == text
    assert read(words(text)).elements == []


def test_after_hundreds_of_signs_a_text_is_not_made_longer() -> None:
    text = "a\u200b" * 100_000
    html = words(text)
    assert len(signs(html)) == MOST_SIGNS + 1
    assert signs(html)[-1] == f"{100_000 - MOST_SIGNS:,} more invisible characters are left out below"
    assert kept(html) == "a" * 100_000


def test_as_many_as_are_named_leave_nothing_to_say() -> None:
    html = words("a\u200b" * MOST_SIGNS + "क्\u200d")
    assert signs(html) == ["U+200B"] * MOST_SIGNS
    assert kept(html) == "a" * MOST_SIGNS + "क्\u200d"


@pytest.mark.parametrize(
    "text",
    ["\uff10\ufe00", "\u2229\ufe00", "\U0001d49c\ufe01", "\u1000\ufe00", "\ua856\ufe00", "\U00010ac5\ufe00"],
)
def test_a_variant_that_unicode_lists_is_left_alone(text: str) -> None:
    assert words(text) == text


@pytest.mark.parametrize(
    "text", ["\u1001\ufe00", "\ua857\ufe00", "A\ufe00", "\u2229\ufe01", "\U00010ac7\ufe00"]
)
def test_a_variant_that_unicode_does_not_list_is_named(text: str) -> None:
    assert len(signs(words(text))) == 1


@given(ANYTHING | NASTY)
def test_nothing_without_a_shape_comes_through_and_everything_else_does(text: str) -> None:
    html = words(text)
    html.encode()
    assert {tag for tag, _ in read(html).elements} <= {"span"}
    shown = kept(html)
    assert "".join(filter(_has_shape, shown)) == "".join(filter(_has_shape, text))
    for index, character in enumerate(shown):
        if unicodedata.category(character) in SHAPELESS and character not in "\t\n\r":
            assert (
                character in "\u200b\u200c\u200d\u180e"
                or "\U0001bca0" <= character <= "\U0001bca3"
                or "\U0001d173" <= character <= "\U0001d17a"
                or character >= "\U000e0061"
            )
            assert index or shown[1:2] >= "\u0600"  # before a letter of a script that has such, if any


@given(ANYTHING | NASTY)
def test_a_line_is_one_line_without_directions_and_bounded(text: str) -> None:
    shown = line(text)
    shown.encode()
    assert len(shown) <= LONGEST_LINE + 1
    assert not re.search("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\u200e\u200f]", shown)


def test_a_line_of_too_many_letters_says_that_it_is_cut() -> None:
    assert line("word " * 1000, limit=9) == "word word…"
    assert line("  two \n words ") == "two words"
    assert line("") == ""


def _has_shape(character: str) -> bool:
    """Whether a character must come through: not so marks, of which there may be too many."""
    fillers = "\ufffd\u2028\u2029\u2800\u115f\u1160\u3164\uffa0"
    return character not in fillers and unicodedata.category(character)[0] in "LNPSZ"
