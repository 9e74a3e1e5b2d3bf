"""Each check: what it finds, what it does not, what software is known to write, and what it cannot know."""

import json
from dataclasses import replace
from typing import Any

import pytest

from indexer.checks.check import WITHHELD, Result
from indexer.checks.evidence import Deletion, Evidence, Missing
from indexer.checks.registry import by_name, checks
from tests.indexer.checks.evidences import CREATED, NAMES, USAGE, completion, record, written
from tests.indexer.made import FIRST_AT

FOUND, NOT_FOUND = Result.FAIL, Result.PASS
NOT_APPLICABLE, UNKNOWN = Result.NOT_APPLICABLE, Result.UNKNOWN
DAY = 24 * 60 * 60
SENTENCES = "A chain is a list of blocks. Each of them names the one before it, and so none can be left out. "


def reordered(result: str) -> str:
    return json.dumps(dict(reversed(json.loads(result).items())), indent=3)


def usage(asked: Any, said: Any, total: Any, **more: Any) -> str:
    counts = {"prompt_tokens": asked, "completion_tokens": said, "total_tokens": total, **more}
    return completion(usage={name: each for name, each in counts.items() if each is not None})


def ending(content: str, **more: Any) -> str:
    return completion(content, **more)


ALTERED = [
    (record(), NOT_FOUND, "never-edited"),
    (record(completion(), reordered(completion())), NOT_FOUND, "same-result"),
    (record(completion("three"), completion("five")), FOUND, "words-changed"),
    (record(completion(id="a"), completion(id="b")), FOUND, "beside-changed"),
    (record(completion("three"), completion("five"), deletion=Deletion(9, False)), FOUND, "words-changed"),
    (record("no JSON", "no JSON either"), FOUND, "words-changed"),
]
DELETED = [
    (record(), NOT_FOUND, "not-deleted"),
    (record(deletion=Deletion(9, is_batch=False)), FOUND, "deleted"),
    (record(deletion=Deletion(9, is_batch=True)), FOUND, "batch-deleted"),
    (record(completion(), completion("five")), NOT_FOUND, "not-deleted"),
]
CALL = {"role": "assistant", "content": "", "tool_calls": [{"function": {"name": "f", "arguments": "{}"}}]}
MALFORMED = [
    (record(), NOT_FOUND, "well-formed"),
    (record(completion(choice={"message": {"content": "no role"}})), NOT_FOUND, "well-formed"),
    (record(completion(choice={"message": CALL})), NOT_FOUND, "well-formed"),
    (record(completion(choice={"message": {"content": "", "refusal": "No."}})), NOT_FOUND, "well-formed"),
    (record(completion([{"type": "text", "text": "in parts"}])), NOT_FOUND, "well-formed"),
    (record("no JSON"), FOUND, "not-json"),
    (record(""), FOUND, "not-json"),
    (record("null"), FOUND, "not-an-object"),
    (record("[1]"), FOUND, "not-an-object"),
    (record("{}"), FOUND, "no-choices"),
    (record('{"choices": []}'), FOUND, "no-choices"),
    (record('{"error": {"message": "rate limited"}}'), FOUND, "error"),
    (record('{"choices": [{}]}'), FOUND, "no-message"),
    (record('{"choices": [7]}'), FOUND, "no-message"),
    (record(completion(choice={"message": {"role": "user", "content": "me"}})), FOUND, "not-the-assistant"),
    (record(completion("")), FOUND, "empty"),
    (record(completion(" \n")), FOUND, "empty"),
    (record(completion(None)), FOUND, "empty"),
    (record(completion("", choice={"error": {"message": "overloaded"}})), FOUND, "error"),
    (record('{"choices": [{"message": {"content": "a\\ud800b"}}]}'), FOUND, "half-characters"),
    (record(completion(), completion("")), FOUND, "empty"),
    (record(completion(""), completion()), NOT_FOUND, "well-formed"),
]
CONTRADICTION = [
    (record(), NOT_FOUND, "same-names"),
    (record(completion(model="google/gemma-2-9b-it")), NOT_FOUND, "another-name"),
    (record(completion(model="gemma2:9b", scout=None)), NOT_FOUND, "another-name"),
    (record(completion(scout={"provider": "Groq"})), NOT_FOUND, "same-names"),
    (record(completion(model="llama-3.1-8b-instant")), FOUND, "other-model"),
    (record(completion(scout={**NAMES["scout"], "model": "gemma2-27b-it"})), FOUND, "other-model"),  # type: ignore[dict-item]
    (record(completion(scout={"provider": "openrouter"})), FOUND, "other-provider"),
    (record(completion(model="m", scout={"provider": "p"})), FOUND, "other-model-and-provider"),
    (record(completion(id="gen-1728600000-abc")), FOUND, "other-id"),
    (
        record(completion(id="gen-1728600000-abc", scout=None), provider="openrouter"),
        NOT_FOUND,
        "same-names",
    ),
    (record(completion(model=None, scout=None)), UNKNOWN, "no-names"),
    (record(completion(model=7, scout="s")), UNKNOWN, "no-names"),
    (record("no JSON"), NOT_APPLICABLE, "no-object"),
]
USAGE_CASES = [
    (record(), NOT_FOUND, "plausible"),
    (record(usage(12, 9, 21, completion_tokens_details={"reasoning_tokens": 4})), NOT_FOUND, "plausible"),
    (record(usage(12, 9, 25, completion_tokens_details={"reasoning_tokens": 4})), NOT_FOUND, "plausible"),
    (record(usage(12, 9, None)), NOT_FOUND, "plausible"),
    (record(usage(12, 2000, 2012, reasoning_tokens=1990)), NOT_FOUND, "plausible"),
    (record(usage(0, 7, 7)), NOT_APPLICABLE, "counted-by-software"),
    (record(usage(0, 0, 0)), NOT_APPLICABLE, "counted-by-software"),
    (record(usage(0, 7, None)), NOT_APPLICABLE, "counted-by-software"),
    (record(usage(0, 7, 30)), FOUND, "total-differs"),
    (record(usage(10, 20, 99)), FOUND, "total-differs"),
    (record(usage(-1, 20, 19)), FOUND, "negative"),
    (
        record(completion("short answer", usage={"completion_tokens": 100_000})),
        FOUND,
        "more-tokens-than-bytes",
    ),
    (
        record(completion("é" * 40, usage={**USAGE, "completion_tokens": 0, "total_tokens": 12})),
        FOUND,
        "no-tokens-for-words",
    ),
    (record(completion(x_groq={"usage": {**USAGE, "completion_tokens": 8}})), FOUND, "two-counts"),
    (record(completion(x_groq={"usage": USAGE})), NOT_FOUND, "plausible"),
    (record(completion(usage=None, x_groq={"usage": USAGE})), NOT_FOUND, "plausible"),
    (record(completion(usage=None)), UNKNOWN, "no-usage"),
    (record(usage("many", 9, 21)), UNKNOWN, "no-numbers"),
    (record(usage(1.5, 9, 21)), UNKNOWN, "no-numbers"),
    (record(usage(10**30, 9, 21)), UNKNOWN, "no-numbers"),
    (record(usage(True, 9, 10)), UNKNOWN, "no-numbers"),
    (record("{}"), NOT_APPLICABLE, "no-completion"),
]
TIME = [
    (record(), NOT_FOUND, "fits"),
    (record(completion(created=CREATED + 150)), NOT_FOUND, "fits"),
    (record(completion(created=CREATED - DAY)), NOT_FOUND, "fits"),
    (record(completion(created=CREATED + 151)), FOUND, "after-its-block"),
    (record(completion(created=CREATED + DAY)), FOUND, "after-its-block"),
    (record(completion(created=CREATED - DAY - 1)), FOUND, "long-before"),
    (record(completion(), completion("edited"), last_at=FIRST_AT + 90 * DAY * 1_000), NOT_FOUND, "fits"),
    (record(completion(created=None)), UNKNOWN, "no-time"),
    (record(completion(created="yesterday")), UNKNOWN, "no-time"),
    (record(completion(created=0)), UNKNOWN, "no-time"),
    (record(completion(created=FIRST_AT * 1_000)), UNKNOWN, "no-time"),
    (record("[]"), NOT_APPLICABLE, "no-object"),
]
TRUNCATED = [
    (record(), NOT_FOUND, "whole"),
    (record(ending("42")), NOT_FOUND, "whole"),
    (record(ending(SENTENCES * 3)), NOT_FOUND, "whole"),
    (record(ending(SENTENCES * 3 + "\n\n```python\nprint(1)\n```")), NOT_FOUND, "whole"),
    (record(ending('{"a": [1, 2], "b": "]"}')), NOT_FOUND, "whole"),
    (record(ending("[INST] once")), NOT_FOUND, "whole"),
    (record(completion(choice={"finish_reason": "length"})), FOUND, "said-to-be-cut"),
    (record(completion(choice={"native_finish_reason": "MAX_TOKENS"})), FOUND, "said-to-be-cut"),
    (record(ending(SENTENCES * 3 + "And the next one is na")), FOUND, "mid-sentence"),
    (record(ending(SENTENCES * 3 + "And the next one,")), FOUND, "mid-sentence"),
    (record(ending("区块链是一个列表。" * 30 + "每一个都指")), FOUND, "mid-sentence"),
    (record(ending("Like this:\n```python\nprint(")), FOUND, "open-code"),
    (record(ending('{"a": [1, 2, {"b": "c')), FOUND, "open-brackets"),
    (record(ending("words " * 60, usage={**USAGE, "completion_tokens": 256})), FOUND, "at-a-cap"),
    (record(ending(SENTENCES * 3 + "\n- first\n- second")), UNKNOWN, "no-end-to-see"),
    (record(ending(SENTENCES * 3 + "\n**Title.** without an end")), UNKNOWN, "no-end-to-see"),
    (record(completion(choice={"message": CALL})), NOT_APPLICABLE, "not-text"),
    (record(completion("")), NOT_APPLICABLE, "not-text"),
    (record("no JSON"), NOT_APPLICABLE, "not-text"),
]
GAP = [
    (record(), NOT_FOUND, "no-gap"),
    (record(prompt_id=1, before=0), NOT_APPLICABLE, "first"),
    (record(prompt_id=7, before=4), FOUND, "gap"),
    (record(prompt_id=3, before=0), FOUND, "gap"),
]
LONG = SENTENCES * 3
IDS = [
    (record(), NOT_FOUND, "own-id"),
    (record(completion(id="chatcmpl-417")), NOT_APPLICABLE, "counted"),
    (record(completion(id="17")), NOT_APPLICABLE, "counted"),
    (record(completion(id=None)), UNKNOWN, "no-id"),
    (record(completion(id=" ")), UNKNOWN, "no-id"),
    (record(completion(id=7)), UNKNOWN, "no-id"),
    (record("[]"), NOT_APPLICABLE, "no-object"),
    (record(completion(id=None), completion()), UNKNOWN, "no-id"),
]
REPLAYED = [
    (record(completion(LONG)), NOT_FOUND, "own-text"),
    (record(completion("I cannot help with that.")), NOT_APPLICABLE, "short"),
    (record(completion(" " * 300 + "x")), NOT_APPLICABLE, "short"),
    (record(completion(choice={"message": CALL})), NOT_APPLICABLE, "not-text"),
    (record("no JSON"), NOT_APPLICABLE, "not-text"),
]
PEERS = [
    (record(), NOT_APPLICABLE, "no-unanimity"),
    (record(completion(system_fingerprint="fp_1")), NOT_APPLICABLE, "no-unanimity"),
    (record(completion("")), NOT_APPLICABLE, "no-answer"),
    (record("no JSON"), NOT_APPLICABLE, "no-answer"),
]
NEAR = [
    (record(completion(LONG)), NOT_FOUND, "own-wording"),
    (record(completion("I cannot help with that.")), NOT_APPLICABLE, "short"),
    (record(completion("x" * 50_001)), NOT_APPLICABLE, "long"),
    (record(completion(choice={"message": CALL})), NOT_APPLICABLE, "not-text"),
    (record("no JSON"), NOT_APPLICABLE, "not-text"),
]
BY_OTHERS = {
    "reused-response-id": {"reused"},
    "replayed-text": {"replayed"},
    "peer-outlier": {"agrees", "outlier"},
    "near-duplicate": {"near-duplicate", "crowded"},
}
GOLDEN = {
    "altered": ALTERED,
    "deleted": DELETED,
    "malformed": MALFORMED,
    "field-contradiction": CONTRADICTION,
    "usage-implausible": USAGE_CASES,
    "time-inconsistent": TIME,
    "truncated": TRUNCATED,
    "id-gap": GAP,
    "reused-response-id": IDS,
    "replayed-text": REPLAYED,
    "peer-outlier": PEERS,
    "near-duplicate": NEAR,
}
CASES = [
    pytest.param(name, *case, id=f"{name} {number} {case[2]}")
    for name, cases in GOLDEN.items()
    for number, case in enumerate(cases)
]


