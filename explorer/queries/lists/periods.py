"""SQL for heights and times that a list is narrowed to."""

from collections.abc import Mapping
from typing import Any

from explorer.queries.db.filters import Condition
from explorer.queries.db.kinds import DAY, LARGEST, Period, Span
from explorer.queries.db.sql import GENERATION
from indexer.dapp.replay import position_of
from indexer.models import DerivationCheckpoint

HIGHEST = LARGEST >> 20
"""The highest height of which a position can be told."""

_ROLLUPS = DerivationCheckpoint.Of.ROLLUPS.value

BLOCK_AT = """(SELECT b.timestamp FROM indexer_block b
    WHERE b.chain_id = r.chain_id AND b.height = r.position >> 20)"""
"""SQL: the time that the builder of a row's block stated."""


def of_blocks(span: Span) -> Condition:
    """Within these heights, by the position of a row."""
    first = position_of(span.first or 0, 0)
    last = HIGHEST if span.last is None else span.last
    within = "r.position >= %(block_first)s AND r.position <= %(block_last)s"
    parameters = {"block_first": first, "block_last": position_of(last, 0) | ((1 << 20) - 1)}
    return Condition(f"({within})", parameters, bounds=within, is_whole=True)


def written(period: Period, name: str) -> Condition:
    """By the block's own time, whatever the times of other blocks; between the heights of the blocks of those
    days, which the rollups know.
    """
    comparison, at = ("<", period.end) if period.first is None else (">=", period.first)
    least, most = edge("min", name), edge("max", name)
    bounds = f"r.position >= {least} AND r.position < {most}"
    parameters = {name: at, **days_named(name, period)}
    return Condition(f"{BLOCK_AT} {comparison} %({name})s", parameters, bounds=bounds)


def days_named(name: str, period: Period) -> Mapping[str, Any]:
    """A period and its days, as parameters of ``edge``."""
    first = -LARGEST if period.first is None else period.first
    end = LARGEST if period.end is None else period.end
    return {
        f"{name}_from": first,
        f"{name}_to": end,
        f"{name}_first_day": first // DAY,
        f"{name}_last_day": (end - 1) // DAY,
    }


def edge(side: str, name: str) -> str:
    """SQL for the least or most that a position may be in a block of these times: by days as far as they are
    rolled up, and by the blocks since.
    """
    whole, height, more = (
        ("least", "first_height", "") if side == "min" else ("greatest", "last_height", " + 1")
    )
    return f"""{whole}((
        SELECT ({side}({height}){more}) << 20 FROM indexer_rollup
        WHERE chain_id = %(chain)s AND generation = {GENERATION}
          AND day >= %({name}_first_day)s AND day <= %({name}_last_day)s), (
        SELECT ({side}(height){more}) << 20 FROM indexer_block
        WHERE chain_id = %(chain)s AND transactions > 0
          AND timestamp >= %({name}_from)s AND timestamp < %({name}_to)s
          AND height > coalesce((SELECT height FROM indexer_derivationcheckpoint
              WHERE chain_id = %(chain)s AND generation = {GENERATION} AND name = '{_ROLLUPS}'), -1)
          AND height <= (SELECT height FROM indexer_checkpoint
              WHERE chain_id = %(chain)s AND generation = {GENERATION})))"""
