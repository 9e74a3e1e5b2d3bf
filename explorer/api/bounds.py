"""How much text one answer holds, and how much where it is asked for; what is left out is named, with its
address.

A text that is left out is one without a value that nobody withholds.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from explorer.queries.chain.transactions import Argument, Operation, Transaction
from explorer.queries.db.texts import Text
from explorer.queries.records.record import Record
from explorer.queries.records.revisions import Revision

MOST = 500_000
"""Characters of texts. Each comes in several forms: as signed, as read, as a node gives it."""

MOST_INCLUDED = 4 * MOST
"""The same where texts are asked for. Longer ones are downloads: a server that holds many of them for slow
readers holds little else.
"""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A text that is too long for an answer. ``revision`` is the number of the one that signed it."""

    record: Record
    field: str
    revision: int
    text: Text


def left_out(found: Record) -> Iterator[LeftOut]:
    """What of a record is left out."""
    if _is_left_out(found.messages):
        yield LeftOut(found, "messages", 1, found.messages)
    for each in found.revisions:
        if each.result is not None and _is_left_out(each.result):
            yield LeftOut(found, "result", each.number, each.result)


def of_record(found: Record, *, most: int = MOST) -> Record:
    """The record with so much text: what stands comes first, then the messages, then the newest revision."""
    room = _Room(most)
    current = room.revision(found.current)
    messages = room.text(found.messages)
    others = {each.number: room.revision(each) for each in reversed(found.revisions) if each != found.current}
    return replace(
        found,
        messages=messages,
        conversation=None if _is_left_out(messages) else found.conversation,
        state=None if current.result is None or _is_left_out(current.result) else found.state,
        revisions=[others.get(each.number, current) for each in found.revisions],
    )


def of_transaction(found: Transaction, *, most: int = MOST) -> Transaction:
    """The transaction with so much of its arguments, from the first one on."""
    room = _Room(most)
    return replace(found, operations=[room.operation(each) for each in found.operations])


class _Room:
    """What is left of the characters that an answer may hold."""

    def __init__(self, most: int) -> None:
        self._left = most

    def text(self, text: Text) -> Text:
        """The text, or what is known of it where it does not fit."""
        if text.value is None:
            return text
        if len(text.value) > self._left:
            return replace(text, value=None)
        self._left -= len(text.value)
        return text

    def revision(self, revision: Revision) -> Revision:
        """A revision; with its result go the answer and all that is read in it."""
        if revision.result is None:
            return revision
        result = self.text(revision.result)
        if not _is_left_out(result):
            return revision
        answer = revision.answer and replace(revision.answer, value=None)
        return replace(revision, result=result, answer=answer, completion=None)

    def operation(self, operation: Operation) -> Operation:
        if operation.arguments is None:
            return operation
        return replace(operation, arguments=[self._argument(each) for each in operation.arguments])

    def _argument(self, argument: Argument) -> Argument:
        return replace(argument, shown=self.text(argument.shown))


def _is_left_out(text: Text) -> bool:
    return text.value is None and text.withheld is None
