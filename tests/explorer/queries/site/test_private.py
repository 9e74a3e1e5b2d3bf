"""Records in whose texts something private was found are listed for the operator, while they may be seen."""

import json
from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.management import call_command

from explorer.queries.chain.chains import ChainView
from explorer.queries.site import private
from explorer.queries.site.private import private_records
from indexer.dapp import rell_json
from indexer.dapp.operations import signed_hash
from indexer.models import Suppression
from indexer.records.erase import suppress
from tests.explorer import shown
from tests.indexer.made import MadeChain, add, completion, delete, update

pytestmark = pytest.mark.django_db(databases=["default", "desk"])


@pytest.fixture
def chain() -> Iterator[ChainView]:
    made = MadeChain()
    made.block(
        add(completion("Write to ann@example.com.")),
        add(completion("Nothing of the kind.")),
        add(completion("Call +41 44 668 18 00.")),
        add(completion("Mail bob@example.com.")),
    )
    made.block(update(3, completion("Do not call.")), delete(4))
    yield shown.index_made(made)
    shown.forget()


def listed() -> list[tuple[int, tuple[str, ...]]]:
    return [(each.prompt_id, each.kinds) for each in private_records()]


def test_the_newest_come_first_with_what_was_ever_found_in_them(chain: ChainView) -> None:
    assert listed() == [(4, ("e-mail address",)), (3, ("phone number",)), (1, ("e-mail address",))]


def test_they_are_all_listed_however_many(chain: ChainView, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(private, "_PART", 1)
    assert [prompt_id for prompt_id, _ in listed()] == [4, 3, 1]


@pytest.mark.parametrize("mode", list(Suppression.Mode))
def test_what_is_withheld_is_listed_no_more(chain: ChainView, mode: Suppression.Mode) -> None:
    key = signed_hash(rell_json.quote("Write to ann@example.com."))
    suppress(Suppression.Subject.CONTENT, key, mode=mode, reason="", by="test")
    assert [prompt_id for prompt_id, _ in listed()] == [4, 3]


@pytest.mark.django_db(transaction=True, databases=["default", "desk"])
def test_the_operator_is_given_pages_and_kinds_and_no_text(chain: ChainView) -> None:
    out = StringIO()
    call_command("reports", "--private", stdout=out)
    assert out.getvalue().splitlines()[-1] == f"/chains/{chain.rid}/records/1  e-mail address"
    assert "ann@" not in out.getvalue()
    out = StringIO()
    call_command("reports", "--private", "--json", stdout=out)
    assert json.loads(out.getvalue().splitlines()[0]) == {
        "chain": chain.rid,
        "prompt_id": 4,
        "kinds": ["e-mail address"],
    }
