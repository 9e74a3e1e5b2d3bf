"""What checks say of one record, and how often each finds something.

Results are kept by the derivation of checks, and are as of its height. They hold numbers and hashes alone.
What a check read in a result that must not be shown is not told either: the record's own gate says which.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from explorer.queries.chain.chains import ChainView, CountedTo
from explorer.queries.db import sql
from explorer.queries.db.errors import NotHere
from explorer.queries.db.prepared import Prepared
from explorer.queries.db.sql import GENERATION
from explorer.queries.db.texts import Text, Withheld
from explorer.queries.records import withdrawing
from explorer.queries.records.record import Record, record
from indexer.checks.check import WITHHELD, Check, Outcome, Result, Values
from indexer.checks.evidence import Missing
from indexer.checks.registry import by_name, checks
from indexer.dapp.replay import height_of
from indexer.models import DerivationCheckpoint, Suppression

__all__ = ["Result"]

JUDGED_ANEW = Outcome(
    253,
    "judged-anew",
    Result.UNKNOWN,
    "Not known just now: a text was hidden, erased or shown again, and what says it is judged anew.",
)
"""What checks that read texts say of a record meanwhile."""

MOST_EXAMPLES = 10
"""Findings of a check that are named of each chain: the newest records."""

_HASH = re.compile(r"[0-9A-F]{64}", re.ASCII)
_NAME = DerivationCheckpoint.Of.CHECKS.value
_MISSING = {
    Withheld.HIDDEN: Missing.HIDDEN,
    Withheld.ERASED: Missing.ERASED,
    Withheld.UNREADABLE: Missing.UNREAD,
}
UNTOLD = frozenset(each.reason for each in WITHHELD.values())
"""The reasons of what is not told, because its text is withheld or cannot be read."""

_OF_RECORD = Prepared(
    f"""
    SELECT d.height, c.outcomes, (
        SELECT coalesce(jsonb_agg(jsonb_build_array(f.number, f.since, f.measured)), '[]')::text
        FROM indexer_checkfinding f
        WHERE f.chain_id = c.chain_id AND f.generation = c.generation AND f.number = ANY(%(numbers)s)
          AND f.prompt_id = c.prompt_id), ARRAY(
        SELECT ARRAY[e.number, e.position, e.was, e.now] FROM indexer_checkevent e
        WHERE e.chain_id = c.chain_id AND e.generation = c.generation AND e.prompt_id = c.prompt_id
        ORDER BY e.position, e.number)
    FROM indexer_checked c JOIN indexer_derivationcheckpoint d
        ON d.chain_id = c.chain_id AND d.generation = c.generation AND d.name = '{_NAME}'
    WHERE c.chain_id = %(chain)s AND c.generation = {GENERATION} AND c.prompt_id = %(prompt_id)s
""",
    {"chain": "smallint", "prompt_id": "bigint", "numbers": "smallint[]"},
)
_TALLIES = f"""
    SELECT h.id, d.height, t.number, t.outcome, t.records
    FROM indexer_chain h JOIN indexer_derivationcheckpoint d
        ON d.chain_id = h.id AND d.generation = h.generation AND d.name = '{_NAME}'
    LEFT JOIN indexer_checktally t ON t.chain_id = h.id AND t.generation = h.generation
    WHERE h.id = ANY(%(chains)s)
"""
_EXAMPLES = f"""
    SELECT prompt_id, since, outcome, measured::text FROM indexer_checkfinding
    WHERE chain_id = %(chain)s AND generation = {GENERATION} AND number = %(number)s
    ORDER BY prompt_id DESC LIMIT {MOST_EXAMPLES}
"""


@dataclass(frozen=True, slots=True)
class Told:
    """What a check says of a record, as of the block at ``height``. ``since`` is the height of the block that
    caused a finding, None of what is none.
    """

    check: Check
    outcome: Outcome
    values: Values
    since: int | None
    height: int

    @property
    def is_found(self) -> bool:
        """Whether the finding is there."""
        return self.outcome.result is Result.FAIL

    @property
    def numbers(self) -> Values:
        """The values that are no hashes, such as a measured similarity, counts, times and heights."""
        return {name: value for name, value in self.values.items() if not _HASH.fullmatch(str(value))}


@dataclass(frozen=True, slots=True)
class Event:
    """That a check said something else of a record, from the block at ``height`` on."""

    check: Check
    was: Outcome
    now: Outcome
    height: int


@dataclass(frozen=True, slots=True)
class Checked:
    """What all checks say of a record; ``told`` is empty and ``height`` -1 where it was not judged yet."""

    told: Sequence[Told]
    events: Sequence[Event]
    height: int

    def count(self, *results: Result) -> int:
        """How many checks have one of these results."""
        return sum(each.outcome.result in results for each in self.told)

    @property
    def found(self) -> Sequence[Told]:
        """What is found."""
        return [each for each in self.told if each.is_found]

    @property
    def not_found(self) -> int:
        """How many checks found nothing."""
        return self.count(Result.PASS)

    @property
    def open(self) -> int:
        """How many do not know, or do not apply."""
        return self.count(Result.UNKNOWN, Result.NOT_APPLICABLE)


@dataclass(frozen=True, slots=True)
class Counted:
    """Of how many records a check has an outcome."""

    outcome: Outcome
    records: int


@dataclass(frozen=True, slots=True)
class Example(Told):
    """What a check finds of a record, and which one that is."""

    chain: ChainView
    prompt_id: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A check with its counts over chains. ``examples`` are given of one that was asked for by its name;
    ``counted_to`` are the chains of which newer records are not counted yet.
    """

    check: Check
    of: Sequence[ChainView]
    counts: Sequence[Counted]
    counted_to: Sequence[CountedTo]
    examples: Sequence[Example] = ()

    @property
    def are_judged_anew(self) -> bool:
        """Whether some records are not counted as they will be: see ``withdrawing``."""
        return any(each.withdraws for each in self.of)

    @property
    def records(self) -> int:
        """How many records were judged."""
        return sum(each.records for each in self.counts)

    def count(self, result: Result) -> int:
        """Of how many of them this is the result."""
        return sum(each.records for each in self.counts if each.outcome.result is result)

    @property
    def found(self) -> int:
        """Of how many of them it finds something."""
        return self.count(Result.FAIL)

    @property
    def passed(self) -> int:
        """Of how many it finds nothing."""
        return self.count(Result.PASS)

    @property
    def not_applicable(self) -> int:
        """To how many it does not apply."""
        return self.count(Result.NOT_APPLICABLE)

    @property
    def unknown(self) -> int:
        """Of how many it does not know."""
        return self.count(Result.UNKNOWN)

    @property
    def applies(self) -> int:
        """Of how many it found something or nothing: what findings are counted against."""
        return self.found + self.passed


