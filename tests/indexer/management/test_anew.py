"""Records that another version made are made anew by whoever runs everything, beside what readers see."""

import pytest
from django.db import connections

from indexer.dapp.replay import RULES
from indexer.management import anew as module
from indexer.management.anew import Anew
from indexer.models import Block, Chain, Configuration, Generation
from indexer.store import locks
from indexer.store.rules import rules_of
from tests.indexer import earlier
from tests.indexer.threads import LONGEST

pytestmark = pytest.mark.django_db(transaction=True)


def made_anew() -> list[str]:
    """What was told until nothing was left to be done."""
    with Anew() as anew:
        anew.wait()
    return list(anew.lines())


def test_records_of_other_rules_are_made_anew_and_it_is_told(old: Chain) -> None:
    before, after = made_anew()
    assert f"made by rules {earlier.RULES}, and this version has rules {RULES}" in before
    assert after.endswith(f"its records are made anew to height {earlier.FOLDED}, and shown.")
    assert not rules_of(old.id).differ
    assert made_anew() == []


def test_what_cannot_be_made_anew_is_told_and_left_as_it_is(old: Chain) -> None:
    Block.objects.filter(height=2).update(rid=b"\0" * 32)
    _, why = made_anew()
    assert "its records cannot be made anew. Block" in why
    assert Generation.objects.get().rules == earlier.RULES


def test_stored_bytes_that_cannot_be_read_are_told_and_left_as_they_are(old: Chain) -> None:
    Configuration.objects.update(raw=b"no configuration")
    _, why = made_anew()
    assert "its records cannot be made anew. " in why
    assert Generation.objects.get().rules == earlier.RULES


def test_where_another_process_is_at_it_it_is_tried_again(
    old: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_AGAIN_AFTER", 0.05)
    with connections["default"].cursor() as cursor:
        assert locks.hold_build(cursor, old.id)
        with Anew() as anew:
            assert "made by rules 2" in anew._said.get(timeout=LONGEST)
            locks.release_build(cursor, old.id)
            anew.wait()
    assert len(list(anew.lines())) == 1
    assert not rules_of(old.id).differ
