"""What an edit changed, in words."""

import pytest

from explorer.diff.effort import UNHURRIED
from explorer.pages.rendering.edit_tags import edit
from explorer.queries.records.edit import between


@pytest.mark.parametrize(
    ("a", "b", "told"),
    [
        ("one two 3", "one\ntwo 4", "a space became a line break; “<bdi>3</bdi>” became “<bdi>4</bdi>”"),
        ("one\n\ntwo 3", "one\ttwo 4", "2 line breaks became a tab; "),
        ("one\u3000two 3", "one\u00a0two 4", "white space became other white space; "),
        ("one\u3000two 3", "one two 4", "white space became a space; "),
        ("one two 3", f"one{' ' * 60}two 4", "a space became white space; "),
        ("one two", "one\ntwo", "only white space changed"),
    ],
)
def test_white_space_is_named_where_words_changed_too(a: str, b: str, told: str) -> None:
    assert told in edit(between(a, b, UNHURRIED))
