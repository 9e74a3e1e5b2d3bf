"""Where two JSON values differ, path by path; lists by position."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from explorer.diff.effort import UNHURRIED, Effort

MOST = 500
"""Paths that are given; of the others how many there are."""

LONGEST = 2_000
"""Characters of a value that are given."""

_DEEPEST = 200
_VOLATILE = frozenset({
    "id", "created", "created_at", "timestamp", "expires_at", "usage", "timings", "tool_call_id",
    "total_duration", "load_duration", "prompt_eval_count", "prompt_eval_duration", "eval_count",
    "eval_duration",
})  # fmt: skip
"""Members that differ from one answer to the next whatever is said: ids, times and usage."""

_ABSENT = object()
_STEPS = 1_000


@dataclass(frozen=True, slots=True)
class Different:
    """A place at which two values differ, as a JSON Pointer (RFC 6901). ``a`` and ``b`` are JSON, None where
    nothing is there; ``is_cut`` is whether either is longer than what is given. ``is_volatile``: see above.
    """

    path: str
    a: str | None
    b: str | None
    is_volatile: bool
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class Differences:
    """The first so many, those that are not volatile first, and how many there are of either kind."""

    listed: Sequence[Different]
    lasting: int
    volatile: int


def differing(a: object, b: object, *, effort: Effort = UNHURRIED) -> Differences:
    """Where two decoded JSON values differ. Raises ``TookTooLong``."""
    lasting: list[Different] = []
    volatile: list[Different] = []
    count = [0, 0]
    for step, (path, one, other) in enumerate(_walk(a, b)):
        if step % _STEPS == 0:
            effort.go_on()
        is_volatile = any(each in _VOLATILE for each in path)
        count[is_volatile] += 1
        listed = volatile if is_volatile else lasting
        if len(listed) < MOST:
            listed.append(_different(path, one, other, is_volatile=is_volatile))
    return Differences([*lasting, *volatile][:MOST], *count)


def _walk(a: object, b: object) -> Iterator[tuple[tuple[str, ...], object, object]]:
    """Each differing leaf, in the order of the members of ``a``, then of those of ``b``."""
    waiting: list[tuple[tuple[str, ...], object, object]] = [((), a, b)]
    while waiting:
        path, one, other = waiting.pop()
        members = list(_members(path, one, other)) if len(path) < _DEEPEST else []
        if members:
            waiting += reversed(members)
        elif not _is_same(one, other):
            yield path, one, other


def _members(
    path: tuple[str, ...], one: object, other: object
) -> Iterator[tuple[tuple[str, ...], object, object]]:
    if isinstance(one, dict) and isinstance(other, dict):
        for name in [*one, *(each for each in other if each not in one)]:
            yield (*path, str(name)), _member(one, name), _member(other, name)
    elif isinstance(one, list) and isinstance(other, list):
        for at in range(max(len(one), len(other))):
            yield (*path, str(at)), _at(one, at), _at(other, at)


def _member(value: Mapping[str, object], name: str) -> object:
    return value.get(name, _ABSENT)


def _at(value: Sequence[object], at: int) -> object:
    return value[at] if at < len(value) else _ABSENT


def _is_same(one: object, other: object) -> bool:
    """Whether they are equal, and of one kind: 1 is not true."""
    if isinstance(one, bool) is not isinstance(other, bool):
        return False
    try:
        return one == other
    except RecursionError:
        return False


def _different(path: tuple[str, ...], one: object, other: object, *, is_volatile: bool) -> Different:
    a, b = _written(one), _written(other)
    is_cut = any(each is not None and len(each) > LONGEST for each in (a, b))
    pointer = "".join(f"/{each.replace('~', '~0').replace('/', '~1')}" for each in path)
    return Different(pointer, a and a[:LONGEST], b and b[:LONGEST], is_volatile, is_cut)


def _written(value: object) -> str | None:
    if value is _ABSENT:
        return None
    try:
        return json.dumps(value, ensure_ascii=False)
    except RecursionError:
        return "(nested too deep to be written)"
