"""Of the records that are wanted, how many have which chain, model, provider, state and day, and of how many
which check finds something.

By figures that are kept, where these say it. Else the newest that are found in time are counted, up to a
bound: then it is said of how many the numbers are, and how far back they go.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from uuid import UUID

from explorer.queries.chain.chains import ChainView, CountedTo
from explorer.queries.db import sql
from explorer.queries.db.kinds import DAY
from explorer.queries.lists.filter import RecordFilter
from explorer.queries.lists.lanes import BY_POSITION, Way
from explorer.queries.lists.patterns import names_of
from explorer.queries.lists.places import Searched
from explorer.queries.lists.search import walking
from explorer.queries.lists.search.deadline import Bounded, Deadline, OutOfTime
from explorer.queries.lists.search.indexed import behind
from explorer.queries.lists.walk import COUNTED, Found, Trail, Walk
from explorer.queries.records import check_counts
from explorer.queries.records.states import NUMBERS, Status
from explorer.queries.records.withdrawing import SETTLED
from explorer.search.tree import Text, leaves
from indexer.checks.check import Result
from indexer.checks.registry import checks
from indexer.dapp.replay import height_of
from indexer.models import DerivationCheckpoint, Name, Presence
from indexer.postchain.times import moment

SHOWN = 10
"""Values that are told of one kind, beside the one that is chosen."""

MOST_KEPT = 10_000
"""Rows of kept figures that are added up: of more, records are counted."""

MOST_BEHIND = 100
"""Blocks by which kept figures may be behind: else records are counted."""

_COUNTED_BY = ("model", "provider", "scout", "prompt_key")
_STATUSES = {number: status for status, number in NUMBERS.items()}
_FIRST, _END = -(2**63) // DAY, 2**63 // DAY  # days

_REACHED = """
    SELECT h.id, d.height FROM indexer_chain h JOIN indexer_derivationcheckpoint d
        ON d.chain_id = h.id AND d.generation = h.generation AND d.name = %(name)s
    WHERE h.id = ANY(%(chains)s)
"""
_SERVED = f"""
    SELECT r.chain_id, r.model_id, r.provider_id, r.records - r.edited - r.deleted, r.edited, r.deleted
    FROM indexer_chain h JOIN indexer_served r ON r.chain_id = h.id AND r.generation = h.generation
    WHERE h.id = ANY(%(chains)s){{}} LIMIT {MOST_KEPT + 1}
"""
_DAYS = f"""
    SELECT d.chain_id, d.day, d.written FROM indexer_chain h CROSS JOIN LATERAL (
        (SELECT r.chain_id, r.day, r.written FROM indexer_rollup r
         WHERE r.chain_id = h.id AND r.generation = h.generation AND r.written > 0
           AND r.day >= %(first)s AND r.day < %(end)s ORDER BY r.day DESC LIMIT {SHOWN + 1})
        UNION
        SELECT r.chain_id, r.day, r.written FROM indexer_rollup r
        WHERE r.chain_id = h.id AND r.generation = h.generation AND r.written > 0 AND r.day = %(chosen)s
    ) d WHERE h.id = ANY(%(chains)s)
"""
_WRITTEN = """
    SELECT coalesce(sum(r.written), 0)
    FROM indexer_chain h JOIN indexer_rollup r ON r.chain_id = h.id AND r.generation = h.generation
    WHERE h.id = ANY(%(chains)s) AND r.day >= %(first)s AND r.day < %(end)s
"""
_FACTS = """
    SELECT h.id, r.model_id, r.provider_id, r.status, count(*)
    FROM unnest(%(chains)s::smallint[], %(positions)s::bigint[]) AS w (chain_id, position)
    JOIN indexer_chain h ON h.id = w.chain_id
    CROSS JOIN LATERAL (
        SELECT * FROM indexer_record r
        WHERE r.chain_id = h.id AND r.generation = h.generation AND r.position = w.position OFFSET 0) r
    GROUP BY 1, 2, 3, 4