@pytest.mark.parametrize(("name", "evidence", "result", "reason"), CASES)
def test_a_check_says_this_of_this(name: str, evidence: Evidence, result: Result, reason: str) -> None:
    judged = by_name()[name].judged(evidence)
    assert (judged.outcome.result, judged.outcome.reason) == (result, reason)
    if result is not FOUND:
        assert judged.values == {}


def test_every_outcome_of_every_check_is_in_the_table() -> None:
    assert GOLDEN.keys() == by_name().keys()
    for each in checks():
        told = {reason for _, _, reason in GOLDEN[each.name]} | BY_OTHERS.get(each.name, set())
        assert told == {one.reason for one in each.outcomes}


@pytest.mark.parametrize("missing", Missing)
def test_what_is_withheld_or_damaged_is_not_known_but_by_hashes(missing: Missing) -> None:
    gone = written(completion("five"), height=3, missing=missing)
    evidence = replace(record(completion("three")), first=replace(gone, said=b"three"), last=gone)
    for each in checks():
        judged = each.judged(evidence)
        assert (judged.outcome == WITHHELD[missing]) is each.reads_texts
        assert judged.outcome.result is (UNKNOWN if each.reads_texts else judged.outcome.result)
        assert each.kin(evidence) is None


def test_values_are_numbers_and_hashes_that_a_reader_can_recompute() -> None:
    altered = by_name()["altered"].judged(record(completion("three"), completion("five")))
    assert altered.values == {
        "first_height": 1,
        "first_result": written(completion("three")).normal.hex().upper(),
        "last_height": 3,
        "last_result": written(completion("five")).normal.hex().upper(),
    }
    assert by_name()["usage-implausible"].judged(record(usage(10, 20, 99))).values == {
        "prompt_tokens": 10,
        "completion_tokens": 20,
        "total_tokens": 99,
    }
    assert by_name()["id-gap"].judged(record(prompt_id=7, before=4)).values == {
        "first_missing": 5,
        "last_missing": 6,
    }


