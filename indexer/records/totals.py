"""What a chain holds up to its checkpoint, in figures that are kept and not counted."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from indexer.models import Chain, Checkpoint, Incident
from indexer.postchain.times import moment
from indexer.trust.proof_status import unproved


@dataclass(frozen=True, slots=True)
class Totals:
    """What a chain holds up to the checkpoint; ``height`` is -1 where it has no block, ``last_block_at`` the
    last one's time as its builder states it.
    """

    height: int
    blocks: int
    transactions: int
    operations: int
    records: int
    live: int
    digest: bytes
    incidents: int
    unproved: int
    last_block_at: datetime | None = None


def totals_of(chain: Chain) -> Totals:
    """The figures of a chain at its checkpoint."""
    found = Checkpoint.objects.filter(chain=chain, generation=F("chain__generation")).first()
    height = -1 if found is None else found.height
    return Totals(
        height=height,
        blocks=height + 1,
        transactions=0 if found is None else found.transactions,
        operations=0 if found is None else found.operations,
        records=0 if found is None else found.last_prompt_id,
        live=0 if found is None else found.live,
        digest=bytes(chain.brid if found is None else found.digest),
        incidents=Incident.objects.filter(chain=chain).count(),
        unproved=len(unproved(chain.id)),
        last_block_at=None if found is None or height < 0 else moment(found.timestamp),
    )
