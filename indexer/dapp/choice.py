"""What a result says, as it is read: its choices, in words."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from indexer.dapp import ending
from indexer.dapp.media import Media

_LONGEST_CALL = 2_000
_LONGEST_NAME = 40
_MOST_NAMES = 5


@dataclass(frozen=True, slots=True)
class Call:
    """A tool call, or a function call as it once was. ``arguments`` is Rell-normal JSON, or what is none."""

    name: str
    arguments: str

    def __str__(self) -> str:
        """As code has it: ``add(a=2, b=2)``, cut where it is long."""
        return f"{self.name}({_as_keywords(self.arguments[:_LONGEST_CALL])})"

    @property
    def whole(self) -> str:
        """The same with all of its arguments."""
        return f"{self.name}({_as_keywords(self.arguments)})"


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that the provider reports."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice. Texts are empty where there is none; ``error`` is the provider's, ``native_reason`` the
    finish reason of the model's own server, as a router reports it, and ``extra`` JSON of what else the
    message holds.
    """

    text: str
    calls: Sequence[Call]
    refusal: str
    media: Sequence[Media]
    reasoning: str
    finish_reason: str
    error: str
    native_reason: str = ""
    extra: str = ""

    @property
    def ended(self) -> str:
        """How it ended, where that was no end of its own; empty where it was."""
        return ending.ended(self.finish_reason, self.native_reason, error=self.error)

    @property
    def facts(self) -> Sequence[Fact]:
        """How the provider says that it ended."""
        told = (("finish_reason", self.finish_reason), ("native_finish_reason", self.native_reason))
        return [Fact(name, value) for name, value in told if value]

    @property
    def is_plain(self) -> bool:
        """Whether it says no more than its text."""
        return not (self.calls or self.refusal or self.media)

    @property
    def beside_text(self) -> Sequence[str]:
        """What it says beside its text, each in words."""
        refused = [f"refused: {self.refusal}"] if self.refusal else []
        return [*(f"calls {each}" for each in self.calls), *refused, *map(str, self.media)]

    @property
    def unsaid(self) -> str:
        """What there is where nothing is said, in words; empty where something is, or nothing at all."""
        if self.text or not self.is_plain:
            return ""
        if self.reasoning:
            return f"reasoning, {counted(len(self.reasoning), 'character')}"
        return f"nothing but {', '.join(_members(self.extra))}" if self.extra else ""

    @property
    def words(self) -> str:
        """All that it says, a line for each thing, and how it was cut short where it was."""
        return "\n".join(filter(None, [self.text, *self.beside_text, self.ended]))


def counted(count: int, what: str) -> str:
    """“1 byte”, “225 bytes”."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _as_keywords(arguments: str) -> str:
    try:
        value = msgspec.json.decode(arguments, type=dict[str, msgspec.Raw])
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return arguments
    return ", ".join(f"{name}={bytes(each).decode()}" for name, each in value.items())


def _members(extra: str) -> Sequence[str]:
    try:
        names = msgspec.json.decode(extra, type=dict[str, msgspec.Raw])
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return ["what cannot be named"]
    return [name[:_LONGEST_NAME] for name in list(names)[:_MOST_NAMES]]
