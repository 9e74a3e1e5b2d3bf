"""One reading of a result: an OpenAI chat completion, and what other providers make of it.

A result is JSON that anyone may have written: nothing is raised, whatever it holds. What is no such
completion (another API's answer, an error's body, a text completion, HTML) is None, and is shown whole.

**What was said** is the words, calls, refusal and media of all choices, in their order. Ids, times, usage,
fingerprint, log probabilities, finish reason and reasoning are reported beside it, and are no part of it.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain

import msgspec

from indexer.dapp import ending, media, rell_json
from indexer.dapp import rell_json_exact as exact
from indexer.dapp.choice import Call, Choice, Fact, counted
from indexer.dapp.media import Media
from indexer.dapp.operations import signed_hash
from indexer.dapp.written import HALF, has_halves, source, text, whole

_MOST_FACTS = 20
_LONGEST_FACT = 200
_MOST_NOTED = 5
_FACTS = (
    "model", "provider", "scout", "id", "created", "usage", "x_groq", "system_fingerprint", "service_tier",
)  # fmt: skip
_THOUGHTS = ("reasoning", "reasoning_content", "thinking")
_BLOCKS = ("reasoning_details", "thinking_blocks")
_READ = frozenset({
    "role", "content", "tool_calls", "function_call", "refusal", "audio", "images", "error",
    *_THOUGHTS, *_BLOCKS,
})  # fmt: skip
"""Members of a message that are read; the others are what else it holds."""

CALLING = frozenset({"tool_use", "tool_call", "function_call", "server_tool_use"})
"""Types of parts of a content that call a tool."""

_THINKING = ("thinking", "reasoning")
_IN_THOUGHT = ("text", "thinking", "reasoning", "summary", "content")
_ENCRYPTED = ("data", "encrypted_content", "signature")
_DEEPEST = 5  # lists and objects of a thought within each other


@dataclass(frozen=True, slots=True)
class Completion:
    """A result as it is read: its choices by their index, and the object that was signed."""

    choices: Sequence[Choice]
    members: Mapping[str, object]

    @property
    def reported(self) -> Sequence[Fact]:
        """What the provider reports beside the choices. Made when it is asked for: most who read a result
        want its words alone.
        """
        return list(_reported(self.members))

    @property
    def text(self) -> str:
        """The words of its first choice."""
        return self.choices[0].text

    @property
    def note(self) -> str:
        """What there is beside these words, in a line for lists; empty where nothing is."""
        first, count = self.choices[0], len(self.choices)
        many = [f"1 of {count:,} choices"] if count > 1 else []
        heard = [*many, *first.beside_text[:_MOST_NOTED], first.ended, first.unsaid]
        return "; ".join(filter(None, heard))

    @property
    def measures(self) -> Sequence[str]:
        """How much its first choice says, each in words: “12 characters”, “1 call”."""
        first = self.choices[0]
        found = [counted(len(first.text), "character")] if first.text else []
        found += [counted(len(first.calls), "call")] if first.calls else []
        found += ["a refusal"] if first.refusal else []
        kinds = Counter(each.kind for each in first.media)
        found += [counted(count, kind) if kind == "image" else kind for kind, count in kinds.items()]
        if not found and first.reasoning:
            found = [f"reasoning of {counted(len(first.reasoning), 'character')}"]
        elif not found and first.unsaid:
            found = [first.unsaid]
        many = [f"1 of {len(self.choices):,} choices"] if len(self.choices) > 1 else []
        return [*found, *many] or ["0 characters"]

    @property
    def model(self) -> str:
        """The model that the result itself names; empty where it names none."""
        named = self.members.get("model")
        return "" if isinstance(named, dict) else _short(named)


@dataclass(frozen=True, slots=True)
class Heard:
    """What an operation's row keeps of its result as it is read, None where that is as the answer has it.

    ``said`` is the key of what was said. ``noted`` is True where lists have more to tell than the answer's
    text, and False where they have not, but reasoning or something else is there too.
    """

    said: bytes | None
    noted: bool | None


_NOTHING_MORE = Heard(None, None)


def completion_of(result: str) -> Completion | None:
    """Read a result as it was signed; None where it is no chat completion."""
    return completion_in(decoded(result))


def completion_in(value: object) -> Completion | None:
    """Read a decoded result; None where it is no chat completion."""
    choices = _choices(value)
    return Completion(choices, value) if choices and isinstance(value, dict) else None


def fingerprint_of(result: str) -> str:
    """What a result says of the configuration that made it, ``system_fingerprint``; empty where it says
    nothing, or no text.
    """
    value = decoded(result)
    found = value.get("system_fingerprint") if isinstance(value, dict) else None
    return found if isinstance(found, str) else ""


def said_key(completion: Completion) -> bytes:
    """The key of what was said. Of one choice that is only text, it is that of the text as content."""
    if len(completion.choices) == 1 and completion.choices[0].is_plain:
        return signed_hash(rell_json.quote(completion.choices[0].text))
    said = json.dumps([_said(each) for each in completion.choices])
    return sha256(b"\xff" + said.encode()).digest()  # no text in UTF-8 begins with this byte


def heard(result: str, *, content: str | None) -> Heard:
    """What is kept of a result whose first choice has that content, None where it has none that is text."""
    choices = _choices(decoded(result))
    if not choices:
        return _NOTHING_MORE
    read = Completion(choices, {})
    if len(choices) > 1 or not choices[0].is_plain or choices[0].text != content:
        return Heard(said_key(read), noted=True)
    if read.note:
        return Heard(None, noted=True)
    return Heard(None, noted=False) if choices[0].reasoning or choices[0].extra else _NOTHING_MORE


def keys_in(result: str) -> Iterator[bytes]:
    """The key of what a result says, and those of the texts in it; none where it is no chat completion."""
    read = completion_of(result)
    if read is not None:
        yield said_key(read)
        yield from part_keys(read)


def part_keys(completion: Completion) -> Iterator[bytes]:
    """The content keys of the texts that it holds: whoever withholds one withholds what holds it."""
    for each in completion.choices:
        texts = (each.text, each.refusal, each.reasoning, each.error, each.extra)
        for part in {*texts, *(call.arguments for call in each.calls)} - {""}:
            yield signed_hash(rell_json.quote(part))
            if HALF in part:
                yield signed_hash(rell_json.quote(part.replace(HALF, "?")))


def decoded(result: str) -> object:
    """The first value of a result, half characters in it as they were written; None where there is none."""
    try:
        return msgspec.json.decode(result)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        pass
    try:
        value: object = _DECODER.raw_decode(result.lstrip(" \t\r\n"))[0]
        return value
    except (ValueError, RecursionError):
        pass
    try:
        return exact.read(result)
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
    if not isinstance(value, dict):
        return None
    message = value.get("message")
    if message is None and _ends_without_a_message(value):
        message = {}
    if not isinstance(message, dict):
        return None
    content = message.get("content")
    if content is not None and not isinstance(content, str | list):
        return None
    parts = _Parts()
    for part in content if isinstance(content, list) else [content]:
        parts.take(part)
    parts.take_audio(message.get("audio"))
    parts.media += [media.of_image(each) for each in _list(message.get("images"))]
    errors = (value.get("error"), message.get("error"), result.get("error"))
    return Choice(
        text="\n".join(parts.texts),
        calls=[*calls_of(message), *parts.calls],
        refusal="\n".join(filter(None, [text(message.get("refusal")), *parts.refusals])),
        media=parts.media,
        reasoning=_reasoning(message, parts.thoughts),
        finish_reason=_reason(value.get("finish_reason")),
        error=next((_error(each) for each in errors if each), ""),
        native_reason=_reason(value.get("native_finish_reason")),
        extra=_extra(message, parts.rest),
    )


def _ends_without_a_message(choice: Mapping[str, object]) -> bool:
    """Whether it is a choice of which a filter or an error left nothing."""
    if "text" in choice or "delta" in choice:
        return False
    error = choice.get("error")
    return bool(ending.ended(_reason(choice.get("finish_reason")), "", error=_error(error) if error else ""))


def _reason(value: object) -> str:
    named = value.get("type") if isinstance(value, dict) else None
    return text(value if named is None else named)


class _Parts:
    """The parts of a content, told apart."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.thoughts: list[str] = []
        self.refusals: list[str] = []
        self.media: list[Media] = []
        self.calls: list[Call] = []
        self.rest: list[object] = []

    def take(self, part: object) -> None:
        """Add one part. One that is not known is its JSON, as in prompts."""
        if part is None:
            return
        if not isinstance(part, dict):
            self.texts.append(text(part))
            return
        kind = text(part.get("type"))
        if isinstance(part.get("text"), str):
            self.texts.append(text(part["text"]))
            rest = {name: each for name, each in part.items() if name not in ("text", "type") and each}
            self.rest += [rest] if rest else []
        elif any(each in kind for each in _THINKING):
            self.thoughts.append(_thought({name: each for name, each in part.items() if name != "type"}))
        elif kind == "refusal":
            self.refusals.append(text(part.get("refusal")))
        elif kind in CALLING:
            self.calls.append(call_of(part))
        elif kind == "reference":
            self.rest.append(part)
        elif (found := media.of_part(part)) is not None:
            self.media.append(found)
        else:
            self.texts.append(source(part))

    def take_audio(self, audio: object) -> None:
        """Add the sound beside the content, and what it says, where that is not the content."""
        if isinstance(audio, dict):
            self.media.append(media.of_audio(audio))
            said = text(audio.get("transcript"))
            self.texts = [*filter(None, self.texts), *([] if said in self.texts else [said])]


