"""Messages as a conversation, and the beginning of a text for a list. Whatever they hold, nothing is raised.

Messages are JSON that anyone may have written: each field stays a slice of the text until it is wanted, so
that neither depth nor the size of a number matters.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import msgspec
from msgspec import Raw

from explorer.queries.db.texts import Message, Snippet
from explorer.queries.records.said import Completion
from indexer.dapp import completion, halves, rell_json
from indexer.dapp.completion import Media

SNIPPET = 200
"""Characters of a snippet at most."""

WHOLE = 16_384
"""Messages of up to so many characters are read whole for a snippet; of longer ones the ends alone."""

_ROLE, _CONTENT, _CALLS, _CALL, _IMAGES = "role", "content", "tool_calls", "function_call", "images"
_SPACE = re.compile(r"\s+")
_NEXT = re.compile(r',\{"')  # within a string the quote would be escaped
_MOST_READ_BACK = 64  # places at which a message may begin
# Bounded and begun once in a run of letters, so that no text makes them slow.
_INLINE = re.compile(
    r"data:([\w.+-]{1,60}/[\w.+-]{1,60})?(?:;[\w=.+-]{1,60}){0,3};base64,[A-Za-z0-9+/_=-]*", re.ASCII
)
_DATA = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{512,}+={0,2}")
_LONGEST_LINE = 1 << 18  # characters that are looked at for the beginning of a text on one line
_PLAIN_PARTS = frozenset({"text", "input_text", "output_text"})
_FILES = ("file", "document")
_Fields = dict[str, Raw]
T = TypeVar("T")


def conversation(messages: str) -> Sequence[Message] | None:
    """The messages of a signed argument as the dapp keeps it.

    None unless it is a JSON list, not empty, of objects that have a role, and a content or a call of a tool.
    """
    try:
        return _messages(rell_json.normalise(halves.marked(messages)))
    except rell_json.NotJson:
        return None


def last_asked(messages: Sequence[Message]) -> str:
    """What a conversation, not empty, asks: the content of the user's last message, else of the last."""
    said = [each.content for each in messages if each.role == "user"] or [messages[-1].content]
    return said[-1]


def asked(normal: str) -> str:
    """What messages in Rell-normal form ask; the text itself where they are no conversation."""
    found = _messages(normal)
    return _without_data(normal) if found is None else last_asked(found)


def is_begun(head: str) -> bool:
    """Whether messages that begin so may be a conversation."""
    return head.startswith("[{")


def asked_in(head: str, tail: str) -> str | None:
    """As ``asked``, of messages too long to be read whole, from both ends of them.

    None where the user's last message is not whole in the tail: another one is never given for it. What is
    read back from the end are whole messages, for only they leave the list's own bracket to close it.
    """
    if not is_begun(head):
        return _without_data(head)
    starts = [each.start() + 1 for each in _NEXT.finditer(tail)]
    for start in starts[: -_MOST_READ_BACK - 1 : -1]:
        found = _messages(f"[{tail[start:]}") or ()
        said = [each.content for each in found if each.role == "user"]
        if said:
            return said[-1]
    return None


def line(text: str, *, more: bool = False) -> Snippet:
    """The beginning of a text on one line; ``more`` is whether the text goes on behind what is given."""
    head = text[:_LONGEST_LINE]
    named = _INLINE.sub(_inline, head) if ";base64," in head else head
    begun = _SPACE.sub(" ", named[: SNIPPET * 4]).strip()
    is_more = len(begun) > SNIPPET or len(named) > SNIPPET * 4 or len(head) < len(text)
    return Snippet(begun[:SNIPPET], more or is_more)


def answered(said: Completion) -> Snippet:
    """What a result says, on one line, with what there is beside its words."""
    begun, note = line(said.text), line(said.note)
    return replace(begun, note=f"{note.text}…" if note.cut else note.text)


def _messages(normal: str) -> Sequence[Message] | None:
    listed = _decoded(normal, list[_Fields])
    if not listed or not any(each.keys() & {_CONTENT, _CALLS, _CALL} for each in listed):
        return None
    read = [_message(each) for each in listed]
    return None if None in read else [each for each in read if each is not None]


