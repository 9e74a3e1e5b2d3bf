"""Records as checks are given them, for their tests."""

import json
from dataclasses import replace
from typing import Any

from indexer.checks.evidence import Deletion, Evidence, Missing, Written
from indexer.dapp import rell_json
from indexer.dapp.completion import completion_of, said_key
from indexer.dapp.operations import signed_hash
from tests.indexer.made import FIRST_AT

CREATED = FIRST_AT // 1000
USAGE = {"prompt_tokens": 12, "completion_tokens": 9, "total_tokens": 21}
NAMES = {"model": "gemma2-9b-it", "scout": {"model": "gemma2-9b-it", "provider": "groq"}}


def completion(
    content: Any = "It is a chain.", *, choice: dict[str, Any] | None = None, **members: Any
) -> str:
    """A whole result, as scouts sign it. A member that is None is left out."""
    message = {"role": "assistant", "content": content}
    whole = {
        "id": "chatcmpl-9b1c5f",
        "created": CREATED - 5,
        "choices": [{"index": 0, "message": message, "finish_reason": "stop", **(choice or {})}],
        "usage": USAGE,
        **NAMES,
        **members,
    }
    return json.dumps({name: value for name, value in whole.items() if value is not None}, ensure_ascii=False)


def written(result: str, *, height: int = 1, at: int = FIRST_AT, missing: Missing | None = None) -> Written:
    """A result in a block of that height and time."""
    read = completion_of(result)
    normal = signed_hash(rell_json.content_of(result).normal)
    said = normal if read is None else said_key(read)
    return Written(height, at, normal, said, None if missing else result, missing)


def record(
    first: str | None = None,
    last: str | None = None,
    *,
    last_at: int = FIRST_AT + 1_000,
    deletion: Deletion | None = None,
    **facts: Any,
) -> Evidence:
    """A record of which these results were written first and last."""
    begun = written(completion() if first is None else first)
    made = Evidence(
        prompt_id=2,
        before=1,
        prompt=b"p" * 32,
        scout=7,
        seed=1,
        model="gemma2-9b-it",
        provider="groq",
        first=begun,
        last=begun if last is None else written(last, height=3, at=last_at),
        deletion=deletion,
    )
    return replace(made, **facts)
