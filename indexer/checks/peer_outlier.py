"""Peer outlier: all others that were asked the same, of the same model, gave one answer; this is another."""

from hashlib import sha256

from indexer.checks.check import Check, Cohorts, Judged, Kin, Outcome, Result
from indexer.checks.evidence import Evidence
from indexer.dapp import rell_json

_AGREES = Outcome(0, "agrees", Result.PASS, "Another record of its cohort first gave the same answer.")
_OUTLIER = Outcome(
    1, "outlier", Result.FAIL, "All other records of its cohort first gave one answer, and it gave another."
)
_OPEN = Outcome(
    2,
    "no-unanimity",
    Result.NOT_APPLICABLE,
    "There are not three others of its cohort, or they did not all give one answer.",
)
_NO_ANSWER = Outcome(3, "no-answer", Result.NOT_APPLICABLE, "The result says nothing that could be compared.")

LEAST = 3
"""Others who all give one answer."""


def kin(evidence: Evidence) -> Kin | None:
    """By all inputs that are on chain and the state of the engine; what differs is what was said."""
    read = evidence.first.completion
    if read is None or not any(each.text.strip() or not each.is_plain for each in read.choices):
        return None
    fingerprint = evidence.first.members.get("system_fingerprint")
    names = [evidence.model, evidence.provider, fingerprint if isinstance(fingerprint, str) else ""]
    inputs = "\n".join([evidence.prompt.hex(), str(evidence.seed), *map(rell_json.quote, names)])
    return Kin(sha256(inputs.encode("utf-8", "surrogatepass")).digest(), evidence.first.said)


def judge(evidence: Evidence) -> Judged:
    """Whether it says anything by which it is compared."""
    return Judged(_NO_ANSWER if kin(evidence) is None else _OPEN)


CHECK = Check(
    number=10,
    name="peer-outlier",
    version=1,
    title="Peer outlier",
    question="Did all others that were asked the same, of the same model, give one answer, and this another?",
    how="A cohort are the records of a chain with the same messages, seed, model, provider and "
    "`system_fingerprint`. Their answers, as they were first written, are compared by the key of what was "
    f"said. It is found where {LEAST} others or more, and all that there are, gave one answer, and this "
    "record alone another one. A later record may change that: the page of a record says which block did.",
    causes=(
        "Engines do not always repeat an answer, also with the same seed: batches and hardware differ.",
        "A retry, a stop sequence, a temperature or another setting that is not on chain.",
        "A first answer that was cut off, or that failed and was asked for again.",
    ),
    limits="Which of the answers is right. Cohorts in which more than one record differs are not judged.",
    outcomes=(_AGREES, _OUTLIER, _OPEN, _NO_ANSWER),
    reads_texts=True,
    judge=judge,
    comparison=Cohorts(kin=kin, agreeing=_AGREES, outlier=_OUTLIER, open=_OPEN, least=LEAST),
)
