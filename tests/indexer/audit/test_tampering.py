"""Whatever is changed in the tables of a chain that is derived is found, and named."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from indexer import derive
from indexer.derive import registry
from indexer.models import Chain, CheckUnsettled
from tests.indexer import kept
from tests.indexer.audit.checking import findings, found_in, tamper
from tests.indexer.audit.tampering import CASES, ROUNDS, Case
from tests.once import found_once

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def derived(kept_chains: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Chain]:
    """The varied chain in the tables for all tests of this module, each of which is rolled back."""
    with django_db_blocker.unblock():
        chain = kept.put_back(kept.VARIED)
        derive.catch_up(chain)
    yield chain
    with django_db_blocker.unblock():
        kept.empty()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_was_changed_is_found_and_named(case: Case, derived: Chain) -> None:
    found = []
    for each in told(case, derived):
        found.append(each)
        if re.match(case.told, each):
            return
    pytest.fail("\n".join(found) or "nothing was found")


def told(case: Case, chain: Chain) -> Iterable[str]:
    """What a check says where a case is changed, as it finds it; where all of its round are, once a run."""
    for number, cases in enumerate(ROUNDS):
        if case in cases:
            return found_once(f"findings of round {number}", partial(all_of, cases, chain))
    return tampered([case], chain)


def all_of(cases: Sequence[Case], chain: Chain) -> list[str]:
    return list(tampered(cases, chain))


def tampered(cases: Sequence[Case], chain: Chain) -> Iterator[str]:
    for each in cases:
        tamper(*each.statements)
    return found_in(chain)


def test_what_is_told_of_a_case_is_told_of_no_other_one_of_its_round() -> None:
    for cases in ROUNDS:
        rows = [re.match(r"count: of [a-z ]+|owner: position (-1|\[)|[a-z]+", each.told) for each in cases]
        assert len({each and each[0] for each in rows}) == len(cases)


def test_a_row_that_is_missing_from_any_table_that_is_derived_is_found(derived: Chain) -> None:
    tables = [each for one in registry.derivations() for each in one.tables]
    for table in tables:
        if table is CheckUnsettled:  # has rows while an order is carried out
            continue
        name = str(table._meta.model_name)
        with transaction.atomic():
            tamper(f"DELETE FROM indexer_{name} WHERE ctid = (SELECT min(ctid) FROM indexer_{name})")
            # What it alone named, and generations share, is told of too.
            found = [each for each in findings(derived) if not each.endswith("no record names it")]
            transaction.set_rollback(True)
        assert len(found) == 1
        assert found[0].startswith(f"{name}: ")
        assert found[0].endswith("not stored, and deriving again gives it")
