"""The page between here and elsewhere: as long as the words are shown in which the link stands."""

from collections.abc import Callable, Iterator

import pytest
from django.utils import timezone
from pytest_django import DjangoDbBlocker, Settings
from selectolax.lexbor import LexborHTMLParser

from explorer.challenges import acting
from explorer.challenges.models import Challenge
from explorer.pages.rendering.outside import way_to
from explorer.queries.chain.chains import ChainView
from explorer.queries.records.record import record
from explorer.rules.lifecycle import Role
from indexer.models import Suppression
from tests.explorer.challenges import filed, shown_challenges
from tests.explorer.challenges.filed import UNTOUCHED
from tests.explorer.pages.asking import get, page
from tests.indexer.records.erasing import erase, hide

ADDRESS = "https://xn--bcher-kva.example/%3Cscript%3E?q=%22"

pytestmark = pytest.mark.django_db(databases=["default", "desk"])


@pytest.fixture(scope="module")
def linking(chain: ChainView, django_db_blocker: DjangoDbBlocker) -> Iterator[Challenge]:
    """Its first event was looked through, and has a link; what the other side said was not."""
    with django_db_blocker.unblock():
        said, now = f"See [my bank]({ADDRESS}).", timezone.now()
        found = filed.file(
            chain, UNTOUCHED, "malformed", by=filed.person("who links"), statement=said, now=now
        )
        acting.accept(found.number, filed.act(Role.ARBITER, now=now))
        acting.respond(found.number, filed.act(Role.RESPONDENT, now=now), words=said)
        yield found
        shown_challenges.empty()


@pytest.fixture(autouse=True)
def _taking(settings: Settings) -> None:
    settings.CHALLENGES = True


def way_from(challenge: Challenge) -> str:
    (link,) = LexborHTMLParser(page(f"/challenges/{challenge.name}")).css("a[href^='/leaving']")
    return link.attributes["href"] or ""


def test_a_link_of_somebody_says_where_it_leads_and_leads_there(linking: Challenge) -> None:
    response = get(way_from(linking))
    assert response.status_code == 200
    assert response.headers["X-Robots-Tag"] == "noindex"
    shown = LexborHTMLParser(response.content)
    (link,) = shown.css("main a.button")
    assert link.attributes["href"] == ADDRESS
    assert set((link.attributes["rel"] or "").split()) >= {"nofollow", "ugc", "noopener", "noreferrer"}
    words = shown.css_first("main").text()  # type: ignore[union-attr]
    for said in ("a spelling of letters other than a to z", "https://b\u00fccher.example/", ADDRESS):
        assert said in " ".join(words.split())
    assert not shown.css("main script")
    assert not response.cookies


@pytest.mark.parametrize("act", [hide, erase])
def test_it_leads_nowhere_once_the_words_are_withheld(
    act: Callable[[Suppression.Subject, bytes], int], linking: Challenge, chain: ChainView
) -> None:
    way = way_from(linking)
    answer = record(chain, UNTOUCHED).current.answer
    assert answer is not None
    act(Suppression.Subject.CONTENT, answer.hash)
    response = get(way)
    assert response.status_code == 404
    assert not LexborHTMLParser(response.content).css("main a[href^='https:']")


def test_it_leads_nowhere_from_what_nobody_looked_through(linking: Challenge) -> None:
    for event in (3, 99):
        assert get(way_to(ADDRESS, f"{linking.number}.{event}") or "").status_code == 404


@pytest.mark.parametrize(
    "query", ["", "?to=https://evil.example/", "?to=https://evil.example/&of=1.1&signed=a"]
)
def test_it_leads_nowhere_by_itself(query: str) -> None:
    response = get(f"/leaving{query}")
    assert response.status_code == 404
    assert not LexborHTMLParser(response.content).css("a[href^='https://evil']")


@pytest.mark.parametrize("of", ["", "x", "1.2.3", "1." + "9" * 99, "2026999999.1"])
def test_what_names_no_words_leads_nowhere(of: str) -> None:
    assert get(way_to(ADDRESS, of) or "").status_code in (400, 404)


def test_what_it_does_not_know_is_said() -> None:
    assert get("/leaving?from=a").status_code == 400
    assert get(f"/leaving?to={'a' * 3000}").status_code == 400
