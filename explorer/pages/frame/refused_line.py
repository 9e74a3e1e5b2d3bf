"""A query line that cannot be meant, as a page shows it: its places marked, and what may have been meant."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest

from explorer.pages.frame.addresses import path_of
from explorer.query_parameters import Fault
from explorer.search.faults import NotUnderstood

_LONGEST = 2_000
"""Characters of the line that are shown."""

_LONGEST_PLACE = 80
_BEGINNINGS = ("before", "after", "cursor")


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of the line, and whether it is what cannot be meant."""

    text: str
    is_marked: bool


@dataclass(frozen=True, slots=True)
class Offer:
    """A line that can be asked instead, and where."""

    line: str
    url: str


@dataclass(frozen=True, slots=True)
class Told:
    """What is wrong with one place of the line, or with another parameter of this name."""

    place: str
    why: str


@dataclass(frozen=True, slots=True)
class RefusedLine:
    """The line in pieces, what is wrong with each place, and what is offered instead: None where nothing is.

    ``path`` and ``kept`` are where the mended line is sent, and what else was asked for.
    """

    line: str
    pieces: Sequence[Piece]
    faults: Sequence[Told]
    corrected: Offer | None
    quoted: Offer | None
    path: str
    kept: Sequence[tuple[str, str]]


def refused_line(request: HttpRequest, faults: Sequence[Fault], error: NotUnderstood) -> RefusedLine:
    """What the page of a refusal shows of it; ``faults`` are those of the line and of other parameters. What
    else was asked for stays, from its first page on.
    """
    dropped = {*_BEGINNINGS, "q", *(each.parameter for each in faults)}
    kept = [(name, str(value)) for name, value in request.GET.items() if name not in dropped]
    corrected, quoted = (_offer(request.path, each, kept) for each in (error.corrected, error.quoted))
    return RefusedLine(
        line=error.line,
        pieces=list(_pieces(error)),
        faults=[_told(error.line, each) for each in faults],
        corrected=corrected,
        quoted=None if quoted == corrected else quoted,
        path=request.path,
        kept=kept,
    )


def without(request: HttpRequest, names: Collection[str]) -> str:
    """The address without these parameters, from its first page on."""
    asked = request.GET.copy()
    for name in (*_BEGINNINGS, *names):
        asked.pop(name, None)
    path = path_of(request)
    return f"{path}?{asked.urlencode()}" if asked else path


def _told(line: str, fault: Fault) -> Told:
    if fault.place is None:
        return Told(fault.parameter, fault.why)
    place = line[fault.place.start : fault.place.end]
    return Told(place if len(place) <= _LONGEST_PLACE else f"{place[:_LONGEST_PLACE]}…", fault.why)


def _pieces(error: NotUnderstood) -> Iterator[Piece]:
    behind = 0
    line = error.line[:_LONGEST]
    for each in sorted(error.faults, key=lambda each: each.start):
        if each.start < behind:
            continue
        yield Piece(line[behind : each.start], False)
        yield Piece(line[each.start : each.end], True)
        behind = each.end
    yield Piece(line[behind:], False)


def _offer(path: str, line: str, kept: Sequence[tuple[str, str]]) -> Offer | None:
    return Offer(line, f"{path}?{urlencode([('q', line), *kept])}") if line else None
