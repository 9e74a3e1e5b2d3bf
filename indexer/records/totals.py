"""What a chain holds up to its checkpoint, in figures that are kept and not counted."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import F

from indexer.models import Chain, Checkpoint, Incident
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
        last_block_at=None if found is None else _moment(found.timestamp),
    )


def _moment(timestamp: int) -> datetime | None:
    """A block's milliseconds as a time; None beyond what a calendar has."""
    with suppress(OverflowError):
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=timestamp)
    return None
