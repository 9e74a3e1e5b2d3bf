"""What a result says, as it is read: ``indexer.dapp.completion`` for pages and API."""

from indexer.dapp.beside import changed_beside
from indexer.dapp.choice import Call, Choice, Fact
from indexer.dapp.completion import Completion
from indexer.dapp.media import Media

__all__ = ["Call", "Choice", "Completion", "Fact", "Media", "changed_beside"]
