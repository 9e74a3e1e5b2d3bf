"""Id gap: the ids before this record's were given out, and no record has them."""

from indexer.checks.check import Check, Judged, Outcome, Result
from indexer.checks.evidence import Evidence

_NONE = Outcome(0, "no-gap", Result.PASS, "The record before it has the id before it.")
_FIRST = Outcome(1, "first", Result.NOT_APPLICABLE, "It is the first record of the chain.")
_GAP = Outcome(2, "gap", Result.FAIL, "Ids before its own were given out, and no record has them.")


def judge(evidence: Evidence) -> Judged:
    """By the ids of records, deleted ones among them."""
    if evidence.prompt_id == 1:
        return Judged(_FIRST)
    if evidence.before == evidence.prompt_id - 1:
        return Judged(_NONE)
    return Judged(_GAP, {"first_missing": evidence.before + 1, "last_missing": evidence.prompt_id - 1})


CHECK = Check(
    number=7,
    name="id-gap",
    version=1,
    title="Id gap",
    question="Are there ids right before this one that no record has?",
    how="The chain counts its records from 1 and gives each the next id. Records that were deleted count: "
    "they are known from the transactions that wrote them. An id that no record has was given out by an "
    "operation that cannot be read here.",
    causes=("The chain's program was changed, and its operations take other arguments than are known here.",),
    limits="What the missing record held. Ids that a node does not give any more because the record was "
    "deleted are found by “Deleted”.",
    outcomes=(_NONE, _FIRST, _GAP),
    reads_texts=False,
    judge=judge,
)
