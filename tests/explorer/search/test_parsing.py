"""The query line read as a tree."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.search import parsing, writing
from explorer.search.faults import NotUnderstood
from explorer.search.tree import (
    EVERYTHING,
    All,
    Any,
    Clause,
    Digits,
    Named,
    Node,
    Not,
    Numbers,
    Side,
    Text,
    Time,
    Word,
    chips,
    leaves,
    said_in,
)

OCTOBER, NOVEMBER, DAY = 1_790_812_800_000, 1_793_491_200_000, 86_400_000  # 2026


def word(text: str, *words: str, side: Side = Side.BOTH, is_prefix: bool = False) -> Text:
    return Text(text, words or (text,), side, is_prefix)


def read(line: str) -> Node | NotUnderstood:
    try:
        return parsing.parse(line)
    except NotUnderstood as error:
        return error


@pytest.mark.parametrize("line", ["", " ", "\t\n", "\u200b\ufeff "])
def test_a_blank_line_asks_for_everything(line: str) -> None:
    assert parsing.parse(line) == EVERYTHING


@pytest.mark.parametrize(
    ("line", "tree"),
    [
        ("cat", word("cat")),
        ("Cat dog", All((word("Cat", "cat"), word("dog")))),
        ("cat AND dog", All((word("cat"), word("dog")))),
        ("cat and or dog", All((word("cat"), word("and"), word("or"), word("dog")))),
        ('"a  cat"', word("a cat", "a", "cat")),
        ("-cat dog", All((Not(word("cat")), word("dog")))),
        ("a OR b c", Any((word("a"), All((word("b"), word("c")))))),
        ("(a OR b) c", All((Any((word("a"), word("b"))), word("c")))),
        ("-(a b)", Not(All((word("a"), word("b"))))),
        ("-(-a)", word("a")),
        ("((a))", word("a")),
        ("a (b (c))", All((word("a"), word("b"), word("c")))),
        ("a a", word("a")),
        ('-"a b"', Not(word("a b", "a", "b"))),
        ("a\u00a0b\u3000c", All((word("a"), word("b"), word("c")))),
    ],
)
def test_terms_are_combined(line: str, tree: Node) -> None:
    assert parsing.parse(line) == tree


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("torch.nn", ("torch", "nn")),
        ("3.14", ("3", "14")),
        ("snake_case", ("snake", "case")),
        ("std::vector", ("std", "vector")),
        ("https://example.org/a?b=c", ("https", "example", "org", "a", "b", "c")),
        ("12:30", ("12", "30")),
        ("note:", ("note",)),
        ("e.g.:x", ("e", "g", "x")),
        ("注意\uff1a这个", ("注意", "意", "这个")),
        ("--verbose", ("verbose",)),
        ("don't", ("don", "t")),
        ("C++", ("c",)),
        ("日本語", ("日本", "本語")),
        ("$1,000", ("1", "000")),
        ("*cat", ("cat",)),
        ("**cat**", ("cat",)),
    ],
)
def test_what_has_no_key_is_words_one_after_another(line: str, words: tuple[str, ...]) -> None:
    found = parsing.parse(line)
    assert isinstance(found, Text)
    assert found.words == words
    assert not found.is_prefix


def test_a_colon_before_a_blank_makes_no_key() -> None:
    assert parsing.parse("Note: x") == All((word("Note:", "note"), word("x")))
    assert parsing.parse("model: x") == All((word("model:", "model"), word("x")))


@pytest.mark.parametrize(
    "line", ["“a cat”", "„a cat“", "„a cat”", "”a cat”", "«a cat»", "»a cat«", '“a cat"', "\uff02a cat\uff02"]
)
def test_other_quotation_marks_quote_too(line: str) -> None:
    assert parsing.parse(line) == word("a cat", "a", "cat")


def test_marks_within_straight_quotes_are_text() -> None:
    assert parsing.parse('"he said “yes” to it"') == word(
        "he said “yes” to it", "he", "said", "yes", "to", "it"
    )


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("wor*", word("wor", is_prefix=True)),
        ('"a wor"*', word("a wor", "a", "wor", is_prefix=True)),
        ("torch.func*", word("torch.func", "torch", "func", is_prefix=True)),
        ("prompt:wor*", word("wor", side=Side.PROMPT, is_prefix=True)),
        ("日*", word("日", is_prefix=True)),
        ("日", word("日", is_prefix=True)),
        ("日本*", word("日本")),
        ("ก*", word("ก", is_prefix=True)),
        ('"wor*"', word("wor*", "wor")),
    ],
)
def test_a_star_makes_the_last_word_a_beginning(line: str, text: Text) -> None:
    assert parsing.parse(line) == text


@pytest.mark.parametrize(
    ("line", "clause"),
    [
        ("model:gpt-4*", Clause("model", Named("gpt-4*"))),
        ('model:"a b"', Clause("model", Named("a b"))),
        ('model:"a ""b"""', Clause("model", Named('a "b"'))),
        ("MODEL:x", Clause("model", Named("x"))),
        ("model\uff1ax", Clause("model", Named("x"))),
        ('provider:"/x"', Clause("provider", Named("/x"))),
        ("scout:7", Clause("scout", Numbers(7, 7))),
        ("seed:-5", Clause("seed", Numbers(-5, -5))),
        ("seed:9223372036854775807", Clause("seed", Numbers(2**63 - 1, 2**63 - 1))),
        ("block:100..200", Clause("block", Numbers(100, 200))),
        ("block:100..", Clause("block", Numbers(100, None))),
        ("block:..200", Clause("block", Numbers(None, 200))),
        ("block:>100", Clause("block", Numbers(101, None))),
        ("block:>=100", Clause("block", Numbers(100, None))),
        ("block:<100", Clause("block", Numbers(None, 99))),
        ("block:<=100", Clause("block", Numbers(None, 100))),
        ("tx:abcdef01", Clause("tx", Digits("ABCDEF01"))),
        ("tx:0xabcdef012", Clause("tx", Digits("ABCDEF012"))),
        ("chain:" + "0a" * 32, Clause("chain", Digits("0A" * 32))),
        ("status:Edited", Clause("status", Word("edited"))),
        ("has:edit", Clause("has", Word("edit"))),
        ("has:deletion", Clause("has", Word("deletion"))),
        ("said:first", Clause("said", Word("first"))),
        ("since:2026-10-01", Clause("since", Time(OCTOBER, None))),
        ("since:2026-10-01T12:30", Clause("since", Time(OCTOBER + 45_000_000, None))),
        ("since:2026-10-1t12:30:01z", Clause("since", Time(OCTOBER + 45_001_000, None))),
        ("until:2026-11-01", Clause("until", Time(None, NOVEMBER))),
        ("changed:2026-10-01..2026-11-01", Clause("changed", Time(OCTOBER, NOVEMBER))),
        ("changed:2026-10-01", Clause("changed", Time(OCTOBER, OCTOBER + DAY))),
        ("changed:2026-10-01..", Clause("changed", Time(OCTOBER, None))),
        ("changed:..2026-10-01", Clause("changed", Time(None, OCTOBER))),
        ("changed:2026-10-01T12:30", Clause("changed", Time(OCTOBER + 45_000_000, OCTOBER + 45_060_000))),
        ("prompt:cat", word("cat", side=Side.PROMPT)),
        ('answer:"a cat"', word("a cat", "a", "cat", side=Side.ANSWER)),
        ("-model:x", Not(Clause("model", Named("x")))),
    ],
)
def test_a_key_asks_for_its_value(line: str, clause: Node) -> None:
    assert parsing.parse(line) == clause


