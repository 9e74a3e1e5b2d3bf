"""What is in a file that somebody sends: what it is called decides nothing but which kind of text it is.

Texts are kept as they are. Pictures are drawn anew from their dots, so that nothing else that was in the file
is kept: no place, no camera, no page behind it.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from threading import Lock
from time import monotonic
from typing import Any
from zipfile import is_zipfile

import msgspec
from PIL import Image, ImageOps

from explorer.rules.evidence import DEEPEST, ENDINGS, JPEG, LARGEST, MOST_PIXELS, OF_PICTURES, OF_TEXT, PNG

_SIGNATURES = {b"\x89PNG\r\n\x1a\n": PNG, b"\xff\xd8\xff": JPEG}
_END_OF_PNG = b"IEND\xaeB`\x82"
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")  # not those of lines, pages and terminals
# As browsers find out that something is a page (mimesniff.spec.whatwg.org §7.1), and what else is no text.
_MARKUP = re.compile(
    r"[\ufeff\s]*(<!doctype|<!--|<\?xml|<(svg|html|head|body|script|iframe|style|title|table|div|font|h1|br"
    r"|a|b|p|img|math|object|embed|link|meta|form)[\s/>]|%pdf-|\{\\rtf)",
    re.IGNORECASE,
)
_UNNAMEABLE = re.compile(r"[^\w-]+")
_LONGEST_STEM = 60
_LARGEST_KEPT = 4 * LARGEST
_QUALITY = 90
_TOO_MANY_DOTS = f"A picture has at most {MOST_PIXELS:,} dots, and this has more: make it smaller."
_FEWEST_STEPS = 1  # of zlib's nine: a fourth of the time, for files half as large again
_ONE_AT_A_TIME = Lock()
"""Pictures take much memory to draw, and each process of the web server has several threads."""

LONGEST = 5.0
"""Seconds in which the files of one request are looked into, all of them: what is left is sent again."""

LONGEST_WAIT = 2.0
"""Seconds that one waits for the picture of somebody else: whoever waits keeps a thread from all others."""


class NotTaken(Exception):
    """A file is not taken; the message says why, and what to do."""


class NotNow(NotTaken):
    """Nothing is wrong with it, and it can be sent again in a moment."""

    def __init__(self, why: str = "Other files are looked into just now") -> None:
        super().__init__(f"{why}: send it again in a moment.")


@dataclass(frozen=True, slots=True)
class Time:
    """What one request has for its files. ``ends`` is of the monotonic clock, in seconds."""

    ends: float = field(default_factory=lambda: monotonic() + LONGEST)

    def left(self) -> float:
        """Seconds that are left. Raises NotNow where there are none."""
        if (left := self.ends - monotonic()) <= 0:
            raise NotNow
        return left


@dataclass(frozen=True, slots=True)
class Inspected:
    """A file that is taken: what it is called here, its type, and the bytes that are kept."""

    name: str
    type: str
    data: bytes


def inspected(name: str, data: bytes, time: Time) -> Inspected:
    """What is kept of a file. Raises NotTaken, and NotNow where there is no time for it."""
    time.left()
    ending = _ending(name)
    if not data:
        raise NotTaken("It is empty: choose another file.")
    if len(data) > LARGEST:
        raise NotTaken(f"A file has at most {LARGEST >> 20} MB, and this has more: send a part of it.")
    if is_zipfile(BytesIO(data)):
        raise NotTaken("There is an archive in it: send the files themselves.")
    picture = next((kind for begin, kind in _SIGNATURES.items() if data.startswith(begin)), None)
    if picture is not None:
        return _picture(name, ending, picture, data, time)
    if ending in OF_PICTURES:
        raise NotTaken("It is called a picture, and is none of PNG or JPEG: save it as one of these.")
    _check_text(ending, data)
    return Inspected(_safe(name, ending), OF_TEXT[ending], data)


def _ending(name: str) -> str:
    ending = name.rpartition(".")[2].lower()
    if ending not in OF_TEXT and ending not in OF_PICTURES:
        raise NotTaken(f"Files of this kind are not taken: its name ends with none of {', '.join(ENDINGS)}.")
    return ending


def _safe(name: str, ending: str) -> str:
    """A name of letters, digits and lines, whatever was given."""
    stem = unicodedata.normalize("NFC", name.replace("\\", "/").rpartition("/")[2].rpartition(".")[0])
    return f"{_UNNAMEABLE.sub('_', stem).strip('_')[:_LONGEST_STEM] or 'file'}.{ending}"


def _check_text(ending: str, data: bytes) -> None:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotTaken(
            "It is no text in UTF-8: where a program made it, save it anew with that encoding."
        ) from error
    if _CONTROLS.search(text) is not None:
        raise NotTaken("There are characters in it that no text has: save it anew as plain text.")
    if _MARKUP.match(text) is not None:
        raise NotTaken(
            "It is a page or a drawing, which a browser may run: send a picture of it, or its words."
        )
    if ending in _READERS:
        _READERS[ending](text.removeprefix("\ufeff"))


def _check_json(text: str) -> None:
    _check_depth([_read(text)])


def _check_lines(text: str) -> None:
    """There may be a million of them, so their depth is looked at in one go."""
    _check_depth([_read(each) for each in text.split("\n") if each and not each.isspace()])


def _read(text: str) -> Any:
    try:
        return _JSON.decode(text)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise NotTaken(f"It is called JSON, and is none ({error}): mend it, or call it .txt.") from error


def _check_depth(values: list[Any]) -> None:
    if _depth(values) > DEEPEST:
        raise NotTaken(f"Its JSON has more than {DEEPEST} levels: call it .txt, or send a part of it.")


_JSON = msgspec.json.Decoder()
_READERS: Mapping[str, Callable[[str], None]] = {"json": _check_json, "jsonl": _check_lines}


def _depth(values: list[Any]) -> int:
    """How many lists and objects are one within another."""
    level, depth = values, 0
    while level := [each for each in level if isinstance(each, dict | list)]:
        depth += 1
        level = [part for each in level for part in (each.values() if isinstance(each, dict) else each)]
    return depth


def _picture(name: str, ending: str, kind: str, data: bytes, time: Time) -> Inspected:
    if ending not in OF_PICTURES:
        raise NotTaken(f"It is called .{ending}, and is a picture: call it .png or .jpg, as it is.")
    if OF_PICTURES[ending] != kind:
        raise NotTaken(f"It is called .{ending}, and is another kind of picture: call it by what it is.")
    if kind == PNG and not data.endswith(_END_OF_PNG):
        raise NotTaken("Something stands behind the picture in it: save the picture anew.")
    with _turn(time):
        drawn = _drawn(kind, data)
    if len(drawn) > _LARGEST_KEPT:
        raise NotTaken("It is too large once it is drawn: make the picture smaller.")
    return Inspected(_safe(name, ending), kind, drawn)


@contextmanager
def _turn(time: Time) -> Iterator[None]:
    """Within it no other picture is drawn. Raises NotNow where others take too long."""
    if not _ONE_AT_A_TIME.acquire(timeout=min(LONGEST_WAIT, time.left())):
        raise NotNow
    try:
        yield
    finally:
        _ONE_AT_A_TIME.release()


def _drawn(kind: str, data: bytes) -> bytes:
    """The same picture, upright, of its dots alone. Raises NotTaken."""
    try:
        with Image.open(BytesIO(data), formats=[kind.removeprefix("image/")]) as found:
            if found.width * found.height > MOST_PIXELS:
                raise NotTaken(_TOO_MANY_DOTS)
            upright = ImageOps.exif_transpose(found)
            return _written(kind, upright)
    except NotTaken:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise NotTaken(_TOO_MANY_DOTS) from error
    # Of a broken file a decoder may raise anything.
    except Exception as error:
        raise NotTaken("This picture is broken: save it anew, or send another one.") from error


def _written(kind: str, found: Image.Image) -> bytes:
    if kind == PNG:
        plain = found.convert("RGBA" if found.has_transparency_data else "RGB")
    else:
        plain = found.convert("RGB")
    plain.info = {}
    out = BytesIO()
    plain.save(out, kind.removeprefix("image/").upper(), quality=_QUALITY, compress_level=_FEWEST_STEPS)
    return out.getvalue()
