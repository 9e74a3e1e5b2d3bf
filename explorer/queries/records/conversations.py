"""Messages as a conversation (``indexer.dapp.messages``), and the beginning of a text for a list. Whatever
they hold, nothing is raised.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from explorer.queries.db.private import blotted
from explorer.queries.db.texts import Message, Snippet
from explorer.queries.records.said import Completion
from indexer.dapp import halves, rell_json
from indexer.dapp.messages import messages_of, without_data

SNIPPET = 200
"""Characters of a snippet at most."""

WHOLE = 16_384
"""Messages of up to so many characters are read whole for a snippet; of longer ones the ends alone."""

_SPACE = re.compile(r"\s+")
_NEXT = re.compile(r',\{"')  # within a string the quote would be escaped
_MOST_READ_BACK = 64  # places at which a message may begin
# Bounded and begun once in a run of letters, so that no text makes them slow.
_INLINE = re.compile(
    r"data:([\w.+-]{1,60}/[\w.+-]{1,60})?(?:;[\w=.+-]{1,60}){0,3};base64,[A-Za-z0-9+/_=-]*", re.ASCII
)
_BLANK = "white space alone"
_RUN = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{512,}+={0,2}")
_LONGEST_LINE = 1 << 18  # characters that are looked at for the beginning of a text on one line


def conversation(messages: str) -> Sequence[Message] | None:
    """The messages of a signed argument as the dapp keeps it.

    None unless it is a JSON list, not empty, of objects that have a role, and a content or a call of a tool.
    """
    normal = marked(messages)
    return None if normal is None else messages_of(normal)


def marked(signed: str) -> str | None:
    """A signed argument in Rell-normal form, but that half a character in it is U+FFFD; None of no JSON."""
    try:
        return rell_json.normalise(halves.marked(signed))
    except rell_json.NotJson:
        return None


def last_asked(messages: Sequence[Message]) -> str:
    """What a conversation, not empty, asks: the content of the user's last message, else of the last."""
    said = [each.content for each in messages if each.asks] or [messages[-1].content]
    return said[-1]


def asked(normal: str) -> str:
    """What messages in Rell-normal form ask; the text itself where they are no conversation."""
    found = messages_of(normal)
    return without_data(normal) if found is None else last_asked(found)


def is_begun(head: str) -> bool:
    """Whether messages that begin so may be a conversation."""
    return head.startswith("[{")


def asked_in(head: str, tail: str) -> str | None:
    """As ``asked``, of messages too long to be read whole, from both ends of them.

    None where the user's last message is not whole in the tail: another one is never given for it. What is
    read back from the end are whole messages, for only they leave the list's own bracket to close it.
    """
    if not is_begun(head):
        return without_data(head)
    starts = [each.start() + 1 for each in _NEXT.finditer(tail)]
    for start in starts[: -_MOST_READ_BACK - 1 : -1]:
        found = messages_of(f"[{tail[start:]}") or ()
        said = [each.content for each in found if each.asks]
        if said:
            return said[-1]
    return None


def line(text: str, *, more: bool = False) -> Snippet:
    """The beginning of a text on one line, with words in brackets for what is private in it; ``more`` is
    whether the text goes on behind what is given.
    """
    head = text[:_LONGEST_LINE]
    named = _RUN.sub(_counted, with_named_data(head))
    begun = _SPACE.sub(" ", blotted(named[: SNIPPET * 4])).strip()
    is_more = more or len(begun) > SNIPPET or len(named) > SNIPPET * 4 or len(head) < len(text)
    note = _BLANK if text and not begun and not is_more else ""
    return Snippet(begun[:SNIPPET].rstrip(), is_more, note=note)


def answered(said: Completion) -> Snippet:
    """What a result says, on one line, with what there is beside its words."""
    begun, note = line(said.text), line(said.note)
    found = f"{note.text}…" if note.cut else note.text
    return replace(begun, note="; ".join(filter(None, [begun.note, found])))


def with_named_data(text: str, *, least: int = 0) -> str:
    """The text with a line in the place of each picture or the like that it holds in base64, of so many
    letters at least.
    """
    if ";base64," not in text:
        return text
    return _INLINE.sub(lambda found: _inline(found) if len(found[0]) >= least else found[0], text)


def with_counted_data(source: str) -> str:
    """JSON with the number of letters in the place of each long run of base64 in it."""
    return without_data(source)


def _counted(found: re.Match[str]) -> str:
    """The line for a run of letters that is base64, which has letters of all kinds."""
    is_data = all(re.search(each, found[0]) for each in ("[a-z]", "[A-Z]", "[0-9]"))
    return f"({len(found[0]):,} letters of data)" if is_data else found[0]


def _inline(found: re.Match[str]) -> str:
    """The line for a picture or the like within a text."""
    return f"({found[1] or 'data'} in base64, {len(found[0]):,} letters)"
