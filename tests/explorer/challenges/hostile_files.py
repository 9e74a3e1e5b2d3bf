"""Files that somebody may send: honest ones, and those that are something else."""

import struct
import zlib
from io import BytesIO
from zipfile import ZipFile

from PIL import Image

from explorer.rules.evidence import DEEPEST, LARGEST

GPS, ORIENTATION, CAMERA = 0x8825, 0x0112, 0x0110
SCRIPT = b"<script>alert(1)</script>"


def png(width: int = 4, height: int = 2) -> bytes:
    out = BytesIO()
    Image.new("RGBA", (width, height), (200, 30, 30, 128)).save(out, "PNG")
    return out.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_with(more: bytes) -> bytes:
    """A picture with a chunk of its own before the end."""
    whole = png()
    end = whole.index(b"IEND") - 4
    return whole[:end] + more + whole[end:]


def png_of_size(width: int, height: int) -> bytes:
    """A picture that says it has so many dots, in a few bytes."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    rows = zlib.compress(b"\0" * 1_000_000, 9)
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def photograph() -> bytes:
    """Lying on its side, with the place where it was taken, the camera, and words of its own."""
    found = Image.new("RGB", (40, 20), (10, 90, 200))
    exif = found.getexif()
    exif[ORIENTATION], exif[CAMERA] = 6, "a camera of mine"
    exif.get_ifd(GPS)[2] = (52.0, 31.0, 12.0)
    out = BytesIO()
    found.save(out, "JPEG", exif=exif, comment=SCRIPT)
    return out.getvalue()


def archive() -> bytes:
    out = BytesIO()
    with ZipFile(out, "w") as found:
        found.writestr("bomb.txt", "0" * 1_000_000)
    return out.getvalue()


DEEP = b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1)

REFUSED = {
    "empty": ("a.txt", b"", "It is empty"),
    "too large": ("a.txt", b"x" * (LARGEST + 1), "at most 2 MB"),
    "no ending": ("evidence", b"x", "ends with none of .txt"),
    "a program": ("a.exe", b"MZ", "ends with none of .txt"),
    "behind bidi": ("a\u202egpj.exe", png(), "ends with none of .txt"),
    "SVG": ("a.svg", b"<svg onload=alert(1)>", "ends with none of .txt"),
    "SVG as text": ("a.txt", b' \n<SVG onload="alert(1)">', "which a browser may run"),
    "SVG as XML": ("a.log", b'<?xml version="1.0"?><svg/>', "which a browser may run"),
    "SVG as a picture": ("a.png", b"<svg/>", "none of PNG or JPEG"),
    "HTML": ("a.html", b"<!doctype html>", "ends with none of .txt"),
    "HTML as text": ("a.csv", b"\xef\xbb\xbf <!DOCTYPE html><p>", "which a browser may run"),
    "HTML in JSON's clothes": ("a.json", b"<html>", "which a browser may run"),
    "PDF": ("a.txt", b"%PDF-1.4 hello", "which a browser may run"),
    "archive": ("a.zip", archive(), "ends with none of .txt"),
    "archive as text": ("a.txt", archive(), "There is an archive in it"),
    "archive in a picture": ("a.png", png() + archive(), "There is an archive in it"),
    "archive in a photograph": ("a.jpg", photograph() + archive(), "There is an archive in it"),
    "gzip": ("a.log", b"\x1f\x8b\x08\x00abc", "no text in UTF-8"),
    "page behind a picture": ("a.png", png() + SCRIPT, "Something stands behind the picture"),
    "text as a picture": ("a.png", b"hello", "none of PNG or JPEG"),
    "picture as text": ("a.txt", png(), "is a picture"),
    "PNG as JPEG": ("a.jpg", png(), "another kind of picture"),
    "GIF": ("a.png", b"GIF89a" + b"\0" * 40, "none of PNG or JPEG"),
    "half a picture": ("a.jpg", photograph()[:-200], "This picture is broken"),
    "many dots": ("a.png", png_of_size(8_000, 8_000), "has at most 8,400,000 dots"),
    "more dots": ("a.png", png_of_size(12_000, 12_000), "has at most 8,400,000 dots"),
    "dots without end": ("a.png", png_of_size(2**31 - 1, 2**31 - 1), "has at most 8,400,000 dots"),
    "bomb of words": (
        "a.png",
        png_with(chunk(b"zTXt", b"a\0\0" + zlib.compress(b"x" * 80_000_000, 9))),
        "This picture is broken",
    ),
    "UTF-16": ("a.log", "hello".encode("utf-16"), "no text in UTF-8"),
    "NUL": ("a.txt", b"a\0b", "characters in it that no text has"),
    "no JSON": ("a.json", b"{a: 1}", "is none"),
    "no JSON in a line": ("a.jsonl", b'{"a": 1}\nhello\n', "is none"),
    "JSON over two lines": ("a.jsonl", b'[1]\n{"a":\n1}\n', "is none"),
    "two in a line": ("a.jsonl", b'{"a": 1} {"b": 2}\n', "is none"),
    "deep line": ("a.jsonl", b"1\n" + DEEP + b"\n", "more than 64 levels"),
    "deep JSON": ("a.json", DEEP, "more than 64 levels"),
    "JSON without a bottom": ("a.json", b"[" * 500_000, "is none"),
}
"""By what they are: name, bytes, and what is said of them."""

TAKEN = {
    "text": ("Log of 1 May.TXT", "naïve ✓ \u202e\n".encode(), "Log_of_1_May.txt", "text/plain"),
    "terminal": ("a.log", b"\x1b[31mred\x1b[0m\r\n\f", "a.log", "text/plain"),
    "priority": ("a.log", b"<34>Oct 11 su: failed <b>", "a.log", "text/plain"),
    "table": ("a.csv", b"=1+1,b\n", "a.csv", "text/csv"),
    "JSON": ("a.json", b'\xef\xbb\xbf{"a": ["<svg>", 1e40]}', "a.json", "application/json"),
    "lines of JSON": ("a.jsonl", b'{"a": 1}\r\n\n[2]\n', "a.jsonl", "application/x-ndjson"),
    "way up": ("..\\../etc/passwd.txt", b"x", "passwd.txt", "text/plain"),
    "two endings": ("a.exe.txt", b"x", "a_exe.txt", "text/plain"),
    "header": ("a\r\nSet-Cookie: b\u202e\0.txt", b"x", "a_Set-Cookie_b.txt", "text/plain"),
    "nameless": ("\u202e.txt", b"x", "file.txt", "text/plain"),
    "long": ("ä" * 300 + ".txt", b"x", "ä" * 60 + ".txt", "text/plain"),
}
"""By what they are: name, bytes, what they are called, and the type."""
