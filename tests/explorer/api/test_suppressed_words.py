"""Words of a challenge that a moderator withholds, or takes out for good, are in no answer of the API."""

from collections.abc import Iterator, Mapping

import pytest
from pytest_django import DjangoDbBlocker

from explorer.challenges import acting, withholding
from explorer.challenges.models import Challenge
from explorer.challenges.parties import Actor
from explorer.queries.chain.chains import ChainView
from explorer.rules.lifecycle import Role
from tests.explorer import shown
from tests.explorer.api.asking import ask, told
from tests.explorer.challenges import filed, shown_challenges
from tests.explorer.challenges.filed import BROKEN, EDITED, UNTOUCHED, WHY
from tests.explorer.conftest import Tables

pytestmark = pytest.mark.django_db
RECORDS = {"shown": EDITED, "hidden": UNTOUCHED, "erased": BROKEN}


@pytest.fixture(scope="module")
def chain(_tables: Tables) -> ChainView:
    return _tables.hold("challenged", lambda: shown.index_made(filed.made_chain(), is_kept=True))


@pytest.fixture(scope="module")
def opened(chain: ChainView, django_db_blocker: DjangoDbBlocker) -> Iterator[Mapping[str, Challenge]]:
    """Challenges whose words were shown, and then withheld or erased but for one."""
    with django_db_blocker.unblock():
        found = {name: _opened(chain, prompt_id) for name, prompt_id in RECORDS.items()}
        for name in ("hidden", "erased"):
            withholding.suppress(
                found[name].number, filed.act(Role.MODERATOR), ordinal=1, category="personal data",
                basis="It names somebody.", erase=name == "erased",
                second=Actor(Role.MODERATOR, "second") if name == "erased" else None,
            )  # fmt: skip
        yield found
        shown_challenges.empty()


def _opened(chain: ChainView, prompt_id: int) -> Challenge:
    challenge = filed.file(chain, prompt_id, "time-inconsistent", by=filed.person(f"asks about {prompt_id}"))
    return acting.accept(challenge.number, filed.act(Role.ARBITER))


@pytest.mark.parametrize("name", RECORDS)
def test_what_a_moderator_withholds_is_not_told(name: str, opened: Mapping[str, Challenge]) -> None:
    at, is_shown = f"/challenges/{opened[name].name}", name == "shown"
    for path in (at, f"{at}/events"):
        assert (WHY in ask(path).content.decode()) is is_shown
    first = told(f"{at}/events")["results"][0]
    assert first["silence"] == (None if is_shown else "suppressed")
    assert (first["words"] == {}, first["salt"] is None) == (not is_shown, not is_shown)
    assert told(at)["challenging"][0]["silence"] == first["silence"]


def test_that_it_is_withheld_and_why_is_told(opened: Mapping[str, Challenge]) -> None:
    last = told(f"/challenges/{opened['hidden'].name}/events")["results"][-1]
    assert (last["type"], last["role"]) == ("suppress", "moderator")
    assert (last["facts"]["event"], last["facts"]["category"]) == (1, "personal data")
