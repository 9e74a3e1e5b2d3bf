"""Time inconsistent: the result states a time that does not fit the block that wrote it."""

from indexer.checks.check import Check, Judged, Outcome, Result
from indexer.checks.evidence import Evidence
from indexer.checks.numbers import whole

_FITS = Outcome(0, "fits", Result.PASS, "The time that the result states fits its block.")
_AFTER = Outcome(1, "after-its-block", Result.FAIL, "The result states a time after its block was built.")
_LONG_BEFORE = Outcome(2, "long-before", Result.FAIL, "The result states a time long before its block.")
_NO_TIME = Outcome(3, "no-time", Result.UNKNOWN, "The result states no time in seconds since 1970.")
_NO_OBJECT = Outcome(4, "no-object", Result.NOT_APPLICABLE, "The result is no JSON object.")

LONGEST_BLOCK = 30
"""Seconds from a block to the next, as Postchain has it unless a chain says otherwise."""
SKEW = 120
"""Seconds by which clocks of honest machines may differ."""
BEFORE = 24 * 60 * 60
"""Seconds that a result may wait for its block."""


def judge(evidence: Evidence) -> Judged:
    """By ``created`` of the last result, the time of its block, and that of the block that wrote the record
    first, since an edit may leave the time as it was. Never by ``created_at``, the time of an earlier block.
    """
    if not isinstance(evidence.last.value, dict):
        return Judged(_NO_OBJECT)
    created = whole(evidence.last.members.get("created"))
    if created is None or not 0 < created < 1 << 40:
        return Judged(_NO_TIME)
    first, last = evidence.first.block_at // 1000, evidence.last.block_at // 1000
    values = {"created": created, "block_time": last, "tolerance": LONGEST_BLOCK + SKEW}
    if created > last + LONGEST_BLOCK + SKEW:
        return Judged(_AFTER, values)
    if created < first - BEFORE:
        return Judged(_LONG_BEFORE, {"created": created, "block_time": first, "tolerance": BEFORE})
    return Judged(_FITS)


CHECK = Check(
    number=5,
    name="time-inconsistent",
    version=1,
    title="Time inconsistent",
    question="Does the result state a time that does not fit its block?",
    how="`created` of the last result, in seconds since 1970, is compared with the time that the builder of "
    f"its block stated. It may be up to {LONGEST_BLOCK + SKEW} seconds later ({LONGEST_BLOCK} for the block, "
    f"{SKEW} for clocks that differ), and up to {BEFORE // 3600} hours before the block that wrote the "
    "record first. The record's `created_at` is the time of the block before, and is not used.",
    causes=(
        "Records that were queued, or brought over in bulk from somewhere else.",
        "A clock that is wrong, of the provider or of the block's builder.",
    ),
    limits="When the model answered: both times are words of somebody.",
    outcomes=(_FITS, _AFTER, _LONG_BEFORE, _NO_TIME, _NO_OBJECT),
    reads_texts=True,
    judge=judge,
)
