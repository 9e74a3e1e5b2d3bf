"""The beginnings and ends of texts, as a list reads them, and what it shows of these."""

from dataclasses import dataclass

from explorer.queries.db.texts import Snippet
from explorer.queries.records import conversations
from indexer.store.suppression import Hold, Withheld


@dataclass(frozen=True, slots=True)
class Ends:
    """Beginning and end of a stored text; ``raw`` where PostgreSQL did not take it, all None without one."""

    length: int | None
    head: str | None
    tail: str | None
    raw: bytes | None

    @property
    def beginning(self) -> str | None:
        """How it begins; None where it is not here."""
        return self.head if self.raw is None else self.raw.decode("utf-8", "ignore")


def is_unknown(ends: Ends) -> bool:
    """Whether these ends of messages do not say what is asked."""
    head = ends.beginning
    if head is None or len(head) == ends.length:
        return False
    return conversations.asked_in(head, ends.tail or "") is None


def withheld(ends: Ends, hold: Hold | None) -> Snippet | None:
    """What stands in the place of a text that is withheld, or is not here; None where it may be shown."""
    if hold is not None:
        return Snippet("", False, hold.withheld, hold.reason)
    if ends.beginning is None:
        return Snippet("", False, Withheld.UNREADABLE, "Its text is not in the tables.")
    return None


def beginning(ends: Ends) -> Snippet:
    """The beginning of a text on one line."""
    head = ends.beginning or ""
    return conversations.line(head, more=(ends.length or 0) > len(head))


def question(ends: Ends, whole: str | None, signed: str | None) -> Snippet:
    """What messages ask; cut and empty where that cannot be read here. Of those that hold half a character
    what they signed is read, where that is a conversation.
    """
    if signed is not None and (read := conversations.conversation(signed)):
        return conversations.line(conversations.last_asked(read))
    head = ends.beginning or ""
    if whole is None and len(head) == ends.length:
        whole = head
    if whole is not None:
        return conversations.line(conversations.asked(whole))
    asked = conversations.asked_in(head, ends.tail or "")
    if asked is None:
        return Snippet("", cut=True)
    return conversations.line(asked, more=not conversations.is_begun(head))
