"""What is in a file: what is taken is what it is called, and pictures are dots and nothing else."""

from io import BytesIO
from time import monotonic

import pytest
from PIL import Image

from explorer.challenges import inspection
from explorer.challenges.inspection import NotNow, NotTaken, Time, inspected
from tests.explorer.challenges.hostile_files import REFUSED, SCRIPT, TAKEN, chunk, photograph, png, png_with


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_not_taken_says_why_and_what_to_do(kind: str) -> None:
    name, data, said = REFUSED[kind]
    with pytest.raises(NotTaken) as refused:
        inspected(name, data, Time())
    assert said in str(refused.value)


@pytest.mark.parametrize("kind", TAKEN)
def test_a_text_is_kept_as_it_is_under_a_name_of_letters(kind: str) -> None:
    given, data, name, media_type = TAKEN[kind]
    found = inspected(given, data, Time())
    assert (found.name, found.type, found.data) == (name, media_type, data)


def test_a_photograph_is_upright_and_says_neither_where_nor_by_what() -> None:
    sent = photograph()
    assert b"a camera of mine" in sent
    assert SCRIPT in sent
    kept = inspected("IMG 1.JPEG", sent, Time())
    with Image.open(BytesIO(kept.data)) as found:
        assert (found.format, found.size, dict(found.getexif())) == ("JPEG", (20, 40), {})
    assert (kept.name, kept.type) == ("IMG_1.jpeg", "image/jpeg")
    assert not [each for each in (b"Exif", b"camera", SCRIPT) if each in kept.data]


@pytest.mark.parametrize(
    "more",
    [
        chunk(b"tEXt", b"Comment\0" + SCRIPT),
        chunk(b"prVt", SCRIPT),
        chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + SCRIPT),
    ],
)
def test_a_picture_keeps_its_dots_and_nothing_that_was_written_between_them(more: bytes) -> None:
    sent = png_with(more)
    assert SCRIPT in sent
    kept = inspected("a.png", sent, Time())
    with Image.open(BytesIO(kept.data)) as found:
        assert (found.format, found.size, found.getpixel((0, 0))) == ("PNG", (4, 2), (200, 30, 30, 128))
    assert SCRIPT not in kept.data
    assert inspected("a.png", png(), Time()).data == kept.data


def test_grey_and_palette_and_deep_pictures_are_drawn_too() -> None:
    for mode in ("1", "L", "LA", "P", "I;16"):
        out = BytesIO()
        Image.new(mode, (3, 3)).save(out, "PNG")
        assert inspected("a.png", out.getvalue(), Time()).type == "image/png"
    out = BytesIO()
    Image.new("CMYK", (3, 3)).save(out, "JPEG")
    assert inspected("a.jpg", out.getvalue(), Time()).data.startswith(b"\xff\xd8\xff")


def test_a_picture_waits_for_that_of_somebody_else_and_a_request_for_all_of_its_own_no_longer_than_may_be(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(inspection, "LONGEST_WAIT", 0.01)
    with inspection._ONE_AT_A_TIME:
        with pytest.raises(NotNow, match="in a moment"):
            inspected("a.png", png(), Time())
        assert inspected("a.txt", b"x", Time()).data == b"x"
    assert inspected("a.png", png(), Time()).type == "image/png"
    spent = Time(ends=monotonic())
    for name, data in (("a.png", png()), ("a.txt", b"x")):
        with pytest.raises(NotNow, match="in a moment"):
            inspected(name, data, spent)
    assert not inspection._ONE_AT_A_TIME.locked()
