"""Messages as a conversation, in Rell-normal form. Whatever they hold, nothing is raised.

Messages are JSON that anyone may have written: each field stays a slice of the text until it is wanted, so
that neither depth nor the size of a number matters.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import msgspec
from msgspec import Raw

from indexer.dapp import completion, media, rell_json
from indexer.dapp.choice import Call

_ROLE, _CONTENT, _CALLS, _CALL, _IMAGES = "role", "content", "tool_calls", "function_call", "images"
_DATA = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{512,}+={0,2}")
_ASKING = frozenset({"user", "human"})
_RESULTS = frozenset({"tool_result"})
_PLAIN_PARTS = frozenset({"text", "input_text", "output_text"})
_Fields = dict[str, Raw]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation.

    ``content`` is its text, a line for each picture, sound or file in it. ``extra`` is JSON of what it says
    beside role and text, or empty; its ``content`` lists what the parts say beside theirs. ``calls`` are the
    tools that it calls, as ``name(argument=value)``, ``called`` the same whole; ``beside`` is ``extra``
    without them. ``is_result`` is whether it holds nothing but what tools gave back.
    """

    role: str
    content: str
    extra: str = ""
    calls: tuple[str, ...] = ()
    called: tuple[Call, ...] = field(default=(), compare=False, repr=False)
    beside: str = field(default="", compare=False, repr=False)
    is_result: bool = field(default=False, compare=False, repr=False)

    @property
    def asks(self) -> bool:
        """Whether a user says it, and not a tool in his name."""
        return self.role.lower() in _ASKING and not self.is_result


def messages_of(normal: str) -> Sequence[Message] | None:
    """The messages of a text in Rell-normal form.

    None unless it is a JSON list, not empty, of objects that have a role, and a content or a call of a tool.
    """
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
    rest = {name: value for name, value in fields.items() if name not in (_ROLE, _CONTENT, _IMAGES)}
    called = (
        *completion.calls_of(_members(fields, _CALLS, _CALL)),
        *(each.call for each in parts if each.call is not None),
    )
    return Message(
        role,
        "\n".join(each.text for each in parts if each.call is None),
        _object(rest, folded),
        tuple(map(str, called)),
        called,
        _object({name: value for name, value in rest.items() if name not in (_CALLS, _CALL)}, folded),
        is_result=bool(parts) and all(each.is_result for each in parts),
    )


def _object(members: _Fields, parts: Sequence[str]) -> str:
    """JSON of these members, and of what parts say beside their texts; empty where there are none."""
    found = [*_pairs(members)]
    if parts:
        found.append(f'"{_CONTENT}":[{",".join(parts)}]')
    return "{" + ",".join(found) + "}" if found else ""


@dataclass(frozen=True, slots=True)
class _Part:
    """A text or the line that names a medium, and JSON of what the part says besides, or empty. ``call`` is
    the tool that it calls; ``is_result`` is whether a tool gave it back.
    """

    text: str
    rest: str = ""
    call: Call | None = None
    is_result: bool = False


def _content(raw: Raw | None) -> Sequence[_Part]:
    """A content that is a string, or its parts; what is neither is its JSON."""
    if raw is None or _source(raw) == "null":
        return []
    text = _string(raw)
    if text is not None:
        return [_Part(text)]
    parts = _decoded(_source(raw), list[Raw])
    return [_Part(without_data(_source(raw)))] if parts is None else [_part(each) for each in parts]


def _part(raw: Raw) -> _Part:
    source = _source(raw)
    text = _string(raw)
    if text is not None:
        return _Part(text)
    fields = _decoded(source, _Fields) or {}
    kind, text = _string(fields.get("type")), _string(fields.get("text"))
    if text is not None:
        usual = ("text", "type") if kind in _PLAIN_PARTS else ("text",)
        return _Part(text, _rest(fields, *usual))
    if kind in completion.CALLING:
        call = completion.call_of(_decoded(source, object))
        return _Part("", _rest(fields, "name", "input", "arguments", "function"), call)
    if kind in _RESULTS:
        return _result(fields)
    return _medium(source) or _Part(without_data(source))


def _result(fields: _Fields) -> _Part:
    """What a tool gave back: a text, or parts that are no results themselves."""
    given = fields.get(_CONTENT)
    text = None if given is None else _string(given)
    parts = _decoded(_source(given), list[_Fields]) if given is not None and text is None else None
    lines = [_string(each.get("text")) or str(_medium_of(each) or "") for each in parts or ()]
    if text is None:
        is_read = bool(lines) and all(lines)
        text = "\n".join(lines) if is_read else without_data(_source(given)) if given is not None else ""
    return _Part(text, _rest(fields, _CONTENT), is_result=True)


def _medium_of(fields: _Fields) -> media.Media | None:
    part = _decoded("{" + ",".join(_pairs(fields)) + "}", dict[str, object])
    return None if part is None else media.of_part(part)


def _rest(fields: _Fields, *read: str) -> str:
    """JSON of the members that are not read; empty where there is none."""
    rest = _pairs({name: each for name, each in fields.items() if name not in read})
    return "{" + ",".join(rest) + "}" if rest else ""


def _pairs(fields: _Fields) -> Sequence[str]:
    return [f"{rell_json.quote(name)}:{_source(each)}" for name, each in fields.items()]


def _images(raw: Raw | None) -> Sequence[_Part]:
    """The pictures that Ollama and OpenRouter put beside the content."""
    if raw is None or _source(raw) == "null":
        return []
    listed = _decoded(_source(raw), list[Raw])
    return [_image(_source(each)) for each in listed or [raw]]


def _image(source: str) -> _Part:
    value = _decoded(source, object)
    if not isinstance(value, dict | str):
        return _Part(without_data(source))
    return _line(media.of_image(value), source)


def _medium(source: str) -> _Part | None:
    """The line for a part that is an image, a sound, a film or a file; where only its address is there, that
    is what it says besides.
    """
    part = _decoded(source, dict[str, object])
    found = None if part is None else media.of_part(part)
    return None if found is None else _line(found, source)


def _line(found: media.Media, source: str) -> _Part:
    return _Part(str(found), source if found.size is None else "")


def with_blank_data(source: str) -> str:
    """The same with blanks in place of long runs of base64, as many as they had letters."""
    return _DATA.sub(lambda found: " " * len(found[0]), source)


def without_data(source: str) -> str:
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
