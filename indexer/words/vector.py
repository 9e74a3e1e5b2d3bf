"""The words of a prompt and of answers to it as PostgreSQL keeps them: the text form of a ``tsvector``.

Words of the prompt begin with ``p``, those of answers with ``a``, each with places of their own; filters are
lexemes that no text can make, since no word has a colon. Between two texts places leave a gap, so that no
phrase crosses. PostgreSQL bounds what it keeps: at the first bound that is met words end, and that is told.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from indexer.words.cutting import words

PROMPT, ANSWER = "p", "a"
MOST_PLACES = 16_383
"""Places of the words of prompts, and of answers: PostgreSQL counts no further."""

MOST_OF_ONE = 255
"""Places of one word."""

MOST_BYTES = 480 << 10
"""Bytes of the words of prompts, and of answers: with the filters, a vector has less than one MiB."""

GAP = 10
"""Places that are left between two texts."""


@dataclass(frozen=True, slots=True)
class Vector:
    """The text form, and whether the words of prompt and answers end before their texts do."""

    literal: str
    prompt_cut: bool
    answer_cut: bool


def vector(*, prompt: Iterable[str], answers: Iterable[str], filters: Iterable[str]) -> Vector:
    """The words of these texts. ``filters`` have a colon each, and take less than 64 KiB."""
    asked, prompt_cut = _placed(prompt)
    said, answer_cut = _placed(answers)
    lexemes = [
        *(quoted(each) for each in filters),
        *(_lexeme(PROMPT, word, places) for word, places in asked.items()),
        *(_lexeme(ANSWER, word, places) for word, places in said.items()),
    ]
    return Vector(" ".join(lexemes), prompt_cut, answer_cut)


def quoted(lexeme: str) -> str:
    """A lexeme as ``tsvector`` and ``tsquery`` read it, whatever it holds."""
    doubled = lexeme.replace("\\", "\\\\").replace("'", "''")
    return f"'{doubled}'"


def _placed(texts: Iterable[str]) -> tuple[dict[str, list[int]], bool]:
    """The places of each word, and whether a bound was met."""
    found: dict[str, list[int]] = {}
    place = size = 0
    for text in texts:
        for word in words(text):
            place += 1
            places = found.get(word)
            size += 2 if places else _size(word)
            if place > MOST_PLACES or size > MOST_BYTES or (places and len(places) == MOST_OF_ONE):
                return found, True
            if places:
                places.append(place)
            else:
                found[word] = [place]
        place += GAP
    return found, False


def _size(word: str) -> int:
    """Bytes of a new word: its own, its namespace's, what fills them up, how many places it has, and one."""
    return len(word.encode()) + 6


def _lexeme(namespace: str, word: str, places: Iterable[int]) -> str:
    """Of a word, in which there is nothing to be quoted."""
    return f"'{namespace}{word}':{','.join(map(str, places))}"
