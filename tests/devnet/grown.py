"""Chains that the devnet grew, with a bit of everything: four validators of whom one goes and comes back, an
upgrade of the dapp, a scenario's transactions, rejected ones, empty blocks.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count

from devnet.chain import validators
from devnet.chain.chain import Chain
from devnet.chain.configurations import Wanted, changed, of_dapp
from devnet.scenarios import Post, begin
from devnet.serving.node import DevnetNode, open_node
from indexer.postchain import gtv, gtx, secp256k1
from indexer.postchain.gtv import Gtv
from indexer.postchain.gtx import Operation

FIRST_AT = 1_728_600_000_000
FEWER_SIGNERS_AT = 6
UPGRADED_AT = 12
_POSTS_A_BLOCK = 4
FOUR: list[Gtv] = [secp256k1.public_key(key) for key in validators.FOUR]


@dataclass(slots=True)
class Ticking:
    """A clock that goes on by a second each time it is read."""

    at: int = FIRST_AT

    def __call__(self) -> int:
        self.at += 1_000
        return self.at


def wanted(*, keys: tuple[bytes, ...] = validators.FOUR, version: int = 1, name: str = "test") -> Wanted:
    """A new chain, always the same one."""
    return Wanted(keys=keys, merkle_version=version, name=name)


def grown(*, version: int = 1, rising: bool = False) -> DevnetNode:
    """A node in memory whose chain has grown; `rising` where its merkle version goes to 2 on the way."""
    node = open_node(None, wanted(version=version), clock=Ticking())
    chain = node.dapp
    features: Mapping[str, Gtv] = {"features": {"merkle_hash_version": 2}} if rising else {}
    chain.set_configuration(
        FEWER_SIGNERS_AT, changed(chain.configuration.raw, {"signers": FOUR[:3], **features})
    )
    upgrade = gtv.decode(of_dapp(Wanted(keys=validators.FOUR, upgraded=True)))
    assert isinstance(upgrade, dict)
    chain.set_configuration(
        UPGRADED_AT, changed(chain.history.in_force(99).raw, {"signers": FOUR, "gtx": upgrade["gtx"]})
    )
    for _ in range(2):
        chain.close_block()
    _play(node)
    submit(chain, Operation("note_prompt", (1, "seen", "0.5", ["a"], {}, b"", None)))
    submit(chain, Operation("delete_prompt_history", (999_999,)))
    for _ in range(3):
        chain.close_block()
    node.anchor()
    return node


def _play(node: DevnetNode) -> None:
    chain, posted = node.dapp, count(1)
    for step in begin("tour", seed=1, dapp=node.code, now=lambda: FIRST_AT / 1_000):
        if not isinstance(step, Post):
            continue
        chain.submit(step.data(brid=chain.brid, version=chain.configuration.merkle_version))
        if next(posted) % _POSTS_A_BLOCK == 0:
            chain.close_block()
            if chain.next_height % 3 == 0:
                chain.close_block()
    chain.close_block()


def signed(chain: Chain, *operations: Operation, keys: tuple[bytes, ...] = (validators.OWNER,)) -> bytes:
    """A transaction for a chain as it is now."""
    return gtx.build(
        brid=chain.brid,
        operations=operations,
        private_keys=keys,
        version=chain.configuration.merkle_version,
    )


def submit(chain: Chain, *operations: Operation, keys: tuple[bytes, ...] = (validators.OWNER,)) -> str:
    """Posts a transaction; gives its RID in hex."""
    return chain.submit(signed(chain, *operations, keys=keys)).hex().upper()


def add(result: str = '{"a":1}', *, uid: int = 7) -> Operation:
    """Adds a record."""
    return Operation("add_prompt_history", (uid, "[]", result, 1, "m", "p"))
