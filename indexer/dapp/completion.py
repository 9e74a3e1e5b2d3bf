"""One reading of a result: an OpenAI chat completion, and what other providers make of it.

A result is JSON that anyone may have written: nothing is raised, whatever it holds. What is no such
completion (another API's answer, an error's body, a text completion, HTML) is None, and is shown whole.

**What was said** is the words, calls, refusal and media of all choices, in their order. Ids, times, usage,
fingerprint, log probabilities, finish reason and reasoning are reported beside it, and are no part of it.
"""

import json
import re
from base64 import b64decode
from binascii import Error as NotBase64
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain

import msgspec

from indexer.dapp import rell_json
from indexer.dapp import rell_json_exact as exact
from indexer.dapp.operations import signed_hash

HALF = "\ufffd"
"""What stands for half a character (a lone surrogate), in texts as in their keys."""

_LONE = re.compile("[\ud800-\udfff]")
_DATA_URL = re.compile(r"data:([^;,]{0,200})[^,]{0,200};base64,")
_MOST_FACTS = 20
_LONGEST_FACT = 200
_LONGEST_CALL = 2_000
_MOST_NOTED = 5
_CUT = frozenset({"length", "max_tokens", "model_length", "max_output_tokens"})
_FILTERED = frozenset({"content_filter", "safety", "recitation", "blocklist", "prohibited_content"})
_SOURCES = ("image_url", "audio_url", "video_url", "input_audio", "output_audio", "audio", "source", "image")


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
class Media:
    """An image, sound or film. ``size`` (bytes) is None where only its address is known, ``type`` is empty
    where none is named. ``sha256`` is of the bytes, else of the address.
    """

    kind: str
    type: str
    size: int | None
    sha256: bytes

    def __str__(self) -> str:
        """A line for it: “image, 225 bytes”."""
        if self.size is None:
            return f"{self.kind} at another address"
        return f"{self.kind}, {_counted(self.size, 'byte')}"


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that the provider reports."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice. Texts are empty where there is none; ``error`` is the provider's."""

    text: str
    calls: Sequence[Call]
    refusal: str
    media: Sequence[Media]
    reasoning: str
    finish_reason: str
    error: str

    @property
    def ended(self) -> str:
        """How it ended, where that was no end of its own; empty where it was."""
        reason = self.finish_reason.lower()
        if self.error or reason == "error":
            return f"ended by the provider\u2019s error: {self.error}" if self.error else "ended by an error"
        if reason in _CUT:
            return "cut off (length)"
        return "ended by the provider\u2019s filter" if reason in _FILTERED else ""

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
    def words(self) -> str:
        """All that it says, a line for each thing, and how it was cut short where it was."""
        return "\n".join(filter(None, [self.text, *self.beside_text, self.ended]))


@dataclass(frozen=True, slots=True)
class Completion:
    """A result as it is read: its choices by their index, and what the provider reports beside them."""

    choices: Sequence[Choice]
    reported: Sequence[Fact]

    @property
    def text(self) -> str:
        """The words of its first choice."""
        return self.choices[0].text

    @property
    def note(self) -> str:
        """What there is beside these words, in a line for lists; empty where nothing is."""
        first, count = self.choices[0], len(self.choices)
        many = [f"1 of {count:,} choices"] if count > 1 else []
        heard = [*many, *first.beside_text[:_MOST_NOTED], *filter(None, [first.ended])]
        if not (first.text or first.beside_text) and first.reasoning:
            heard += [f"reasoning, {_counted(len(first.reasoning), 'character')}"]
        return "; ".join(heard)

    @property
    def measures(self) -> Sequence[str]:
        """How much its first choice says, each in words: “12 characters”, “1 call”."""
        first = self.choices[0]
        found = [_counted(len(first.text), "character")] if first.text else []
        found += [_counted(len(first.calls), "call")] if first.calls else []
        found += ["a refusal"] if first.refusal else []
        kinds = Counter(each.kind for each in first.media)
        found += [_counted(count, kind) if kind == "image" else kind for kind, count in kinds.items()]
        if not found and first.reasoning:
            found = [f"reasoning of {_counted(len(first.reasoning), 'character')}"]
        many = [f"1 of {len(self.choices):,} choices"] if len(self.choices) > 1 else []
        return [*found, *many] or ["0 characters"]

    @property
    def model(self) -> str:
        """The model that the result itself names; empty where it names none."""
        return next((each.value for each in self.reported if each.name == "model"), "")


@dataclass(frozen=True, slots=True)
class Heard:
    """What an operation's row keeps of its result as it is read, None where that is as the answer has it.

    ``said`` is the key of what was said. ``noted`` is True where lists have more to tell than the answer's
    text, and False where they have not, but a text of reasoning is there too.
    """

    said: bytes | None
    noted: bool | None


_NOTHING_MORE = Heard(None, None)


def completion_of(result: str) -> Completion | None:
    """Read a result as it was signed; None where it is no chat completion."""
    value = _decoded(result)
    choices = _choices(value)
    return Completion(choices, list(_reported(value))) if choices and isinstance(value, dict) else None


