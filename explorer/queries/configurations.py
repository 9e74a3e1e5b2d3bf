"""Configurations: signers, features and the code that ran, and how far each is proved."""

from collections.abc import Sequence
from dataclasses import dataclass

from explorer.queries.chains import ChainView


@dataclass(frozen=True, slots=True)
class ConfigurationRow:
    """A configuration in a list. ``standing`` is one of the words of ``ConfigurationStanding.Standing``."""

    height: int
    hash: bytes
    standing: str
    meaning: str  # the standing's sentence
    why: str
    signers: int | None
    last: int | None  # the last height that it governs; None while it does


@dataclass(frozen=True, slots=True)
class Source:
    """A file of the dapp's code."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Configuration:
    """The configuration in force at a height, itself set at ``row.height``.

    ``raw`` is GTV; None where no node gave it, and then signers, features and sources are empty.
    """

    chain: ChainView
    row: ConfigurationRow
    by: Sequence[str]  # nodes that gave it, where that matters
    merkle_version: int | None
    signers: Sequence[bytes]
    needed: int | None  # signatures
    features: Sequence[tuple[str, str]]
    sources: Sequence[Source]
    raw: bytes | None


def all_of(chain: ChainView) -> Sequence[ConfigurationRow]:
    """Every configuration by height, lowest first."""
    raise NotImplementedError


def in_force(chain: ChainView, height: int) -> Configuration:
    """The configuration in force at a height. Raises ``NotHere``."""
    raise NotImplementedError