def calls_of(message: Mapping[str, object]) -> Iterator[Call]:
    """The tools that a message calls, of an answer as of a prompt."""
    for each in chain(_list(message.get("tool_calls")), _list(message.get("function_call"))):
        yield call_of(each)


def call_of(value: object) -> Call:
    """A call, in whichever of the ways in which it is written."""
    called = value.get("function", value.get("custom", value)) if isinstance(value, dict) else value
    if isinstance(called, dict) and isinstance(called.get("name"), str):
        return Call(whole(called["name"]), _arguments(called.get("arguments", called.get("input"))))
    return Call("", source(_without_id(value)))


def _without_id(call: object) -> object:
    return {name: each for name, each in call.items() if name != "id"} if isinstance(call, dict) else call


def _arguments(value: object) -> str:
    """Arguments are JSON within JSON, and are written otherwise by each provider."""
    if value is None:
        return ""
    given = value if isinstance(value, str) else source(value)
    try:
        return whole(given) if has_halves(given) else rell_json.normalise(given)
    except rell_json.NotJson:
        return whole(given)


def _reasoning(message: Mapping[str, object], thoughts: Sequence[str]) -> str:
    """What is named in several ways once; blocks only where nothing else is there."""
    named = [_thought(message.get(name)) for name in _THOUGHTS]
    found = list(dict.fromkeys(filter(None, [*named, *thoughts])))
    return "\n".join(found) or next(filter(None, (_thought(message.get(name)) for name in _BLOCKS)), "")


