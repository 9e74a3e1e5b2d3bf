"""Comparing texts that are sent by the form, with each other and with records."""

import re

import pytest
from django.http import HttpResponse
from django.test import Client
from selectolax.lexbor import LexborHTMLParser

from explorer.queries.chain.chains import ChainView
from explorer.queries.compare import comparison
from indexer.models import Suppression
from indexer.records.erase import suppress
from tests.explorer.pages.views.comparing import (
    HOSTILE,
    ONE,
    SECRET,
    TWO,
    answer_key,
    at,
    marked,
    text_of,
)

pytestmark = pytest.mark.django_db


def send(**given: str) -> HttpResponse:
    return Client(enforce_csrf_checks=True).post("/compare", given)  # type: ignore[return-value]


def test_texts_are_compared_and_kept_nowhere(small: ChainView) -> None:
    response = send(a_text=f"{ONE}\r\nEnd.", b_text=f"{TWO}\r\nEnd.")
    assert response.status_code == 200
    html = response.content.decode()
    assert marked(html) == [("del", "deleted: three"), ("ins", "inserted: five")]
    assert "This cannot be sent on" in text_of(html)
    assert "Text A and text B are not identical" in text_of(html, "h1")
    assert response.headers["Cache-Control"] == "no-store"
    assert not response.cookies


def test_a_text_stands_against_a_record(small: ChainView) -> None:
    html = send(a=f"{small.rid}:1.1", b_text=TWO, view="split").content.decode()
    assert marked(html) == [("del", "deleted: three"), ("ins", "inserted: five")]
    assert "#1, revision 1" in text_of(html)
    response = send(a=f"{small.rid}:1.1", b=f"{small.rid}:1.2")
    assert (response.status_code, response.headers["Location"]) == (303, at(small, "1.1", "1.2"))


def test_a_text_tells_nothing_of_what_is_withheld(small: ChainView) -> None:
    key = answer_key(small, 5)
    suppress(
        Suppression.Subject.CONTENT, key, mode=Suppression.Mode.HIDE, reason="private", by="the operator"
    )
    right, wrong = (send(a=f"{small.rid}:5.1", b_text=text) for text in (SECRET, "nothing of it"))
    assert right.status_code == wrong.status_code == 451
    said = [
        re.sub(r"[0-9]{2}:[0-9]{2}:[0-9]{2}", "", text_of(each.content.decode())) for each in (right, wrong)
    ]
    assert said[0] == said[1]


@pytest.mark.parametrize(
    "given",
    [{"a": "1"}, {"a": "{rid}:1", "a_text": "both"}, {"view": "raw"}, {"a": "{rid}:1.1", "b": "x" * 500}],
)
def test_what_a_form_of_ours_does_not_send_is_refused(small: ChainView, given: dict[str, str]) -> None:
    assert send(**{name: each.format(rid=small.rid) for name, each in given.items()}).status_code == 400


def test_a_text_that_is_too_long_is_refused_and_more_than_that_before_it_is_read(
    small: ChainView, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comparison, "MOST_BYTES", 2_000)
    response = send(a_text="\u4eca" * 700, b_text="x")
    assert response.status_code == 413
    assert "2,000 bytes" in response.content.decode()
    assert send(a_text="x" * 5_300_000).status_code == 413


def test_hostile_texts_are_words(small: ChainView) -> None:
    html = send(a_text=HOSTILE, b_text="</textarea><script>alert(3)</script>\x00").content.decode()
    assert LexborHTMLParser(html).css("main script, main img") == []
    assert "\u202e" not in html
