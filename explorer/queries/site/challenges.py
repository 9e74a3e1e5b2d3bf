"""Challenges, as everybody may read them: lists of them, one with its history, and how many there are.

All of it comes from the views in ``desk_public``. The words of those who take part are there once somebody
has looked them through; and here they are left out, as are those of arbiters, as long as words of the record
itself, or of one that is named beside it, are withheld, which they may repeat. What was decided stays.
"""

import json
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from explorer.queries.chain.chains import ChainView, chains
from explorer.queries.db import pagination, sql
from explorer.queries.db.errors import NotHere
from explorer.queries.db.pagination import NEWEST, OLDEST, Order, Page, PageRequest
from explorer.queries.records import challenge_counting, checks
from explorer.queries.records.record import Record, record
from explorer.queries.records.snapshots import Snapshot, snapshot_of
from explorer.queries.site.challenge_changes import Change, changes, masked
from explorer.queries.site.challenge_events import EventRow, Silence, events
from explorer.queries.site.challenge_files import FileRow
from explorer.queries.site.challenge_filter import ChallengeFilter
from explorer.rules import deadlines, naming, registry
from explorer.rules.deadlines import Deadline, Due, Standing
from explorer.rules.ground import Ground, Kind, record_named
from explorer.rules.lifecycle import FILED, CloseReason, Resolution, Status
from indexer.checks.check import OTHER

_COLUMNS = """c.number, c.ground, c.rules_sha256, c.brid, c.prompt_id, c.position, c.scout, c.status,
    c.entered_at, c.is_extended, c.close_reason, c.duplicate_of, c.resolution, c.is_confirmed,
    c.has_response, c.joined, c.filed_at, c.changed_at, c.version, c.due_ms"""
_LISTED = f"SELECT {_COLUMNS} FROM desk_public.challenge c WHERE true"
_ONE = f"SELECT {_COLUMNS}, c.snapshot::text FROM desk_public.challenge c WHERE c.number = %(number)s"
_COUNTS = """
    SELECT c.stands, c.resolution, count(*) FROM desk_public.challenge c WHERE true{condition}
    GROUP BY c.stands, c.resolution
"""
NEXT_DUE = "due"
"""The order by when what comes next is due, the soonest first; what is over comes last."""

EXPORTED = 10_000
"""Challenges in one file at most."""

ORDERS = (NEWEST, OLDEST, NEXT_DUE)
"""Those of a list of challenges."""

_BY = Order(("c.number",))
_EVERY = ChallengeFilter()


@dataclass(frozen=True, slots=True)
class ChallengeRow:
    """A challenge in a list. ``written`` is how it stands in the tables, since when; see ``standing``."""

    number: int
    ground: Ground
    rules_sha256: bytes
    brid: bytes
    prompt_id: int
    position: int
    scout: int
    written: Standing
    duplicate_of: int | None
    resolution: Resolution | None
    is_confirmed: bool
    has_response: bool
    joined: int
    filed_at: datetime
    changed_at: datetime
    version: int
    due_ms: int  # as it is written down, see ``deadlines.due_ms``
    read_at: datetime

    @property
    def name(self) -> str:
        """What it is called."""
        return naming.name_of(self.number)

    @property
    def rid(self) -> str:
        """The RID of the record's chain in upper-case hex."""
        return self.brid.hex().upper()

    @property
    def rules_version(self) -> int | None:
        """The version of the rules it was filed under; None where these are others than there are now."""
        return registry.version_of(self.rules_sha256)

    @property
    def standing(self) -> Standing:
        """How it stands now, with what happened by itself."""
        return deadlines.standing_at(self.written, self.read_at)

    @property
    def status(self) -> Status:
        """Where it stands now."""
        return self.standing.status

    @property
    def due(self) -> Due | None:
        """What comes next, and by when."""
        return deadlines.due(self.standing)

    @property
    def deadlines(self) -> Sequence[Deadline]:
        """The times that run now, the first to end first."""
        return deadlines.running(self.standing, self.read_at)

    @property
    def evidence(self) -> Deadline | None:
        """Until when evidence is in time, where that time runs or ran; None where it has not begun."""
        return next((each for each in self.deadlines if each.step == deadlines.EVIDENCE_STEP), None)

    @property
    def is_late(self) -> bool:
        """Whether people are late with what comes next."""
        return deadlines.is_late(self.standing, self.read_at)

    @property
    def outcome(self) -> Resolution | None:
        """What was decided; None before, and where it was opened again, which is settled no more."""
        return self.resolution if self.status.is_decided else None

    @property
    def closed_for(self) -> CloseReason | None:
        """Why it was closed before it was decided; None where it was not."""
        return self.standing.closed_for

    @property
    def brief(self) -> str:
        """Where it stands in a few words, or what came of it."""
        if self.outcome is not None:
            found = self.outcome.value.replace("-", " ")
            return f"{found}, appealed" if self.status is Status.APPEALED else found
        closed = self.closed_for
        return self.status.words if closed is None else closed.value.replace("-", " ")

    @property
    def is_screened(self) -> bool:
        """Whether somebody has looked it through, so that search engines may show it."""
        return self.status not in (Status.SCREENING, Status.NEEDS_INFO)

    @property
    def is_indexed(self) -> bool:
        """Whether search engines may show it: not before it was looked through, nor once it was withdrawn,
        refused or found to be contradicted.
        """
        return (
            self.is_screened
            and self.status is not Status.CLOSED
            and self.resolution is not Resolution.NOT_UPHELD
        )