def _thought(value: object, depth: int = 0) -> str:
    """A text, or those of a list of parts; of what is encrypted, how long it is."""
    if depth == _DEEPEST or not isinstance(value, dict | list):
        return text(value)
    if isinstance(value, list):
        return "\n".join(filter(None, (_thought(each, depth + 1) for each in value)))
    found = next(filter(None, (_thought(value.get(name), depth + 1) for name in _IN_THOUGHT)), "")
    sealed = next((value[name] for name in _ENCRYPTED if isinstance(value.get(name), str)), None)
    if found or sealed is None:
        return found or (source(value) if value and not value.keys() & {*_IN_THOUGHT, "type"} else "")
    return f"(encrypted, {counted(len(sealed), 'letter')})"


def _extra(message: Mapping[str, object], parts: Sequence[object]) -> str:
    """JSON of what a message holds beside what is read; empty where that is nothing."""
    found = {name: each for name, each in message.items() if name not in _READ and not _says_nothing(each)}
    if parts:
        found["content"] = list(parts)
    return source(found) if found else ""


def _says_nothing(value: object) -> bool:
    """Whether it is what a provider puts where there is nothing."""
    return value is None or value is False or value in ("", [], {})


def _error(value: object) -> str:
    message = value.get("message") if isinstance(value, dict) else None
    return text(message) if isinstance(message, str) else text(value)


def _said(choice: Choice) -> object:
    calls = [[each.name, each.arguments.strip() or "{}"] for each in choice.calls]
    files = [[each.kind, each.sha256.hex()] for each in choice.media]
    return [choice.text, calls, choice.refusal, files]


def _reported(result: Mapping[str, object]) -> Iterator[Fact]:
    """What is named beside the choices: members of usage and scout one by one."""
    for name in _FACTS:
        value = result.get(name)
        if isinstance(value, dict):
            for member in list(value)[:_MOST_FACTS]:
                yield Fact(f"{name}.{whole(member)[:_LONGEST_FACT]}", _short(value[member]))
        elif value is not None:
            yield Fact(name, _short(value))


def _short(value: object) -> str:
    return text(value)[:_LONGEST_FACT]


def _list(value: object) -> Sequence[object]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
