"""Acts of which checks find something, in records as honest software writes them now and then."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from devnet.scenarios.completions import GROQ, MODELS, OLLAMA, OPENROUTER, Source, source
from devnet.scenarios.stage import Prompt, Stage, Step, questions
from indexer.postchain.gtx import Operation

_OTHER_TOKENS, _PEERS, _LONG = 24, 5, 200
_HOURS_OF_ZONE, _DAYS_QUEUED = 2, 3
_HOUR = 3_600

Change = Callable[[dict[str, Any]], None]


def findings(stage: Stage) -> Iterator[Step]:
    """Each of them once."""
    for act in _ACTS:
        yield from act(stage)
        yield stage.pause(0.1, 0.9)


def a_finding(stage: Stage) -> Iterator[Step]:
    """One of them among the others."""
    yield from stage.random.choice(_ACTS)(stage)


def _gone_on_elsewhere(stage: Stage) -> Iterator[Step]:
    """The record names whom the scout asked first, the result who answered after that one failed."""
    prompt = _prompt(stage)
    model = next(each for each in MODELS if each != prompt.model)
    result = _answer(stage, prompt, source(model, provider=OPENROUTER))
    yield stage.post(_add(stage, prompt, result, scout=stage.scouts(1)[0]))


def _counted_beside(stage: Stage) -> Iterator[Step]:
    """Tokens that are in the total alone, such as cached ones."""

    def change(result: dict[str, Any]) -> None:
        result["usage"]["total_tokens"] += _OTHER_TOKENS

    yield from _changed(stage, change)


def _clock_ahead(stage: Stage) -> Iterator[Step]:
    """A provider's clock that shows the time of another zone."""
    yield from _changed(stage, _later(_HOURS_OF_ZONE * _HOUR))


def _queued(stage: Stage) -> Iterator[Step]:
    """An answer that waited for days to be written."""
    yield from _changed(stage, _later(-_DAYS_QUEUED * 24 * _HOUR))


def _written_again(stage: Stage) -> Iterator[Step]:
    """One response for two scouts: the first attempt to write it was taken for failed."""
    prompt = _prompt(stage)
    result = _answer(stage, prompt, _groq(prompt))
    for scout in stage.scouts(2):
        yield stage.post(_add(stage, prompt, result, scout=scout))


def _cut_off(stage: Stage) -> Iterator[Step]:
    """An answer that a limit on its length ends."""

    def change(result: dict[str, Any]) -> None:
        (choice,) = result["choices"]
        content = choice["message"]["content"]
        choice["message"]["content"] = content[: len(content) // 2]
        choice["finish_reason"] = "length"

    yield from _changed(stage, change)


def _outvoted(stage: Stage) -> Iterator[Step]:
    """Scouts who run one model themselves say the same, but for one, who set it otherwise."""
    prompt = _prompt(stage)
    own = source(prompt.model, provider=OLLAMA)
    *others, last = stage.scouts(_PEERS)
    for scout in others:
        yield stage.post(stage.add(prompt, scout=scout, content=prompt.question.answer, source=own))
    yield stage.post(stage.add(prompt, scout=last, content=prompt.question.slipped, source=own))


def _no_answer(stage: Stage) -> Iterator[Step]:
    """A provider's error, which is written in the place of an answer."""
    error = json.dumps({"error": {"message": "Rate limit reached, try again later.", "code": 429}})
    yield stage.post(_add(stage, _prompt(stage), error, scout=stage.scouts(1)[0]))


def _asked_in_other_words(stage: Stage) -> Iterator[Step]:
    """One question put in three ways: what is answered is the same, or nearly."""
    question = stage.random.choice([each for each in questions("questions") if len(each.answer) >= _LONG])
    ways = {"{}": "", "Tell me: {}": "", "{} Thanks!": "Sure! "}
    for way, begins in ways.items():
        prompt = stage.prompt(replace(question, text=way.format(question.text)))
        content = f"{begins}{question.answer}"
        yield stage.post(stage.add(prompt, scout=stage.scouts(1)[0], content=content, source=_groq(prompt)))


_ACTS: Sequence[Callable[[Stage], Iterator[Step]]] = (
    _gone_on_elsewhere,
    _counted_beside,
    _clock_ahead,
    _queued,
    _written_again,
    _cut_off,
    _outvoted,
    _no_answer,
    _asked_in_other_words,
)


def _changed(stage: Stage, change: Change) -> Iterator[Step]:
    prompt = _prompt(stage)
    result = json.loads(_answer(stage, prompt, _groq(prompt)))
    change(result)
    told = json.dumps(result, ensure_ascii=False)
    yield stage.post(_add(stage, prompt, told, scout=stage.scouts(1)[0]))


def _later(seconds: int) -> Change:
    def change(result: dict[str, Any]) -> None:
        result["created"] += seconds

    return change


def _prompt(stage: Stage) -> Prompt:
    return stage.prompt(stage.random.choice(questions("questions")))


def _answer(stage: Stage, prompt: Prompt, source: Source) -> str:
    return stage.answer(prompt, content=prompt.question.answer, source=source)


def _groq(prompt: Prompt) -> Source:
    return source(prompt.model, provider=GROQ)


def _add(stage: Stage, prompt: Prompt, result: str, *, scout: int) -> Operation:
    asked = _groq(prompt)
    return stage.add_raw(
        uid=scout,
        messages=prompt.messages,
        result=result,
        seed=prompt.seed,
        model=asked.model,
        provider=asked.provider,
    )