"""
_FOUND_BY_CHECKS = """
    SELECT t.number, t.outcome, sum(t.records)
    FROM indexer_chain h JOIN indexer_checktally t ON t.chain_id = h.id AND t.generation = h.generation
    WHERE h.id = ANY(%(chains)s) GROUP BY 1, 2
"""
_CHECKED_BY_NAME = f"""
    SELECT t.counts
    FROM indexer_chain h JOIN indexer_checknamed t ON t.chain_id = h.id AND t.generation = h.generation
    WHERE h.id = ANY(%(chains)s) AND t.of = %(of)s AND t.key = ANY(ARRAY({{}})) LIMIT {MOST_KEPT + 1}
"""
_CHECKED_BY_PROMPT = """
    SELECT t.counts
    FROM indexer_chain h JOIN indexer_checkasked t ON t.chain_id = h.id AND t.generation = h.generation
    WHERE h.id = ANY(%(chains)s) AND t.prompt = %(prompt)s
"""
_CHECKED = f"""
    SELECT c.outcomes
    FROM unnest(%(chains)s::smallint[], %(positions)s::bigint[]) AS w (chain_id, position)
    JOIN indexer_chain h ON h.id = w.chain_id
    CROSS JOIN LATERAL (
        SELECT chain_id, generation, position, prompt_id FROM indexer_record r
        WHERE r.chain_id = h.id AND r.generation = h.generation AND r.position = w.position OFFSET 0) r
    CROSS JOIN LATERAL (
        SELECT outcomes FROM indexer_checked c
        WHERE c.chain_id = h.id AND c.generation = h.generation AND c.prompt_id = r.prompt_id OFFSET 0) c
    WHERE {SETTLED}
