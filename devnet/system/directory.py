"""The directory chain's queries, over the chains of one node (directory chain, `cm_api`, `nm_api`).

It has two clusters: `system`, which the system anchoring chain anchors, and one for the dapp.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from devnet.chain.chain import Chain
from devnet.dapp.parameters import BYTE_ARRAY, INTEGER, TEXT, Parameter
from devnet.system.code import NotFound, Query, SystemCode
from indexer.postchain import gtv
from indexer.postchain.configuration import Configuration

SYSTEM = "system"
CLUSTER = "devnet"
API_VERSION = 49
NODE_API_VERSION = 18
_CONTAINER = "devnet_1"


@dataclass(frozen=True, slots=True)
class Network:
    """What the directory knows: chains of each kind, and the address at which its one node is reached."""

    directory: Chain
    dapps: Sequence[Chain]
    cluster_anchoring: Chain
    system_anchoring: Chain
    url: Callable[[], str]

    def cluster_of(self, chain: Chain) -> str:
        """The cluster in which a chain runs."""
        return CLUSTER if chain in (*self.dapps, self.cluster_anchoring) else SYSTEM

    def chains(self, cluster: str) -> list[Chain]:
        """The chains of a cluster."""
        everything = (self.directory, self.system_anchoring, self.cluster_anchoring, *self.dapps)
        return [chain for chain in everything if self.cluster_of(chain) == cluster]

    def anchoring_of(self, cluster: str) -> Chain:
        """The chain that anchors a cluster's chains."""
        return self.cluster_anchoring if cluster == CLUSTER else self.system_anchoring


class DirectoryCode(SystemCode):
    """The code of the directory chain. `network` is set when the node's chains are there."""

    network: Network

    def __init__(self, configuration: Configuration) -> None:
        super().__init__(self._queries_by_name())

    def _queries_by_name(self) -> Mapping[str, Query]:
        brid, chain = Parameter("brid", BYTE_ARRAY), Parameter("blockchain_rid", BYTE_ARRAY)
        height, name = Parameter("height", INTEGER), Parameter("name", TEXT)
        start = Parameter("from_height", INTEGER)
        return {
            "api_version": Query((), lambda: API_VERSION),
            "nm_api_version": Query((), lambda: NODE_API_VERSION),
            "cm_get_blockchain_api_urls": Query((chain,), self._urls),
            "cm_get_blockchain_cluster": Query((brid,), self._cluster),
            "cm_get_cluster_info": Query((name,), self._cluster_info),
            "cm_get_peer_info": Query((brid, height), self._peers),
            "cm_get_system_anchoring_chain": Query((), lambda: self.network.system_anchoring.brid),
            "cm_get_cluster_anchoring_chains": Query((), lambda: [self.network.cluster_anchoring.brid]),
            "cm_get_cluster_names": Query((), lambda: [SYSTEM, CLUSTER]),
            "cm_get_cluster_blockchains": Query((name,), self._cluster_chains),
            "cm_get_system_chains": Query((), lambda: self._cluster_chains(SYSTEM)),
            "nm_get_blockchain_configuration": Query((chain, height), self._configuration),
            "nm_get_blockchain_configuration_v5": Query((chain, height), self._configuration_info),
            "nm_get_blockchain_configuration_info": Query((chain, height), self._configuration_info),
            "nm_find_next_configuration_height": Query((chain, height), self._next_height),
            "nm_get_pending_blockchain_configuration": Query((chain, height), self._pending),
            "nm_get_blockchain_state": Query((chain,), self._state),
            "get_blockchain_signer_updates": Query((chain, start), self._signer_updates),
            "get_blockchain_info": Query((Parameter("rid", BYTE_ARRAY),), self._info),
            "get_moving_blockchain_info": Query((chain,), self._moving),
        }

    def _find(self, brid: bytes) -> Chain | None:
        network = self.network
        chains = [*network.chains(CLUSTER), *network.chains(SYSTEM)]
        return next((chain for chain in chains if chain.brid == brid), None)

    def _chain(self, brid: bytes) -> Chain:
        found = self._find(brid)
        if found is None:
            raise NotFound(f"Unknown blockchain {brid.hex().upper()}")
        return found

    def _urls(self, brid: bytes) -> gtv.Encodable:
        return [] if self._find(brid) is None else [self.network.url()]

    def _cluster(self, brid: bytes) -> gtv.Encodable:
        return self.network.cluster_of(self._chain(brid))

    def _cluster_info(self, name: str) -> gtv.Encodable:
        chains = self._known_cluster(name)
        url = self.network.url()
        signers = chains[0].configuration.signers
        peers: list[gtv.Encodable] = [{"pubkey": key, "api_url": url} for key in signers]
        return {"name": name, "anchoring_chain": self.network.anchoring_of(name).brid, "peers": peers}

    def _cluster_chains(self, name: str) -> gtv.Encodable:
        return [chain.brid for chain in self._known_cluster(name)]

    def _known_cluster(self, name: str) -> list[Chain]:
        found = self.network.chains(name)
        if not found:
            raise NotFound(f"Unknown cluster {name}")
        return found

    def _peers(self, brid: bytes, height: int) -> gtv.Encodable:
        return list(self._chain(brid).history.in_force(max(0, height)).signers)

    def _configuration(self, brid: bytes, height: int) -> gtv.Encodable:
        found = self._in_force(brid, height)
        return None if found is None else found.raw

    def _configuration_info(self, brid: bytes, height: int) -> gtv.Encodable:
        found = self._in_force(brid, height)
        if found is None:
            return None
        bare = gtv.decode(found.raw)
        assert isinstance(bare, dict)
        del bare["signers"]
        return {
            "base_config": gtv.encode(bare),
            "signers": list(found.signers),
            "config_hash": found.hash,
        }

    def _in_force(self, brid: bytes, height: int) -> Configuration | None:
        chain = self._find(brid)
        return None if chain is None or height < 0 else chain.history.in_force(height)

    def _next_height(self, brid: bytes, height: int) -> gtv.Encodable:
        chain = self._find(brid)
        return None if chain is None else chain.history.next_height(height)

    def _pending(self, brid: bytes, height: int) -> gtv.Encodable:
        """Configurations are in force from their heights on: none is pending."""
        return None

    def _state(self, brid: bytes) -> gtv.Encodable:
        self._chain(brid)
        return "RUNNING"

    def _signer_updates(self, brid: bytes, start: int) -> gtv.Encodable:
        history = self._chain(brid).history
        updates: list[dict[str, gtv.Encodable]] = []
        before: Sequence[bytes] | None = None
        for height in history.heights():
            signers = history.in_force(height).signers
            if signers != before and height >= start:
                updates.append({"height": height, "signers": list(signers)})
            before = signers
        return updates

    def _info(self, brid: bytes) -> gtv.Encodable:
        chain = self._chain(brid)
        cluster = self.network.cluster_of(chain)
        return {
            "rid": brid,
            "name": f"{cluster}_chain",
            "system": int(cluster == SYSTEM),
            "state": "RUNNING",
            "container": _CONTAINER if cluster == CLUSTER else SYSTEM,
            "cluster": cluster,
            "is_moving": 0,
        }

    def _moving(self, brid: bytes) -> gtv.Encodable:
        """No chain moves."""
        self._chain(brid)
        return None
