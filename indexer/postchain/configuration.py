"""A chain's configuration: a GTV dict that names the signers, the features and the Rell source that runs.

Configuration 0 hashes to the blockchain RID; where the chain sets `config_consensus_strategy` to
`HEADER_HASH`, each header names the hash of the configuration in force (Postchain,
BlockchainConfigurationData).
"""

from dataclasses import dataclass

from indexer.postchain import gtv
from indexer.postchain.gtv import Gtv
from indexer.postchain.merkle import check_version, merkle_hash

_LONGEST_BLOCK_MS = 30_000


class ConfigurationError(ValueError):
    """Bytes from which no configuration can be read."""


class ConfigurationNotGtv(ConfigurationError):
    """The bytes are no GTV at all; the cause is a `GtvError`."""


class NotAConfiguration(ConfigurationError):
    """GTV of another shape than a configuration."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """A configuration as the node gave it (`raw`), and what of it this program uses.

    `hash` is its merkle hash under its own version; `sources` maps path to Rell text, empty where the chain
    runs none.
    """

    raw: bytes
    hash: bytes
    signers: tuple[bytes, ...]
    merkle_version: int
    features: dict[str, Gtv]
    names_itself_in_headers: bool
    sources: dict[str, str]


def decode(raw: bytes) -> Configuration:
    """The configuration in these bytes (GTV). Raises a `ConfigurationError`, or `UnknownMerkleVersion`."""
    try:
        value = gtv.decode(raw)
    except gtv.GtvError as error:
        raise ConfigurationNotGtv(f"the configuration's {len(raw)} bytes are no GTV: {error}") from error
    if not isinstance(value, dict):
        raise NotAConfiguration(f"a configuration is a dict; these bytes hold {type(value).__name__}")
    features = _dict_at(value, "features")
    version = features.get("merkle_hash_version", 1)
    if not gtv.is_integer(version):
        raise NotAConfiguration(
            f"features.merkle_hash_version is {type(version).__name__}, it should be an integer"
        )
    check_version(version)
    return Configuration(
        raw=raw,
        hash=merkle_hash(value, version=version),
        signers=_signers(value),
        merkle_version=version,
        features=features,
        names_itself_in_headers=value.get("config_consensus_strategy") == "HEADER_HASH",
        sources=_sources(value),
    )


def longest_block_ms(raw: bytes) -> int | None:
    """The longest time in ms from one block to the next, empty or not, by the configuration in these bytes.

    Postchain's own where it names none (BaseBlockBuildingStrategy: 30 s); None where that cannot be read.
    """
    try:
        value = gtv.decode(raw)
        if not isinstance(value, dict):
            return None
        strategy = _dict_at(value, "blockstrategy")
    except (gtv.GtvError, NotAConfiguration):
        return None
    found = strategy.get("maxblocktime", _LONGEST_BLOCK_MS)
    return found if gtv.is_integer(found) and 0 < found < 1 << 31 else None


def _dict_at(value: dict[str, Gtv], key: str) -> dict[str, Gtv]:
    """The dict under this key, empty where there is none."""
    found = value.get(key)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise NotAConfiguration(f"the configuration's {key} is {type(found).__name__}, it should be a dict")
    return found


def _signers(value: dict[str, Gtv]) -> tuple[bytes, ...]:
    listed = value.get("signers")
    if not isinstance(listed, list):
        raise NotAConfiguration("the configuration lists no signers; ask for the full one")
    signers = tuple([each for each in listed if isinstance(each, bytes)])
    if len(signers) != len(listed):
        raise NotAConfiguration("the configuration's signers should be byte arrays and not all are")
    return signers


def _sources(value: dict[str, Gtv]) -> dict[str, str]:
    sources = _dict_at(_dict_at(_dict_at(value, "gtx"), "rell"), "sources")
    return {path: text for path, text in sources.items() if isinstance(text, str)}
