"""Reused response id: another record with other inputs was first written with the same id of its result."""

import re
from hashlib import sha256

from indexer.checks.check import Check, Comparison, Judged, Kin, Outcome, Result
from indexer.checks.evidence import Evidence

_OWN = Outcome(0, "own-id", Result.PASS, "No other record that can be read has the id with other inputs.")
_REUSED = Outcome(1, "reused", Result.FAIL, "Another record has the same id, and other inputs.")
_COUNTED = Outcome(
    2,
    "counted",
    Result.NOT_APPLICABLE,
    "The id is a small number, as some software gives out again and again.",
)
_NO_ID = Outcome(3, "no-id", Result.UNKNOWN, "The result states no id.")
_NO_OBJECT = Outcome(4, "no-object", Result.NOT_APPLICABLE, "The result is no JSON object.")

_NUMBER = re.compile(r"(?:.*[-_])?\d{1,6}")


def kin(evidence: Evidence) -> Kin | None:
    """By the id; what differs are messages, scout and seed."""
    id_ = evidence.first.members.get("id")
    if not isinstance(id_, str) or not id_.strip() or _NUMBER.fullmatch(id_):
        return None
    inputs = b"%b %d %d" % (evidence.prompt, evidence.scout, evidence.seed)
    return Kin(sha256(id_.encode("utf-8", "surrogatepass")).digest(), sha256(inputs).digest())


def judge(evidence: Evidence) -> Judged:
    """Whether it has an id by which it is compared."""
    if not isinstance(evidence.first.value, dict):
        return Judged(_NO_OBJECT)
    if kin(evidence) is None:
        id_ = evidence.first.members.get("id")
        return Judged(_COUNTED if isinstance(id_, str) and id_.strip() else _NO_ID)
    return Judged(_OWN)


CHECK = Check(
    number=8,
    name="reused-response-id",
    version=1,
    title="Reused response id",
    question="Does another record, with other inputs, have the same id of its response?",
    how="`id` of the result as it was first written is compared with that of all other records of the chain, "
    "by its SHA-256. Records with the same messages, scout and seed do not count: they may be one that was "
    "sent twice. Nor do ids that are a number of at most six digits, which some software gives out again.",
    causes=(
        "Software that makes ids which are not unique.",
        "The same response was written again after a failure, for another scout.",
    ),
    limits="Which of the records the response was made for.",
    outcomes=(_OWN, _REUSED, _COUNTED, _NO_ID, _NO_OBJECT),
    reads_texts=True,
    judge=judge,
    comparison=Comparison(kin=kin, alike=_OWN, differing=_REUSED, key_name="id_sha256"),
)