@dataclass(frozen=True, slots=True)
class ChallengeView:
    """A challenge with all that is known. ``then`` is the record as it was when this was filed; ``record`` as
    it is, None where it is not here any more, and ``changes`` what became of it since.
    """

    row: ChallengeRow
    events: Sequence[EventRow]
    then: Snapshot
    chain: ChainView | None
    record: Record | None
    now: Snapshot | None
    changes: Sequence[Change]

    @property
    def of_record(self) -> Sequence[Change]:
        """What of the record itself is not as it was."""
        return [each for each in self.changes if not each.check]

    @property
    def of_checks(self) -> Sequence[Change]:
        """What checks say otherwise, by other records too."""
        return [each for each in self.changes if each.check]

    @property
    def is_withheld(self) -> bool:
        """Whether words of the record are withheld."""
        return _is_withheld(self.record)

    def file(self, number: int) -> tuple[EventRow, FileRow]:
        """The file with that number, and what it goes with. Raises NotHere."""
        found = ((event, file) for event in self.events for file in event.files if file.number == number)
        try:
            return next(found)
        except StopIteration:
            raise NotHere(f"Challenge {self.row.name} has no file {number:,}.") from None

    @property
    def is_indexed(self) -> bool:
        """Whether search engines may show it: not before its words were looked through."""
        is_waiting = any(each.type == FILED and each.silence is Silence.WAITING for each in self.events)
        return self.row.is_indexed and not is_waiting


@dataclass(frozen=True, slots=True)
class Counts:
    """How many challenges there are of something: all, those that are not over, and by outcome."""

    every: int
    pending: int
    outcomes: Mapping[Resolution, int]


def page(
    wanted: ChallengeFilter = _EVERY, request: PageRequest | None = None, *, now: datetime
) -> Page[ChallengeRow]:
    """A page of those that are asked for, by number or by when what comes next is due."""
    asked, request = wanted.condition(), request or PageRequest()
    by_due = request.order == NEXT_DUE
    return pagination.read(
        request, f"{_LISTED}{asked.sql}", asked.parameters, by=_by_due(wanted) if by_due else _BY,
        rows=lambda statement, given: [_row(each, now) for each in sql.rows(statement, given)],
        key=lambda row: (-row.due_ms, row.number) if by_due else (row.number,),
    )  # fmt: skip


def _by_due(wanted: ChallengeFilter) -> Order:
    asked = (f"{name}={word}" for name, word in wanted.words().items())
    return Order(("(c.due_ms * -1)", "c.number"), of="\0".join(["challenges", *asked]))


def exported(
    wanted: ChallengeFilter, before: int | None, *, now: datetime
) -> tuple[Sequence[ChallengeRow], int | None]:
    """The newest of those that are asked for, with lower numbers than ``before``: ``EXPORTED`` of them at
    most; and the number below which there are more, None where there are none.
    """
    asked = wanted.condition()
    bound = "" if before is None else " AND c.number < %(before)s"
    statement = f"{_LISTED}{asked.sql}{bound} ORDER BY c.number DESC LIMIT {EXPORTED + 1}"
    rows = [_row(each, now) for each in sql.rows(statement, {**asked.parameters, "before": before})]
    kept = rows[:EXPORTED]
    return kept, kept[-1].number if len(rows) > EXPORTED else None


