"""What the records that are wanted have in common: how many of each chain, model, provider, state, finding of
a check, and day.

Each kind of value is counted among the records that fulfil everything else: a filter that is one value of it
leaves out none of the others. A pattern, and a time that is not just one day, stay in force.
"""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from explorer.queries.chain.chains import ChainView
from explorer.queries.db import sql
from explorer.queries.db.kinds import DAY, exactly, pieces
from explorer.queries.lists.filter import RecordFilter
from explorer.queries.lists.search.deadline import Deadline, bounded
from explorer.queries.lists.search.walking import Unsearched
from explorer.queries.lists.tallies import SHOWN, Checks, Counted, Days, Groups, Tally, Wanted
from explorer.queries.lists.walk import Clock
from explorer.queries.records.states import Status
from indexer.checks.registry import checks
from indexer.models import Name
from indexer.store.names import hash_of

SECONDS = 0.2
"""As long as records are looked for, where none are found."""

SOON = 0.1
"""Seconds after which no further step is begun where some are."""

_BEGINNING = date(1970, 1, 1)
_FIRST, _LAST = (date.min - _BEGINNING).days, (date.max - _BEGINNING).days
_SORTED_BY = 64  # bytes of a name

_NAMES = f"""
    SELECT n.text, n.raw, c.count
    FROM unnest(%(ids)s::bigint[], %(counts)s::bigint[]) AS c (id, count) JOIN indexer_name n ON n.id = c.id
    ORDER BY (n.kind = %(kind)s AND n.hash = %(chosen)s) DESC, c.count DESC,
        coalesce(convert_to(left(n.text, {_SORTED_BY}), 'UTF8'), substr(n.raw, 1, {_SORTED_BY})), n.id
    LIMIT {SHOWN + 1}
"""


class Of(StrEnum):
    """The kinds of values that are counted."""

    CHAIN = "chain"
    MODEL = "model"
    PROVIDER = "provider"
    STATUS = "status"
    CHECK = "check"
    DAY = "day"


_KINDS = {Of.MODEL: Name.Kind.MODEL, Of.PROVIDER: Name.Kind.PROVIDER}


@dataclass(frozen=True, slots=True)
class FoundBy:
    """A check that finds something, and what it is called."""

    name: str
    title: str


What = ChainView | str | Status | FoundBy | date
"""A chain, the name of a model or provider, a state, a check that finds something, or a day, UTC."""

_OTHERWISE = (Of.CHECK, Of.DAY)
"""What is kept in other tables than the rest."""


@dataclass(frozen=True, slots=True)
class Value:
    """So many records have this; ``is_chosen`` is whether the filter asks for it."""

    what: What
    count: int
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """The commonest values of one kind, of days the newest; ``has_more`` is whether there are others among
    the records that are ``counted``.
    """

    of: Of
    values: Sequence[Value]
    has_more: bool
    counted: Counted


def facets(
    chains: Sequence[ChainView], wanted: RecordFilter, *, clock: Clock = time.monotonic
) -> Sequence[Facet]:
    """One for each kind, in the order of ``Of``, of the records of these chains that are wanted.

    Raises ``Unsearched`` where nothing is kept of any, and no chain could be searched in time.
    """
    until = Deadline.within(SECONDS, clock, soon=SOON)
    asked = {of: Wanted(tuple(chains), without(wanted, of)) for of in Of}
    day = _day_of(wanted)
    with bounded(until) as statements:
        days = asked[Of.DAY].kept_days(statements, chosen=day)
        judged = asked[Of.CHECK].kept_checks(statements)
        named = dict.fromkeys(asked[of] for of in Of if of not in _OTHERWISE)
        groups = {each: each.kept_groups(statements) for each in named}
    left = [each for each, of_it in groups.items() if of_it is None]
    left += [asked[of] for of, of_it in ((Of.CHECK, judged), (Of.DAY, days)) if of_it is None]
    has_kept = days is not None or judged is not None or any(groups.values())
    found = _found(list(dict.fromkeys(left)), until, has_kept=has_kept)
    counted = {each: of_it or found[each].groups for each, of_it in groups.items()}
    return [
        _facet_of_days(days or found[asked[of]].days, day)
        if of is Of.DAY
        else _facet_of_checks(judged or found[asked[of]].checks, wanted)
        if of is Of.CHECK
        else _facet(of, counted[asked[of]], chains, wanted)
        for of in Of
    ]


def choosing(wanted: RecordFilter, of: Of, what: What) -> RecordFilter | None:
    """The filter that asks for this value too, in the place of another one of its kind. None where no filter
    can; a chain is none of a filter.
    """
    if isinstance(what, Status):
        return replace(wanted, status=what)
    if isinstance(what, FoundBy):
        return replace(wanted, check=what.name)
    if isinstance(what, date):
        day = (what - _BEGINNING).days
        is_one = _FIRST < day < _LAST
        return replace(wanted, since=day * DAY, until=(day + 1) * DAY) if is_one else None
    if isinstance(what, str):
        return _named(wanted, of, exactly(what)) if what else None
    return wanted


