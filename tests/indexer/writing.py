"""Blocks straight into the tables, without a node; and what the tables hold, whatever its ids are."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django.apps import apps
from django.db import connection, models

from indexer.ingest.decode import facts_of
from indexer.models import Chain, Configuration, ConfigurationStanding, Name
from indexer.postchain import configuration
from indexer.postchain.verify import StatedBlock, VerifiedBlock, verify_block
from indexer.store import suppression
from indexer.store.facts import Texts
from indexer.store.write import WindowFacts, write_window
from tests.indexer.made import MadeChain

OF_THE_WORK = {
    "window", "node", "incident", "suppression", "chain", "reconciliation",
    "withdrawal", "withdrawnoperation",
}  # fmt: skip
"""Tables that tell how the work went, not what is on chain."""


def chain_row(brid: bytes, *, first: bytes | None = None) -> Chain:
    """A chain without blocks; `first` is configuration 0 (GTV), in which the owner stands."""
    chain = Chain.objects.create(brid=brid)
    if first is not None:
        read = configuration.decode(first)
        Configuration.objects.create(
            chain=chain,
            height=0,
            hash=read.hash,
            merkle_version=read.merkle_version,
            signers=list(read.signers),
            features={},
            raw=first,
        )
        ConfigurationStanding.objects.create(
            chain=chain, height=0, standing=ConfigurationStanding.Standing.GENESIS, hash=read.hash
        )
    return chain


def row_of(made: MadeChain) -> Chain:
    """A made chain's row, with its first configuration."""
    return chain_row(made.brid, first=made.configurations[0])


@lru_cache(maxsize=2000)
def _verified(block: StatedBlock, brid: bytes) -> VerifiedBlock:
    return verify_block(block, brid=brid, expected_height=block.height, previous_rid=None, signers=None)


def window(chain: Chain, blocks: Sequence[StatedBlock], *, unchecked: str | None = None) -> WindowFacts:
    """The facts of these blocks; their witness counts as checked unless `unchecked` says why it was not."""
    with connection.cursor() as cursor:
        erased = suppression.erased(cursor)
    texts = Texts()
    facts = [
        facts_of(_verified(each, bytes(chain.brid)), texts, unchecked=unchecked, erased=erased)
        for each in blocks
    ]
    return WindowFacts(chain_id=chain.id, blocks=facts, texts=texts, erased=erased)


def write(chain: Chain, blocks: Sequence[StatedBlock], *, unchecked: str | None = None) -> None:
    """Write these blocks as one window."""
    write_window(window(chain, blocks, unchecked=unchecked))


def contents(*, without: set[str] = OF_THE_WORK) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table but `without`, with names in place of ids and without times of the work."""
    found = {}
    for model in apps.get_app_config("indexer").get_models():
        name = model._meta.db_table.removeprefix("indexer_")
        if name not in without:
            found[name] = _rows(model)
    return found


def _rows(model: type[models.Model]) -> list[tuple[Any, ...]]:
    columns = [column for field in model._meta.concrete_fields if (column := _column(field)) is not None]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(columns)} FROM {model._meta.db_table} AS t")
        rows = [tuple(bytes(v) if isinstance(v, memoryview) else v for v in row) for row in cursor.fetchall()]
    return sorted(rows, key=repr)


def _column(field: Any) -> str | None:
    if isinstance(field, models.DateTimeField | models.AutoField | models.CompositePrimaryKey):
        return None
    if field.related_model is Chain:
        return f"(SELECT brid FROM indexer_chain c WHERE c.id = t.{field.column})"
    if field.related_model is Name:
        return (
            f"(SELECT kind || ':' || encode(n.hash, 'hex') FROM indexer_name n WHERE n.id = t.{field.column})"
        )
    return f't."{field.column}"'