def _message(fields: _Fields) -> Message | None:
    role = _string(fields.get(_ROLE))
    if role is None:
        return None
    parts = [*_content(fields.get(_CONTENT)), *_images(fields.get(_IMAGES))]
    folded = [each.rest for each in parts if each.rest]
    rest = [(name, value) for name, value in fields.items() if name not in (_ROLE, _CONTENT, _IMAGES)]
    extra = [f"{rell_json.quote(name)}:{_source(value)}" for name, value in rest]
    if folded:
        extra.append(f'"{_CONTENT}":[{",".join(folded)}]')
    return Message(
        role,
        "\n".join(each.text for each in parts),
        "{" + ",".join(extra) + "}" if extra else "",
        tuple(str(each) for each in completion.calls_of(_members(fields, _CALLS, _CALL))),
    )


@dataclass(frozen=True, slots=True)
class _Part:
    """A text or the line that names a medium, and JSON of what the part says besides, or empty."""

    text: str
    rest: str = ""


def _content(raw: Raw | None) -> Sequence[_Part]:
    """A content that is a string, or its parts; what is neither is its JSON."""
    if raw is None or _source(raw) == "null":
        return []
    text = _string(raw)
    if text is not None:
        return [_Part(text)]
    parts = _decoded(_source(raw), list[Raw])
    return [_Part(_without_data(_source(raw)))] if parts is None else [_part(each) for each in parts]


def _part(raw: Raw) -> _Part:
    source = _source(raw)
    text = _string(raw)
    if text is not None:
        return _Part(text)
    fields = _decoded(source, _Fields) or {}
    text = _string(fields.get("text"))
    if text is None:
        return _medium(source) or _Part(_without_data(source))
    usual = ("text", "type") if _string(fields.get("type")) in _PLAIN_PARTS else ("text",)
    rest = [f"{rell_json.quote(name)}:{_source(each)}" for name, each in fields.items() if name not in usual]
    return _Part(text, "{" + ",".join(rest) + "}" if rest else "")


def _images(raw: Raw | None) -> Sequence[_Part]:
    """The pictures that Ollama and OpenRouter put beside the content."""
    if raw is None or _source(raw) == "null":
        return []
    listed = _decoded(_source(raw), list[Raw])
    return [_image(_source(each)) for each in listed or [raw]]


def _image(source: str) -> _Part:
    data = _string(source)
    if data is None:
        return _medium(source) or _Part(_without_data(source))
    media = completion.media_at("image", data) if ":" in data else completion.media_in("image", "", data)
    return _Part(str(media), source if media.size is None else "")


def _medium(source: str) -> _Part | None:
    """The line for a part that is an image, a sound, a film or a file; where only its address is there, that
    is what it says besides.
    """
    part = _decoded(source, dict[str, object])
    if part is None:
        return None
    media = completion.media_part(part) or _file(part)
    if media is None:
        return None
    return _Part(str(media), source if media.size is None else "")


def _file(part: Mapping[str, object]) -> Media | None:
    kind = str(part.get("type", ""))
    if not any(each in kind for each in _FILES):
        return None
    held = next((part[name] for name in ("file", "source") if isinstance(part.get(name), dict)), part)
    members = held if isinstance(held, dict) else part
    for name in ("file_data", "data"):
        if isinstance(data := members.get(name), str):
            return completion.media_in("file", "", data[data.find(",") + 1 :])
    return None


def _inline(found: re.Match[str]) -> str:
    """The line for a picture or the like within a text."""
    return f"({found[1] or 'data'} in base64, {len(found[0]):,} letters)"


def _without_data(source: str) -> str:
    """JSON that is shown as it is, without long runs of base64 in it."""
    return _DATA.sub(lambda found: f"({len(found[0]):,} letters of data)", source)


def _members(fields: _Fields, *names: str) -> Mapping[str, object]:
    return {name: _decoded(_source(fields[name]), object) for name in names if name in fields}


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
