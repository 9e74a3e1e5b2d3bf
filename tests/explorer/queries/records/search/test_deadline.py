"""Statements that are given no more time than there is."""

import pytest
from django.db import ProgrammingError

from explorer.queries.db import sql
from explorer.queries.records.search import deadline
from explorer.queries.records.search.deadline import Deadline, OutOfTime

pytestmark = pytest.mark.django_db


def test_a_statement_that_takes_longer_is_ended_and_the_transaction_goes_on() -> None:
    with deadline.bounded():
        with pytest.raises(OutOfTime):
            deadline.row("SELECT pg_sleep(60)", {}, deadline=Deadline.within(0.05))
        assert deadline.row("SELECT 1", {}, deadline=Deadline.within(60)) == (1,)


def test_nothing_is_begun_when_time_is_up() -> None:
    with deadline.bounded(), pytest.raises(OutOfTime):
        deadline.row("SELECT 1", {}, deadline=Deadline.within(0))


def test_what_is_no_lack_of_time_is_told_as_it_is() -> None:
    with deadline.bounded(), pytest.raises(ProgrammingError):
        deadline.row("SELECT nothing", {}, deadline=Deadline.within(60))


def test_afterwards_statements_have_the_time_that_they_had() -> None:
    before = sql.row("SELECT current_setting('statement_timeout'), current_setting('enable_seqscan')", {})
    with deadline.bounded():
        deadline.row("SELECT 1", {}, deadline=Deadline.within(60))
    after = sql.row("SELECT current_setting('statement_timeout'), current_setting('enable_seqscan')", {})
    assert after == before