"""


@dataclass(frozen=True, slots=True)
class Counted:
    """What numbers are of: so many records. ``back_to`` is, of each chain that was not looked through, the
    last block of which records are counted; ``up_to`` each chain of which the newest ones are not.
    """

    value: int
    back_to: Sequence[Searched] = ()
    up_to: Sequence[CountedTo] = ()

    @property
    def is_exact(self) -> bool:
        """Whether these are all that are wanted."""
        return not (self.back_to or self.up_to)

    @property
    def is_late(self) -> bool:
        """Whether time was up before as many were found as are counted: another time it may be more."""
        return bool(self.back_to) and self.value < COUNTED


@dataclass(frozen=True, slots=True)
class Group:
    """So many records of one chain with this model, provider (ids of names) and state."""

    chain_id: int
    model_id: int
    provider_id: int
    status: Status
    records: int


@dataclass(frozen=True, slots=True)
class Groups:
    """The records that are counted, by what they have."""

    groups: Sequence[Group]
    counted: Counted

    def by(self, name: str) -> Mapping[object, int]:
        """How many have each value of this attribute of a group."""
        found: Counter[object] = Counter()
        for each in self.groups:
            found[getattr(each, name)] += each.records
        return found


@dataclass(frozen=True, slots=True)
class Days:
    """How many are of each day, days since 1970: of the newest days that hold any, and of the chosen one."""

    days: Mapping[int, int]
    counted: Counted


@dataclass(frozen=True, slots=True)
class Checks:
    """Of how many records which check finds something, by its number; counted are those that were judged."""

    found: Mapping[int, int]
    counted: Counted


@dataclass(frozen=True, slots=True)
class Tally:
    """What records that were looked at have in common."""

    groups: Groups
    days: Days
    checks: Checks


@dataclass(frozen=True)
class Wanted:
    """The records of these chains that a filter wants; equal where they are the same ones."""

    chains: tuple[ChainView, ...]
    filter: RecordFilter

    def kept_groups(self, statements: Bounded) -> Groups | None:
        """By figures that are kept of models and providers; None where they do not say it."""
        named = replace(RecordFilter(), model=self.filter.model, provider=self.filter.provider)
        if self.filter != replace(named, status=self.filter.status):
            return None
        up_to = self._kept_up_to(DerivationCheckpoint.Of.SERVED)
        if up_to is None:
            return None
        only = named.condition()
        try:
            rows = statements.rows(_SERVED.format(only.sql), {**only.parameters, "chains": self._ids})
        except OutOfTime:
            return None
        if len(rows) > MOST_KEPT:
            return None
        groups = [
            Group(chain_id, model_id, provider_id, status, count)
            for chain_id, model_id, provider_id, *counts in rows
            for status, count in zip((Status.LIVE, Status.EDITED, Status.DELETED), counts, strict=True)
            if count and self.filter.status in (None, status)
        ]
        return Groups(groups, Counted(sum(each.records for each in groups), up_to=up_to))

    def kept_days(self, statements: Bounded, *, chosen: int | None) -> Days | None:
        """By figures that are kept of days; None where they do not say it. ``chosen`` is a day that is told
        however many are newer.
        """
        since, end = self.filter.since, self.filter.until
        if (
            self.filter != replace(RecordFilter(), since=since, until=end)
            or (since or 0) % DAY
            or (end or 0) % DAY
        ):
            return None
        up_to = self._kept_up_to(DerivationCheckpoint.Of.ROLLUPS)
        if up_to is None:
            return None
        asked = {
            "chains": self._ids,
            "first": _FIRST if since is None else since // DAY,
            "end": _END if end is None else end // DAY,
            "chosen": chosen,
        }
        try:
            rows = statements.rows(_DAYS, asked)
            (written,) = statements.row(_WRITTEN, asked)
        except OutOfTime:
            return None
        days: Counter[int] = Counter()
        for _, day, count in rows:
            days[day] += count
        return Days(days, Counted(int(written), up_to=up_to))

    def kept_checks(self, statements: Bounded) -> Checks | None:
        """By figures that are kept of all records, and of those of a name or a prompt; None where they do not
        say it, and where some are of texts that were hidden or erased since.
        """
        is_said = self._names_at_most_one and not any(each.withdraws for each in self.chains)
        up_to = self._kept_up_to(DerivationCheckpoint.Of.CHECKS) if is_said else None
        if up_to is None:
            return None
        try:
            if self.filter == RecordFilter():
                return _of_all(statements.rows(_FOUND_BY_CHECKS, {"chains": self._ids}), up_to)
            rows = statements.rows(*self._checked())
        except OutOfTime:
            return None
        if len(rows) > MOST_KEPT:
            return None
        results = check_counts.added_up([counts for (counts,) in rows])
        found = {each.check.number: each.found for each in results}
        return Checks(found, Counted(results[0].records, up_to=up_to))

    @property
    def _names_at_most_one(self) -> bool:
        """Whether the filter asks for a model, a provider, a scout or a prompt alone, or for nothing."""
        one = (replace(RecordFilter(), **{each: getattr(self.filter, each)}) for each in _COUNTED_BY)
        return self.filter in one

    def _checked(self) -> tuple[str, Mapping[str, Any]]:
        """The statement for the counts of the name or prompt that is asked for."""
        asked: dict[str, Any] = {"chains": self._ids}
        if self.filter.prompt_key is not None:
            return _CHECKED_BY_PROMPT, {**asked, "prompt": UUID(bytes=self.filter.prompt_key[:16])}
        if self.filter.scout is not None:
            statement = _CHECKED_BY_NAME.format("SELECT CAST(%(scout)s AS bigint)")
            return statement, {**asked, "of": Presence.Of.SCOUT.value, "scout": self.filter.scout}
        of, kind, pattern = Presence.Of.MODEL, Name.Kind.MODEL, self.filter.model
        if pattern is None:
            of, kind, pattern = Presence.Of.PROVIDER, Name.Kind.PROVIDER, self.filter.provider
        assert pattern is not None
        names = names_of("name", kind, pattern)
        return _CHECKED_BY_NAME.format(names.sql), {**asked, **names.parameters, "of": of.value}

    def found(self, until: Deadline) -> Tally:
        """By the newest that are found in time, at most ``COUNTED``. Raises ``Unsearched``."""
        way = Way(BY_POSITION, True, COUNTED + 1, looks_back=False)
        starts = [(each, None) for each in self.chains]
        walked = walking.walk(starts, walking.line_of(self.filter), way, until=until)
        counted = Counted(len(walked.found), _back_to(walked), self._words_to())
        at = {
            "chains": [each.chain_id for each in walked.found],
            "positions": [each.place.position for each in walked.found],
        }
        groups = [
            Group(chain_id, model_id, provider_id, _STATUSES[status], count)
            for chain_id, model_id, provider_id, status, count in sql.rows(_FACTS, at)
        ]
        days = Counter(each.timestamp // DAY for each in walked.found)
        judged = [bytes(outcomes) for (outcomes,) in sql.rows(_CHECKED, at)]
        found_by = Counter(
            number for each in judged for number, code in enumerate(each) if _is_found(number, code)
        )
        of_checks = counted if len(judged) == counted.value else self._judged(counted, len(judged))
        return Tally(Groups(groups, counted), Days(days, counted), Checks(found_by, of_checks))

    def not_found(self) -> Tally:
        """The same where time was up before any chain was searched."""
        counted = Counted(0, [Searched(each, None, None) for each in self.chains])
        return Tally(Groups((), counted), Days({}, counted), Checks({}, counted))

    def _judged(self, counted: Counted, judged: int) -> Counted:
        """What is counted, where newer records are not judged yet, or others are judged anew."""
        reached: Mapping[int, int] = dict(
            sql.rows(_REACHED, {"chains": self._ids, "name": DerivationCheckpoint.Of.CHECKS.value})
        )
        late = [CountedTo(each, reached.get(each.id, -1)) for each in self.chains]
        up_to = [each for each in late if each.height < each.chain.freshness.height or each.chain.withdraws]
        return replace(counted, value=judged, up_to=up_to)

    @cached_property
    def _ids(self) -> Sequence[int]:
        return [each.id for each in self.chains]

    def _kept_up_to(self, of: DerivationCheckpoint.Of) -> Sequence[CountedTo] | None:
        """The chains of which kept figures are a little behind; None where they are far behind."""
        rows = sql.rows(_REACHED, {"chains": self._ids, "name": of.value})
        reached: Mapping[int, int] = dict(rows)
        late = [
            CountedTo(each, height)
            for each in self.chains
            if (height := reached.get(each.id, -1)) < each.freshness.height
        ]
        is_far = any(each.chain.freshness.height - each.height > MOST_BEHIND for each in late)
        return None if is_far or any(each.height < 0 for each in late) else late

    def _words_to(self) -> Sequence[CountedTo]:
        """The chains whose words are not all indexed, where any are asked for."""
        line = self.filter.q
        if line is None or not any(isinstance(each, Text) for each in leaves(line)):
            return ()
        return [CountedTo(each.chain, each.height) for each in behind(self.chains)]


def _of_all(rows: Sequence[sql.Row], up_to: Sequence[CountedTo]) -> Checks:
    found: Counter[int] = Counter()
    for number, code, records in rows:
        found[number] += int(records) if _is_found(number, code) else 0
    judged = sum(int(records) for number, _, records in rows if number == 0)
    return Checks(found, Counted(judged, up_to=up_to))


def _is_found(number: int, code: int) -> bool:
    return checks()[number].outcome(code).result is Result.FAIL


def _back_to(walked: Walk) -> Sequence[Searched]:
    """Of each chain that was not looked through, how far its records are counted."""
    last: dict[int, Found] = {each.chain_id: each for each in walked.found}
    kept = Counter(each.chain_id for each in walked.found)
    return [
        _searched(each, last.get(each.chain.id), is_kept=kept[each.chain.id] == len(each.found))
        for each in walked.trails
        if each.edge is not None or kept[each.chain.id] < len(each.found)
    ]


def _searched(trail: Trail, last: Found | None, *, is_kept: bool) -> Searched:
    """``is_kept`` is whether all that was found of the chain is counted."""
    at = trail.edge if is_kept and trail.is_begun else last
    if at is None:
        return Searched(trail.chain, None, None)
    return Searched(trail.chain, height_of(at.key[0]), moment(at.timestamp))
