"""How much of what strangers wrote a page shows: enough to read, never megabytes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from explorer.queries.chain.configurations import Source
from explorer.queries.chain.operations import Argument, Operation
from explorer.queries.db.texts import Message
from explorer.queries.records.conversations import with_counted_data, with_named_data

SHOWN = 20_000
"""Characters of an answer, and of all messages of a prompt, that a page shows; the rest is a download."""

_LINES = 400
_EARLIER, _EARLIER_LINES = 550, 12  # of an answer that is not the one that is read

MOST_MESSAGES = 50
MOST_CALLS = 20
"""Calls of tools that are shown of one message."""

MOST_OPERATIONS = 50
"""Operations of a transaction that are shown with their arguments; of the others the names."""

_OF_ARGUMENTS, _OF_ONE_ARGUMENT, _OF_ONE_AT_LEAST = 200_000, 4_000, 60
_LEAST_DATA = 500  # letters of base64 within a text that are named and not shown
_OF_SOURCES, _OF_ONE_SOURCE = 500_000, 100_000


@dataclass(frozen=True, slots=True)
class Turn:
    """A message, ``limit`` characters of it, and how many messages are ``left_out`` before it."""

    message: Message
    limit: int
    left_out: int = 0

    @property
    def calls(self) -> Sequence[str]:
        """The first calls of tools."""
        return self.message.calls[:MOST_CALLS]

    @property
    def calls_left_out(self) -> int:
        """How many more there are."""
        return len(self.message.calls) - len(self.calls)


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
    """A conversation: the user's last message, the last and the first, and of the others the newest."""
    asked = max((at for at, each in enumerate(messages) if each.asks), default=len(messages) - 1)
    messages = [_without_data(each) for each in messages]
    order = dict.fromkeys((asked, len(messages) - 1, 0, *reversed(range(len(messages)))))
    limits = _limits({at: len(messages[at].content) for at in islice(order, MOST_MESSAGES)}, asked=asked)
    shown, before = [], -1
    for at in sorted(limits):
        limit = _room(messages[at].content, most=limits[at], lines=_LINES)
        shown.append(Turn(messages[at], limit, left_out=at - before - 1))
        before = at
    return shown


def without_data(text: str) -> str:
    """The text with a line for each picture or the like in it that would fill a page with base64."""
    return with_named_data(text, least=_LEAST_DATA)


def extra_without_data(extra: str) -> str:
    """The same of JSON."""
    return with_counted_data(extra)


def _without_data(message: Message) -> Message:
    content, extra = without_data(message.content), extra_without_data(message.extra)
    if (content, extra) == (message.content, message.extra):
        return message
    return replace(message, content=content, extra=extra)


def _limits(lengths: Mapping[int, int], *, asked: int) -> Mapping[int, int]:
    """Characters of each message in the order of what matters most; those that have no room are left out."""
    left, limits = SHOWN, {}
    for number, (at, length) in enumerate(lengths.items()):
        most = SHOWN // 2 if at == asked else SHOWN // 8 if number < 3 else SHOWN
        limit = min(max(length, 1), most, left)
        if limit:
            limits[at] = limit
            left -= limit
    for at in limits:
        more = min(max(lengths[at] - limits[at], 0), left)
        limits[at] += more
        left -= more
    return limits


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
