"""What a result says, text by text, as results are compared."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from explorer.queries.records.revisions import Revision
from explorer.queries.records.said import Choice, Completion


@dataclass(frozen=True, slots=True)
class Part:
    """One text of an answer: the content, calls, a refusal, media; of one choice among several."""

    name: str
    text: str


def parts_of(read: Revision) -> Sequence[Part]:
    """What a revision says; all of a result that is no completion is one text."""
    if read.completion is not None:
        return parts_of_completion(read.completion)
    whole = "" if read.answer is None or read.answer.value is None else read.answer.value
    return [Part("result", whole)]


def parts_of_completion(read: Completion) -> Sequence[Part]:
    """What each of its choices says."""
    found = []
    for number, each in enumerate(read.choices, start=1):
        of = f"choice {number}, " if len(read.choices) > 1 else ""
        found += [Part(f"{of}{part.name}", part.text) for part in _of_choice(each)]
    return found


def text_of(parts: Sequence[Part]) -> str:
    """All of them as one text."""
    return "\n".join(each.text for each in parts)


def _of_choice(choice: Choice) -> Iterator[Part]:
    if choice.text or choice.is_plain:
        yield Part("answer", choice.text)
    if choice.calls:
        yield Part("calls", "\n".join(each.whole for each in choice.calls))
    if choice.refusal:
        yield Part("refusal", choice.refusal)
    if choice.media:
        yield Part(
            "media", "\n".join(f"{each}, SHA-256 {each.sha256.hex().upper()}" for each in choice.media)
        )
