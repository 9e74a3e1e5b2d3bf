"""Style, script and templates, as they lie on the disk."""

import gzip
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

ROOT = Path(__file__).parents[3]
STATIC, TEMPLATES = ROOT / "static", ROOT / "templates"
LARGEST_STYLE, LARGEST_SCRIPT, ALL_SCRIPTS = 20_000, 12_000, 30_000  # bytes, compressed
STYLE = (STATIC / "look.css").read_text()
EVERY_TEMPLATE = sorted(TEMPLATES.rglob("*.html"))


def compressed(*files: Path) -> int:
    return sum(len(gzip.compress(each.read_bytes())) for each in files)


def names(theme: str) -> dict[str, tuple[float, ...]]:
    """The colours of a theme by their names."""
    side = {"light": 0, "dark": 1}[theme]
    found = re.findall(r"--([\w-]+): light-dark\((#\w+), (#\w+)\);", STYLE)
    return {name: rgb(pair[side]) for name, *pair in found}


def rgb(colour: str) -> tuple[float, ...]:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * each for each in colour[1:])
    return tuple(int(digits[start : start + 2], 16) / 255 for start in (0, 2, 4))


def luminance(colour: tuple[float, ...]) -> float:
    """Relative luminance (WCAG 2.2)."""
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_style_and_script_are_small() -> None:
    assert compressed(*STATIC.rglob("*.css")) <= LARGEST_STYLE
    assert compressed(*STATIC.rglob("*.js")) <= LARGEST_SCRIPT


def test_all_scripts_of_a_page_are_small() -> None:
    names = re.findall(r"<script src=\"{% static '([^']+)' %}\"", (TEMPLATES / "base.html").read_text())
    assert len(names) == 2
    assert compressed(*(Path(str(finders.find(each))) for each in names)) <= ALL_SCRIPTS


def test_style_fetches_nothing_but_our_own_files() -> None:
    places = re.findall(r"url\(([^)]*)\)", STYLE)
    assert places
    for place in places:
        assert (STATIC / place.strip("\"'")).is_file(), place
    assert "@import" not in STYLE
    assert "data:" not in STYLE


@pytest.mark.parametrize("picture", sorted(STATIC.rglob("*.svg")), ids=lambda each: each.name)
def test_pictures_hold_no_style_or_script_of_their_own(picture: Path) -> None:
    assert not re.search(r"<style|<script|style=|\son\w+=|href=", picture.read_text())


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    ("words", "ground", "least"),
    [
        *((ink, ground, 4.5) for ink in ("ink", "ink-2", "accent", "edited", "deleted", "holds")
          for ground in ("paper", "sheet", "field")),
        ("on-accent", "accent", 4.5), ("ink", "tone-b", 4.5), ("ink", "tone-c", 4.5),
        ("ink", "hit", 4.5), ("ink-2", "hit", 4.5), ("deleted", "hit", 4.5),
        ("added", "added-wash", 4.5), ("removed", "removed-wash", 4.5),
        ("edge", "paper", 3), ("edge", "field", 3),
    ],
)  # fmt: skip
def test_words_stand_out_from_their_ground(theme: str, words: str, ground: str, least: float) -> None:
    colours = names(theme)
    assert contrast(colours[words], colours[ground]) >= least


@pytest.mark.parametrize("template", EVERY_TEMPLATE, ids=lambda each: each.name)
def test_no_template_has_style_or_script_in_line(template: Path) -> None:
    text = template.read_text()
    assert not re.search(r"<style|<script(?![^>]* src=)|\sstyle=|\son\w+=|hx-on|javascript:", text)


@pytest.mark.parametrize("template", EVERY_TEMPLATE, ids=lambda each: each.name)
def test_no_template_turns_escaping_off(template: Path) -> None:
    assert not re.search(r"\|\s*safe|autoescape|safeseq", template.read_text())


def test_htmx_is_served_from_here_and_runs_no_text_as_code() -> None:
    base = (TEMPLATES / "base.html").read_text()
    assert finders.find("django_htmx/htmx-2.min.js")
    for setting in ('"allowEval":false', '"includeIndicatorStyles":false', '"historyCacheSize":0'):
        assert setting in base
    assert not re.search(r"(src|href)=\"(https?:)?//", base)
