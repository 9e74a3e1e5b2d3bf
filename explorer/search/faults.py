"""What cannot be meant in a query line, and how it may have been meant."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One place that cannot be meant. ``code`` is a slug for programs, ``why`` a sentence for people.

    ``nearest`` is the key or word that may have been meant, or empty. ``instead`` is what may stand in its
    place; None where nothing can be offered.
    """

    code: str
    start: int
    end: int
    why: str
    nearest: str = ""
    instead: str | None = None


class NotUnderstood(ValueError):
    """A query line that cannot be meant. ``line`` is the line in which the places of the ``faults`` count,
    ``corrected`` one that can be meant and may be what was, or empty. ``quoted`` searches for all of it as
    one text; empty where it holds no word.
    """

    def __init__(self, line: str, faults: Sequence[Fault], *, corrected: str = "", quoted: str = "") -> None:
        super().__init__(" ".join(each.why for each in faults))
        self.line = line
        self.faults = tuple(faults)
        self.corrected = corrected
        self.quoted = quoted


class Misread(ValueError):
    """A value that its key does not take; the reader of the line knows the place."""

    def __init__(self, code: str, why: str, *, nearest: str = "", instead: str | None = None) -> None:
        super().__init__(why)
        self.fault = Fault(code, 0, 0, why, nearest, instead)
