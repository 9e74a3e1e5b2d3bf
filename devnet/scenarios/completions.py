"""Messages and results as scouts write them: OpenAI chat messages and `chat.completion` objects, as JSON.

Scouts have their answers from providers that name one model differently, and leave their own traces: who
streams writes `prompt_tokens` 0, counts pieces as `completion_tokens` and always says `stop`. Everything of
chance is drawn from the `random.Random` that is passed in.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

GROQ = "groq"
OPENROUTER = "openrouter"
OLLAMA = "ollama"

MODELS: Mapping[str, Mapping[str, str]] = {
    "gemma2-9b-it": {OPENROUTER: "google/gemma-2-9b-it", OLLAMA: "gemma2:9b"},
    "llama-3.1-8b-instant": {OPENROUTER: "meta-llama/llama-3.1-8b-instruct", OLLAMA: "llama3.1:8b"},
    "mixtral-8x7b-32768": {OPENROUTER: "mistralai/mixtral-8x7b-instruct", OLLAMA: "mixtral:8x7b"},
}
"""Models by Groq's name, with the names that other providers have for them."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a scout has an answer from: the provider and its own name for the model."""

    provider: str
    model: str


def source(model: str, *, provider: str) -> Source:
    """The source for a model (a key of `MODELS`) at a provider."""
    return Source(provider, MODELS[model].get(provider, model))


def messages(question: str, *, system: str | None, earlier: Sequence[str] = ()) -> str:
    """A conversation that ends with a question; `earlier` turns alternate, the user's first."""
    said = [{"role": "system", "content": system}] if system is not None else []
    roles = ("user", "assistant")
    said += [{"role": roles[turn % 2], "content": text} for turn, text in enumerate(earlier)]
    return json.dumps([*said, {"role": "user", "content": question}], ensure_ascii=False)


def completion(random: Random, *, asked: str, content: Any, source: Source, at_ms: int) -> str:
    """A result of one choice; `asked` are the messages, `at_ms` the time at which it is signed."""
    shape = _SHAPES[source.provider]
    begun = {
        **shape.names(random),
        "object": "chat.completion",
        "created": at_ms // 1000 - random.randrange(1, 20),
    }
    choice = {"index": 0, "message": {"role": "assistant", "content": content}, **shape.ending}
    tokens = len(asked) // 4, len(content) // 4 if isinstance(content, str) else 0
    answer = {
        **begun,
        "model": source.model,
        "choices": [choice],
        **shape.counts(random, tokens),
        "scout": {"provider": source.provider, "model": source.model},
    }
    return json.dumps(answer, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class _Shape:
    """What one provider adds: names at the beginning, the choice's ending, counts and names at the end."""

    names: Callable[[Random], dict[str, Any]]
    ending: Mapping[str, Any]
    counts: Callable[[Random, tuple[int, int]], dict[str, Any]]


def _groq_names(random: Random) -> dict[str, Any]:
    parts = (8, 4, 4, 12)
    return {"id": "chatcmpl-" + "-".join(digits(random, count) for count in parts)}


def _groq_counts(random: Random, tokens: tuple[int, int]) -> dict[str, Any]:
    asked, said = tokens
    reading, writing = round(random.uniform(0.0008, 0.02), 9), round(random.uniform(0.2, 2.0), 9)
    usage = {
        "queue_time": round(random.uniform(0.01, 0.3), 9),
        "prompt_tokens": asked,
        "prompt_time": reading,
        "completion_tokens": said,
        "completion_time": writing,
        "total_tokens": asked + said,
        "total_time": round(reading + writing, 9),
    }
    ending = {"system_fingerprint": f"fp_{digits(random, 10)}", "x_groq": {"id": f"req_{digits(random, 26)}"}}
    return {"usage": usage, **ending}


def _openrouter_names(random: Random) -> dict[str, Any]:
    return {"id": f"gen-{random.randrange(10**9, 10**10)}-{digits(random, 20)}", "provider": "Synthetic"}


def _streamed_counts(random: Random, tokens: tuple[int, int]) -> dict[str, Any]:
    pieces = max(1, tokens[1] - random.randrange(0, 9))
    usage = {"prompt_tokens": 0, "completion_tokens": pieces, "total_tokens": pieces}
    return {"usage": usage, "system_fingerprint": None}


def _ollama_names(random: Random) -> dict[str, Any]:
    return {"id": f"chatcmpl-{random.randrange(1000)}"}


def _ollama_counts(random: Random, tokens: tuple[int, int]) -> dict[str, Any]:
    asked, said = tokens
    usage = {"prompt_tokens": asked, "completion_tokens": said, "total_tokens": asked + said}
    return {"usage": usage, "system_fingerprint": "fp_ollama"}


def digits(random: Random, count: int) -> str:
    """So many hexadecimal digits."""
    return f"{random.getrandbits(4 * count):0{count}x}"


_SHAPES = {
    GROQ: _Shape(_groq_names, {"logprobs": None, "finish_reason": "stop"}, _groq_counts),
    OPENROUTER: _Shape(_openrouter_names, {"logprobs": None, "finish_reason": "stop"}, _streamed_counts),
    OLLAMA: _Shape(_ollama_names, {"finish_reason": "stop"}, _ollama_counts),
}
