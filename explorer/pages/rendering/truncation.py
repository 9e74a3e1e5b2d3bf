"""How much of what strangers wrote a page shows: enough to read, never megabytes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from explorer.queries.chain.configurations import Source
from explorer.queries.chain.operations import Argument, Operation
from explorer.queries.db.texts import Message

SHOWN = 20_000
"""Characters of an answer, and of all messages of a prompt, that a page shows; the rest is a download."""

_LINES = 400
_EARLIER, _EARLIER_LINES = 600, 12  # of an answer that is not the one that is read

MOST_MESSAGES = 50
MOST_OPERATIONS = 50
"""Operations of a transaction that are shown with their arguments; of the others the names."""

_OF_ARGUMENTS, _OF_ONE_ARGUMENT, _OF_ONE_AT_LEAST = 200_000, 4_000, 60
_OF_SOURCES, _OF_ONE_SOURCE = 500_000, 100_000


@dataclass(frozen=True, slots=True)
class Turn:
    """A message, ``limit`` characters of it, and how many messages are ``left_out`` before it."""

    message: Message
    limit: int
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """An argument, and how many characters of it are shown."""

    argument: Argument
    limit: int


@dataclass(frozen=True, slots=True)
class Call:
    """An operation. ``parts`` is None where its arguments are not shown."""

    operation: Operation
    parts: Sequence[Part] | None


@dataclass(frozen=True, slots=True)
class File:
    """A file of code, and how many characters of it are shown; 0 for none."""

    source: Source
    limit: int


def room(text: str) -> int:
    """How many characters of a text are shown: so many that they fill neither too much nor too many lines."""
    return _room(text, most=SHOWN, lines=_LINES)


def glimpse(text: str) -> int:
    """The same of an answer that is shown beside the one that is read."""
    return _room(text, most=_EARLIER, lines=_EARLIER_LINES)


def turns(messages: Sequence[Message]) -> Sequence[Turn]:
    """A conversation: its beginning, and always its last message, which is what was asked."""
    *before, last = messages
    kept = before[: MOST_MESSAGES - 1]
    reserved = min(len(last.content), SHOWN // 2)
    limits = shares((len(each.content) for each in kept), most=SHOWN - reserved, each=SHOWN)
    begun = [
        Turn(each, _room(each.content, most=limit, lines=_LINES))
        for each, limit in zip(kept, limits, strict=True)
        if limit
    ]
    left = SHOWN - sum(min(each.limit, len(each.message.content)) for each in begun)
    limit = _room(last.content, most=left, lines=_LINES)
    return [*begun, Turn(last, limit, left_out=len(before) - len(begun))]


def calls(operations: Sequence[Operation]) -> Sequence[Call]:
    """The operations of a transaction: the first ones with their arguments."""
    detailed = operations[:MOST_OPERATIONS]
    lengths = [each.shown.length for operation in detailed for each in operation.arguments or ()]
    limits = iter(shares(lengths, most=_OF_ARGUMENTS, each=_OF_ONE_ARGUMENT))
    return [_call(each, limits) for each in detailed]


def files(sources: Sequence[Source]) -> Sequence[File]:
    """The code of a configuration."""
    limits = shares((len(each.text) for each in sources), most=_OF_SOURCES, each=_OF_ONE_SOURCE)
    return [File(each, limit) for each, limit in zip(sources, limits, strict=True)]


def shares(lengths: Iterable[int], *, most: int, each: int) -> list[int]:
    """How many characters of each text are shown: at most ``each`` of one, and ``most`` of all of them.

    An empty text takes the place of one character.
    """
    left, given = most, []
    for length in lengths:
        limit = min(max(length, 1), each, left)
        left -= limit
        given.append(limit)
    return given


def _room(text: str, *, most: int, lines: int) -> int:
    end = -1
    for _ in range(lines):
        end = text.find("\n", end + 1, most)
        if end < 0:
            return most
    return max(end, 1)


def _call(operation: Operation, limits: Iterable[int]) -> Call:
    arguments = operation.arguments
    if arguments is None:
        return Call(operation, None)
    parts = [Part(each, max(limit, _OF_ONE_AT_LEAST)) for each, limit in zip(arguments, limits, strict=False)]
    return Call(operation, parts)
