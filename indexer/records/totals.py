"""What a chain holds up to its checkpoint, in figures that are kept and not counted."""

from dataclasses import dataclass

from django.db.models import F

from indexer.models import Chain, Checkpoint, Incident
from indexer.trust.proof_status import unproved


@dataclass(frozen=True, slots=True)
class Totals:
    """What a chain holds up to the checkpoint; ``height`` is -1 where it has no block."""

    height: int
    blocks: int
    transactions: int
    operations: int
    records: int
    live: int
    digest: bytes
    incidents: int
    unproved: int


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
    )
