"""Words as text-search queries: exactly, and as what a unit must at least hold.

A unit's words and what else the index knows of it are written by ``indexer.words``.
"""

from collections.abc import Iterable, Sequence

from explorer.search.tree import All, Any, Node, Not, Side, Text
from indexer.words.vector import ANSWER, PROMPT, quoted

_FEW = 8
"""Words of a phrase that a unit is asked for before it is looked at: the longest, which are the rarest."""

_LONG_PREFIX = 5
"""A shorter beginning has too many words to be asked for where a whole word is asked for too."""

_LETTERS = {Side.BOTH: PROMPT + ANSWER, Side.PROMPT: PROMPT, Side.ANSWER: ANSWER}


def strict(node: Node) -> str:
    """A tree of words alone as a query that holds exactly where the tree does."""
    if isinstance(node, Text):
        return either(_phrase(node, letter) for letter in _LETTERS[node.side])
    if isinstance(node, Not):
        return f"!({strict(node.node)})"
    if isinstance(node, All | Any):
        return _joined(" & " if isinstance(node, All) else " | ", map(strict, node.nodes))
    raise TypeError(f"{node} is no word")


def necessary(text: Text) -> str:
    """What is true of every unit in which it stands, by single words."""
    return either(_words(text, letter) for letter in _LETTERS[text.side])


def together(texts: Sequence[Text]) -> Sequence[str]:
    """That all of them stand in the messages, and that all stand in the answers, for each side on which that
    may be; nothing where there is but one.
    """
    if len(texts) < 2:
        return ()
    return [
        both(_phrase(each, letter) for each in texts)
        for letter in PROMPT + ANSWER
        if all(letter in _LETTERS[each.side] for each in texts)
    ]


def is_exact(text: Text) -> bool:
    """Whether what is necessary is enough."""
    return len(text.words) == 1


def both(queries: Iterable[str]) -> str:
    """All of them."""
    return _joined(" & ", queries)


def either(queries: Iterable[str]) -> str:
    """One of them."""
    return _joined(" | ", queries)


def _joined(operator: str, queries: Iterable[str]) -> str:
    found = list(queries)
    return found[0] if len(found) == 1 else operator.join(f"({each})" for each in found)


def _phrase(text: Text, letter: str) -> str:
    *before, last = (quoted(letter + each) for each in text.words)
    return " <-> ".join([*before, f"{last}:*" if text.is_prefix else last])


def _words(text: Text, letter: str) -> str:
    *whole, last = text.words
    if not text.is_prefix:
        whole.append(last)
    kept = sorted(dict.fromkeys(whole), key=len, reverse=True)[:_FEW]
    found = [quoted(letter + each) for each in kept]
    if text.is_prefix and (not whole or len(last) >= _LONG_PREFIX):
        found.append(f"{quoted(letter + last)}:*")
    return " & ".join(found)
