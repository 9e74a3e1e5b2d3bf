"""What scenarios are made of: an owner who writes what scouts answered, by chance that a seed decides."""

import json
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from devnet.chain import validators
from devnet.dapp.dapp import Dapp
from devnet.scenarios.completions import (
    GROQ,
    MODELS,
    OLLAMA,
    OPENROUTER,
    Source,
    completion,
    messages,
    source,
)
from indexer.postchain import gtx, secp256k1
from indexer.postchain.gtx import Operation

OWNERS = (validators.OWNER, b"\x02" * 32, b"\x03" * 32)
"""Private keys of the first owner, and of those to whom a scenario may hand the dapp. Everyone knows them."""

_FOLDER = Path(__file__).parent / "texts"
_SYSTEMS = (
    "You answer briefly.",
    "You are a helpful assistant. Be exact, and say so where you do not know.",
    "Answer in the language of the question.",
    None,
)
_SCOUTS = 300
_REMEMBERED = 200


class NoKey(ValueError):
    """A chain whose owner is none of the well-known keys, so that no scenario can write to it."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Nothing is posted for so long."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Post:
    """A transaction to post: its operations and the keys that sign it."""

    operations: tuple[Operation, ...]
    private_keys: tuple[bytes, ...]

    def data(self, *, brid: bytes, version: int) -> bytes:
        """The signed transaction for a chain of this RID and merkle version."""
        return gtx.build(
            brid=brid, operations=self.operations, private_keys=self.private_keys, version=version
        )


Step = Pause | Post


@dataclass(frozen=True, slots=True)
class Question:
    """A question with its answer, and a slip: words of the answer and what one would wrongly say for them."""

    text: str
    answer: str
    slip: tuple[str, str]

    @property
    def slipped(self) -> str:
        """The answer with its slip."""
        return self.answer.replace(*self.slip)


@dataclass(frozen=True, slots=True)
class Prompt:
    """A question as it is put to scouts: to all of them the same messages, model and seed."""

    question: Question
    messages: str
    model: str
    seed: int


@dataclass(frozen=True, slots=True)
class Written:
    """An inference that a scenario added."""

    prompt_id: int
    prompt: Prompt
    content: str
    source: Source


@cache
def questions(name: str) -> Sequence[Question]:
    """The questions in a file of texts: `questions` (English) or `languages`."""
    listed = json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return [Question(each["question"], each["answer"], (each["slip"][0], each["slip"][1])) for each in listed]


@dataclass(slots=True)
class Stage:
    """A scenario's hands and memory. `owner` is the private key that writes; `last_id` counts what is posted
    too, so that an edit may follow its inference into the same block.
    """

    random: Random
    dapp: Dapp
    now: Callable[[], float]
    owner: bytes
    last_id: int
    written: deque[Written] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))

    def post(self, *operations: Operation, also: Sequence[bytes] = ()) -> Post:
        """A transaction by the owner, and by the keys in `also`."""
        return Post(operations, (self.owner, *also))

    def pause(self, least: float, most: float) -> Pause:
        """A pause of so many seconds, about."""
        return Pause(round(self.random.uniform(least, most), 2))

    def prompt(self, question: Question, *, earlier: Sequence[str] = ()) -> Prompt:
        """Put a question, with a model and a seed of chance."""
        system = self.random.choice(_SYSTEMS)
        asked = messages(question.text, system=system, earlier=earlier)
        model = self.random.choice(list(MODELS))
        return Prompt(question, asked, model, self.random.randrange(1 << 31))

    def scouts(self, count: int) -> list[int]:
        """So many different scouts."""
        return self.random.sample(range(1, _SCOUTS + 1), count)

    def source(self, prompt: Prompt, *, scout: int) -> Source:
        """Where a scout has its answers from; most are with Groq."""
        provider = {0: OPENROUTER, 1: OPENROUTER, 2: OLLAMA}.get(scout % 12, GROQ)
        return source(prompt.model, provider=provider)

    def answer(self, prompt: Prompt, *, content: Any, source: Source) -> str:
        """A result as a scout signs it now."""
        at_ms = int(self.now() * 1000)
        return completion(self.random, asked=prompt.messages, content=content, source=source, at_ms=at_ms)

    def add(self, prompt: Prompt, *, scout: int, content: str, source: Source | None = None) -> Operation:
        """Add an answer, and remember it."""
        chosen = source or self.source(prompt, scout=scout)
        result = self.answer(prompt, content=content, source=chosen)
        added = self.add_raw(
            uid=scout,
            messages=prompt.messages,
            result=result,
            seed=prompt.seed,
            model=chosen.model,
            provider=chosen.provider,
        )
        self.written.append(Written(self.last_id, prompt, content, chosen))
        return added

    def add_raw(
        self, *, uid: int, messages: str, result: str, seed: int, model: str, provider: str
    ) -> Operation:
        """Add an inference of any texts, and forget it."""
        self.last_id += 1
        return Operation("add_prompt_history", (uid, messages, result, seed, model, provider))

    def edit(self, written: Written, *, content: str) -> Operation:
        """Replace the result of an inference by another answer."""
        result = self.answer(written.prompt, content=content, source=written.source)
        return Operation("update_prompt_history", (written.prompt_id, result))

    def pick(self) -> Written | None:
        """One of the remembered inferences."""
        return self.random.choice(self.written) if self.written else None

    def forget(self, prompt_ids: set[int]) -> None:
        """Remember these no more: they are deleted."""
        kept = [each for each in self.written if each.prompt_id not in prompt_ids]
        self.written.clear()
        self.written.extend(kept)

    def unique(self) -> Operation:
        """An operation without effect that makes a transaction differ from every other."""
        return Operation("nop", (self.random.randrange(1 << 31),))

    def catch_up(self) -> None:
        """Count what others added."""
        self.last_id = max(self.last_id, self.dapp.last_prompt_id)


def begin_stage(*, random: Random, dapp: Dapp, now: Callable[[], float]) -> Stage:
    """A stage on a dapp as it stands. Raises NoKey."""
    keys: Mapping[bytes, bytes] = {secp256k1.public_key(key): key for key in OWNERS}
    owner = keys.get(dapp.owner)
    if owner is None:
        key = dapp.owner.hex().upper()
        raise NoKey(f"the owner of this chain is {key}, whose private key is not known; run without scenario")
    return Stage(random, dapp, now, owner, dapp.last_prompt_id)
