"""Configurations of the devnet's chains, and which one is in force at a height."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from devnet.chain import validators
from devnet.dapp import sources
from indexer.postchain import gtv, secp256k1
from indexer.postchain.configuration import Configuration, decode
from indexer.postchain.gtv import Gtv

MOST_BLOCK_TIME_MS = 3_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the first configuration of a chain sets.

    `name` tells chains apart whose other options are the same: the same options give the same RID. Times in
    ms.
    """

    keys: Sequence[bytes] = (validators.ALONE,)
    merkle_version: int = 1
    block_time: int = MOST_BLOCK_TIME_MS
    block_transactions: int = 100
    name: str = ""
    owner: bytes = validators.OWNER
    upgraded: bool = False


def of_dapp(wanted: Wanted) -> bytes:
    """The configuration of a chain that runs the dapp (GTV)."""
    rell: dict[str, gtv.Encodable] = {
        "compilerVersion": sources.RELL_VERSION,
        "modules": sources.modules(upgraded=wanted.upgraded),
        "sources": sources.sources(owner=secp256k1.public_key(wanted.owner), upgraded=wanted.upgraded),
        "version": sources.RELL_VERSION,
    }
    modules = [
        "net.postchain.rell.module.RellPostchainModuleFactory",
        "net.postchain.gtx.StandardOpsGTXModule",
    ]
    return gtv.encode(_bare(wanted, {"modules": modules, "rell": rell}))


def of_system(wanted: Wanted, module: str) -> bytes:
    """The configuration of a chain that runs a module of the system (GTV)."""
    return gtv.encode(_bare(wanted, {"modules": [module, "net.postchain.gtx.StandardOpsGTXModule"]}))


def _bare(wanted: Wanted, gtx: dict[str, gtv.Encodable]) -> dict[str, gtv.Encodable]:
    configuration: dict[str, gtv.Encodable] = {
        "blockstrategy": {
            "maxblocktime": wanted.block_time,
            "maxblocktransactions": wanted.block_transactions,
            "mininterblockinterval": min(200, wanted.block_time),
            "name": "net.postchain.base.BaseBlockBuildingStrategy",
        },
        "config_consensus_strategy": "HEADER_HASH",
        "configurationfactory": "net.postchain.gtx.GTXBlockchainConfigurationFactory",
        "gtx": gtx,
        "signers": [secp256k1.public_key(key) for key in wanted.keys],
    }
    if wanted.merkle_version > 1:
        configuration["features"] = {"merkle_hash_version": wanted.merkle_version}
    if wanted.name:
        configuration["devnet"] = wanted.name
    return configuration


def changed(raw: bytes, changes: Mapping[str, Gtv]) -> bytes:
    """A configuration with other values at its top (GTV)."""
    configuration = gtv.decode(raw)
    if not isinstance(configuration, dict):
        raise ValueError("a configuration is a dict")
    return gtv.encode({**configuration, **changes})


class History:
    """Configurations by the heights from which they are in force."""

    def __init__(self, raw: Mapping[int, bytes]) -> None:
        self._decoded = {height: decode(each) for height, each in sorted(raw.items())}

    def set(self, height: int, configuration: Configuration) -> None:
        """Set one, in place of one that was set at that height."""
        self._decoded[height] = configuration
        self._decoded = dict(sorted(self._decoded.items()))

    def at(self, height: int) -> Configuration | None:
        """The one set at exactly this height."""
        return self._decoded.get(height)

    def in_force(self, height: int) -> Configuration:
        """The one in force in the block at this height."""
        heights = list(self._decoded)
        return self._decoded[heights[bisect_right(heights, height) - 1]]

    def next_height(self, after: int) -> int | None:
        """The lowest height above this one at which one is set."""
        return next((height for height in self._decoded if height > after), None)

    def heights(self) -> list[int]:
        """The heights at which they are set, lowest first."""
        return list(self._decoded)
