"""What a query line means. Equal lines give equal trees, however they were typed; where each part stood in
the line is kept beside it, and takes no part in that.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class Side(StrEnum):
    """The texts in which words may stand."""

    BOTH = ""
    PROMPT = "prompt"
    ANSWER = "answer"


class Said(StrEnum):
    """Which versions of an answer count: all there ever were, the present one, the one first written."""

    EVER = "ever"
    NOW = "now"
    FIRST = "first"


@dataclass(frozen=True, slots=True)
class Source:
    """A slice of the line: what was typed, and where it begins."""

    text: str = ""
    start: int = 0

    @property
    def end(self) -> int:
        """Where it ends, exclusive."""
        return self.start + len(self.text)


_NOWHERE = Source()


@dataclass(frozen=True, slots=True)
class Text:
    """Words that stand one after another in one text; ``is_prefix`` is whether the last one is the beginning
    of a word. ``text`` is as it was typed, without quotes.
    """

    text: str
    words: tuple[str, ...]
    side: Side = Side.BOTH
    is_prefix: bool = False
    source: Source = field(default=_NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Named:
    """A name as the chain has it; each ``*`` in it stands for anything."""

    pattern: str

    @property
    def is_exact(self) -> bool:
        """Whether it is one name."""
        return "*" not in self.pattern


@dataclass(frozen=True, slots=True)
class Numbers:
    """From ``low`` to ``high``, both included; None: without end."""

    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True)
class Time:
    """From ``since`` on until before ``until``, in ms since 1970; None: without end."""

    since: int | None
    until: int | None


@dataclass(frozen=True, slots=True)
class Digits:
    """A RID in upper-case hex, or its first digits."""

    head: str


@dataclass(frozen=True, slots=True)
class Word:
    """One of the words that there are for a key."""

    word: str


Value = Named | Numbers | Time | Digits | Word


@dataclass(frozen=True, slots=True)
class Clause:
    """What must hold of the record beside its words. ``key`` is one of ``keys.KEYS``."""

    key: str
    value: Value
    source: Source = field(default=_NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Not:
    """What must not hold."""

    node: "Node"
    source: Source = field(default=_NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class All:
    """What must all hold; of nothing, every record is meant."""

    nodes: tuple["Node", ...]
    source: Source = field(default=_NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Any:
    """Of which one at least must hold."""

    nodes: tuple["Node", ...]
    source: Source = field(default=_NOWHERE, compare=False, repr=False)


Node = Text | Clause | Not | All | Any

EVERYTHING = All(())
"""The empty line."""


def all_of(nodes: Sequence[Node], source: Source) -> Node:
    """What must all hold, without brackets in brackets and without saying anything twice."""
    flat = [each for node in nodes for each in (node.nodes if isinstance(node, All) else (node,))]
    kept = tuple(dict.fromkeys(flat))
    return kept[0] if len(kept) == 1 else All(kept, source)


def any_of(nodes: Sequence[Node], source: Source) -> Node:
    """Of which one must hold, likewise."""
    flat = [each for node in nodes for each in (node.nodes if isinstance(node, Any) else (node,))]
    kept = tuple(dict.fromkeys(flat))
    return kept[0] if len(kept) == 1 else Any(kept, source)


def not_of(node: Node, source: Source) -> Node:
    """The opposite."""
    return node.node if isinstance(node, Not) else Not(node, source)


def chips(tree: Node) -> Sequence[Node]:
    """The parts that can be taken off one by one."""
    return tree.nodes if isinstance(tree, All) else (tree,)


def less(tree: Node, chip: Node) -> Node:
    """The tree with one of its ``chips`` taken off."""
    return all_of([each for each in chips(tree) if each != chip], Source())


def leaves(tree: Node) -> Iterator[Text | Clause]:
    """All terms, from left to right."""
    if isinstance(tree, Text | Clause):
        yield tree
    else:
        for each in (tree.node,) if isinstance(tree, Not) else tree.nodes:
            yield from leaves(each)


def said_in(tree: Node) -> Said:
    """Which versions of an answer count."""
    return next(
        (
            Said(each.value.word)
            for each in chips(tree)
            if isinstance(each, Clause) and each.key == "said" and isinstance(each.value, Word)
        ),
        Said.EVER,
    )
