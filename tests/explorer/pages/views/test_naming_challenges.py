"""A challenge that names another record: it is withheld with that one's words too."""

from collections.abc import Callable, Iterator

import pytest
from pytest_django import DjangoDbBlocker, Settings

from explorer.challenges import acting
from explorer.challenges.models import Challenge
from explorer.queries.chain.chains import ChainView
from explorer.queries.records.record import record
from explorer.rules.lifecycle import Role
from indexer.models import Suppression
from tests.explorer.challenges import filed, shown_challenges
from tests.explorer.challenges.filed import UNTOUCHED
from tests.explorer.pages.asking import get
from tests.indexer.records.erasing import erase, hide

QUOTED = "a lake"

pytestmark = pytest.mark.django_db(databases=["default", "desk"])


@pytest.fixture(scope="module")
def quoting(chain: ChainView, django_db_blocker: DjangoDbBlocker) -> Iterator[Challenge]:
    with django_db_blocker.unblock():
        said = f"Record {UNTOUCHED} says “{QUOTED}” too."
        found = filed.file(
            chain, ground="replayed-text", by=filed.person(), statement=said, other=str(UNTOUCHED)
        )
        yield acting.accept(found.number, filed.act(Role.ARBITER))
        shown_challenges.empty()


@pytest.mark.parametrize("act", [hide, erase])
def test_what_may_repeat_words_of_the_other_record_is_withheld_with_them(
    act: Callable[[Suppression.Subject, bytes], int],
    chain: ChainView,
    quoting: Challenge,
    settings: Settings,
) -> None:
    settings.CHALLENGES = True
    page, api = f"/challenges/{quoting.name}", f"/api/v1/challenges/{quoting.name}"
    assert all(QUOTED in get(each).content.decode() for each in (page, api, f"{api}/events"))
    answer = record(chain, UNTOUCHED).current.answer
    assert answer is not None
    act(Suppression.Subject.CONTENT, answer.hash)
    for address in (page, api, f"{api}/events", f"/feeds{page}"):
        response = get(address)
        assert response.status_code == 200
        assert QUOTED not in response.content.decode()
