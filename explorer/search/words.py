"""The words of what is searched for, cut as those of the texts are."""

from dataclasses import dataclass

from indexer.words.cutting import is_part, sought

SHORTEST_PREFIX = 3
"""Letters of a prefix, at least; in scripts without spaces between words, one character."""


@dataclass(frozen=True, slots=True)
class Words:
    """Words one after another. ``is_open`` is whether the last is the beginning of a word by itself: one
    character of a script without spaces, which stands in texts with whatever follows it. ``is_run`` is
    whether the last is of such a script at all.
    """

    words: tuple[str, ...]
    is_open: bool
    is_run: bool


def words_of(text: str) -> Words:
    """The words of a text that is searched for."""
    words = tuple(each.word for each in sought(text))
    last = words[-1] if words else ""
    return Words(words, is_part(last), is_part(last[:1]))