def test_what_no_text_holds_is_read_as_a_sign_between_words() -> None:
    assert parsing.parse("a\0b") == word("a\ufffdb", "a", "b")
    assert parsing.parse("a\ud800b") == word("a\ufffdb", "a", "b")


def test_marks_of_direction_part_terms_and_make_no_other_key() -> None:
    assert parsing.parse("\ufeffmodel:x\u202e \u2066cat\u2069") == All(
        (Clause("model", Named("x")), word("cat"))
    )


@pytest.mark.parametrize(
    "line", ["'; DROP TABLE x; --'", "a <-> b", "a:*", "!a", "a | b", "SELECT 1", "%s %(x)s"]
)
def test_operators_of_other_languages_are_words_or_are_refused(line: str) -> None:
    found = read(line)
    if isinstance(found, NotUnderstood):
        assert found.quoted
    else:
        assert all(isinstance(each, Text) for each in leaves(found))


def test_what_counts_of_what_was_said_is_in_the_line() -> None:
    assert said_in(parsing.parse("cat")) == "ever"
    assert said_in(parsing.parse("cat said:first -dog")) == "first"
    assert said_in(parsing.parse("said:now")) == "now"


def test_each_part_knows_where_it_stood() -> None:
    line = ' cat  (a OR -"b c")  -model:"x y" '
    tree = parsing.parse(line)
    assert [each.source.text for each in chips(tree)] == ["cat", '(a OR -"b c")', '-model:"x y"']
    for each in chips(tree):
        assert line[each.source.start : each.source.end] == each.source.text


_PIECES = st.sampled_from(
    [
        *(
            "cat",
            "dog",
            "-",
            "(",
            ")",
            '"',
            "OR",
            "AND",
            "NOT",
            "*",
            "wor*",
            "日本語",
            "日",
            " ",
            "  ",
            ":",
            "/",
        ),
        *(
            "model:",
            "prompt:",
            "answer:x",
            "block:1..5",
            "block:>3",
            "block:<0",
            "block:<1",
            "seed:<0",
            "since:2026-10-01",
            "until:2027-01-01",
            "x:y",
        ),
        *(
            "changed:2026-10-01..",
            "status:live",
            "has:edit",
            "said:now",
            "tx:abcdef01",
            "“",
            "”",
            "„",
            "«",
            "»",
        ),
        *(
            "\u202e",
            "\u200b",
            "\ufeff",
            "\0",
            "\ud800",
            "\uff1a",
            "\uff08",
            "seed:-1",
            "a.b",
            "'",
            "\\",
            "Ö",
            "e\u0301",
            '""',
        ),
    ]
)
LINES = st.one_of(
    st.text(max_size=60),
    st.lists(_PIECES, max_size=20).map("".join),
    st.lists(_PIECES, max_size=20).map(" ".join),
)


@given(LINES)
def test_whatever_is_typed_gives_a_tree_or_a_refusal(line: str) -> None:
    found = read(line)
    if not isinstance(found, NotUnderstood):
        assert parsing.parse(writing.canonical(found)) == found
        return
    assert found.faults
    for each in found.faults:
        assert 0 <= each.start <= each.end <= len(found.line)
        assert each.why
    for offered in (found.corrected, found.quoted):
        parsing.parse(offered)


@given(LINES)
def test_a_quoted_line_is_words_one_after_another(line: str) -> None:
    found = read(writing.quoted(line))
    if isinstance(found, NotUnderstood):
        assert [each.code for each in found.faults] == ["no-word"]
    else:
        assert isinstance(found, Text)
