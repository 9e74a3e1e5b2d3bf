"""A node that runs chains: a dapp's, the directory chain, and the chains that anchor them.

`open_node` gives one over a folder, `DevnetNode.answer` answers what comes over HTTP, and
`devnet.serving.running` has it build blocks by itself.
"""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from devnet.chain import configurations
from devnet.chain.application import Make
from devnet.chain.chain import Chain, Clock, begin, now
from devnet.chain.configurations import Wanted
from devnet.chain.shown import ShownChain
from devnet.chain.store import Store
from devnet.dapp.dapp import Dapp
from devnet.rest import asked
from devnet.rest.composed import compose
from devnet.rest.exchange import Answer, Question, Spelling
from devnet.system.anchoring import AnchoringCode, anchor
from devnet.system.directory import DirectoryCode, Network

DIRECTORY, DAPP, CLUSTER_ANCHORING, SYSTEM_ANCHORING = range(4)
_ANCHORED_BLOCKS = 5


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of chain: its file, its code, and the module that its configuration names (the dapp's: none)."""

    file: str
    make: Make
    module: str = ""


_KINDS = {
    DIRECTORY: _Kind("directory", DirectoryCode, "net.postchain.d1.DirectoryChainGTXModule"),
    DAPP: _Kind("dapp", Dapp),
    CLUSTER_ANCHORING: _Kind(
        "cluster-anchoring", AnchoringCode, "net.postchain.d1.anchoring.ClusterAnchorGTXModule"
    ),
    SYSTEM_ANCHORING: _Kind(
        "system-anchoring", AnchoringCode, "net.postchain.d1.anchoring.SystemAnchorGTXModule"
    ),
}


class DevnetNode:
    """A node with its chains by their internal numbers. Number 1 runs the dapp; 0, 2 and 3, where they are,
    are those of the system. `url` is the node's own address as the directory gives it.
    """

    def __init__(self, chains: Mapping[int, Chain]) -> None:
        self.url = ""
        self.chains = dict(chains)
        shown = {iid: ShownChain(chain) for iid, chain in chains.items()}
        by_number = {f"iid_{iid}": chain for iid, chain in shown.items()}
        self._named = by_number | {chain.brid: chain for chain in shown.values()}
        if DIRECTORY in chains:
            self._introduce()

    @property
    def dapp(self) -> Chain:
        """The chain that runs the dapp."""
        return self.chains[DAPP]

    @property
    def code(self) -> Dapp:
        """The dapp's code and state. Whoever reads them holds the chain's lock."""
        found = self.dapp.application
        assert isinstance(found, Dapp)
        return found

    @property
    def spelling(self) -> Spelling:
        """How the dapp's chain is named."""
        return Spelling(brid=self.dapp.brid.hex().upper(), iid=DAPP)

    def chain(self, name: str) -> ShownChain:
        """The chain of this name, a RID in hex or a number as `iid_1`. Raises Refusal."""
        found = self._named.get(name)
        if found is None:
            raise asked.unknown_chain(name)
        return found

    def answer(self, question: Question) -> Answer:
        """What the node answers."""
        return compose(self, question)

    def is_anchoring_due(self) -> bool:
        """Whether enough blocks of the dapp's chain came since the last anchoring."""
        if DIRECTORY not in self.chains:
            return False
        code = self.chains[CLUSTER_ANCHORING].application
        assert isinstance(code, AnchoringCode)
        return self.dapp.next_height - code.next_height(self.dapp.brid) >= _ANCHORED_BLOCKS

    def anchor(self) -> None:
        """Anchor what came since the last time: the dapp's blocks in the cluster, the cluster's and the
        directory's in the system.
        """
        if DIRECTORY not in self.chains:
            return
        directory, cluster = self.chains[DIRECTORY], self.chains[CLUSTER_ANCHORING]
        directory.close_block()
        anchor(cluster, [self.dapp])
        anchor(self.chains[SYSTEM_ANCHORING], [directory, cluster])

    def close(self) -> None:
        """Let go of the chains' files."""
        for chain in self.chains.values():
            chain.close()

    def _introduce(self) -> None:
        code = self.chains[DIRECTORY].application
        assert isinstance(code, DirectoryCode)
        code.network = Network(
            directory=self.chains[DIRECTORY],
            dapps=(self.dapp,),
            cluster_anchoring=self.chains[CLUSTER_ANCHORING],
            system_anchoring=self.chains[SYSTEM_ANCHORING],
            url=lambda: self.url,
        )


def open_node(folder: Path | None, wanted: Wanted, *, clock: Clock = now, pause: float = 0.0) -> DevnetNode:
    """The node that a folder holds, else a new one with what is wanted; None keeps it in memory.

    `pause` is for how many seconds a chain is not live when its configuration changes. Raises
    `devnet.chain.store.Unusable` and `devnet.chain.chain.NotTheSame`.
    """
    chains: dict[int, Chain] = {}
    with ExitStack() as opened:
        for iid, kind in _KINDS.items():
            store = Store(None if folder is None else folder / f"{kind.file}.sqlite")
            opened.callback(store.close)
            begin(store, _first(wanted, kind))
            chains[iid] = Chain(store, make=kind.make, clock=clock, pause=pause)
        opened.pop_all()
    return DevnetNode(chains)


def _first(wanted: Wanted, kind: _Kind) -> bytes:
    return configurations.of_system(wanted, kind.module) if kind.module else configurations.of_dapp(wanted)
