"""Kinds of values that a query asks with: what each may be, and how it is written. Nothing else is taken."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Generic, TypeVar

LARGEST = 2**63 - 1

_DIGITS = re.compile(r"-?[0-9]+")
_MOST_DIGITS = 19
T = TypeVar("T")


class Misread(ValueError):
    """A text that is none of its kind. ``code`` is a slug for programs; ``rule`` is what it must be, in words
    that follow the parameter's name.
    """

    def __init__(self, code: str, rule: str) -> None:
        super().__init__(rule)
        self.code = code
        self.rule = rule


@dataclass(frozen=True, slots=True)
class Choice(Generic[T]):
    """One of these words, each of which stands for a value. ``labels`` are for people, where the word itself
    would not do.
    """

    words: Mapping[str, T]
    labels: Mapping[str, str] = field(default_factory=dict)
    is_typed: ClassVar[bool] = False

    def read(self, text: str) -> T:
        """What the word stands for. Raises ``Misread``."""
        if text not in self.words:
            raise Misread("not-a-choice", f"is one of {', '.join(sorted(self.words))}")
        return self.words[text]

    def write(self, value: T) -> str:
        """The word that stands for it."""
        return next(word for word, each in self.words.items() if each == value)


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number in decimal digits, within these bounds, both included."""

    least: int = 0
    most: int = LARGEST
    is_typed: ClassVar[bool] = True

    def read(self, text: str) -> int:
        """The number. Raises ``Misread``."""
        is_number = _DIGITS.fullmatch(text) is not None and (self.least < 0 or text[0] != "-")
        if is_number and len(text.lstrip("-")) <= _MOST_DIGITS and self.least <= int(text) <= self.most:
            return int(text)
        code = "out-of-range" if is_number else "not-a-number"
        raise Misread(code, f"is a whole number from {self.least} to {self.most}")

    def write(self, value: int) -> str:
        """Its digits."""
        return str(value)


@dataclass(frozen=True, slots=True)
class Words:
    """A text of at most so many characters, without the spaces around it."""

    most: int
    is_typed: ClassVar[bool] = True

    def read(self, text: str) -> str:
        """The text. Raises ``Misread``."""
        value = text.strip()
        if len(value) > self.most:
            raise Misread("out-of-range", f"has at most {self.most} characters")
        return value

    def write(self, value: str) -> str:
        """The text itself."""
        return value


Kind = Choice[T] | Number | Words
"""``is_typed`` is whether a person types it: a box that is left empty is then as if it were not given."""
