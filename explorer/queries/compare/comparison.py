"""Two to five sides compared with one of them. A few are compared at a time, each for so long at most, for a
statement's time limit does not stop what is done in Python; nothing of it is kept.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from threading import BoundedSemaphore

from explorer.diff import likeness as measures
from explorer.diff import paths, texts
from explorer.diff.effort import Effort, TookTooLong
from explorer.diff.likeness import Likeness
from explorer.diff.paths import Differences
from explorer.diff.texts import Difference
from explorer.queries.compare.sides import Side
from explorer.queries.db import sql
from explorer.queries.db.errors import Busy, TooLarge
from explorer.queries.records.parts import Part
from indexer.dapp.completion import decoded

MOST_BYTES = 2_000_000
"""Bytes of a side, in UTF-8, that are compared: of what it says, of its messages, of its result."""

MOST_SIDES = 5

SECONDS = 4.0
"""Of work for all that is compared at once: what has begun ends however busy the machine is."""

LATEST = 8.0
"""Seconds after which it ends all the same: of a reader who asks nothing for 10 PostgreSQL ends the
transaction.
"""

_WAIT = 1.0  # seconds for a place
_PLACES = BoundedSemaphore(2)  # of this process
_LARGE_PLACES = BoundedSemaphore(1)  # beside which small ones have a place
_LARGE = 50_000  # characters of all that is compared
_LONG = 1.0  # seconds after which the database hears that its reader is there


@dataclass(frozen=True, slots=True)
class PartDifference:
    """How one part of what is said differs."""

    name: str
    difference: Difference


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two sides that can be compared. ``parts`` are those that either has, in their order. ``json`` is None
    where not both have a result that is JSON, ``messages`` where not both have messages that may be shown.
    """

    a: Side
    b: Side
    parts: Sequence[PartDifference]
    likeness: Likeness
    json: Differences | None
    messages: Difference | None

    @property
    def is_identical(self) -> bool:
        """Whether both say the same, character for character, in all parts."""
        return all(each.difference.is_identical for each in self.parts)

    @property
    def changes(self) -> int:
        """How many places differ in what they say."""
        return sum(each.difference.changes for each in self.parts)

    @property
    def is_line_diff(self) -> bool:
        """Whether lines of some part were compared, for words would be too many."""
        return any(each.difference.is_line_diff for each in self.parts)

    @property
    def first(self) -> PartDifference | None:
        """The first part that differs; None where none does."""
        return next((each for each in self.parts if not each.difference.is_identical), None)

    @property
    def is_mostly_different(self) -> bool:
        """Whether less than half of the words stand in both, so that places that differ show nothing."""
        match = self.likeness.word_match
        return not self.is_identical and match is not None and match < 0.5


@dataclass(frozen=True, slots=True)
class Group:
    """Sides that say the same, by their places among all, and how they differ from the baseline. Of the
    group that the baseline is in that is None, but where there is no other side: two that say the same may
    differ in their messages, and in all that a result holds beside.
    """

    places: Sequence[int]
    comparison: Comparison | None


def compare(a: Side, b: Side) -> Comparison | None:
    """Two sides; None where one of them cannot be compared. Raises ``TooLarge`` and ``Busy``."""
    with _place(_size(a, b)) as effort:
        return None if a.parts is None or b.parts is None else _compared(a, b, effort)


def compare_all(sides: Sequence[Side], *, baseline: int) -> Sequence[Group]:
    """The sides that can be compared, those that say the same together, each group with the side at that
    place: first its own, then as they come. None where it cannot be compared. Raises ``TooLarge`` and
    ``Busy``.
    """
    ground = sides[baseline]
    if ground.parts is None:
        return []
    groups: dict[tuple[Part, ...], list[int]] = {tuple(ground.parts): []}
    for place, each in enumerate(sides):
        if each.parts is not None:
            groups.setdefault(tuple(each.parts), []).append(place)
    with _place(_size(*sides)) as effort:
        (first, *others) = groups.values()
        if len(first) == 2 and not others:
            (other,) = (each for each in first if each != baseline)
            return [Group(first, _compared(ground, sides[other], effort))]
        return [
            Group(places, None if baseline in places else _compared(ground, sides[places[0]], effort))
            for places in groups.values()
        ]


