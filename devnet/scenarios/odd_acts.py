"""Acts with content that a reader has to be ready for: awkward, enormous, hostile, personal."""

import json
from collections.abc import Iterator

from devnet.scenarios import awkward, personal
from devnet.scenarios.completions import Source, messages, source
from devnet.scenarios.hostile import HOSTILE, NAMES
from devnet.scenarios.stage import Prompt, Question, Stage, Step, questions
from indexer.postchain.gtv import BigInteger
from indexer.postchain.gtx import Operation

_ANSWER_LETTERS = 1_000_000
_PROMPT_MESSAGES = 5_000
_MODEL = "gemma2-9b-it"
_USUAL = '[{"role":"user","content":"odd"}]'


def awkward_results(stage: Stage) -> Iterator[Step]:
    """Results that are no completion, or hardly one; in all, every one of `awkward.RESULTS`."""
    for result in awkward.RESULTS:
        yield stage.post(_raw(stage, result=result), stage.unique())
        yield stage.pause(0.2, 0.8)


def awkward_messages(stage: Stage) -> Iterator[Step]:
    """Messages without roles, in parts, or no list at all; numbers at the edges, one as a big integer."""
    for text in awkward.MESSAGES:
        yield stage.post(_raw(stage, messages=text), stage.unique())
        yield stage.pause(0.1, 0.5)
    for number in awkward.INTEGERS:
        yield stage.post(_raw(stage, uid=number, seed=-number - 1), stage.unique())
    yield stage.post(_raw(stage, uid=BigInteger(7)), stage.unique())


def an_awkward_one(stage: Stage) -> Iterator[Step]:
    """One awkward result among the others."""
    yield stage.post(_raw(stage, result=stage.random.choice(awkward.RESULTS)), stage.unique())


def _raw(
    stage: Stage, *, uid: int = 1, messages: str = _USUAL, result: str = '{"choices":[]}', seed: int = 7
) -> Operation:
    return stage.add_raw(uid=uid, messages=messages, result=result, seed=seed, model=_MODEL, provider="groq")


def enormous(stage: Stage) -> Iterator[Step]:
    """An answer of a million letters, a prompt of 5,000 messages, an object of many keys, a deep one."""
    prompt = stage.prompt(stage.random.choice(questions("questions")))
    yield stage.post(stage.add(prompt, scout=stage.scouts(1)[0], content=_long(_ANSWER_LETTERS)))
    yield stage.pause(2, 4)
    turns = [f"{number}. {'Go on.' if number % 2 else 'And then?'}" for number in range(_PROMPT_MESSAGES - 1)]
    asked = messages("What did I ask first?", system=None, earlier=turns)
    long = Prompt(prompt.question, asked, prompt.model, prompt.seed)
    yield stage.post(stage.add(long, scout=stage.scouts(1)[0], content='"0. And then?"'))
    yield stage.pause(2, 4)
    keys = json.dumps({f"key {number:05d}": number for number in range(20_000)})
    yield stage.post(_raw(stage, result=keys), _raw(stage, result="[" * 500 + "]" * 500), stage.unique())


def _long(letters: int) -> str:
    paragraph = "\n\n".join(question.answer for question in questions("questions"))
    return (f"{paragraph}\n\n" * (letters // len(paragraph) + 1))[:letters]


def hostile(stage: Stage) -> Iterator[Step]:
    """Every hostile text as an answer, as a question, and as the name of a model and of a provider."""
    for name, text in HOSTILE.items():
        prompt = stage.prompt(Question(f"Repeat after me ({name}): {text}", text, (text, name)))
        added = stage.add(prompt, scout=stage.scouts(1)[0], content=text, source=_groq(prompt))
        yield stage.post(added)
        yield stage.pause(0.2, 0.8)
    for model, provider in NAMES.items():
        prompt = stage.prompt(questions("questions")[0])
        result = stage.answer(prompt, content=prompt.question.answer, source=_groq(prompt))
        raw = stage.add_raw(
            uid=1, messages=prompt.messages, result=result, seed=1, model=model, provider=provider
        )
        yield stage.post(raw)


def a_hostile_one(stage: Stage) -> Iterator[Step]:
    """One hostile answer among the others."""
    name, text = stage.random.choice(list(HOSTILE.items()))
    prompt = stage.prompt(
        Question(f"Give an example of what a reader must escape: {name}.", text, (text, name))
    )
    yield stage.post(stage.add(prompt, scout=stage.scouts(1)[0], content=text, source=_groq(prompt)))


def secrets(stage: Stage) -> Iterator[Step]:
    """Secrets and personal data of every kind, in a prompt and then in its answer; all of it made up."""
    for index in range(len(personal.KINDS)):
        yield from _personal(stage, index)


def a_secret(stage: Stage) -> Iterator[Step]:
    """One prompt with something that should not be there."""
    yield from _personal(stage, stage.random.randrange(len(personal.KINDS)))


def _personal(stage: Stage, index: int) -> Iterator[Step]:
    text = personal.KINDS[index](stage.random)
    question = Question(
        f"Tidy this up for me:\n\n{text}", f"Here it is, tidied up:\n\n{text}", (text, "[removed]")
    )
    prompt = stage.prompt(question)
    for scout in stage.scouts(2):
        yield stage.post(stage.add(prompt, scout=scout, content=question.answer, source=_groq(prompt)))
        yield stage.pause(0.2, 0.8)


def _groq(prompt: Prompt) -> Source:
    return source(prompt.model, provider="groq")