def test_records_are_compared_by_what_they_were_asked_and_said_first() -> None:
    reused, replayed = by_name()["reused-response-id"], by_name()["replayed-text"]
    one = record(completion(LONG), completion("another"))
    other = replace(one, scout=8)
    asked = replace(one, prompt=b"q" * 32)
    for check, differing, same in ((reused, other, one), (replayed, asked, other)):
        mine, theirs, equal = (check.kin(each) for each in (one, differing, same))
        assert mine is not None
        assert theirs is not None
        assert mine.key == theirs.key
        assert mine.value != theirs.value
        assert mine == equal
    assert reused.kin(record(completion(id="chatcmpl-417"))) is None
    assert replayed.kin(record(completion(SENTENCES))) is None


@pytest.mark.parametrize(
    ("more", "is_peer"),
    [
        ({"scout": 8}, True),
        ({"prompt": b"q" * 32}, False),
        ({"seed": 2}, False),
        ({"model": "gemma2:9b"}, False),
        ({"provider": "groq\n"}, False),
        ({"first": written(completion(system_fingerprint="fp_1"))}, False),
    ],
)
def test_peers_were_asked_the_same_of_the_same_engine(more: dict[str, Any], is_peer: bool) -> None:
    outlier = by_name()["peer-outlier"]
    one, other = outlier.kin(record()), outlier.kin(replace(record(), **more))
    assert one is not None
    assert other is not None
    assert (one.key == other.key) is is_peer
    assert one.value == record().first.said


def test_numbers_names_and_codes_of_checks_stay_apart() -> None:
    assert [each.number for each in checks()] == list(range(len(checks())))
    for each in checks():
        assert by_name()[each.name] is each
        assert [one.code for one in each.outcomes] == list(range(len(each.outcomes)))
        assert each.version >= 1
        assert each.question.endswith("?")
        assert all(text.endswith(".") for text in (each.how, each.limits, *each.causes))
        assert all(one.words.endswith(".") for one in each.outcomes)
