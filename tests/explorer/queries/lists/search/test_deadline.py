"""Statements that are given no more time than there is."""

import pytest
from django.db import ProgrammingError

from explorer.queries.db import sql
from explorer.queries.lists.search.deadline import Deadline, OutOfTime, bounded

pytestmark = pytest.mark.django_db


def test_a_statement_that_takes_longer_is_ended_and_the_transaction_goes_on() -> None:
    with bounded(Deadline.within(60)) as statements:
        for _ in range(2):
            with pytest.raises(OutOfTime):
                statements.row("SELECT pg_sleep(60)", {}, share=0.001)
            assert statements.row("SELECT 1", {}) == (1,)
            assert statements.rows("SELECT 1 WHERE false", {}) == []


def test_nothing_is_begun_when_time_is_up() -> None:
    with bounded(Deadline.within(0)) as statements, pytest.raises(OutOfTime):
        statements.row("SELECT 1", {})


def test_who_has_found_something_is_given_less() -> None:
    with bounded(Deadline.within(60, soon=0.05)) as statements:
        with pytest.raises(OutOfTime):
            statements.by_soon.row("SELECT pg_sleep(60)", {})
        with pytest.raises(OutOfTime):
            statements.by_soon.row("SELECT 1", {})
        assert statements.row("SELECT 1", {}) == (1,)
    with bounded(Deadline.within(0.05, soon=60)) as statements, pytest.raises(OutOfTime):
        statements.by_soon.row("SELECT pg_sleep(60)", {})


def test_what_is_no_lack_of_time_is_told_as_it_is() -> None:
    with pytest.raises(ProgrammingError), bounded(Deadline.within(60)) as statements:
        statements.row("SELECT nothing", {})
    assert sql.row("SELECT current_setting('enable_seqscan')", {}) == ("on",)


def test_afterwards_statements_have_the_time_that_they_had() -> None:
    before = sql.row("SELECT current_setting('statement_timeout'), current_setting('enable_seqscan')", {})
    with bounded(Deadline.within(60)) as statements:
        assert sql.row("SELECT current_setting('enable_seqscan')", {}) == ("off",)
        statements.row("SELECT 1", {})
    after = sql.row("SELECT current_setting('statement_timeout'), current_setting('enable_seqscan')", {})
    assert after == before
