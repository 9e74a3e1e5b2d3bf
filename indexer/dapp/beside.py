"""What an edit changed that leaves what was said as it was."""

from collections.abc import Iterator, Mapping, Sequence

from indexer.dapp.completion import decoded

_SAYING = ("content", "tool_calls", "function_call", "refusal", "images", "audio")
_BY_MEMBER = ("usage", "x_groq", "scout")
_SPELLING = "how it is written"


def changed_beside(before: str, after: str) -> Sequence[str]:
    """The names of what differs between two results, as they were signed, that say the same: members of the
    result, of its choices and of their messages. Where none differs, that they are written otherwise.
    """
    old, new = decoded(before), decoded(after)
    if not isinstance(old, dict) or not isinstance(new, dict):
        return [_SPELLING]
    try:
        return list(dict.fromkeys(_of_results(old, new))) or [_SPELLING]
    except RecursionError:  # what lies deeper than anyone writes is not compared
        return [_SPELLING]


def _of_results(old: Mapping[str, object], new: Mapping[str, object]) -> Iterator[str]:
    for name in _differing(old, new):
        one, other = old.get(name), new.get(name)
        if name == "choices":
            continue
        if name in _BY_MEMBER and isinstance(one, dict) and isinstance(other, dict):
            yield from (f"{name}.{each}" for each in _differing(one, other))
        else:
            yield name
    for one, other in zip(_listed(old.get("choices")), _listed(new.get("choices")), strict=False):
        yield from (each for each in _differing(one, other) if each not in ("index", "message"))
        yield from _of_messages(_object(one.get("message")), _object(other.get("message")))


def _of_messages(old: Mapping[str, object], new: Mapping[str, object]) -> Iterator[str]:
    for name in _differing(old, new):
        if name not in _SAYING:
            yield name
        elif _without_ids(old.get(name)) == _without_ids(new.get(name)):
            yield f"ids in {name}"
        else:
            yield f"how {name} is written"


def _differing(old: Mapping[str, object], new: Mapping[str, object]) -> Sequence[str]:
    return sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))


def _listed(value: object) -> Sequence[Mapping[str, object]]:
    found = [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
    return sorted(found, key=lambda each: str(each.get("index")))


def _object(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _without_ids(value: object) -> object:
    if isinstance(value, list):
        return [_without_ids(each) for each in value]
    if isinstance(value, dict):
        return {name: _without_ids(each) for name, each in value.items() if name != "id"}
    return value
