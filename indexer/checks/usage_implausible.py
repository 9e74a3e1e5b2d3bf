"""Usage implausible: token counts that contradict each other or the answer."""

from collections.abc import Mapping

from indexer.checks.check import Check, Judged, Outcome, Result, Values
from indexer.checks.evidence import Evidence, Written
from indexer.checks.numbers import whole

_PLAUSIBLE = Outcome(0, "plausible", Result.PASS, "The counts add up.")
_CHUNKS = Outcome(
    1,
    "counted-by-software",
    Result.NOT_APPLICABLE,
    "The scout's software counted pieces of a stream: it states 0 tokens for the prompt.",
)
_NO_USAGE = Outcome(2, "no-usage", Result.UNKNOWN, "The result states no token counts.")
_NO_NUMBERS = Outcome(3, "no-numbers", Result.UNKNOWN, "The counts are no whole numbers.")
_NO_COMPLETION = Outcome(4, "no-completion", Result.NOT_APPLICABLE, "The result is no chat completion.")
_NEGATIVE = Outcome(5, "negative", Result.FAIL, "A count is below 0.")
_TOTAL = Outcome(6, "total-differs", Result.FAIL, "The total is not the sum of prompt and completion.")
_TWO = Outcome(7, "two-counts", Result.FAIL, "`x_groq.usage` and `usage` state different counts.")
_MORE = Outcome(8, "more-tokens-than-bytes", Result.FAIL, "More tokens are stated than the answer has bytes.")
_NONE = Outcome(9, "no-tokens-for-words", Result.FAIL, "No token is stated for an answer of many words.")

_COUNTS = ("prompt_tokens", "completion_tokens", "total_tokens")
_BESIDE = ("reasoning_tokens", "thoughts_token_count")
_SPECIAL = 64
"""Tokens that may be no text: marks of turns, and what little a model thinks unseen."""
_MANY = 64  # bytes that are certainly more than no token


def judge(evidence: Evidence) -> Judged:
    """By arithmetic over the counts of the last result, and the length of what it says."""
    written = evidence.last
    if written.completion is None:
        return Judged(_NO_COMPLETION)
    usage = _usage(written)
    if usage is None:
        return Judged(_NO_USAGE)
    counts = {name: whole(usage[name]) for name in _COUNTS if usage.get(name) is not None}
    told = {name: each for name, each in counts.items() if each is not None}
    if len(told) < len(counts) or not told:
        return Judged(_NO_NUMBERS)
    if min(told.values()) < 0:
        return Judged(_NEGATIVE, told)
    return _against_each_other(written, usage, told) or _against_the_words(written, usage, told)


def _usage(written: Written) -> Mapping[str, object] | None:
    return written.member("usage") or _groq(written)


def _groq(written: Written) -> Mapping[str, object] | None:
    usage = written.member("x_groq").get("usage")
    return usage if isinstance(usage, dict) and usage else None


def _against_each_other(
    written: Written, usage: Mapping[str, object], told: Mapping[str, int]
) -> Judged | None:
    other = {name: whole((_groq(written) or {}).get(name)) for name in told}
    differing = {
        f"x_groq_{name}": each for name, each in other.items() if each is not None and each != told[name]
    }
    if differing:
        return Judged(_TWO, {**told, **differing})
    asked, said, total = (told.get(name) for name in _COUNTS)
    if asked == 0 and total in (None, 0, said):
        return Judged(_CHUNKS)
    beside = _beside(usage)
    if None not in (asked, said, total) and total not in _sums(asked or 0, said or 0, beside):
        return Judged(_TOTAL, {**told, **({"reasoning_tokens": beside} if beside else {})})
    return None


def _sums(asked: int, said: int, beside: int) -> tuple[int, int]:
    """Some providers count reasoning within the completion, others beside it."""
    return asked + said, asked + said + beside


def _beside(usage: Mapping[str, object]) -> int:
    details = usage.get("completion_tokens_details")
    places = (usage, details if isinstance(details, dict) else {})
    found = (whole(place.get(name)) for place in places for name in _BESIDE)
    return max((each for each in found if each is not None), default=0)


def _against_the_words(written: Written, usage: Mapping[str, object], told: Mapping[str, int]) -> Judged:
    said, size = told.get("completion_tokens"), _size(written)
    if said is None or size is None or _beside(usage):
        return Judged(_PLAUSIBLE)
    values: Values = {**told, "answer_bytes": size}
    if said > size + _SPECIAL:
        return Judged(_MORE, values)
    return Judged(_NONE, values) if said == 0 and size >= _MANY else Judged(_PLAUSIBLE)


def _size(written: Written) -> int | None:
    """Bytes of the answer in UTF-8; None where there is more than one text, or reasoning."""
    choices = written.completion.choices if written.completion is not None else ()
    if len(choices) != 1 or not choices[0].is_plain or choices[0].reasoning or choices[0].extra:
        return None
    listed = written.members["choices"]
    content = listed[0].get("message", {}).get("content") if isinstance(listed, list) else None
    return len(content.encode("utf-8", "surrogatepass")) if isinstance(content, str) else None


CHECK = Check(
    number=4,
    name="usage-implausible",
    version=1,
    title="Usage implausible",
    question="Do the token counts contradict each other, or the answer?",
    how="`usage` of the last result, or `x_groq.usage` where there is no other. The total should be prompt "
    "and completion together, with or without reasoning; both places should state the same; no count may be "
    f"below 0. An answer that is one text cannot have more tokens than bytes (and {_SPECIAL} for what is "
    f"no text), nor none with {_MANY} bytes or more. Left out is what scout software is known to write: "
    "0 tokens for the prompt, and the number of pieces of a stream as tokens of the completion.",
    causes=(
        "Software that counts the pieces of a stream, otherwise than is known here.",
        "Cached tokens, special tokens or hidden reasoning that a provider counts in its own way.",
    ),
    limits="How many tokens there were: no tokenizer is run. How fast a model answered is not looked at.",
    outcomes=(
        _PLAUSIBLE, _CHUNKS, _NO_USAGE, _NO_NUMBERS, _NO_COMPLETION, _NEGATIVE, _TOTAL, _TWO, _MORE, _NONE,
    ),
    reads_texts=True,
    judge=judge,
)  # fmt: skip
