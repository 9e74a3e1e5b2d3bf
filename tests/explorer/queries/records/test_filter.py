"""The filters of records: each holds what it says, and is answered by an index."""

from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from explorer.queries.chain.chains import ChainView
from explorer.queries.db.filters import Condition, declared
from explorer.queries.db.kinds import LARGEST, Number, Words
from explorer.queries.db.pagination import PageRequest
from explorer.queries.records import listing
from explorer.queries.records.filter import RecordFilter
from explorer.queries.records.rows import Status
from tests.explorer.queries.every import walked

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("status", Status)
def test_a_status_leaves_out_the_others(recorded_chain: ChainView, status: Status) -> None:
    found = walked(recorded_chain, RecordFilter(status))
    assert found == [each for each in walked(recorded_chain) if each.status is status]
    assert found


_OTHERS = """
    INSERT INTO indexer_record (chain_id, generation, position, prompt_id, scout, seed, created_at,
        revised_position, model_id, provider_id, revisions, status, prompt, answer)
    SELECT r.chain_id, r.generation, {position}, -g, 1, 1, 1, 1,
        r.model_id, r.provider_id, 2, {status}, r.prompt, r.answer
    FROM generate_series(1, 9999) AS g, (SELECT * FROM indexer_record ORDER BY position DESC LIMIT 1) AS r
"""


def put_before(*, position: str, status: int) -> None:
    """Records of another status, which a reader who asks for one must come by."""
    with connection.cursor() as cursor:
        cursor.execute(_OTHERS.format(position=position, status=status))
        cursor.execute("ANALYZE indexer_record")


def read_few(chain: ChainView, status: Status, request: PageRequest) -> None:
    """A page of a status is full, and few others were read for it."""
    with CaptureQueriesContext(connection) as asked:
        found = listing.page(chain, RecordFilter(status), request)
    assert [each.status for each in found.rows] == [status] * request.limit
    for each in asked:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {each['sql']}")
            ((plan,),) = cursor.fetchall()
        assert _passed_over(plan) < 1_000, plan


@pytest.mark.parametrize("status", [Status.EDITED, Status.DELETED])
def test_those_that_were_changed_are_found_before_any_number_of_others(
    recorded_chain: ChainView, status: Status
) -> None:
    put_before(position="r.position + g", status=1)
    read_few(recorded_chain, status, PageRequest(limit=5))


@pytest.mark.parametrize(
    "start", [PageRequest(limit=5, oldest_first=True), PageRequest(limit=5, after=-9_999)]
)
def test_those_as_first_written_are_found_behind_any_number_of_deleted_ones(
    recorded_chain: ChainView, start: PageRequest
) -> None:
    put_before(position="g - 10000", status=3)
    read_few(recorded_chain, Status.LIVE, start)


def _passed_over(plan: Any) -> int:
    """The most rows that one step of a plan read and left out."""
    if isinstance(plan, list):
        return max(map(_passed_over, plan), default=0)
    if not isinstance(plan, dict):
        return 0
    return max(int(plan.get("Rows Removed by Filter", 0)), _passed_over(list(plan.values())))


# One declaration each is all that another filter takes


@dataclass(frozen=True, slots=True)
class Wider(RecordFilter):
    """With filters that are to come."""

    seed: int | None = field(
        default=None,
        metadata=declared(
            Number(-LARGEST - 1, LARGEST),
            label="Seed",
            about="The seed.",
            condition=lambda seed: Condition("r.seed = %(seed)s", {"seed": seed}),
        ),
    )
    model: str | None = field(
        default=None,
        metadata=declared(
            Words(12_000),
            label="Model",
            about="The name of the model.",
            condition=lambda name: Condition(
                "r.model_id = (SELECT id FROM indexer_name WHERE hash = %(model)s)",
                {"model": sha256(name.encode()).digest()},
            ),
        ),
    )
    since: int | None = field(
        default=None,
        metadata=declared(
            Number(),
            label="Since",
            about="From this time of its block on, in ms.",
            condition=lambda time: Condition(
                "EXISTS (SELECT FROM indexer_block b WHERE b.chain_id = r.chain_id "
                "AND b.height = r.position >> 20 AND b.timestamp >= %(since)s)",
                {"since": time},
            ),
        ),
    )


@pytest.mark.parametrize("wanted", [{"seed"}, {"model"}, {"since"}, {"seed", "model", "since", "status"}])
def test_another_filter_is_one_declaration(recorded_chain: ChainView, wanted: set[str]) -> None:
    every = walked(recorded_chain)
    row = every[len(every) // 2]
    time = round(row.block_at.timestamp() * 1000)
    given: dict[str, Any] = {"seed": row.seed, "model": row.model, "since": time, "status": row.status}
    expected = [
        each
        for each in every
        if ("seed" not in wanted or each.seed == row.seed)
        and ("model" not in wanted or each.model == row.model)
        and ("since" not in wanted or each.block_at >= row.block_at)
        and ("status" not in wanted or each.status is row.status)
    ]
    found = walked(recorded_chain, Wider(**{name: given[name] for name in wanted}))
    assert found == expected
    assert row in found
    assert len(found) < len(every) or wanted == {"model"}
