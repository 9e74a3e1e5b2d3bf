"""Fixtures of the store's tests."""

from tests.indexer.fixtures import _nothing_remembered, kept_chains, stored

__all__ = ["_nothing_remembered", "kept_chains", "stored"]