def of_record(found: Record) -> Checked:
    """What checks say of a record, by their numbers."""
    asked: dict[str, Any] = {
        "chain": found.chain.id,
        "prompt_id": found.row.prompt_id,
        "numbers": [each.number for each in checks()],
    }
    rows = _OF_RECORD.rows(asked)
    if not rows:
        return Checked((), (), -1)
    ((height, outcomes, findings, events),) = rows
    since = {number: (height_of(at), measured) for number, at, measured in json.loads(findings)}
    withheld = _unknown(found)
    told = [
        _told(each, each.outcome(code), since.get(each.number), height, withheld)
        for each, code in zip(checks(), bytes(outcomes), strict=False)
    ]
    changes = [_event(*each) for each in events]
    return Checked(told, [each for each in changes if not withheld or not each.check.reads_texts], height)


def _unknown(found: Record) -> Outcome | None:
    """What stands in the place of all that was read in the texts of a record; None where that is told."""
    withheld = _withheld(found)
    if withheld is None and not withdrawing.is_settled(found.chain, found.row.prompt_id):
        return JUDGED_ANEW
    return withheld


def catalogue(chains: Sequence[ChainView]) -> Sequence[Entry]:
    """Every check, with its counts over these chains."""
    tallies, counted_to = _tallies(chains)
    return [_entry(each, chains, tallies, counted_to) for each in checks()]


def entry(chains: Sequence[ChainView], name: str) -> Entry:
    """One check, with its counts over these chains, and the newest records of which it finds something.
    Raises ``NotHere``.
    """
    check = by_name().get(name)
    if check is None:
        names = ", ".join(by_name())
        raise NotHere(f"There is no check with this name. These there are: {names}.")
    found = _entry(check, chains, *_tallies(chains))
    heights = {each.chain.id: each.height for each in found.counted_to}
    examples = [
        each
        for chain in chains
        for each in _examples(chain, check, heights.get(chain.id, chain.freshness.height))
    ]
    return replace(found, examples=examples)


def _told(
    check: Check,
    outcome: Outcome,
    since: tuple[int, Values] | None,
    height: int,
    withheld: Outcome | None,
) -> Told:
    if withheld is not None and check.reads_texts:
        return Told(check, withheld, {}, None, height)
    at, values = (None, {}) if since is None else since
    return Told(check, outcome, values, at, height)


def _event(number: int, position: int, was: int, now: int) -> Event:
    check = checks()[number]
    return Event(check, check.outcome(was), check.outcome(now), height_of(position))


def _withheld(found: Record) -> Outcome | None:
    """What stands in the place of all that was read in the newest result; None where that may be shown."""
    result: Text | None = found.current.result
    if result is None or result.value is not None or result.withheld is None:
        return None
    return WITHHELD[_MISSING[result.withheld]]


Tallies = Mapping[int, Mapping[int, int]]


def _tallies(chains: Sequence[ChainView]) -> tuple[Tallies, Sequence[CountedTo]]:
    """Records by check and outcome, and how far they are counted."""
    rows = sql.rows(_TALLIES, {"chains": [each.id for each in chains]})
    reached = {chain_id: height for chain_id, height, *_ in rows}
    found: dict[int, dict[int, int]] = {}
    for _, _, number, code, records in rows:
        if number is not None:
            of = found.setdefault(number, {})
            of[code] = of.get(code, 0) + records
    late = [CountedTo(each, reached.get(each.id, -1)) for each in chains]
    return found, [each for each in late if each.height < each.chain.freshness.height]


def _entry(
    check: Check, chains: Sequence[ChainView], tallies: Tallies, counted_to: Sequence[CountedTo]
) -> Entry:
    own = tallies.get(check.number, {})
    counts = [Counted(each, own.get(each.code, 0)) for each in check.every_outcome]
    return Entry(check, chains, counts, counted_to)


def _examples(chain: ChainView, check: Check, height: int) -> Iterable[Example]:
    rows = sql.rows(_EXAMPLES, {"chain": chain.id, "number": check.number})
    found = [
        Example(check, check.outcome(code), json.loads(measured), height_of(since), height, chain, prompt_id)
        for prompt_id, since, code, measured in rows
    ]
    is_any = chain.withdraws or _is_anything_withheld()
    return _shown(found) if check.reads_texts and is_any else found


def _shown(examples: Iterable[Example]) -> Iterator[Example]:
    """Those whose newest result may be shown: a part of it may be withheld by a key of its own. They are not
    judged anew just now.
    """
    for each in examples:
        if _unknown(record(each.chain, each.prompt_id)) is None:
            yield each


def _is_anything_withheld() -> bool:
    return Suppression.objects.filter(subject=Suppression.Subject.CONTENT).exists()
