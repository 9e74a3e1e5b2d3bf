"""Messages as a conversation, and the beginning of a text for a list. Whatever they hold, nothing is raised.

Messages are JSON that anyone may have written: each field stays a slice of the text until it is wanted, so
that neither depth nor the size of a number matters.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

import msgspec
from msgspec import Raw

from explorer.queries.db.texts import Message, Snippet
from explorer.queries.records.said import Completion
from indexer.dapp import rell_json

SNIPPET = 200
"""Characters of a snippet at most."""

WHOLE = 16_384
"""Messages of up to so many characters are read whole for a snippet; of longer ones the ends alone."""

_ROLE, _CONTENT = "role", "content"
_SPACE = re.compile(r"\s+")
_LAST_ASKED = re.compile(r'"role":"user","content":("(?:[^"\\]|\\.)*"?)', re.DOTALL)
_Fields = dict[str, Raw]
T = TypeVar("T")


def conversation(messages: str) -> Sequence[Message] | None:
    """The messages of a signed argument as the dapp keeps it.

    None unless it is a JSON list, not empty, of objects that have a role and a content.
    """
    try:
        return _messages(rell_json.normalise(messages))
    except rell_json.NotJson:
        return None


def last_asked(messages: Sequence[Message]) -> str:
    """What a conversation, not empty, asks: the content of the user's last message, else of the last."""
    said = [each.content for each in messages if each.role == "user"] or [messages[-1].content]
    return said[-1]


def asked(normal: str) -> str:
    """What messages in Rell-normal form ask; the text itself where they are no conversation."""
    found = _messages(normal)
    return normal if found is None else last_asked(found)


def asked_in(head: str, tail: str) -> str:
    """As ``asked``, of messages too long to be read whole, from both ends of them."""
    found = [*_LAST_ASKED.findall(head), *_LAST_ASKED.findall(tail)]
    if not found:
        return head
    whole = _string(found[-1])
    cut = found[-1].rstrip("\\") + '"'
    return whole or _string(cut) or found[-1].lstrip('"')


def line(text: str, *, more: bool = False) -> Snippet:
    """The beginning of a text on one line; ``more`` is whether the text goes on behind what is given."""
    begun = _SPACE.sub(" ", text[: SNIPPET * 4]).strip()
    return Snippet(begun[:SNIPPET], more or len(begun) > SNIPPET or len(text) > SNIPPET * 4)


def answered(said: Completion) -> Snippet:
    """What a result says, on one line, with what there is beside its words."""
    begun, note = line(said.text), line(said.note)
    return replace(begun, note=f"{note.text}…" if note.cut else note.text)


def _messages(normal: str) -> Sequence[Message] | None:
    listed = _decoded(normal, list[_Fields])
    if not listed:
        return None
    read = [_message(each) for each in listed]
    return None if None in read else [each for each in read if each is not None]


def _message(fields: _Fields) -> Message | None:
    role = _string(fields.get(_ROLE))
    if role is None or _CONTENT not in fields:
        return None
    rest = [(name, value) for name, value in fields.items() if name not in (_ROLE, _CONTENT)]
    extra = ",".join(f"{rell_json.quote(name)}:{_source(value)}" for name, value in rest)
    return Message(role, _content(fields[_CONTENT]), "{" + extra + "}" if rest else "")


def _content(raw: Raw) -> str:
    """A content that is a string, or the text of each of its parts (JSON of those that have none)."""
    source = _source(raw)
    if source == "null":
        return ""
    text = _string(raw)
    if text is not None:
        return text
    parts = _decoded(source, list[Raw])
    return source if parts is None else "\n".join(_part(each) for each in parts)


def _part(raw: Raw) -> str:
    text = _string(raw)
    if text is not None:
        return text
    fields = _decoded(_source(raw), _Fields)
    if fields is not None and set(fields) == {"type", "text"}:
        text = _string(fields["text"])
    return _source(raw) if text is None else text


def _string(raw: Raw | str | None) -> str | None:
    return None if raw is None else _decoded(raw if isinstance(raw, str) else _source(raw), str)


def _source(raw: Raw) -> str:
    return bytes(raw).decode()


def _decoded(text: str, wanted: type[T]) -> T | None:
    """The text as this type; None where it is not."""
    try:
        return msgspec.json.decode(text, type=wanted)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