def said_key(completion: Completion) -> bytes:
    """The key of what was said. Of one choice that is only text, it is that of the text as content."""
    if len(completion.choices) == 1 and completion.choices[0].is_plain:
        return signed_hash(rell_json.quote(completion.choices[0].text))
    said = json.dumps([_said(each) for each in completion.choices])
    return sha256(b"\xff" + said.encode()).digest()  # no text in UTF-8 begins with this byte


def heard(result: str, *, content: str | None) -> Heard:
    """What is kept of a result whose first choice has that content, None where it has none that is text."""
    choices = _choices(_decoded(result))
    if not choices:
        return _NOTHING_MORE
    read = Completion(choices, ())
    if len(choices) > 1 or not choices[0].is_plain or choices[0].text != content:
        return Heard(said_key(read), noted=True)
    if read.note:
        return Heard(None, noted=True)
    return Heard(None, noted=False) if choices[0].reasoning else _NOTHING_MORE


def keys_in(result: str) -> Iterator[bytes]:
    """The key of what a result says, and those of the texts in it; none where it is no chat completion."""
    read = completion_of(result)
    if read is not None:
        yield said_key(read)
        yield from part_keys(read)


def part_keys(completion: Completion) -> Iterator[bytes]:
    """The content keys of the texts that it holds: whoever withholds one withholds what holds it."""
    for each in completion.choices:
        texts = (each.text, each.refusal, each.reasoning, each.error)
        for text in {*texts, *(call.arguments for call in each.calls)} - {""}:
            yield signed_hash(rell_json.quote(text))
            if HALF in text:
                yield signed_hash(rell_json.quote(text.replace(HALF, "?")))


def changed_beside(before: Completion, after: Completion) -> Sequence[str]:
    """The names of what differs between two results that say the same, as far as they are read."""
    old, new = _facts(before), _facts(after)
    names = sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))
    for name in ("finish_reason", "reasoning", "error"):
        if [getattr(each, name) for each in before.choices] != [
            getattr(each, name) for each in after.choices
        ]:
            names.append(name)
    return names


def media_at(kind: str, url: str) -> Media:
    """The media that an address names, or holds (``data:``)."""
    found = _DATA_URL.match(url)
    if found is None:
        return Media(kind, "", None, sha256(url.encode()).digest())
    return media_in(kind, found[1], url[found.end() :])


def media_in(kind: str, type: str, data: str) -> Media:
    """The media that base64 holds; what is no base64 is taken as it is."""
    try:
        content = b64decode(data)
    except (NotBase64, ValueError):
        content = data.encode()
    return Media(kind, type, len(content), sha256(content).digest())


def media_part(part: Mapping[str, object]) -> Media | None:
    """The media of a part of a message; None where it is none."""
    named = str(part.get("type", ""))
    kind = next((each for each in ("image", "audio", "video") if each in named), None)
    if kind is None:
        return None
    held = next((part[name] for name in (*_SOURCES, "url", "data") if part.get(name) is not None), None)
    return _media(kind, held)


def _media(kind: str, held: object) -> Media:
    if isinstance(held, dict):
        url = held.get("url")
        if isinstance(url, str):
            return media_at(kind, _whole(url))
        data, type = held.get("data", held.get("b64_json")), held.get("format", held.get("media_type"))
        if isinstance(data, str):
            return media_in(kind, _text(type), _whole(data))
    if isinstance(held, str):
        return media_at(kind, _whole(held))
    return media_in(kind, "", _source(held))


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _decoded(text: str) -> object:
    """The first value of a text, half characters in it as they were written; None where there is none."""
    try:
        return msgspec.json.decode(text)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        pass
    try:
        value: object = _DECODER.raw_decode(text.lstrip(" \t\r\n"))[0]
        return value
    except (ValueError, RecursionError):
        pass
    try:
        return exact.read(text)
    except rell_json.NotJson:
        return None


def _number(digits: str) -> int | str:
    return int(digits) if len(digits) < 400 else digits


_DECODER = json.JSONDecoder(parse_int=_number)


def _index(choice: object) -> float:
    index = choice.get("index") if isinstance(choice, dict) else None
    return index if isinstance(index, int) and not isinstance(index, bool) else 0


def _choices(value: object) -> Sequence[Choice]:
    """The choices of a decoded result by their index; none where it is no chat completion."""
    listed = value.get("choices") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(listed, list):
        return []
    read = [_choice(each, value) for each in sorted(listed, key=_index)]
    found = [each for each in read if each is not None]
    return found if len(found) == len(read) else []


