"""The messages of a prompt on a page of its own, as the page of a record has them."""

from collections.abc import Sequence
from dataclasses import dataclass

from explorer.pages.rendering import truncation
from explorer.pages.rendering.reading import FOLDED
from explorer.pages.rendering.truncation import Turn
from explorer.queries.db.texts import Snippet
from explorer.queries.prompts.prompt import Prompt
from explorer.queries.records import conversations


@dataclass(frozen=True, slots=True)
class Messages:
    """``turns`` are None where the messages are no conversation: then so many characters of them are shown as
    they are. ``question`` is the beginning of what is asked, and ``length`` counts the characters of all.
    """

    turns: Sequence[Turn] | None
    messages_limit: int
    question: Snippet
    length: int

    @property
    def folds(self) -> bool:
        """Whether they are so long that they are folded behind the question."""
        return self.length > FOLDED


def messages_of(found: Prompt) -> Messages:
    """How the messages of a prompt are shown."""
    value, talk = found.messages.value or "", found.conversation
    return Messages(
        turns=None if talk is None else truncation.turns(talk),
        messages_limit=truncation.room(value),
        question=conversations.line(value if talk is None else conversations.last_asked(talk)),
        length=len(value) if talk is None else sum(len(each.content) for each in talk),
    )
