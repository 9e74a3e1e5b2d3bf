"""Other derivations than those of the product, or the same in smaller steps."""

from dataclasses import replace

import pytest

from indexer.derive import registry, rollups
from indexer.derive.derivation import Derivation


def register(derivation: Derivation, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have one more, as if a module of the product held it."""
    found = (*registry.derivations(), derivation)
    monkeypatch.setattr(registry, "derivations", lambda: found)


def in_steps_of(batch: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have each derivation take so many operations at a time."""
    found = tuple(replace(each, batch=batch) for each in registry.derivations())
    monkeypatch.setattr(registry, "derivations", lambda: found)
    monkeypatch.setattr(rollups, "DERIVATION", found[0])
