"""Truncated: the answer stops before its end."""

import re

from indexer.checks.check import Check, Judged, Outcome, Result
from indexer.checks.evidence import Evidence, Written
from indexer.checks.numbers import whole
from indexer.dapp.ending import ended

_WHOLE = Outcome(0, "whole", Result.PASS, "Nothing shows that the answer was cut.")
_SAID = Outcome(1, "said-to-be-cut", Result.FAIL, "The result itself says that it was cut off.")
_FENCE = Outcome(2, "open-code", Result.FAIL, "A block of code is opened and not closed.")
_BRACKET = Outcome(3, "open-brackets", Result.FAIL, "The answer is JSON whose brackets are not closed.")
_SENTENCE = Outcome(
    4, "mid-sentence", Result.FAIL, "A paragraph of sentences ends in the middle of one, and so the answer."
)
_CAP = Outcome(5, "at-a-cap", Result.FAIL, "It ends without an end, at a round number of tokens.")
_SHORT = Outcome(
    6, "no-end-to-see", Result.UNKNOWN, "It ends without a full stop, as lists and titles do too."
)
_NOT_TEXT = Outcome(7, "not-text", Result.NOT_APPLICABLE, "The answer is not one text.")

_LENGTH = "cut off (length)"
_SENTENCE_END = re.compile(r"[.!?\u2026][\"\u201d\u2019)]*\s+\S|[\u3002\uff01\uff1f\u0964\u061f\u06d4]")
_OPEN = ",(-\u2013\u2014"  # after which more was to come
_NO_PROSE = re.compile(r"\s*(?:[-*+•>#|=]|\d+[.)]\s|```|\||<)")
_ROUND = frozenset({1 << power for power in range(6, 18)} | {100, 150, 200, 250, 300, 400, 500, 1000, 2000})
_LONG = 200  # characters of an answer that is expected to end


def judge(evidence: Evidence) -> Judged:
    """By the end of the last result's first text, and what the result says of its own end."""
    written = evidence.last
    read = written.completion
    if read is None:
        return Judged(_NOT_TEXT)
    reasons = [(each.finish_reason, each.native_reason) for each in read.choices]
    if any(_LENGTH in (ended(one, "", error=""), ended("", other, error="")) for one, other in reasons):
        return Judged(_SAID)
    if len(read.choices) != 1 or not read.choices[0].is_plain or not read.text.strip():
        return Judged(_NOT_TEXT)
    return _ending(read.text.rstrip(), written)


def _ending(text: str, written: Written) -> Judged:
    values = {"characters": len(text)}
    if sum(line.lstrip().startswith("```") for line in text.splitlines()) % 2:
        return Judged(_FENCE, values)
    if text[0] in "{[" and (depth := _depth(text)) > 0:
        return Judged(_BRACKET, {**values, "open": depth})
    if not text[-1].isalnum() and text[-1] not in _OPEN:
        return Judged(_WHOLE)
    tokens = whole(written.member("usage").get("completion_tokens"))
    if tokens in _ROUND and len(text) >= _LONG:
        return Judged(_CAP, {**values, "completion_tokens": tokens or 0})
    last = text.rpartition("\n")[2]
    if len(text) >= _LONG and not _NO_PROSE.match(last) and _SENTENCE_END.search(last):
        return Judged(_SENTENCE, values)
    return Judged(_SHORT if len(text) >= _LONG else _WHOLE)


def _depth(text: str) -> int:
    """How many brackets of JSON are open at its end; 0 where it is none from some place on."""
    open_, quoted, escaped = [], False, False
    for each in text:
        if quoted:
            quoted, escaped = each != '"' or escaped, each == "\\" and not escaped
        elif each == '"':
            quoted = True
        elif each in "{[":
            open_.append("}" if each == "{" else "]")
        elif each in "}]" and (not open_ or open_.pop() != each):
            return 0
    return len(open_)


CHECK = Check(
    number=6,
    name="truncated",
    version=1,
    title="Truncated",
    question="Does the answer stop before its end?",
    how="The result may say itself that it was cut (`finish_reason` `length` and the like). Else its end is "
    "looked at: a block of code or brackets of JSON that are not closed; an answer of "
    f"{_LONG} characters or more whose last paragraph has whole sentences and ends within one; or one that "
    "ends without an end where `completion_tokens` is a round number, as limits are.",
    causes=(
        "What was asked for is a fragment, a title or a list.",
        "A stop sequence that the one who asked has set.",
        "A limit on the length of answers, which is no fault of the model.",
    ),
    limits="Whether a whole answer was cut where a sentence ends. Scout software writes `stop` as the finish "
    "reason whatever happened, so that word says nothing.",
    outcomes=(_WHOLE, _SAID, _FENCE, _BRACKET, _SENTENCE, _CAP, _SHORT, _NOT_TEXT),
    reads_texts=True,
    judge=judge,
)
