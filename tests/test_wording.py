"""What the site says accuses records, and nobody: words that it never uses."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BANNED = re.compile(
    r"\b(?:fak(?:e|es|ed|ing)|fraud\w*|cheat\w*|lied|proven false|scam\w*|forg(?:ed|ery))\b", re.IGNORECASE
)
TEXTS = sorted(
    path
    for pattern in ("templates/**/*.*", "docs/*.md", "*.md", "static/**/*.js")
    for path in ROOT.glob(pattern)
)
MODULES = sorted([*ROOT.glob("explorer/**/*.py"), *ROOT.glob("indexer/checks/*.py")])


def strings(source: str) -> list[str]:
    """Every string of a module, docstrings and the parts of f-strings too, as it is when joined."""
    return [
        each.value
        for each in ast.walk(ast.parse(source))
        if isinstance(each, ast.Constant) and isinstance(each.value, str)
    ]


def test_there_are_texts_and_modules_to_look_at() -> None:
    assert len(TEXTS) > 50
    assert len(MODULES) > 200


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_no_template_and_no_document_accuses_anybody(path: Path) -> None:
    assert BANNED.findall(path.read_text(encoding="utf-8")) == []


def test_no_string_of_a_page_of_the_api_or_of_a_check_does() -> None:
    """Help texts, messages and explanations, and what else is there: nothing is left out."""
    found = [
        (str(path.relative_to(ROOT)), each)
        for path in MODULES
        for each in strings(path.read_text(encoding="utf-8"))
        if BANNED.search(each)
    ]
    assert found == []


def test_a_banned_word_is_seen_wherever_a_string_holds_it() -> None:
    source = '"""A fake."""\n# a fraud in a comment\nsaid = f"{who} lied" "; a " "scam"\nfake = cheat\n'
    assert sorted(word for each in strings(source) for word in BANNED.findall(each)) == [
        "fake",
        "lied",
        "scam",
    ]
