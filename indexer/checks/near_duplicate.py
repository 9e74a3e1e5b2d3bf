"""Near-duplicate: an earlier record gave nearly the same long answer to other messages."""

from indexer.checks import replayed_text
from indexer.checks.check import Check, Judged, Likeness, Outcome, Result
from indexer.checks.evidence import Evidence

_OWN = Outcome(
    0, "own-wording", Result.PASS, "No earlier answer to other messages that can be read is nearly the same."
)
_NEAR = Outcome(
    1, "near-duplicate", Result.FAIL, "An earlier record gave nearly the same answer to other messages."
)
_CROWDED = Outcome(
    2,
    "crowded",
    Result.UNKNOWN,
    "More earlier answers have much in common with this one than are compared, and none that was is nearly "
    "the same.",
)
_SHORT = Outcome(3, "short", Result.NOT_APPLICABLE, "The answer is short: many questions have it.")
_NOT_TEXT = Outcome(4, "not-text", Result.NOT_APPLICABLE, "The answer is not one text.")
_LONG = Outcome(5, "long", Result.NOT_APPLICABLE, "The answer is longer than is compared.")

MOST = 50_000
"""Characters of an answer that is compared."""

LEAST_ALIKE = 0.8
"""Runs of five words in both texts, of those in either."""


def text(evidence: Evidence) -> str | None:
    """The answer, where it is compared with others."""
    found = replayed_text.long_text(evidence)
    return found if found is not None and len(found) <= MOST else None


def judge(evidence: Evidence) -> Judged:
    """Whether it has an answer that is compared."""
    if replayed_text.text(evidence) is None:
        return Judged(_NOT_TEXT)
    if replayed_text.long_text(evidence) is None:
        return Judged(_SHORT)
    return Judged(_LONG if text(evidence) is None else _OWN)


CHECK = Check(
    number=11,
    name="near-duplicate",
    version=1,
    title="Near-duplicate",
    question="Did an earlier record give nearly the same long answer to other messages?",
    how=f"Answers of {replayed_text.LEAST} to {MOST:,} characters, as they were first written, are compared "
    "by their runs of five words: it is found where those in both are 80 % or more of those in either. Each "
    "answer stands for the record that gave it first; letter for letter the same ones are left to “Replayed "
    "text”. Hashes of runs (MinHash, three bands of two) tell which answers are measured: of two that are "
    "80 % alike, 95 % are. `similarity` is measured, not estimated: it is the 5-gram Jaccard of a comparison "
    "of both. Of two the earlier one is not found, so later records change nothing.",
    causes=(
        "A template, a standing phrase or a refusal that a model gives to many questions.",
        "The same question in other words, or with a name or a number changed.",
        "A list, a table or a program that has few ways to be written.",
    ),
    limits="Which of the answers was made for its question. Of each hash the first 64 answers are looked at, "
    "and of all the first eight to other messages are measured: where there are more, and none of these is "
    "nearly the same, it is not known.",
    outcomes=(_OWN, _NEAR, _CROWDED, _SHORT, _NOT_TEXT, _LONG),
    reads_texts=True,
    judge=judge,
    comparison=Likeness(
        text=text,
        among=replayed_text.CHECK.number,
        alone=_OWN,
        near=_NEAR,
        crowded=_CROWDED,
        least=LEAST_ALIKE,
    ),
)
