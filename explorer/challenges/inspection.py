"""What is in a file that somebody sends: what it is called decides nothing but which kind of text it is.

Texts are kept as they are. Pictures are drawn anew from their dots, so that nothing else that was in the file
is kept: no place, no camera, no page behind it.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO
from threading import Lock
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
_ONE_AT_A_TIME = Lock()
"""Pictures take much memory to draw, and each process of the web server has several threads."""


class NotTaken(Exception):
    """A file is not taken; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Inspected:
    """A file that is taken: what it is called here, its type, and the bytes that are kept."""

    name: str
    type: str
    data: bytes


def inspected(name: str, data: bytes) -> Inspected:
    """What is kept of a file. Raises NotTaken."""
    ending = _ending(name)
    if not data:
        raise NotTaken("It is empty: choose another file.")
    if len(data) > LARGEST:
        raise NotTaken(f"A file has at most {LARGEST >> 20} MB, and this has more: send a part of it.")
    if is_zipfile(BytesIO(data)):
        raise NotTaken("There is an archive in it: send the files themselves.")
    picture = next((kind for begin, kind in _SIGNATURES.items() if data.startswith(begin)), None)
    if picture is not None:
        return _picture(name, ending, picture, data)
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
    try:
        value = msgspec.json.decode(text)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise NotTaken(f"It is called JSON, and is none ({error}): mend it, or call it .txt.") from error
    if _depth(value) > DEEPEST:
        raise NotTaken(f"Its JSON has more than {DEEPEST} levels: call it .txt, or send a part of it.")


def _check_lines(text: str) -> None:
    for each in filter(str.strip, text.split("\n")):
        _check_json(each)


_READERS: Mapping[str, Callable[[str], None]] = {"json": _check_json, "jsonl": _check_lines}


def _depth(value: Any) -> int:
    """How many lists and objects are one within another."""
    level, depth = [value], 0
    while level := [each for each in level if isinstance(each, dict | list)]:
        depth += 1
        level = [part for each in level for part in (each.values() if isinstance(each, dict) else each)]
    return depth


def _picture(name: str, ending: str, kind: str, data: bytes) -> Inspected:
    if ending not in OF_PICTURES:
        raise NotTaken(f"It is called .{ending}, and is a picture: call it .png or .jpg, as it is.")
    if OF_PICTURES[ending] != kind:
        raise NotTaken(f"It is called .{ending}, and is another kind of picture: call it by what it is.")
    if kind == PNG and not data.endswith(_END_OF_PNG):
        raise NotTaken("Something stands behind the picture in it: save the picture anew.")
    with _ONE_AT_A_TIME:
        drawn = _drawn(kind, data)
    if len(drawn) > _LARGEST_KEPT:
        raise NotTaken("It is too large once it is drawn: make the picture smaller.")
    return Inspected(_safe(name, ending), kind, drawn)


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
    plain.save(out, kind.removeprefix("image/").upper(), quality=_QUALITY)
    return out.getvalue()
