"""Numbers with their denominators, from rollups: none is counted while a reader waits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from explorer.queries.chain.chains import ChainView
from explorer.queries.chain.evidence import DOUBTED, PROVED
from explorer.queries.db import sql
from explorer.queries.groups.days import DAYS, Day, last_days, numbered
from indexer.models import Agreement, ConfigurationStanding, Count, DerivationCheckpoint

_ADDED = (
    *("records", "operations", "not_understood", "edited", "deleted"),
    *("alike", "shared", "groups", "blocks", "unchecked", "stated", "compared", "agreeing"),
)
"""The numbers that can be added up over chains."""

_Word = ConfigurationStanding.Standing

_FIGURES = f"""
    SELECT h.id, 'count', c.of, NULL::bigint, c.count, NULL::bigint, NULL::bigint, NULL::timestamptz
    FROM indexer_chain h JOIN indexer_count c ON c.chain_id = h.id AND c.generation = h.generation
    WHERE h.id = ANY(%(chains)s)
    UNION ALL
    SELECT h.id, 'derivation', d.name, NULL, d.height, NULL, NULL, d.at
    FROM indexer_chain h
    JOIN indexer_derivationcheckpoint d ON d.chain_id = h.id AND d.generation = h.generation
    WHERE h.id = ANY(%(chains)s)
    UNION ALL
    SELECT h.id, 'day', '', r.day, r.written, r.edits, r.deletions, NULL
    FROM indexer_chain h JOIN indexer_rollup r ON r.chain_id = h.id AND r.generation = h.generation
    WHERE h.id = ANY(%(chains)s) AND r.day BETWEEN %(first)s AND %(last)s
    UNION ALL
    SELECT h.id, 'agreement', '', NULL, a.compared, a.agreeing, NULL, NULL
    FROM indexer_chain h JOIN indexer_agreement a ON a.chain_id = h.id AND a.generation = h.generation
    WHERE h.id = ANY(%(chains)s) AND a.of = {Agreement.ALL} AND a.key = 0
    UNION ALL
    SELECT h.id, 'agreement of day', '', a.day, a.compared, a.agreeing, NULL, NULL
    FROM indexer_chain h JOIN indexer_agreementday a ON a.chain_id = h.id AND a.generation = h.generation
    WHERE h.id = ANY(%(chains)s) AND a.of = {Agreement.ALL} AND a.key = 0
      AND a.day BETWEEN %(first)s AND %(last)s
    UNION ALL
    SELECT chain_id, 'configuration', standing, height, NULL, NULL, NULL, NULL
    FROM indexer_configurationinforce WHERE chain_id = ANY(%(chains)s)
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """The numbers of the home page, as of ``at`` (when they were rolled up; None before the first time) and
    of the block at ``height`` (-1 before the first); those of groups as of the block at ``grouped``, those of
    agreement with peers as of that at ``prompted``.

    ``days`` are the last ones up to the newest block's, oldest first, those without anything among them; none
    where there is no block.
    """

    at: datetime | None
    height: int
    grouped: int
    prompted: int
    records: int  # ever written
    operations: int  # operations that were read
    not_understood: int
    edited: int
    deleted: int
    alike: int  # groups with two or more answers, all of them equal as first written
    shared: int  # groups with two or more answers
    groups: int  # of the same messages and seed
    blocks: int
    unchecked: int  # blocks whose witness was not checked
    stated: int  # blocks whose witness was checked, by signers that one node stated
    compared: int  # records that have peers: see ``Day``
    agreeing: int  # of these
    days: Sequence[Day]

    @property
    def today(self) -> int:
        """Records of the last of the days."""
        return self.days[-1].written if self.days else 0

    @property
    def changed(self) -> int:
        """Records that are not as they were first written."""
        return self.edited + self.deleted

    @property
    def checked(self) -> int:
        """Blocks whose witness was checked."""
        return self.blocks - self.unchecked


def figures(chain: ChainView, *, count: int = DAYS) -> Figures:
    """The numbers of a chain, with ``count`` days, fewer at the calendar's beginning; one query."""
    return _read([chain], last_days([chain], count=count))[0]


def of_each(chains: Sequence[ChainView], *, count: int = DAYS) -> Sequence[Figures]:
    """The numbers of several chains in their order, each with the same days: ``count`` of them up to that of
    the newest block of all; one query.
    """
    return _read(chains, last_days(chains, count=count))


