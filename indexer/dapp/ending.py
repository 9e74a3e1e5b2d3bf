"""How an answer ended, as the provider reports it: by itself, cut off, filtered, or by an error."""

_OWN = frozenset({
    "", "stop", "stopped", "stop_sequence", "stop_token", "stop_str", "eos", "eos_token", "end_turn", "end",
    "tool_calls", "tool_call", "tool_use", "function_call", "complete", "completed", "done", "finish",
    "finished", "success", "succeeded", "load", "unload",
})  # fmt: skip
_CUT = frozenset({
    "length", "limit", "max_tokens", "max_length", "max_new_tokens", "max_output_tokens",
    "max_completion_tokens", "model_length", "token_limit", "context_length_exceeded",
    "model_context_window_exceeded",
})  # fmt: skip
_FILTERED = frozenset({
    "content_filter", "content_filtered", "safety", "recitation", "blocklist", "blocked", "flagged",
    "prohibited_content", "spii", "image_safety", "image_prohibited_content", "image_recitation", "refusal",
    "guardrail_intervened", "guardrails", "moderation", "sensitive", "error_toxic",
})  # fmt: skip
_FAILED = frozenset({
    "error", "errored", "failed", "server_error", "network_error", "timeout", "error_limit",
    "insufficient_system_resource", "malformed_function_call", "malformed_response",
})  # fmt: skip
_LONGEST = 60


def ended(reason: str, native: str, *, error: str) -> str:
    """How an answer ended, in words, where that was no end of its own; empty where it was, or is not told.

    ``reason`` is the finish reason, ``native`` that of the model's own server, as a router reports it beside.
    """
    if error:
        return f"ended by the provider\u2019s error: {error}"
    told, beside = _plain(reason), _plain(native)
    for each in (told, beside):
        if each in _CUT:
            return "cut off (length)"
        if each in _FILTERED:
            return "ended by the provider\u2019s filter"
        if each in _FAILED:
            return "ended by an error" if each == "error" else f"ended by an error ({each})"
    unknown = told or beside
    return "" if unknown in _OWN else f"ended with {unknown[:_LONGEST]}"


def _plain(reason: str) -> str:
    return reason.strip().lower().replace("-", "_").replace(" ", "_")
