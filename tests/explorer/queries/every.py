"""Everything of a chain as it was indexed, read once for all tests of a run: they only read."""

import re
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from functools import lru_cache
from typing import Any, TypeVar

from explorer.queries.chain import transactions
from explorer.queries.chain.chains import ChainView
from explorer.queries.chain.transactions import Transaction
from explorer.queries.db.pagination import LARGEST_PAGE, PageRequest
from explorer.queries.lists import listing
from explorer.queries.lists.filter import RecordFilter
from explorer.queries.records.record import Record, record
from explorer.queries.records.row import RecordRow
from indexer.models import Transaction as Stored
from tests.once import found_once

T = TypeVar("T")

EVERYTHING = RecordFilter()

_LONG = 1000
_SLUG = re.compile(r"[a-z_]{1,30}")  # a word of ours or of the protocol's, as a role or a reason
# What a page writes in another way: markup, controls, marks of direction, half a character.
_TELLING = re.compile(r"[<&\\\0-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@lru_cache(maxsize=3)
def every_record(chain: ChainView) -> Sequence[Record]:
    """All records, oldest first."""
    found = found_once(
        f"records of {_named(chain)}",
        lambda: [record(chain, prompt_id) for prompt_id in range(1, chain.records + 1)],
    )
    return [replace(each, chain=chain) for each in found]


@lru_cache(maxsize=3)
def every_transaction(chain: ChainView) -> Sequence[Transaction]:
    """All transactions in the chain's order."""
    stored = Stored.objects.filter(chain_id=chain.id).order_by("height", "ordinal")
    found = found_once(
        f"transactions of {_named(chain)}",
        lambda: [transactions.with_rid(chain, bytes(rid)) for rid in stored.values_list("rid", flat=True)],
    )
    return [replace(each, chain=chain) for each in found]


def one_of_each(found: Iterable[T]) -> Sequence[T]:
    """The first of each kind, in order. Of a kind are those in which the same things are missing, true,
    empty, one or several, down to each text, and whose texts hold the same telling characters and are as
    long: a page takes the same way with all of them.
    """
    first: dict[Hashable, T] = {}
    for each in found:
        first.setdefault(_kind(each), each)
    return list(first.values())


def _kind(value: Any) -> Hashable:
    if value is None or isinstance(value, bool | Enum):
        return value
    if isinstance(value, str):
        return _kind_of_text(value)
    if is_dataclass(value):
        told = [each.name for each in fields(value) if each.name != "chain"]
        return type(value), *(_kind(getattr(value, each)) for each in told)
    if isinstance(value, list | tuple):
        return min(len(value), 2), frozenset(map(_kind, value))
    return type(value), bool(value)


def _kind_of_text(text: str) -> Hashable:
    return (
        text if _SLUG.fullmatch(text) else (bool(text), len(text) > _LONG, frozenset(_TELLING.findall(text)))
    )


def _named(chain: ChainView) -> str:
    return f"{chain.rid} {chain.id} {chain.generation}"


def walked(chain: ChainView, wanted: RecordFilter = EVERYTHING) -> Sequence[RecordRow]:
    """Every row of the list of records, by pages from the newest on."""
    rows: list[RecordRow] = []
    request: PageRequest | None = PageRequest(limit=LARGEST_PAGE)
    while request is not None:
        page = listing.page(chain, wanted, request)
        rows += page.rows
        request = page.older
    return rows