def together(each: Sequence[Figures]) -> Figures:
    """The numbers of several chains added up, those that are counted so far; their days are the same.

    ``at``, ``height``, ``grouped`` and ``prompted`` are the lowest of those chains; None and -1 where none is
    counted.
    """
    counted = [one for one in each if one.height >= 0]
    sums = {name: sum(getattr(one, name) for one in counted) for name in _ADDED}
    return Figures(
        at=min((one.at for one in counted if one.at is not None), default=None),
        height=min((one.height for one in counted), default=-1),
        grouped=min((one.grouped for one in counted if one.grouped >= 0), default=-1),
        prompted=min((one.prompted for one in counted if one.prompted >= 0), default=-1),
        days=[_added(days) for days in zip(*(one.days for one in counted), strict=True)],
        **sums,
    )


def _added(days: Sequence[Day]) -> Day:
    """One day of several chains."""
    return Day(
        days[0].day,
        written=sum(each.written for each in days),
        edits=sum(each.edits for each in days),
        deletions=sum(each.deletions for each in days),
        compared=sum(each.compared for each in days),
        agreeing=sum(each.agreeing for each in days),
    )


def _read(chains: Sequence[ChainView], dates: range) -> Sequence[Figures]:
    ids = [each.id for each in chains]
    rows = sql.rows(_FIGURES, {"chains": ids, "first": dates.start, "last": dates.stop - 1})
    return [_figures([row[1:] for row in rows if row[0] == each], dates) for each in ids]


def _figures(rows: Sequence[Sequence[Any]], dates: range) -> Figures:
    counts = {name: number for kind, name, _, number, *_ in rows if kind == "count"}
    checkpoints = {name: (height, at) for kind, name, _, height, _, _, at in rows if kind == "derivation"}
    rolled = {day: numbers for kind, _, day, *numbers, _ in rows if kind == "day"}
    agreed = {day: numbers for kind, _, day, *numbers, _, _ in rows if kind == "agreement of day"}
    agreement = next((numbers for kind, _, _, *numbers, _, _ in rows if kind == "agreement"), (0, 0))
    height, at = checkpoints.get(DerivationCheckpoint.Of.ROLLUPS.value, (-1, None))
    grouped, _ = checkpoints.get(DerivationCheckpoint.Of.GROUPS.value, (-1, None))
    prompted, _ = checkpoints.get(DerivationCheckpoint.Of.PROMPTS.value, (-1, None))
    standings = {first: standing for kind, standing, first, *_ in rows if kind == "configuration"}
    unchecked = counts.get(Count.Of.UNCHECKED, 0)
    return Figures(
        at=at,
        height=height,
        grouped=grouped,
        prompted=prompted,
        records=counts.get(Count.Of.RECORDS, 0),
        operations=counts.get(Count.Of.OPERATIONS, 0),
        not_understood=counts.get(Count.Of.NOT_UNDERSTOOD, 0),
        edited=counts.get(Count.Of.EDITED, 0),
        deleted=counts.get(Count.Of.DELETED, 0),
        alike=counts.get(Count.Of.ALIKE, 0),
        shared=counts.get(Count.Of.SHARED, 0),
        groups=counts.get(Count.Of.GROUPS, 0),
        blocks=height + 1,
        unchecked=unchecked,
        stated=min(_stated(standings, end=height + 1), height + 1 - unchecked),
        compared=agreement[0],
        agreeing=agreement[1],
        days=[Day(numbered(day), *rolled.get(day, (0, 0, 0)), *agreed.get(day, (0, 0))) for day in dates],
    )


def _stated(standings: Mapping[int, str], *, end: int) -> int:
    """Blocks below ``end`` of which only nodes say who their signers are, as ``evidence`` has it, but for
    those whose signers nobody knows. ``standings`` are of the configurations that apply, by height.
    """
    found, is_doubted = 0, False
    for first, last in pairwise([*sorted(standings), end]):
        standing = standings[first]
        if (is_doubted or standing not in PROVED) and standing != _Word.UNSEEN:
            found += max(0, min(last, end) - first)
        is_doubted = is_doubted or standing in DOUBTED
    return found
