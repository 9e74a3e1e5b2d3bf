"""Acts of which scenarios consist: each posts a few transactions, with pauses that let one follow them."""

from collections.abc import Iterator

from devnet.scenarios.stage import OWNERS, Prompt, Stage, Step, Written, questions
from indexer.postchain import secp256k1
from indexer.postchain.gtx import Operation

_REFUSALS = ("I'm sorry, but I can't help with that.", "As an AI language model, I cannot answer this.")
_QUIET_SECONDS = 3_600


def peers(stage: Stage) -> Iterator[Step]:
    """Scouts answer one prompt: most alike, some in other words, now and then one that is wrong."""
    prompt = stage.prompt(stage.random.choice(questions("questions")))
    yield from _answers(stage, prompt, scouts=stage.random.randint(5, 12), wrong=0.06)


def dissent(stage: Stage) -> Iterator[Step]:
    """Scouts answer one prompt, and many of them something else."""
    prompt = stage.prompt(stage.random.choice(questions("questions")))
    yield from _answers(stage, prompt, scouts=stage.random.randint(6, 9), wrong=0.5)


def languages(stage: Stage) -> Iterator[Step]:
    """A prompt in another language, to a few scouts."""
    prompt = stage.prompt(stage.random.choice(questions("languages")))
    yield from _answers(stage, prompt, scouts=stage.random.randint(2, 5), wrong=0.12)


def every_language(stage: Stage) -> Iterator[Step]:
    """The same, in each of the languages."""
    for question in questions("languages"):
        yield from _answers(stage, stage.prompt(question), scouts=2, wrong=0.12)


def conversation(stage: Stage) -> Iterator[Step]:
    """A question that follows on an earlier one."""
    first, second = stage.random.sample(questions("questions"), 2)
    prompt = stage.prompt(second, earlier=(first.text, first.answer))
    yield from _answers(stage, prompt, scouts=3, wrong=0.1)


def _answers(stage: Stage, prompt: Prompt, *, scouts: int, wrong: float) -> Iterator[Step]:
    for scout in stage.scouts(scouts):
        source = stage.source(prompt, scout=scout)
        content = prompt.question.answer
        if stage.random.random() < wrong:
            content = _wrong(stage, prompt)
        elif source.provider != "groq":
            content = _reworded(stage, prompt)
        yield stage.post(stage.add(prompt, scout=scout, content=content, source=source))
        yield stage.pause(0.1, 0.9)


def _wrong(stage: Stage, prompt: Prompt) -> str:
    """A slip, an answer to something else, a refusal, half an answer, or none."""
    answer = prompt.question.answer
    other = stage.random.choice(questions("questions")).answer
    kinds = (prompt.question.slipped, other, stage.random.choice(_REFUSALS), answer[: len(answer) // 2], "")
    return stage.random.choices(kinds, (8, 2, 3, 3, 1))[0]


def _reworded(stage: Stage, prompt: Prompt) -> str:
    answer = prompt.question.answer
    kinds = (
        answer,
        f"Sure! {answer}",
        f"{answer}\n\nLet me know if you would like to know more.",
        f"{answer} \n",
    )
    return stage.random.choice(kinds)


def silent_edit(stage: Stage) -> Iterator[Step]:
    """The answer of an inference is replaced; often by its slip, sometimes only put back."""
    written = stage.pick()
    if written is None:
        return
    yield stage.post(stage.edit(written, content=_edited(stage, written)))
    yield stage.pause(1, 4)
    if stage.random.random() < 0.3:
        yield stage.post(stage.edit(written, content=written.content))
        yield stage.pause(1, 3)


def double_edit(stage: Stage) -> Iterator[Step]:
    """An inference is added, edited in the same transaction, and edited twice in another."""
    prompt = stage.prompt(stage.random.choice(questions("questions")))
    added = stage.add(prompt, scout=stage.scouts(1)[0], content=prompt.question.answer)
    written = stage.written[-1]
    yield stage.post(added, stage.edit(written, content=_edited(stage, written)))
    yield stage.pause(1, 3)
    twice = [stage.edit(written, content=text) for text in (prompt.question.slipped, prompt.question.answer)]
    yield stage.post(*twice)


def _edited(stage: Stage, written: Written) -> str:
    slipped = written.prompt.question.slipped
    whole = f"{written.content}\n\n(Edited for clarity.)"
    kinds = (slipped, whole, written.content.replace(". ", ".  "), written.content.upper())
    return stage.random.choices(kinds, (6, 2, 2, 1))[0]


def deletion(stage: Stage) -> Iterator[Step]:
    """One or two inferences are deleted; sometimes one that the same transaction added."""
    for _ in range(stage.random.randint(1, 2)):
        written = stage.pick()
        if written is None:
            return
        stage.forget({written.prompt_id})
        yield stage.post(Operation("delete_prompt_history", (written.prompt_id,)))
        yield stage.pause(0.5, 2)
    if stage.random.random() < 0.3:
        prompt = stage.prompt(stage.random.choice(questions("questions")))
        added = stage.add(prompt, scout=stage.scouts(1)[0], content=prompt.question.answer)
        gone = stage.written.pop()
        yield stage.post(added, Operation("delete_prompt_history", (gone.prompt_id,)))


def batch_deletion(stage: Stage) -> Iterator[Step]:
    """Everything of one block, or of a few seconds, is deleted at once."""
    times = {each.prompt_id: stage.dapp.created_at(each.prompt_id) for each in stage.written}
    confirmed = {number: at for number, at in times.items() if at is not None}
    if not confirmed:
        return
    at = stage.random.choice(list(confirmed.values()))
    reach = stage.random.choice((1, 1, 4_000))
    yield stage.post(Operation("batch_delete_prompt_histories", (at - reach, at + reach)), stage.unique())
    stage.forget({number for number, time in confirmed.items() if abs(time - at) < reach})


def owner_change(stage: Stage) -> Iterator[Step]:
    """Another key becomes the owner and writes; in the end the first one is back, named in hex text."""
    first, second = stage.owner, stage.random.choice([key for key in OWNERS if key != stage.owner])
    change = Operation("change_owner", (secp256k1.public_key(second),))
    yield stage.post(change, stage.unique(), also=[second])
    stage.owner = second
    yield stage.pause(1, 3)
    yield from peers(stage)
    prompt = stage.prompt(stage.random.choice(questions("questions")))
    back = Operation("change_owner", (secp256k1.public_key(first).hex(),))
    added = stage.add(prompt, scout=stage.scouts(1)[0], content=prompt.question.answer)
    yield stage.post(back, added, also=[first])
    stage.owner = first


def many_operations(stage: Stage) -> Iterator[Step]:
    """A block full: thirty transactions at once, one of them with forty operations."""
    prompt = stage.prompt(stage.random.choice(questions("questions")))
    answer = prompt.question.answer
    together = [stage.add(prompt, scout=scout, content=answer) for scout in stage.scouts(40)]
    yield stage.post(*together)
    for scout in stage.scouts(29):
        yield stage.post(stage.add(prompt, scout=scout, content=answer), stage.unique())
    yield stage.pause(1, 2)


def quiet_minute(stage: Stage) -> Iterator[Step]:
    """Nothing but empty blocks for a while."""
    yield stage.pause(20, 45)


def quiet_hours(stage: Stage) -> Iterator[Step]:
    """A few inferences, and hours of empty blocks between them."""
    for _ in range(3):
        yield from peers(stage)
        yield stage.pause(_QUIET_SECONDS, 3 * _QUIET_SECONDS)
