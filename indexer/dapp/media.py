"""Images, sound, films and files in messages and results, in whatever way a provider writes them."""

import re
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import unquote_to_bytes

from indexer.dapp.written import source, text, whole

_DATA_URL = re.compile(r"data:([^;,]{0,200})[^,]{0,200}?(;base64)?,", re.IGNORECASE)
_BASE64 = re.compile(r"[A-Za-z0-9+/_\-\s]+={0,2}\s*")
_KINDS = ("image", "audio", "video", "file", "document")
_AS_FILE = frozenset({"file", "document"})
_ADDRESSES = ("url", "file_url", "uri", "file_uri", "fileUri")
_BYTES = ("data", "b64_json", "file_data", "base64", "image_base64")
_TYPES = ("media_type", "mime_type", "mimeType", "format")
_HOLDERS = (
    "image_url", "audio_url", "video_url", "input_audio", "output_audio", "audio", "video", "file", "source",
    "image", "inline_data", "inlineData",
)  # fmt: skip
_DEEPEST = 3  # holders within each other


@dataclass(frozen=True, slots=True)
class Media:
    """An image, sound, film or file. ``size`` (bytes) is None where only its address is known, ``type`` is
    empty where none is named. ``sha256`` is of the bytes, else of the address.
    """

    kind: str
    type: str
    size: int | None
    sha256: bytes

    def __str__(self) -> str:
        """A line for it: “image, 225 bytes”."""
        if self.size is None:
            return f"{self.kind} at another address"
        return f"{self.kind}, {self.size:,} byte{'' if self.size == 1 else 's'}"


def of_part(part: Mapping[str, object]) -> Media | None:
    """The media of a part of a message; None where it is none."""
    kind = _kind(part)
    return None if kind is None else _held(kind, part, depth=0)


def of_image(value: object) -> Media:
    """What stands in a list of images: a part, its address, or its base64 alone."""
    if isinstance(value, dict):
        found = of_part({"type": "image", **value})
        return _held("image", value, depth=0) if found is None else found
    return _held("image", value, depth=0)


def of_audio(value: Mapping[str, object]) -> Media:
    """The sound beside a content."""
    return _held("audio", value, depth=0)


def _kind(part: Mapping[str, object]) -> str | None:
    named = part.get("type")
    if isinstance(named, str):
        found = next((each for each in _KINDS if each in named), None)
    else:
        inline = part.get("inline_data", part.get("inlineData"))
        stated = _stated_type(inline).partition("/")[0] if isinstance(inline, dict) else ""
        held = "file" if isinstance(inline, dict) or isinstance(part.get("file"), dict) else ""
        names = ("image_url", "input_audio", "video_url")
        listed = next((name for name in names if name in part), "")
        found = next((each for each in _KINDS if each in listed or each == stated), held or None)
    return "file" if found in _AS_FILE else found


def _held(kind: str, held: object, *, depth: int) -> Media:
    if isinstance(held, str):
        return _given(kind, "", whole(held))
    if isinstance(held, dict):
        for name in _ADDRESSES:
            if isinstance(held.get(name), str):
                return _at(kind, whole(held[name]))
        for name in _BYTES:
            data = held.get(name)
            if isinstance(data, str):
                is_url = _DATA_URL.match(data) is not None
                return _at(kind, whole(data)) if is_url else _in(kind, _stated_type(held), whole(data))
        for name in _HOLDERS if depth < _DEEPEST else ():
            if isinstance(held.get(name), dict | str):
                return _held(kind, held[name], depth=depth + 1)
        held = {name: each for name, each in held.items() if name != "type"}
    return Media(kind, "", None, sha256(source(held).encode()).digest())


def _given(kind: str, type: str, given: str) -> Media:
    """An address, or base64 alone."""
    return _in(kind, type, given) if _BASE64.fullmatch(given) else _at(kind, given)


def _at(kind: str, url: str) -> Media:
    """The media that an address names, or holds (``data:``)."""
    found = _DATA_URL.match(url)
    if found is None:
        return Media(kind, "", None, sha256(url.encode()).digest())
    if found[2]:
        return _in(kind, found[1], url[found.end() :])
    content = unquote_to_bytes(url[found.end() :])
    return Media(kind, found[1], len(content), sha256(content).digest())


def _in(kind: str, type: str, data: str) -> Media:
    """The media that base64 holds, of either alphabet and with or without its end; what is none is taken as
    it is.
    """
    try:
        content = b64decode(_padded(data))
    except (NotBase64, ValueError):
        content = data.encode()
    return Media(kind, type, len(content), sha256(content).digest())


def _padded(data: str) -> str:
    plain = "".join(data.split()).rstrip("=").translate(str.maketrans("-_", "+/"))
    return plain + "=" * (-len(plain) % 4)


def _stated_type(held: Mapping[str, object]) -> str:
    return text(next((held[name] for name in _TYPES if held.get(name) is not None), None))
