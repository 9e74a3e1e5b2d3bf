"""What the database does for a question, however many rows there are."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connection


def most_read(asked: Iterable[Mapping[str, str]]) -> int:
    """The most rows that one step of any of these queries gave or left out, as they are run once more."""
    return max(map(_of_query, asked), default=0)


def _of_query(query: Mapping[str, str]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {query['sql']}")
        ((plan,),) = cursor.fetchall()
    return _of_plan(plan)


def _of_plan(plan: Any) -> int:
    if isinstance(plan, list):
        return max(map(_of_plan, plan), default=0)
    if not isinstance(plan, dict):
        return 0
    own = int(plan.get("Actual Rows", 0)) + int(plan.get("Rows Removed by Filter", 0))
    return max(own, _of_plan(list(plan.values())))
