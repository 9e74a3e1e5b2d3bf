"""A ledger in memory, and recorded chains as the fold takes them."""

from collections.abc import Iterator, Sequence
from functools import cache

from indexer.dapp import operations
from indexer.dapp.owner import first_owner
from indexer.dapp.replay import Breach, Placed, Record, Replay, Revision, position_of
from indexer.postchain import gtx
from indexer.postchain.verify import StatedBlock
from tests.indexer.dapp.plain import PlainChain, Said
from tests.indexer.postchain import recorded


class MemoryLedger:
    """`Ledger` over a dictionary."""

    def __init__(self) -> None:
        self.live: dict[int, Record] = {}

    def get(self, prompt_id: int) -> Record | None:
        return self.live.get(prompt_id)

    def between(self, start: int, end: int, limit: int) -> Sequence[Record]:
        found = [each for each in self.live.values() if start < each.created_at < end]
        return sorted(found, key=lambda each: (-each.created_at, each.prompt_id))[:limit]

    def put(self, record: Record) -> None:
        self.live[record.prompt_id] = record

    def remove(self, record: Record) -> None:
        del self.live[record.prompt_id]


def calls(block: StatedBlock) -> list[Said]:
    """The operations of a block in their order."""
    read = [gtx.decode(each.data, version=1) for each in block.transactions]
    return [
        Said(operation.name, operation.arguments, each.signers)
        for each in read
        for operation in each.operations
    ]


def owner_of(chain: str) -> bytes | None:
    """The first owner of a recorded chain."""
    return first_owner(recorded.configurations(chain)[0].sources)


@cache
def plainly(chain: str) -> PlainChain:
    """A recorded chain, folded plainly."""
    done = PlainChain(recorded.brid(chain), owner_of(chain))
    for block in recorded.blocks(chain):
        done.block(calls(block), at=block.timestamp)
    return done


def fold(
    blocks: Sequence[tuple[Sequence[Said], int]], *, brid: bytes, owner: bytes | None
) -> Iterator[tuple[Replay, list[Revision | Breach], MemoryLedger]]:
    """Fold blocks (operations, and the time in ms) with the package; gives what it holds after each."""
    ledger = MemoryLedger()
    replay = Replay(ledger=ledger, last_prompt_id=0, owner=owner, digest=brid)
    time = 0
    for height, (said, at) in enumerate(blocks):
        outcomes: list[Revision | Breach] = []
        for ordinal, each in enumerate(said):
            effect = operations.read(each.name, each.arguments).effect
            placed = Placed(position_of(height, ordinal), each.signers, effect)
            outcomes += replay.apply(placed, created_at=time)
        yield replay, outcomes, ledger
        time = at
