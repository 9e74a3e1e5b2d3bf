"""Half a character is marked, and nothing else is touched."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.dapp import halves, rell_json

H = "\ufffd"


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        (r"a\ud83d b", f"a{H} b"),
        (r"\uDE00", H),
        (r"\ud83d\ude00", r"\ud83d\ude00"),
        (r"\uD83D\uDE00\uDE00", rf"\uD83D\uDE00{H}"),
        (r"\ud83d\ud83d\ude00", rf"{H}\ud83d\ude00"),
        (r"\ude00\ud83d", H + H),
        (r"\\ud83d", r"\\ud83d"),
        (r"\\\ud83d", rf"\\{H}"),
        (r"\ud83d\\ude00", rf"{H}\\ude00"),
        (r"\u0041 \ud7ff \ue000", r"\u0041 \ud7ff \ue000"),
        (r"\ud8", r"\ud8"),
        ("\\", "\\"),
    ],
)
def test_only_what_has_no_other_half_is_marked(text: str, marked: str) -> None:
    assert halves.marked(text) == marked


@given(st.text())
def test_whole_characters_stay_as_they_are(text: str) -> None:
    assert json.loads(halves.marked(json.dumps(text))) == text


@given(st.text(st.characters(exclude_characters="?" + H) | st.sampled_from(["\ud83d", "\ude00"])))
def test_where_a_node_puts_a_question_mark_there_is_a_mark(text: str) -> None:
    said = json.dumps(text)
    shown, stated = (rell_json.normalise(each) for each in (halves.marked(said), said))
    assert shown.replace(H, "?") == stated
    assert "?" not in shown
