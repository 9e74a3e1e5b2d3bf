"""When a block is built (Postchain, BaseBlockBuildingStrategy)."""

from dataclasses import dataclass, replace
from typing import Self

from indexer.postchain import gtv
from indexer.postchain.gtv import Gtv

_MOST_TIME_MS = 30_000
_DELAY_MS = 1_000
_MOST_TRANSACTIONS = 100
MOST_BYTES = 26 << 20


@dataclass(frozen=True, slots=True)
class Pace:
    """How a chain paces its blocks; times in ms.

    A block, even an empty one, comes `most_time` after the last; with transactions, `delay` after the first
    of them came, or when they fill it; never sooner than `least_time` after the last block.
    """

    most_time: int = _MOST_TIME_MS
    least_time: int = 0
    delay: int = _DELAY_MS
    transactions: int = _MOST_TRANSACTIONS

    @classmethod
    def of(cls, raw: bytes) -> Self:
        """The pace in a configuration (GTV)."""
        configuration = gtv.decode(raw)
        strategy = configuration.get("blockstrategy") if isinstance(configuration, dict) else None
        given = strategy if isinstance(strategy, dict) else {}
        most_time = _number(given.get("maxblocktime"), _MOST_TIME_MS)
        return cls(
            most_time=most_time,
            least_time=_number(given.get("mininterblockinterval"), 0),
            delay=min(_number(given.get("maxtxdelay"), _DELAY_MS), most_time),
            transactions=_number(given.get("maxblocktransactions"), _MOST_TRANSACTIONS),
        )

    def within(self, most_time: int) -> Self:
        """The same with another time from an empty block to the next."""
        return replace(self, most_time=most_time, delay=min(self.delay, most_time))

    def is_due(self, now: int, *, last_at: int, waiting: int, since: int | None) -> bool:
        """Whether a block is built now: the last one's time, how many transactions wait, the first since
        when.
        """
        if now - last_at > self.most_time:
            return True
        if now - last_at < self.least_time or since is None:
            return False
        return waiting >= self.transactions or now - since > self.delay


def _number(value: Gtv, default: int) -> int:
    return value if gtv.is_integer(value) else default
