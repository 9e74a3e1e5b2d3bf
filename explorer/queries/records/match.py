"""A text of a record in which words were found."""

from dataclasses import dataclass

from explorer.search.hits import Line
from explorer.search.tree import Side


@dataclass(frozen=True, slots=True)
class Match:
    """A text in which words were found: the messages, or the answer of a revision, which counts from 1.
    ``is_first`` and ``is_now`` are whether that is the answer first written, and the present one.
    """

    side: Side
    revision: int
    line: Line
    is_first: bool = True
    is_now: bool = True

    @property
    def place(self) -> str:
        """Where it is, in words."""
        if self.side is Side.PROMPT:
            return "in the prompt"
        if self.is_now:
            return "in the answer"
        return "in the answer first written" if self.is_first else f"in revision {self.revision}"