def without(wanted: RecordFilter, of: Of) -> RecordFilter:
    """The filter without what asks for one value of this kind."""
    if of is Of.STATUS:
        return replace(wanted, status=None)
    if of is Of.CHECK:
        return replace(wanted, check=None)
    if of is Of.DAY:
        return wanted if _day_of(wanted) is None else replace(wanted, since=None, until=None)
    return wanted if _name_of(wanted, of) is None else _named(wanted, of, None)


def _named(wanted: RecordFilter, of: Of, pattern: str | None) -> RecordFilter:
    return replace(wanted, model=pattern) if of is Of.MODEL else replace(wanted, provider=pattern)


def _day_of(wanted: RecordFilter) -> int | None:
    """The one day that is asked for, in days since 1970."""
    since, until = wanted.since, wanted.until
    if since is None or until is None or since % DAY or until - since != DAY:
        return None
    return since // DAY


def _name_of(wanted: RecordFilter, of: Of) -> str | None:
    """The one name that is asked for."""
    pattern = {Of.MODEL: wanted.model, Of.PROVIDER: wanted.provider}.get(of)
    found = [] if pattern is None else pieces(pattern)
    return found[0] if len(found) == 1 else None


def _found(left: Sequence[Wanted], until: Deadline, *, has_kept: bool) -> Mapping[Wanted, Tally]:
    """What is not kept, each with an equal share of the time that is left."""
    found, unsearched = {}, None
    for shares, each in zip(range(len(left), 0, -1), left, strict=True):
        try:
            found[each] = each.found(until.share(shares))
        except Unsearched as error:
            found[each], unsearched = each.not_found(), error
    if unsearched is not None and not has_kept and not any(of.groups.counted.value for of in found.values()):
        raise unsearched
    return found


def _facet(of: Of, groups: Groups, chains: Sequence[ChainView], wanted: RecordFilter) -> Facet:
    if of in _KINDS:
        values, has_more = _names(of, groups, _name_of(wanted, of))
    elif of is Of.STATUS:
        values, has_more = _commonest(groups.by("status"), list(Status), [wanted.status])
    else:
        by_id = groups.by("chain_id")
        values, has_more = _commonest({each: by_id.get(each.id, 0) for each in chains}, chains, [])
    return Facet(of, values, has_more, groups.counted)


def _facet_of_days(days: Days, chosen: int | None) -> Facet:
    """Newest first; beyond the years 1 to 9999 the nearest day that there is."""
    newest = sorted(days.days, reverse=True)
    told = [each for at, each in enumerate(newest) if at < SHOWN or each == chosen]
    counts: Counter[int] = Counter()
    for each in told:
        counts[min(max(each, _FIRST), _LAST)] += days.days[each]
    values = [Value(_BEGINNING + timedelta(days=day), count, day == chosen) for day, count in counts.items()]
    return Facet(Of.DAY, values, len(newest) > len(told), days.counted)


def _facet_of_checks(judged: Checks, wanted: RecordFilter) -> Facet:
    """What is found most often first: all of them, which are few."""
    counts = {FoundBy(each.name, each.title): judged.found.get(each.number, 0) for each in checks()}
    chosen = [each for each in counts if each.name == wanted.check]
    values, has_more = _commonest(counts, list(counts), chosen, most=len(counts))
    return Facet(Of.CHECK, values, has_more, judged.counted)


def _commonest(
    counts: Mapping[Any, int],
    order: Sequence[What],
    chosen: Sequence[What | None],
    *,
    most: int = SHOWN,
) -> tuple[Sequence[Value], bool]:
    """Of these values those that are there, the commonest first, and as they are ordered here."""
    there = [each for each in order if counts.get(each)]
    ranked = sorted(there, key=lambda each: -counts[each])
    return [Value(each, counts[each], each in chosen) for each in ranked[:most]], len(ranked) > most


def _names(of: Of, groups: Groups, chosen: str | None) -> tuple[Sequence[Value], bool]:
    """The commonest names, and the chosen one wherever it stands; ties as the beginnings of names sort."""
    by_id = groups.by(f"{of.value}_id")
    rows = sql.rows(
        _NAMES,
        {
            "ids": list(by_id),
            "counts": list(by_id.values()),
            "kind": _KINDS[of].value,
            "chosen": b"" if chosen is None else hash_of(chosen),
        },
    )
    told = [(sql.name_of(text, raw), count) for text, raw, count in rows[:SHOWN]]
    told.sort(key=lambda each: (-each[1], each[0]))
    return [Value(name, count, name == chosen) for name, count in told], len(rows) > SHOWN
