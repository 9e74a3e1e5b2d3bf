"""What a result says, as it is read: ``indexer.dapp.completion`` for pages and API."""

from indexer.dapp.completion import Call, Choice, Completion, Fact, Media, changed_beside

__all__ = ["Call", "Choice", "Completion", "Fact", "Media", "changed_beside"]
