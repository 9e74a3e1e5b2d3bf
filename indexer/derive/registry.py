"""The derivations there are: each module of this package that holds one names it ``DERIVATION``."""

from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from django.db.backends.utils import CursorWrapper
from django.db.models import Model

from indexer.derive.derivation import Derivation
from indexer.models import Count, DerivationCheckpoint


@cache
def derivations() -> tuple[Derivation, ...]:
    """Every one, in the order of their locks."""
    here = [str(Path(__file__).parent)]
    modules = [import_module(f"{__package__}.{each.name}") for each in iter_modules(here)]
    found: list[Derivation] = [each.DERIVATION for each in modules if hasattr(each, "DERIVATION")]
    return tuple(sorted(found, key=lambda each: each.lock))


def tables() -> list[type[Model]]:
    """The tables of what is derived, all of them of a generation."""
    own = [table for each in derivations() for table in each.tables]
    return [DerivationCheckpoint, Count, *own]


def tables_made_from_texts() -> list[type[Model]]:
    """Those whose rows may hold something of a text."""
    return [table for each in derivations() if each.reads_texts for table in (*each.tables, *each.shared)]


def sweep(cursor: CursorWrapper, chain_id: int) -> None:
    """Remove what generations shared and none of a chain refers to any more."""
    for each in derivations():
        if each.sweep is not None:
            each.sweep(cursor, chain_id)