def _choice(value: object, result: Mapping[str, object]) -> Choice | None:
    message = value.get("message") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(message, dict):
        return None
    content = message.get("content")
    if content is not None and not isinstance(content, str | list):
        return None
    parts = _Parts()
    for part in content if isinstance(content, list) else [content]:
        parts.take(part)
    audio = message.get("audio")
    if isinstance(audio, dict):
        parts.media.append(_media("audio", audio))
        parts.texts += [] if any(parts.texts) else [_text(audio.get("transcript"))]
    parts.media += [_image(each) for each in _list(message.get("images"))]
    errors = (value.get("error"), message.get("error"), result.get("error"))
    return Choice(
        text="\n".join(parts.texts),
        calls=list(calls_of(message)),
        refusal="\n".join(filter(None, [_text(message.get("refusal")), *parts.refusals])),
        media=parts.media,
        reasoning=_reasoning(message, parts.thoughts),
        finish_reason=_text(value.get("finish_reason")),
        error=next((_error(each) for each in errors if each), ""),
    )


class _Parts:
    """The parts of a content, told apart."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.thoughts: list[str] = []
        self.refusals: list[str] = []
        self.media: list[Media] = []

    def take(self, part: object) -> None:
        """Add one part. One that is not known is its JSON, as in prompts."""
        if part is None:
            return
        if not isinstance(part, dict):
            self.texts.append(_text(part))
        elif isinstance(part.get("text"), str):
            self.texts.append(_text(part["text"]))
        elif part.get("type") in ("thinking", "reasoning"):
            self.thoughts.append(_joined(part.get("thinking", part.get("reasoning", part.get("summary")))))
        elif part.get("type") == "refusal":
            self.refusals.append(_text(part.get("refusal")))
        elif (media := media_part(part)) is not None:
            self.media.append(media)
        else:
            self.texts.append(_source(part))


def _image(value: object) -> Media:
    found = media_part({"type": "image", **value}) if isinstance(value, dict) else None
    return _media("image", value) if found is None else found


def calls_of(message: Mapping[str, object]) -> Iterator[Call]:
    """The tools that a message calls, of an answer as of a prompt."""
    for each in chain(_list(message.get("tool_calls")), _list(message.get("function_call"))):
        called = each.get("function", each.get("custom", each)) if isinstance(each, dict) else each
        if isinstance(called, dict) and isinstance(called.get("name"), str):
            yield Call(_text(called["name"]), _arguments(called.get("arguments", called.get("input"))))
        else:
            yield Call("", _source(_without_id(each)))


def _without_id(call: object) -> object:
    return {name: each for name, each in call.items() if name != "id"} if isinstance(call, dict) else call


def _arguments(value: object) -> str:
    """Arguments are JSON within JSON, and are written otherwise by each provider."""
    if value is None:
        return ""
    given = value if isinstance(value, str) else _source(value)
    try:
        return rell_json.normalise(given) if not _LONE.search(given) else _whole(given)
    except rell_json.NotJson:
        return _whole(given)


def _as_keywords(arguments: str) -> str:
    try:
        value = msgspec.json.decode(arguments, type=dict[str, msgspec.Raw])
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return arguments
    return ", ".join(f"{name}={bytes(each).decode()}" for name, each in value.items())


def _reasoning(message: Mapping[str, object], thoughts: Sequence[str]) -> str:
    named = [_joined(message.get(name)) for name in ("reasoning", "reasoning_content", "thinking")]
    found = list(dict.fromkeys(filter(None, [*named, *thoughts])))
    return "\n".join(found) or _joined(message.get("reasoning_details"))


def _joined(value: object) -> str:
    """A text, or the texts of a list of parts."""
    if isinstance(value, list):
        return "\n".join(_text(each.get("text") if isinstance(each, dict) else each) for each in value)
    return _text(value)


def _error(value: object) -> str:
    message = value.get("message") if isinstance(value, dict) else None
    return _text(message) if isinstance(message, str) else _text(value)


def _said(choice: Choice) -> object:
    calls = [[each.name, each.arguments] for each in choice.calls]
    media = [[each.kind, each.sha256.hex()] for each in choice.media]
    return [choice.text, calls, choice.refusal, media]


def _reported(result: Mapping[str, object]) -> Iterator[Fact]:
    """What is named beside the choices: members of usage and scout one by one."""
    for name in ("model", "provider", "scout", "id", "created", "usage", "x_groq", "system_fingerprint"):
        value = result.get(name)
        if isinstance(value, dict):
            for member in list(value)[:_MOST_FACTS]:
                yield Fact(f"{name}.{_whole(member)[:_LONGEST_FACT]}", _short(value[member]))
        elif value is not None:
            yield Fact(name, _short(value))


def _facts(completion: Completion) -> Mapping[str, str]:
    return {each.name: each.value for each in completion.reported}


def _short(value: object) -> str:
    return _text(value)[:_LONGEST_FACT]


def _list(value: object) -> Sequence[object]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _text(value: object) -> str:
    """A string, what else there is as JSON, nothing as nothing."""
    if value is None:
        return ""
    return _whole(value) if isinstance(value, str) else _source(value)


def _whole(text: str) -> str:
    return text if text.isascii() else _LONE.sub(HALF, text)


def _source(value: object) -> str:
    try:
        return _whole(rell_json.normalise(json.dumps(value)))
    except (RecursionError, TypeError, ValueError, rell_json.NotJson):
        return _whole(exact.write(value))
