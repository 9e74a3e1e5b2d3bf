"""What the site says accuses records, and nobody: words that it never uses."""

import re
from pathlib import Path

import pytest

from indexer.checks.check import WITHHELD
from indexer.checks.registry import checks

ROOT = Path(__file__).parent.parent
BANNED = re.compile(
    r"\b(?:fak(?:e|es|ed|ing)|fraud\w*|cheat\w*|lied|proven false|scam\w*|forg(?:ed|ery))\b", re.IGNORECASE
)
TEXTS = sorted(
    [*ROOT.glob("templates/**/*.html"), *ROOT.glob("docs/*.md"), *ROOT.glob("indexer/checks/*.py")]
)


def test_there_are_texts_to_look_at() -> None:
    assert len(TEXTS) > 50


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_no_template_and_no_document_accuses_anybody(path: Path) -> None:
    assert BANNED.findall(path.read_text(encoding="utf-8")) == []


def test_no_text_of_a_check_does() -> None:
    for each in checks():
        told = (each.title, each.question, each.how, each.limits, *each.causes)
        assert (
            BANNED.findall(" ".join((*told, *(one.words for one in (*each.outcomes, *WITHHELD.values())))))
            == []
        )
