"""Deleted: the record was taken out of the chain's table."""

from indexer.checks.check import Check, Judged, Outcome, Result
from indexer.checks.evidence import Evidence

_LIVE = Outcome(0, "not-deleted", Result.PASS, "It is in the chain's table.")
_ALONE = Outcome(1, "deleted", Result.FAIL, "It was deleted by its id.")
_BATCH = Outcome(2, "batch-deleted", Result.FAIL, "It was deleted with others, by the time of writing.")


def judge(evidence: Evidence) -> Judged:
    """By the operations of the chain, folded in order."""
    if evidence.deletion is None:
        return Judged(_LIVE)
    values = {"height": evidence.deletion.height, "written_height": evidence.first.height}
    return Judged(_BATCH if evidence.deletion.is_batch else _ALONE, values)


CHECK = Check(
    number=1,
    name="deleted",
    version=1,
    title="Deleted",
    question="Was the record taken out of the chain's table?",
    how="All operations of the chain are followed in order. A deletion names a record, or a span of time, of "
    "which it takes the newest hundred records. A node's queries do not give the record any more; the block "
    "that wrote it still holds what was written.",
    causes=(
        "Something private or secret was in it.",
        "A clean-up of tests, or of records that were written twice.",
        "A deletion by time took it along with others.",
    ),
    limits="Why it was deleted.",
    outcomes=(_LIVE, _ALONE, _BATCH),
    reads_texts=False,
    judge=judge,
)