def compare_messages(pairs: Sequence[tuple[Side, Side]]) -> Sequence[Difference | None]:
    """What the two sides of each pair were asked, whatever they say; None where not both have messages that
    may be shown. All are None where these are too large or others compare just now: what else is said of the
    sides does not hang on it.
    """
    if not pairs:
        return []
    try:
        with _place(sum(_asked(*each) for each in pairs)) as effort:
            return [_messages(a.conversation, b.conversation, effort) for a, b in pairs]
    except (TooLarge, Busy):
        return [None] * len(pairs)


def compare_lines(a: str, b: str) -> Difference:
    """Two texts, line by line. Raises ``TooLarge`` and ``Busy``."""
    with _place(len(a) + len(b)) as effort:
        one, other = (_measured("the result", each) for each in (a, b))
        return texts.compared(one, other, by_line=True, effort=effort)


@contextmanager
def at_once(seconds: float) -> Iterator[Effort]:
    """How long may be compared for what a page tells beside: no time where all places are taken."""
    is_free = _PLACES.acquire(blocking=False)
    try:
        yield Effort.within(seconds if is_free else 0)
    finally:
        if is_free:
            _PLACES.release()


@contextmanager
def _place(size: int) -> Iterator[Effort]:
    """A place among those that compare, for texts of so many characters, and how long it may take. Of two
    large ones beside each other neither might end in time: one has to wait. Raises ``Busy``.
    """
    begun = time.monotonic()
    with ExitStack() as places:
        for each in [_LARGE_PLACES, _PLACES] if size > _LARGE else [_PLACES]:
            if not each.acquire(timeout=_WAIT):
                raise Busy("Others compare just now, and only a few can at a time.")
            places.callback(each.release)
        try:
            yield Effort.of_work(SECONDS, latest=LATEST)
        except TookTooLong as error:
            raise Busy(
                f"It took more than the {SECONDS:g} seconds of work that a comparison is given, or more than "
                f"{LATEST:g} seconds beside all else that is done here. Shorter texts take less."
            ) from error
    if time.monotonic() - begun > _LONG:
        sql.rows("SELECT 1", {})


def _size(*sides: Side) -> int:
    return sum(len(each.text) + len(each.result or "") for each in sides) + _asked(*sides)


def _asked(*sides: Side) -> int:
    return sum(each.messages.length for each in sides if each.messages is not None)


def _compared(a: Side, b: Side, effort: Effort) -> Comparison:
    for each in (a, b):
        _measured("what is said", each.text)
    return Comparison(
        a,
        b,
        parts=list(_parts(a.parts or (), b.parts or (), effort)),
        likeness=measures.likeness(a.text, b.text, effort=effort),
        json=_json(a.result, b.result, effort),
        messages=_messages(a.conversation, b.conversation, effort),
    )


def _measured(what: str, text: str) -> str:
    if len(text) > MOST_BYTES or len(text.encode("utf-8", "surrogatepass")) > MOST_BYTES:
        raise TooLarge(
            f"A side may have {MOST_BYTES:,} bytes of each text, in UTF-8, and {what} on one side has more."
        )
    return text


def _parts(a: Sequence[Part], b: Sequence[Part], effort: Effort) -> Iterator[PartDifference]:
    if len(a) == len(b) == 1:
        yield PartDifference(a[0].name, texts.compared(a[0].text, b[0].text, effort=effort))
        return
    one, other = ({each.name: each.text for each in side} for side in (a, b))
    for name in [*one, *(each for each in other if each not in one)]:
        yield PartDifference(name, texts.compared(one.get(name, ""), other.get(name, ""), effort=effort))


def _json(a: str | None, b: str | None, effort: Effort) -> Differences | None:
    if a is None or b is None:
        return None
    one, other = (decoded(_measured("the result", each)) for each in (a, b))
    effort.go_on()
    return None if one is None or other is None else paths.differing(one, other, effort=effort)


def _messages(a: str | None, b: str | None, effort: Effort) -> Difference | None:
    if a is None or b is None:
        return None
    return texts.compared(_measured("the prompt", a), _measured("the prompt", b), effort=effort)
