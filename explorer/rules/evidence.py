"""What may be sent as a file: which kinds, how large, how many."""

from collections.abc import Mapping

LARGEST = 2 * 1024 * 1024
"""Bytes of a file."""

MOST_FILES = 5
"""Files of one piece of evidence, and of what is filed."""

MOST_PIXELS = 8_400_000
"""Of a picture, a screen of 3840 by 2160 among them: it is drawn anew, which takes four bytes of memory for
each and more, and at worst somewhat more than a second.
"""

DEEPEST = 64
"""Levels of JSON within JSON."""

PNG, JPEG = "image/png", "image/jpeg"

OF_TEXT: Mapping[str, str] = {
    "txt": "text/plain",
    "log": "text/plain",
    "csv": "text/csv",
    "json": "application/json",
    "jsonl": "application/x-ndjson",
}
"""Types of texts, by what their names end with."""

OF_PICTURES: Mapping[str, str] = {"png": PNG, "jpg": JPEG, "jpeg": JPEG}
"""Types of pictures, by the same."""

ENDINGS = tuple(f".{each}" for each in (*OF_TEXT, *OF_PICTURES))
"""What a name may end with."""

EVERY_TYPE = tuple(dict.fromkeys([*OF_TEXT.values(), *OF_PICTURES.values()]))


def content_type(kind: str) -> str:
    """What is said of a file of that type when it is given out: texts are UTF-8."""
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind
