"""Images, sounds, films and files, in whatever way a provider writes them."""

from base64 import b64decode, urlsafe_b64encode
from hashlib import sha256
from typing import Any

import pytest

from indexer.dapp import media

PNG = "iVBORw0KGgo="
BYTES = b64decode(PNG)
HERE = f"data:image/png;base64,{PNG}"


@pytest.mark.parametrize(
    "part",
    [
        {"type": "image_url", "image_url": {"url": HERE}},
        {"type": "image_url", "image_url": HERE},
        {"type": "input_image", "image_url": HERE},
        {"image_url": {"url": HERE}},
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG}},
        {"type": "image", "image": {"b64_json": PNG}},
        {"type": "image", "b64_json": PNG},
        {"type": "output_image", "image_base64": PNG},
        {"inline_data": {"mime_type": "image/png", "data": PNG}},
        {"inlineData": {"mimeType": "image/png", "data": PNG}},
        {"type": "image", "data": PNG.rstrip("=")},
        {"type": "image_url", "image_url": {"url": f"DATA:image/png;charset=x;base64,{PNG}"}},
        {"type": "image_url", "image_url": {"url": "data:image/png,%89PNG%0D%0A%1A%0A"}},
    ],
)
def test_an_image_is_known_by_its_bytes_however_it_is_written(part: dict[str, Any]) -> None:
    found = media.of_part(part)
    assert found is not None
    assert (found.kind, found.size, found.sha256) == ("image", 8, sha256(BYTES).digest())
    assert str(found) == "image, 8 bytes"


@pytest.mark.parametrize(
    "value", [PNG, HERE, {"b64_json": PNG}, {"type": "image_url", "image_url": {"url": HERE}}]
)
def test_an_image_in_a_list_of_images_needs_no_type(value: Any) -> None:
    assert media.of_image(value).sha256 == sha256(BYTES).digest()


def test_images_that_differ_are_never_the_same() -> None:
    holders: list[Any] = [
        {"b64_json": "AAAA"}, {"b64_json": "AAAB"}, {"else": "AAAA"}, {"else": "AAAB"}, {"id": "a"},
        "https://a/b.png", "https://a/c.png", {"url": "https://a/d.png"}, {"id": "b"}, 5, 6, None, [],
    ]  # fmt: skip
    assert len({media.of_image(each).sha256 for each in holders}) == len(holders)


def test_both_alphabets_of_base64_are_read() -> None:
    content = bytes(range(248, 256)) * 3
    found = media.of_part({"type": "image", "data": urlsafe_b64encode(content).decode()})
    assert found == media.Media("image", "", 24, sha256(content).digest())


@pytest.mark.parametrize(
    ("part", "line"),
    [
        ({"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}, "audio, 3 bytes"),
        ({"type": "video_url", "video_url": {"url": "https://a/b.mp4"}}, "video at another address"),
        (
            {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:a/b;base64,AAAA"}},
            "file, 3 bytes",
        ),
        ({"type": "input_file", "filename": "a.pdf", "file_data": "AAAA"}, "file, 3 bytes"),
        ({"type": "file", "file": {"file_id": "file-1"}}, "file at another address"),
        ({"type": "document", "source": {"type": "base64", "data": "AAAA"}}, "file, 3 bytes"),
        ({"type": "image", "source": {"type": "url", "url": "https://a"}}, "image at another address"),
        ({"inline_data": {"mime_type": "application/pdf", "data": "AAAA"}}, "file, 3 bytes"),
        ({"inline_data": {"mime_type": "audio/wav", "data": "AA=="}}, "audio, 1 byte"),
    ],
)
def test_sounds_films_and_files_are_named(part: dict[str, Any], line: str) -> None:
    assert str(media.of_part(part)) == line


@pytest.mark.parametrize("part", [{}, {"type": "tool_use"}, {"type": 5}, {"text": "a"}, {"file": "a"}])
def test_what_is_no_media_is_none(part: dict[str, Any]) -> None:
    assert media.of_part(part) is None
