"""The list of records: a page of it, its newest, and how many came since."""

from collections.abc import Sequence

from explorer.queries.chain.chains import ChainView
from explorer.queries.db import pagination, sql
from explorer.queries.db.pagination import Order, Page, PageRequest
from explorer.queries.db.sql import GENERATION
from explorer.queries.records.filter import RecordFilter
from explorer.queries.records.rows import RecordRow, read_rows

_MOST_NEW = 1_000
_ALL = RecordFilter()
_OF_CHAIN = f"SELECT r.* FROM indexer_record r WHERE r.chain_id = %(chain)s AND r.generation = {GENERATION}"
_BY_POSITION = Order(("r.position",))


def page(
    chain: ChainView, wanted: RecordFilter = _ALL, request: PageRequest | None = None
) -> Page[RecordRow]:
    """A page of the records that are wanted, by position; of the newest where none is asked for."""
    only = wanted.condition()
    return pagination.read(
        request or PageRequest(),
        f"{_OF_CHAIN}{only.sql}",
        {"chain": chain.id, **only.parameters},
        by=_BY_POSITION,
        rows=read_rows,
        key=lambda row: (row.position,),
    )


def latest(chain: ChainView, *, count: int = 10) -> Sequence[RecordRow]:
    """The newest records, newest first."""
    return page(chain, request=PageRequest(limit=count, both_ways=False)).rows


def newer_than(chain: ChainView, position: int) -> int:
    """How many records were written above a position, counted up to 1,000."""
    newest = f"{_OF_CHAIN} AND r.position > %(position)s ORDER BY r.position DESC LIMIT {_MOST_NEW}"
    counted = f"SELECT count(*) FROM ({newest}) AS c"
    ((count,),) = sql.rows(counted, {"chain": chain.id, "position": position})
    return int(count)
