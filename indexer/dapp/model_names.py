"""Names under which one model is known: from a file of ours, ``model_names.toml`` beside this module, and by
how they are spelled.

The file gathers numbers on pages, letter for letter. Checks, which accuse no record for a name, take more for
the same: names that are spelled as one of a family, or alike, where they differ only in who offers the model,
in its date, and in words for how it was tuned or is served. What differs in family, version or size is
another. No filter knows of either: a record is found by the name that it has.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

_TUNED = frozenset({
    "it", "instruct", "instant", "chat", "latest", "versatile", "free", "nitro", "extended", "hf", "meta",
    "fp8", "fp16", "bf16", "awq", "gptq", "gguf", "32768", "131072",
})  # fmt: skip
_SERVED = re.compile(r"[-_:@](?:i?q\d+(?:_\w+)*|\d+bit|int\d+)$")
_DATED = re.compile(r"[-_:@](?:20\d\d-?[01]\d-?[0-3]\d|[01]\d-20\d\d|\d{4})$")
_POINT = re.compile(r"^v?(\d+)p(\d+)$")  # as file names have it: v3p1
_BETWEEN = re.compile(r"[-_:@. ]+")

_FILE = Path(__file__).with_name("model_names.toml")


class NotFamilies(ValueError):
    """A file that is not one of families."""


@dataclass(frozen=True, slots=True)
class Family:
    """One model: what it is called, and the names under which records may have it."""

    name: str
    models: Sequence[str]


@dataclass(frozen=True, slots=True)
class Families:
    """All that a version of the file says."""

    version: int
    by_model: Mapping[str, Family]
    by_spelling: Mapping[str, Family]


@cache
def families() -> Families:
    """Those of this version of the site."""
    return read(_FILE.read_text(encoding="utf-8"))


def read(text: str) -> Families:
    """What a file says. Raises ``NotFamilies`` for one that says anything twice, or not as it should."""
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise NotFamilies(f"It is no TOML: {error}") from error
    version, listed = found.get("version"), found.get("family")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise NotFamilies("It has no version, which is a whole number from 1.")
    if not isinstance(listed, list) or set(found) != {"version", "family"}:
        raise NotFamilies("It has a version and families, nothing else.")
    read = [_family(each) for each in listed]
    for word in (*(each.name for each in read), *(model for each in read for model in each.models)):
        if sum(word == each.name for each in read) > 1 or sum(each.models.count(word) for each in read) > 1:
            raise NotFamilies(f"“{word}” stands in it twice.")
    by_model = {model: each for each in read for model in each.models}
    return Families(version, by_model, _by_spelling(by_model))


def _by_spelling(by_model: Mapping[str, Family]) -> Mapping[str, Family]:
    found: dict[str, Family] = {}
    for model, family in by_model.items():
        if found.setdefault(_spelled(model), family) is not family:
            raise NotFamilies(f"“{model}” is spelled as a model of another family is.")
    return found


@lru_cache(maxsize=4_096)
def canonical(name: str) -> str:
    """The one name; two names with the same one are of the same model."""
    spelled = _spelled(name)
    family = families().by_spelling.get(spelled)
    return spelled if family is None else _spelled(family.models[0])


def _spelled(name: str) -> str:
    own = name.strip().lower().rpartition("/")[2]
    own = _DATED.sub("", _SERVED.sub("", own))
    spelled = [_POINT.sub(r"\1\2", each) for each in _BETWEEN.split(own)]
    tuned = _TUNED | {"turbo"} if "instruct" in spelled else _TUNED
    return "".join(each for each in spelled if each not in tuned) or own


def _family(found: Any) -> Family:
    if not isinstance(found, dict) or set(found) != {"name", "models"}:
        raise NotFamilies("A family has a name and models, nothing else.")
    name, models = found["name"], found["models"]
    if not isinstance(name, str) or not name.strip():
        raise NotFamilies("The name of a family is a text.")
    if not isinstance(models, list) or len(models) < 2 or not all(isinstance(each, str) for each in models):
        raise NotFamilies(f"“{name}” has two models or more, each a text.")
    return Family(name, tuple(models))
