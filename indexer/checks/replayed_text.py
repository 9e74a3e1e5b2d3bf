"""Replayed text: the same long answer was first given to other messages."""

from indexer.checks.check import Check, Comparison, Judged, Kin, Outcome, Result
from indexer.checks.evidence import Evidence
from indexer.dapp import rell_json
from indexer.dapp.operations import signed_hash

_OWN = Outcome(0, "own-text", Result.PASS, "No record that can be read gave this answer to other messages.")
_REPLAYED = Outcome(1, "replayed", Result.FAIL, "Another record gave the same answer to other messages.")
_SHORT = Outcome(2, "short", Result.NOT_APPLICABLE, "The answer is short: many questions have it.")
_NOT_TEXT = Outcome(3, "not-text", Result.NOT_APPLICABLE, "The answer is not one text.")

LEAST = 200
"""Characters of an answer that is not given by chance."""


def kin(evidence: Evidence) -> Kin | None:
    """By the answer; what differs are messages."""
    said = long_text(evidence)
    return None if said is None else Kin(signed_hash(rell_json.quote(said)), evidence.prompt)


def judge(evidence: Evidence) -> Judged:
    """Whether it has an answer by which it is compared."""
    if text(evidence) is None:
        return Judged(_NOT_TEXT)
    return Judged(_SHORT if long_text(evidence) is None else _OWN)


def long_text(evidence: Evidence) -> str | None:
    """The answer as it was first written, where it is one text that is not given by chance."""
    said = text(evidence)
    return None if said is None or len(said.strip()) < LEAST else said


def text(evidence: Evidence) -> str | None:
    """The answer as it was first written, where it is one text."""
    read = evidence.first.completion
    if read is None or len(read.choices) != 1 or not read.choices[0].is_plain or not read.text.strip():
        return None
    return read.text


CHECK = Check(
    number=9,
    name="replayed-text",
    version=1,
    title="Replayed text",
    question="Was the same long answer given to other messages?",
    how=f"Answers of {LEAST} characters or more, as they were first written, are compared letter for letter, "
    "by their SHA-256 as JSON. The same answer to the same messages is expected, and no finding: models that "
    "are asked the same with the same seed do answer the same.",
    causes=(
        "A refusal or a standing text that a model gives to many questions.",
        "Messages that differ in what makes no difference, such as a space.",
    ),
    limits="Which of the answers was made for its question, and what is only alike.",
    outcomes=(_OWN, _REPLAYED, _SHORT, _NOT_TEXT),
    reads_texts=True,
    judge=judge,
    comparison=Comparison(kin=kin, alike=_OWN, differing=_REPLAYED, key_name="answer_key"),
)
