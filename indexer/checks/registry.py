"""The checks there are: each module of this package that holds one names it ``CHECK``."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from indexer.checks.check import Check


@cache
def checks() -> tuple[Check, ...]:
    """Every one, in the order of their numbers, which count from 0."""
    here = [str(Path(__file__).parent)]
    modules = [import_module(f"{__package__}.{each.name}") for each in iter_modules(here)]
    found: list[Check] = [each.CHECK for each in modules if hasattr(each, "CHECK")]
    return tuple(sorted(found, key=lambda each: each.number))


@cache
def by_name() -> Mapping[str, Check]:
    """Every one, by its name."""
    return {each.name: each for each in checks()}
