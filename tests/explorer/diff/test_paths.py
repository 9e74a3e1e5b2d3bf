"""Where two JSON values differ."""

import json

from explorer.diff import paths
from explorer.diff.paths import Different, differing


def test_each_place_is_named_and_what_changes_with_every_answer_is_told_apart() -> None:
    a = {
        "id": "1",
        "choices": [{"message": {"content": "one"}, "finish_reason": "stop"}],
        "usage": {"total_tokens": 3},
    }
    b = {
        "id": "2",
        "choices": [{"message": {"content": "two"}, "finish_reason": "stop"}],
        "usage": {"total_tokens": 3},
        "a/b~": None,
    }
    assert differing(a, b).listed == [
        Different("/choices/0/message/content", '"one"', '"two"', is_volatile=False),
        Different("/a~1b~0", None, "null", is_volatile=False),
        Different("/id", '"1"', '"2"', is_volatile=True),
    ]  # fmt: skip
    found = differing(a, b)
    assert (found.lasting, found.volatile) == (2, 1)


def test_lists_go_by_position_and_kinds_are_not_confused() -> None:
    found = differing([1, True, [1]], [1, 1, {"0": 1}, 4])
    assert [(each.path, each.a, each.b) for each in found.listed] == [
        ("/1", "true", "1"), ("/2", "[1]", '{"0": 1}'), ("/3", None, "4"),
    ]  # fmt: skip
    assert differing("x", "x").listed == []
    assert differing(None, {}).listed == [Different("", "null", "{}", is_volatile=False)]


def test_what_is_deep_or_much_is_bounded(monkeypatch: object) -> None:
    deep: object = 1
    for _ in range(900):
        deep = [deep]
    assert len(differing(deep, [2]).listed) == 1
    many = differing(list(range(2_000)), list(range(1, 2_001)))
    assert (len(many.listed), many.lasting) == (paths.MOST, 2_000)
    long = differing("a" * 5_000, "b").listed[0]
    assert long.is_cut
    assert long.a == json.dumps("a" * 5_000)[: paths.LONGEST]
