"""Names under which one model is known, from a file of ours: ``families.toml`` beside this module.

They gather numbers on pages, and say so. No filter knows of them: a record is found by the name that it has.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).with_name("families.toml")


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
    return Families(version, {model: each for each in read for model in each.models})


def _family(found: Any) -> Family:
    if not isinstance(found, dict) or set(found) != {"name", "models"}:
        raise NotFamilies("A family has a name and models, nothing else.")
    name, models = found["name"], found["models"]
    if not isinstance(name, str) or not name.strip():
        raise NotFamilies("The name of a family is a text.")
    if not isinstance(models, list) or len(models) < 2 or not all(isinstance(each, str) for each in models):
        raise NotFamilies(f"“{name}” has two models or more, each a text.")
    return Family(name, tuple(models))
