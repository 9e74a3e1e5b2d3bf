"""Altered: the last result that was written is another than the first."""

from indexer.checks.check import Check, Judged, Outcome, Result, Values
from indexer.checks.evidence import Evidence

_NEVER = Outcome(0, "never-edited", Result.PASS, "No edit was ever written.")
_SAME = Outcome(1, "same-result", Result.PASS, "The last result that was written equals the first.")
_WORDS = Outcome(2, "words-changed", Result.FAIL, "What is said last is not what was said first.")
_BESIDE = Outcome(
    3,
    "beside-changed",
    Result.FAIL,
    "The last result differs from the first beside the words, which are the same again or always were: what "
    "stood in between is among the revisions.",
)


def judge(evidence: Evidence) -> Judged:
    """By hashes alone: of the first and last result in Rell-normal form, and of what they say."""
    first, last = evidence.first, evidence.last
    if first is last:
        return Judged(_NEVER)
    if first.normal == last.normal:
        return Judged(_SAME)
    values: Values = {
        "first_height": first.height,
        "first_result": first.normal.hex().upper(),
        "last_height": last.height,
        "last_result": last.normal.hex().upper(),
    }
    return Judged(_BESIDE if first.said == last.said else _WORDS, values)


CHECK = Check(
    number=0,
    name="altered",
    version=1,
    title="Altered",
    question="Is the last result that was written another than the first?",
    how="The SHA-256 of both results are compared, in the one form in which nodes give results back. So the "
    "order of keys, spaces and ways to write a number make no difference. A record that was deleted later is "
    "judged by the last result it had. Both results can be downloaded from the record's page and hashed "
    "again, once they are in that form: JSON without white space between its parts; the keys of each object "
    "as PostgreSQL's jsonb has them, those of fewer bytes first and then by their bytes; of a key that is "
    "there twice the last one; numbers with a point or an exponent as Java prints a double. The SHA-256 is "
    "of that text in UTF-8, and of a result that is no JSON as it stands.",
    causes=(
        "A correction of something that was wrong, after a dispute or a report.",
        "A repair of ids, times or counts, which leaves the words as they were.",
    ),
    limits="Why it was changed, and which of the two is right.",
    outcomes=(_NEVER, _SAME, _WORDS, _BESIDE),
    reads_texts=False,
    judge=judge,
)
