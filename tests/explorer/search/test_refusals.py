"""Query lines that cannot be meant: refused, with the place, and with what may be meant."""

import pytest

from explorer.search import parsing
from explorer.search.faults import Fault, NotUnderstood
from explorer.search.tree import Text


def faults(line: str) -> tuple[Fault, ...]:
    return refused(line).faults


def refused(line: str) -> NotUnderstood:
    with pytest.raises(NotUnderstood) as raised:
        parsing.parse(line)
    return raised.value


@pytest.mark.parametrize(
    ("line", "code", "place", "corrected"),
    [
        ("cat modle:gpt", "unknown-key", "modle:gpt", "cat model:gpt"),
        ("after:2026-10-01", "unknown-key", "after:2026-10-01", "since:2026-10-01"),
        ("foo:bar", "unknown-key", "foo:bar", '"foo:bar"'),
        ("localhost:8000", "unknown-key", "localhost:8000", '"localhost:8000"'),
        ("blok:red", "unknown-key", "blok:red", '"blok:red"'),
        ("foo:f(a b) c", "unknown-key", "foo:f(a b)", '"foo:f(a b)" c'),
        ('a "b c', "open-quote", '"b c', 'a "b c"'),
        ("(a b", "open-parenthesis", "(", "a b"),
        ("a) b", "open-parenthesis", ")", "a b"),
        ("a ()", "empty-parentheses", "()", "a"),
        ("f(x) y", "code", "f(x)", '"f(x)" y'),
        (
            "torch.zeros((2, 3)).sum() ok",
            "code",
            "torch.zeros((2, 3)).sum()",
            '"torch.zeros((2, 3)).sum()" ok',
        ),
        ("model:(a OR b)", "code", "model:(a OR b)", '"model:(a OR b)"'),
        ("a & b", "no-word", "&", "a b"),
        ("a - b", "no-word", "-", "a b"),
        ('a ""', "no-word", '""', "a"),
        ("a *", "no-word", "*", "a"),
        ("wo*", "short-prefix", "wo*", "wo"),
        ("a NOT b", "not-is-a-dash", "NOT ", "a -b"),
        ("DO NOT", "not-is-a-dash", "NOT", "DO not"),
        ("a OR", "dangling-operator", "OR", "a or"),
        ("AND a", "dangling-operator", "AND", "and a"),
        ("a OR OR b", "dangling-operator", "OR", "a OR or b"),
        ("(a OR) b", "dangling-operator", "OR", "a or b"),
        ("status:edit", "not-a-choice", "status:edit", "status:edited"),
        ("has:edits", "not-a-choice", "has:edits", "has:edit"),
        ("since:2026-02-30", "no-such-date", "since:2026-02-30", "since:2026-02-28"),
        ("since:2026-13-01", "no-such-date", "since:2026-13-01", ""),
        ("since:0000-01-01", "no-such-date", "since:0000-01-01", ""),
        ("since:2026-10-01T24:00", "no-such-date", "since:2026-10-01T24:00", ""),
        ("since:yesterday", "not-a-date", "since:yesterday", ""),
        ("since:2026-10", "not-a-date", "since:2026-10", "since:2026-10-01"),
        ("until:2026", "not-a-date", "until:2026", "until:2026-01-01"),
        ("since:2026/1/5", "not-a-date", "since:2026/1/5", "since:2026-01-05"),
        ("since:2026-13", "not-a-date", "since:2026-13", ""),
        ("since:0000", "not-a-date", "since:0000", ""),
        ("changed:2026-10", "not-a-date", "changed:2026-10", "changed:2026-10-01..2026-11-01"),
        ("changed:2026-12", "not-a-date", "changed:2026-12", "changed:2026-12-01..2027-01-01"),
        ("changed:2026", "not-a-date", "changed:2026", "changed:2026-01-01..2027-01-01"),
        ("changed:2026.10.1", "not-a-date", "changed:2026.10.1", "changed:2026-10-01"),
        ("changed:9999", "not-a-date", "changed:9999", ""),
        (
            "changed:2026-10..2026-11",
            "not-a-date",
            "changed:2026-10..2026-11",
            "changed:2026-10-01..2026-11-01",
        ),
        (
            "changed:2026-02-30..2026-03-05",
            "no-such-date",
            "changed:2026-02-30..2026-03-05",
            "changed:2026-02-28..2026-03-05",
        ),
        ("changed:2026-02-30..", "no-such-date", "changed:2026-02-30..", "changed:2026-02-28.."),
        ("changed:2026-10-01..tomorrow", "not-a-date", "changed:2026-10-01..tomorrow", ""),
        ("changed:..", "not-a-range", "changed:..", ""),
        ("block:200..100", "upside-down", "block:200..100", "block:100..200"),
        (
            "changed:2026-11-01..2026-10-01",
            "upside-down",
            "changed:2026-11-01..2026-10-01",
            "changed:2026-10-01..2026-11-01",
        ),
        (
            "changed:2026-11-01..2026-11-01",
            "upside-down",
            "changed:2026-11-01..2026-11-01",
            "changed:2026-11-01",
        ),
        (
            "since:2026-11-01 until:2026-11-01",
            "upside-down",
            "until:2026-11-01",
            "since:2026-11-01 until:2026-11-02",
        ),
        (
            "since:2026-11-01 until:2026-10-01",
            "upside-down",
            "since:2026-11-01",
            "since:2026-10-01 until:2026-11-01",
        ),
        ("block:-1", "out-of-range", "block:-1", ""),
        ("block:<0", "out-of-range", "block:<0", ""),
        ("block:<=-1", "out-of-range", "block:<=-1", ""),
        ("block:<-5", "out-of-range", "block:<-5", ""),
        ("block:..-1", "out-of-range", "block:..-1", ""),
        ("block:9223372036854775808", "out-of-range", "block:9223372036854775808", ""),
        ("seed:-9223372036854775809", "out-of-range", "seed:-9223372036854775809", ""),
        ("scout:" + "9" * 3000, "out-of-range", "scout:" + "9" * 3000, ""),
        ("scout:abc", "not-a-number", "scout:abc", ""),
        ("scout:\uff11\uff12", "not-a-number", "scout:\uff11\uff12", ""),
        ("tx:abc", "not-hex", "tx:abc", ""),
        ("tx:" + "a" * 65, "not-hex", "tx:" + "a" * 65, ""),
        ("said:now OR a", "said-within", "said:now", ""),
        ("said:now a said:first", "said-within", "said:first", ""),
        ("-said:now", "said-within", "said:now", ""),
        ('model:""', "no-value", 'model:""', ""),
        ("prompt:)", "no-value", "prompt:", ""),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused_with_its_place_and_what_may_be(
    line: str, code: str, place: str, corrected: str
) -> None:
    error = refused(line)
    first = error.faults[0]
    assert (first.code, error.line[first.start : first.end]) == (code, place)
    assert error.corrected == corrected
    assert first.why.endswith(".")
    if error.quoted:
        assert isinstance(parsing.parse(error.quoted), Text)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("block:-1", "block: takes whole numbers from 0 to 9223372036854775807, not “-1”."),
        ("block:..", "block: takes a range with one end at least, such as 100.., not “..”."),
        ("block:9..7", "block: takes a range from the lower to the higher, not “9..7”."),
        ("since:2026-02-30", "since: takes a day and a time that exist, not “2026-02-30”."),
        ('model:""', "model: takes a name, not “”."),
        ("tx:12", "tx: takes 8 to 64 hexadecimal digits of a RID, not “12”."),
        (
            "prompt:(a b)",
            "Behind prompt: stands one word or name, in quotes where it has blanks or parentheses.",
        ),
        ("f(x)", "A parenthesis right behind a word is code, which is quoted."),
    ],
)
def test_what_is_wrong_is_a_sentence(line: str, why: str) -> None:
    assert faults(line)[0].why == why


