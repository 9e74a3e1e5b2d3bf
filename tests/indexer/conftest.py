"""Fixtures of the indexer's tests."""

from tests.indexer.fixtures import _nothing_remembered, kept_chains, old, stored

__all__ = ["_nothing_remembered", "kept_chains", "old", "stored"]
