"""Configurations: signers, features and the code that ran, and how far each is proved."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from explorer.queries.chain.chains import ChainView
from explorer.queries.db import sql, values
from explorer.queries.db.errors import NotHere
from indexer.models import ConfigurationStanding
from indexer.postchain import configuration
from indexer.postchain.block import threshold

_Standing = ConfigurationStanding.Standing

_STANDINGS = """
    SELECT s.height, s.hash, s.standing, s.why, cardinality(c.signers), s.by
    FROM indexer_configurationstanding s
    LEFT JOIN indexer_configuration c
        ON c.chain_id = s.chain_id AND c.height = s.height AND s.standing <> 'unseen'
    WHERE s.chain_id = %s ORDER BY s.height
"""
_RAW = "SELECT raw FROM indexer_configuration WHERE chain_id = %s AND height = %s AND hash = %s"


@dataclass(frozen=True, slots=True)
class ConfigurationRow:
    """A configuration in a list. ``standing`` is one of the words of ``ConfigurationStanding.Standing``.

    One that was not applied governs nothing, one whose block is not here nothing yet: ``governs`` is whether
    it does or did, ``last`` is then the last height. One at most does now.
    """

    height: int
    hash: bytes
    standing: str
    meaning: str  # the standing's sentence
    why: str
    signers: int | None
    last: int | None  # the last height that it governs; None while it does
    governs: bool = True

    @property
    def is_applied(self) -> bool:
        """Whether its block says no other, or is still to come."""
        return self.standing != _Standing.NOT_APPLIED


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


@dataclass(frozen=True, slots=True)
class _Listed:
    """A row, and the nodes that said so."""

    row: ConfigurationRow
    by: Sequence[str]


def all_of(chain: ChainView) -> Sequence[ConfigurationRow]:
    """Every configuration by height, lowest first."""
    return [each.row for each in _listed(chain)]


def in_force(chain: ChainView, height: int) -> Configuration:
    """The configuration in force at a height, up to the next block's; two queries. Raises ``NotHere``."""
    last = chain.freshness.height
    found = [each for each in _listed(chain) if each.row.is_applied and each.row.height <= height]
    if not 0 <= height <= last + 1:
        raise NotHere(f"No configuration is known for height {height}: the chain is indexed to {last}.")
    if not found:
        raise NotHere(f"No configuration is known for height {height}: no node gave it.")
    row = found[-1].row
    raw = _raw(chain, row)
    read = None if raw is None else configuration.decode(raw)
    return Configuration(
        chain=chain,
        row=row,
        by=found[-1].by,
        merkle_version=None if read is None else read.merkle_version,
        signers=read.signers if read else (),
        needed=threshold(len(set(read.signers))) if read else None,
        features=values.named(read.features) if read else (),
        sources=[Source(path, text) for path, text in read.sources.items()] if read else (),
        raw=raw,
    )


def _listed(chain: ChainView) -> Sequence[_Listed]:
    rows = sql.rows(_STANDINGS, [chain.id])
    here = chain.freshness.height
    starts = [row[0] for row in rows if row[2] != _Standing.NOT_APPLIED and row[0] <= here]
    return [_row(row, starts, here=here) for row in rows]


def _row(columns: Sequence[Any], starts: Sequence[int], *, here: int) -> _Listed:
    height, hashed, standing, why, signers, by = columns
    following = next((each for each in starts if each > height), None)
    row = ConfigurationRow(
        height=height,
        hash=hashed,
        standing=standing,
        meaning=_Standing(standing).label,
        why=why,
        signers=signers,
        last=None if following is None else following - 1,
        governs=standing != _Standing.NOT_APPLIED and height <= here,
    )
    return _Listed(row, by.split())


def _raw(chain: ChainView, row: ConfigurationRow) -> bytes | None:
    found = sql.row(_RAW, [chain.id, row.height, row.hash])
    return None if found is None else found[0]
