"""The checks there are: each module of this package that holds one names it ``CHECK``."""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from indexer.checks.check import RESULTS, Check


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


@cache
def places() -> Sequence[Mapping[int, int]]:
    """For each check, by its number: where records of which it says a code are counted, in a list that has a
    number for each of ``RESULTS`` and each check.
    """
    return tuple(
        {each.code: check.number * len(RESULTS) + RESULTS.index(each.result) for each in check.every_outcome}
        for check in checks()
    )