def test_several_faults_are_told_at_once() -> None:
    error = refused("modle:x (a & status:edit")
    assert [each.code for each in error.faults] == [
        "unknown-key",
        "open-parenthesis",
        "no-word",
        "not-a-choice",
    ]
    assert error.corrected == "model:x a status:edited"


def test_the_nearest_key_is_named() -> None:
    assert faults("promt:cat")[0].nearest == "prompt"
    assert "Did you mean prompt:?" in faults("promt:cat")[0].why


def test_a_refusal_offers_the_whole_line_as_a_quoted_search() -> None:
    assert refused('print("hi") & x').quoted == '"print( hi ) & x"'
    assert refused("*").quoted == ""


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("a" * 4_097, "too-long"),
        ("a" + " b1" * 500, "too-many"),
        (" ".join(f"w{each}" for each in range(500)), "too-many"),
        (" OR ".join(f"seed:{each}" for each in range(300)), "too-many"),
        (" OR ".join(f"begins{each}*" for each in range(99)), "too-many-prefixes"),
        (" ".join(f"prompt:{chr(0x4E00 + each)}" for each in range(21)), "too-many-prefixes"),
        ("(" * 60 + "a" + ")" * 60, "too-deep"),
        ("(" * 2_000, "too-deep"),
        (")" * 4_000, "open-parenthesis"),
        ("&" * 4_000, "no-word"),
        ("& " * 2_000, "no-word"),
        ("x:y " * 1_000, "unknown-key"),
        ("-(" * 2_000, "too-deep"),
        ("f(" * 2_000, "code"),
        ('"' * 4_095, "open-quote"),
        ("-" * 4_000, "no-word"),
        ("a OR " * 800, "too-many"),
    ],
)
def test_lines_beyond_all_measure_are_refused_in_few_words(line: str, code: str) -> None:
    error = refused(line)
    assert code in [each.code for each in error.faults]
    assert len(error.faults) <= 9


def test_a_sign_that_no_text_holds_is_no_word_by_itself() -> None:
    assert faults("\ud800")[0].code == "no-word"
