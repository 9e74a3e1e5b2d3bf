"""How an answer ended."""

import pytest

from indexer.dapp.ending import ended

FILTERED, CUT = "ended by the provider\u2019s filter", "cut off (length)"


@pytest.mark.parametrize(
    "reason",
    ["", "stop", "STOP", "tool_calls", "function_call", "eos_token", "end_turn", "stop-sequence", "COMPLETE"],
)
def test_an_end_of_its_own_is_not_named(reason: str) -> None:
    assert ended(reason, "", error="") == ""


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("length", CUT),
        ("MAX_TOKENS", CUT),
        ("max_completion_tokens", CUT),
        ("model_context_window_exceeded", CUT),
        ("content_filter", FILTERED),
        ("SAFETY", FILTERED),
        ("RECITATION", FILTERED),
        ("refusal", FILTERED),
        ("guardrail_intervened", FILTERED),
        ("error", "ended by an error"),
        ("insufficient_system_resource", "ended by an error (insufficient_system_resource)"),
        ("abort", "ended with abort"),
        ("x" * 500, f"ended with {'x' * 60}"),
    ],
)
def test_any_other_end_is_named(reason: str, words: str) -> None:
    assert ended(reason, "", error="") == words


def test_an_error_goes_before_all_reasons() -> None:
    assert ended("length", "SAFETY", error="died") == "ended by the provider\u2019s error: died"
