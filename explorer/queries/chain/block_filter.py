"""Which blocks a list holds."""

from dataclasses import dataclass, field
from enum import Enum

from explorer.queries.db.filters import Filter, declared
from explorer.queries.db.kinds import Choice


class BlockKind(Enum):
    """What sets some blocks apart from all of them."""

    WITH_TRANSACTIONS = "with-transactions"


@dataclass(frozen=True, slots=True)
class BlockFilter(Filter):
    """The filters of a list of blocks; ``b`` is the block in their SQL."""

    kind: BlockKind | None = field(
        default=None,
        metadata=declared(
            Choice({"all": None, **{each.value: each for each in BlockKind}}),
            label="Blocks",
            about="Which blocks: empty ones, of which a chain may have many, are left out of "
            "with-transactions.",
            reads=lambda kind: str(kind.value),
        ),
    )
