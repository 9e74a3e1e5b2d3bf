"""Which records a list holds."""

from dataclasses import dataclass, field

from explorer.queries.db.filters import Condition, Filter, declared
from explorer.queries.db.kinds import Choice
from explorer.queries.records.rows import STATUSES, Status

_NUMBERS = {status: number for number, status in STATUSES.items()}


@dataclass(frozen=True, slots=True)
class RecordFilter(Filter):
    """The filters of a list of records; ``r`` is the record in their SQL."""

    status: Status | None = field(
        default=None,
        metadata=declared(
            Choice(
                {"any": None, **{each.value: each for each in Status}},
                labels={Status.LIVE.value: "as first written"},
            ),
            label="State",
            about="live is as first written, edited was changed since, deleted was removed from the chain's "
            "state.",
            # Written out, so that the planner sees which partial index it fits.
            condition=lambda status: Condition(f"r.status = {_NUMBERS[status]}"),
            reads=lambda status: str(status.value),
        ),
    )
