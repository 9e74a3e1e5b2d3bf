"""A tree as the shortest line that means the same."""

import re

from explorer.search import values
from explorer.search.keys import ALL_KEYS
from explorer.search.tree import All, Any, Clause, Node, Not, Side, Text, less
from explorer.search.words import words_of

_BLANKS = re.compile(r"[\s\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]+")
_NEEDS_QUOTES = re.compile(
    r"""[\s()"\u201c\u201d\u201e\u201f\uff02\u00ab\u00bb\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]"""
)
_LIKE_A_KEY = re.compile(rf"[^\W\d_]{{1,40}}:[^\s:/]|(?:{'|'.join(ALL_KEYS)})\uff1a", re.IGNORECASE)
_OPERATORS = ("OR", "AND", "NOT")


def canonical(tree: Node) -> str:
    """The shortest line that is read as this tree."""
    if isinstance(tree, Any):
        return " OR ".join(canonical(each) for each in tree.nodes)
    if isinstance(tree, All):
        return " ".join(map(among_others, tree.nodes))
    if isinstance(tree, Not):
        return f"-{_grouped(tree.node)}"
    if isinstance(tree, Clause):
        return f"{tree.key}:{_value(values.written(tree.key, tree.value))}"
    return _text(tree)


def among_others(node: Node) -> str:
    """The same as it stands among others that must hold too."""
    return _grouped(node) if isinstance(node, Any) else canonical(node)


def without(tree: Node, chip: Node) -> str:
    """The line with one of its ``chips`` taken off."""
    return canonical(less(tree, chip))


def quoted(text: str) -> str:
    """A search for the text as it is."""
    return f'"{plain(text)}"'


def plain(text: str) -> str:
    """A text as it stands between quotes: on one line, without straight quotes and without what directs or
    joins letters unseen.
    """
    return " ".join(_BLANKS.sub(" ", text.replace('"', " ")).split())


def _grouped(node: Node) -> str:
    return f"({canonical(node)})" if isinstance(node, All | Any) else canonical(node)


def _text(node: Text) -> str:
    star = "*" if node.is_prefix and not words_of(node.text).is_open else ""
    if node.side is Side.BOTH:
        return (node.text if _is_a_word(node.text) else f'"{node.text}"') + star
    return f"{node.side.value}:{_value(node.text, star=True)}{star}"


def _is_a_word(text: str) -> bool:
    """Whether it is read as itself without quotes."""
    return not (
        _NEEDS_QUOTES.search(text)
        or text[0] in "-\uff0d"
        or text[-1] == "*"
        or text in _OPERATORS
        or _LIKE_A_KEY.match(text)
    )


def _value(text: str, *, star: bool = False) -> str:
    is_bare = text and not (_NEEDS_QUOTES.search(text) or text[0] in ":/" or (star and text[-1] == "*"))
    return text if is_bare else '"' + text.replace('"', '""') + '"'