def of_record(brid: bytes, prompt_id: int, *, now: datetime) -> Sequence[ChallengeRow]:
    """The newest challenges of a record, a page of them at most."""
    return page(ChallengeFilter(chain=brid, record=prompt_id), now=now).rows


def counts(wanted: ChallengeFilter = _EVERY) -> Counts:
    """How many are asked for."""
    asked = wanted.condition()
    rows = challenge_counting.rows(_COUNTS.format(condition=asked.sql), asked.parameters)
    outcomes: dict[Resolution, int] = {}
    for stands, resolution, count in rows:
        if resolution and Status(stands).is_decided:  # what was opened again is settled no more
            found = Resolution(resolution)
            outcomes[found] = outcomes.get(found, 0) + count
    pending = sum(count for stands, _, count in rows if not Status(stands).is_over)
    return Counts(sum(count for *_, count in rows), pending, outcomes)


def challenge(number: int, *, now: datetime) -> ChallengeView:
    """One challenge. Raises NotHere."""
    found = sql.row(_ONE, {"number": number})
    if found is None:
        raise NotHere(f"There is no challenge {naming.name_of(number)}.")
    *columns, kept = found
    row, then = _row(columns, now), Snapshot.read(json.loads(kept))
    chain, about = _find(row.brid, row.prompt_id)
    current = None if about is None else snapshot_of(about, checks.of_record(about))
    told = events(number, is_withheld=_is_withheld(about))
    untold = _untold(row, then)
    is_beside_withheld = any(_is_withheld(_find(*named)[1]) for named in _named(row, told))
    if is_beside_withheld or not untold.isdisjoint(row.ground.checks):
        told = events(number, is_withheld=True)
        untold = {each.check for each in then.checks}
    then = masked(then, current, untold=untold)
    return ChallengeView(
        row=row,
        events=told,
        then=then,
        chain=chain,
        record=about,
        now=current,
        changes=[] if current is None else changes(then, current),
    )


def _find(brid: bytes, prompt_id: int) -> tuple[ChainView | None, Record | None]:
    chain = next((each for each in chains() if each.brid == brid), None)
    if chain is None:
        return None, None
    try:
        return chain, record(chain, prompt_id)
    except NotHere:
        return chain, None


def _is_withheld(about: Record | None) -> bool:
    """Whether words of a record are withheld; what is not here cannot be told to be shown."""
    return about is None or bool(about.withheld)


def _untold(row: ChallengeRow, then: Snapshot) -> Set[str]:
    """The checks that found what they found in words of another record, too, of which words are withheld
    now; also where what was filed is not shown, so that nobody reads there which record that is.
    """
    others = {
        each.check: (row.brid, int(each.values[OTHER]))
        for each in then.checks
        if each.reads_texts and OTHER in each.values
    }
    held = {each for each in set(others.values()) if _is_withheld(_find(*each)[1])}
    return {check for check, other in others.items() if other in held}


def _named(row: ChallengeRow, told: Sequence[EventRow]) -> set[tuple[bytes, int]]:
    """The records that its fields name beside its own."""
    fields = [each.name for each in row.ground.fields if each.kind is Kind.RECORD]
    texts = [each.words[name] for each in told if each.type == FILED for name in fields if name in each.words]
    return {record_named(text, row.brid) for text in texts}


def _row(columns: Sequence[Any], now: datetime) -> ChallengeRow:
    (
        number, ground, rules_sha256, brid, prompt_id, position, scout, status, entered_at, is_extended,
        close_reason, duplicate_of, resolution, is_confirmed, has_response, joined, filed_at, changed_at,
        version, due_ms,
    ) = columns  # fmt: skip
    closed = CloseReason(close_reason) if close_reason else None
    return ChallengeRow(
        number=number,
        ground=registry.by_name()[ground],
        rules_sha256=rules_sha256,
        brid=brid,
        prompt_id=prompt_id,
        position=position,
        scout=scout,
        written=Standing(Status(status), entered_at, is_extended, closed),
        duplicate_of=duplicate_of,
        resolution=Resolution(resolution) if resolution else None,
        is_confirmed=is_confirmed,
        has_response=has_response,
        joined=joined,
        filed_at=filed_at,
        changed_at=changed_at,
        version=version,
        due_ms=due_ms,
        read_at=now,
    )
