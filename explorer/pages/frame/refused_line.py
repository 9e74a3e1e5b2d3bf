"""A query line that cannot be meant, as a page shows it: its places marked, and what may have been meant."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.http import HttpRequest

from explorer.search.faults import NotUnderstood

_LONGEST = 2_000
"""Characters of the line that are shown."""


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
class RefusedLine:
    """The line in pieces, and what is offered instead: None where nothing is."""

    pieces: Sequence[Piece]
    corrected: Offer | None
    quoted: Offer | None


def refused_line(request: HttpRequest, error: NotUnderstood) -> RefusedLine:
    """What the page of a refusal shows of it. What else was asked for stays, from its first page on."""
    return RefusedLine(list(_pieces(error)), _offer(request, error.corrected), _offer(request, error.quoted))


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


def _offer(request: HttpRequest, line: str) -> Offer | None:
    if not line:
        return None
    asked = request.GET.copy()
    for name in ("before", "after", "cursor"):
        asked.pop(name, None)
    asked["q"] = line
    return Offer(line, f"{request.path}?{asked.urlencode()}")
