"""A tree written as a line."""

import pytest
from hypothesis import given

from explorer.search import parsing, writing
from explorer.search.faults import NotUnderstood
from explorer.search.tree import All, chips
from tests.explorer.search.test_parsing import LINES


@pytest.mark.parametrize(
    ("line", "shortest"),
    [
        ("  cat   AND  dog ", "cat dog"),
        ('"cat"', "cat"),
        ("“a  cat”", '"a cat"'),
        ("(cat) ((dog OR (bird)))", "cat (dog OR bird)"),
        ("(a b) OR (c d)", "a b OR c d"),
        ("-(a)", "-a"),
        ("cat cat", "cat"),
        ("model:\"gpt\"", "model:gpt"),
        ("MODEL\uff1agpt", "model:gpt"),
        ("block:>100", "block:101.."),
        ("block:5..5", "block:5"),
        ("seed:..-5", "seed:..-5"),
        ("since:2026-10-01T00:00Z", "since:2026-10-01"),
        ("changed:2026-10-01..2026-10-02", "changed:2026-10-01"),
        ("changed:2026-10-01T12:30..2026-10-01T12:31", "changed:2026-10-01T12:30"),
        ("changed:2026-10-01T00:00", "changed:2026-10-01T00:00"),
        ("changed:2026-10-01T00:00:00", "changed:2026-10-01T00:00:00"),
        ("since:0999-01-01", "since:0999-01-01"),
        ("tx:0xabcdef01", "tx:ABCDEF01"),
        ('"OR"', '"OR"'),
        ('"model:x"', '"model:x"'),
        ('"-x"', '"-x"'),
        ("--x", '"--x"'),
        ('"wor"*', "wor*"),
        ('prompt:"wor"*', "prompt:wor*"),
        ('prompt:"/etc/hosts"', 'prompt:"/etc/hosts"'),
        ('"a“b"', '"a“b"'),
        ("日*", "日"),
        ("", ""),
    ],
)  # fmt: skip
def test_a_line_is_written_in_the_shortest_way(line: str, shortest: str) -> None:
    assert writing.canonical(parsing.parse(line)) == shortest


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ("cat -dog model:x", ["-dog model:x", "cat model:x", "cat -dog"]),
        ("cat (a OR b)", ["a OR b", "cat"]),
        ("a OR b", [""]),
        ("cat", [""]),
    ],
)
def test_each_part_can_be_taken_off(line: str, left: list[str]) -> None:
    tree = parsing.parse(line)
    assert [writing.without(tree, each) for each in chips(tree)] == left


@given(LINES)
def test_what_is_left_without_a_part_is_all_the_others(line: str) -> None:
    try:
        tree = parsing.parse(line)
    except NotUnderstood:
        return
    for each in chips(tree):
        rest = parsing.parse(writing.without(tree, each))
        others = tuple(other for other in chips(tree) if other != each)
        assert (
            (rest == others[0])
            if len(others) == 1
            else (rest == All(others) or chips(rest) == chips(others[0]))
        )
