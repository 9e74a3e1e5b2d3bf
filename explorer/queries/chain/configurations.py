"""Configurations: signers, features and the code that ran, and how far each is proved."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from itertools import pairwise
from typing import Any

from explorer.queries.chain.chains import ChainView
from explorer.queries.db import sql, values
from explorer.queries.db.errors import NotHere
from indexer.models import ConfigurationStanding
from indexer.postchain import configuration
from indexer.postchain.block import threshold
from indexer.postchain.merkle import UnknownMerkleVersion

_Standing = ConfigurationStanding.Standing

_STANDINGS = """
    SELECT s.height, s.hash, s.standing, s.why, cardinality(c.signers), s.by
    FROM indexer_configurationstanding s
    LEFT JOIN indexer_configuration c
        ON c.chain_id = s.chain_id AND c.height = s.height AND s.standing <> 'unseen'
    WHERE s.chain_id = %s ORDER BY s.height
"""
_IN_ORDER = """
    SELECT c.chain_id, c.height, c.hash, c.signers
    FROM unnest(%(chains)s::smallint[], %(heights)s::bigint[]) AS w (chain_id, height)
    JOIN indexer_configurationinforce c ON c.chain_id = w.chain_id AND c.height <= w.height
    ORDER BY c.chain_id, c.height
"""
_RAW = "SELECT raw FROM indexer_configuration WHERE chain_id = %s AND height = %s AND hash = %s"


@dataclass(frozen=True, slots=True)
class ConfigurationRow:
    """A configuration in a list. ``standing`` is one of the words of ``ConfigurationStanding.Standing``.

    One that was not applied governs nothing, one whose block is not here nothing yet: ``governs`` is whether
    it does or did, ``last`` is then the last height. One at most does now.
    """

    chain: bytes  # its blockchain RID
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
class ConfigurationChange:
    """What a configuration did that came into force after another one: whether it changed the signers and the
    code. None is where the bytes of one of the two are not here, or cannot be read.
    """

    chain_id: int
    height: int
    signers: bool | None
    code: bool | None


@dataclass(frozen=True, slots=True)
class _Listed:
    """A row, and the nodes that said so."""

    row: ConfigurationRow
    by: Sequence[str]


def all_of(chain: ChainView) -> Sequence[ConfigurationRow]:
    """Every configuration by height, lowest first."""
    return [each.row for each in _listed(chain)]


def changes(chains: Sequence[ChainView]) -> Sequence[ConfigurationChange]:
    """What each configuration changed that came into force after another one, up to the last block of these
    chains, by chain and height; one query, and one more for each whose code was not read before.
    """
    asked = {
        "chains": [each.id for each in chains],
        "heights": [each.freshness.height for each in chains],
    }
    found = [_InForce(*row) for row in sql.rows(_IN_ORDER, asked)] if chains else []
    return [
        _change(then, now)
        for then, now in pairwise(found)
        if then.chain_id == now.chain_id and then.hash != now.hash
    ]


@dataclass(frozen=True, slots=True)
class _InForce:
    """A configuration that was in force; ``signers`` is None where no node gave it."""

    chain_id: int
    height: int
    hash: bytes
    signers: Sequence[bytes] | None

    @property
    def code(self) -> bytes | None:
        return _code(self.chain_id, self.height, self.hash)


def _change(then: _InForce, now: _InForce) -> ConfigurationChange:
    if then.signers is None or now.signers is None:
        return ConfigurationChange(now.chain_id, now.height, None, None)
    is_known = then.code is not None and now.code is not None
    code = now.code != then.code if is_known else None
    return ConfigurationChange(now.chain_id, now.height, set(now.signers) != set(then.signers), code)


@lru_cache(maxsize=10_000)
def _code(chain_id: int, height: int, hashed: bytes) -> bytes | None:
    """A hash of the code in a configuration; None where it is not here, or cannot be read. The hash that it
    has names what it holds, so it is read once.
    """
    row = sql.row(_RAW, [chain_id, height, hashed])
    if row is None:
        return None
    try:
        sources = configuration.decode(bytes(row[0])).sources
    except (configuration.ConfigurationError, UnknownMerkleVersion):
        return None
    return sha256(repr(sorted(sources.items())).encode("utf-8", "surrogatepass")).digest()


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
    return [_row(chain, row, starts) for row in rows]


def _row(chain: ChainView, columns: Sequence[Any], starts: Sequence[int]) -> _Listed:
    height, hashed, standing, why, signers, by = columns
    following = next((each for each in starts if each > height), None)
    row = ConfigurationRow(
        chain=chain.brid,
        height=height,
        hash=hashed,
        standing=standing,
        meaning=_Standing(standing).label,
        why=why,
        signers=signers,
        last=None if following is None else following - 1,
        governs=standing != _Standing.NOT_APPLIED and height <= chain.freshness.height,
    )
    return _Listed(row, by.split())


def _raw(chain: ChainView, row: ConfigurationRow) -> bytes | None:
    found = sql.row(_RAW, [chain.id, row.height, row.hash])
    return None if found is None else found[0]
