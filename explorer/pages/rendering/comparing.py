"""How a difference looks: runs that are the same, folded where long, and numbered changes between."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from explorer.diff.texts import Difference, Kind, Operation
from explorer.queries.db.private import Part, parts_of
from indexer.words import tokens

MOST_CHANGES = 200
"""Changes of one part that a page shows."""

_MOST_SHOWN = 60_000  # characters of one part
_OF_A_CHANGE, _OF_A_FOLD, _OF_A_SIDE = 4_000, 4_000, 20_000
_CONTEXT, _CONTEXT_LINES = 240, 2  # of what is the same beside a change
_FOLDED, _FOLDED_LINES = 400, 3  # above which it is folded
_MOST_PRIVATE = 10_000
_MOST_COUNTED = 20_000  # characters, and words in them


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text. ``kind`` is same, fold, deleted or inserted; ``number`` that of the change, where it
    begins with this run, else 0. ``cut`` counts the characters that are not shown. ``told`` says of a fold
    how much it holds.
    """

    kind: str
    parts: Sequence[Part]
    number: int = 0
    cut: int = 0
    told: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """What stands side by side; ``folds`` stand over both sides."""

    a: Sequence[Run] = ()
    b: Sequence[Run] = ()
    folds: Sequence[Run] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """One part of what is said, in one text (``runs``) or side by side (``rows``). ``left_out`` counts the
    changes that are not shown.
    """

    name: str
    changes: int
    left_out: int
    is_line_diff: bool
    runs: Sequence[Run] = ()
    rows: Sequence[Row] = ()

    @property
    def numbers(self) -> Sequence[int]:
        """Those of the changes that are shown."""
        return range(1, self.changes - self.left_out + 1)


def whole(name: str, text: str) -> Shown:
    """A text that is compared with no other."""
    return Shown(
        name, 0, 0, is_line_diff=False, runs=[_run("same", _Private(text), 0, text, most=_OF_A_SIDE)]
    )


def in_one_text(name: str, found: Difference) -> Shown:
    """Both sides in one text, what is deleted before what is inserted in its place."""
    writer = _Writer(found)
    runs = [run for each in writer.pieces() for run in (*each.same, *each.deleted, *each.inserted)]
    return Shown(name, found.changes, writer.left_out, found.is_line_diff, runs=runs)


def side_by_side(name: str, found: Difference) -> Shown:
    """The two sides beside each other, line by line."""
    writer = _Writer(found)
    rows = list(_rows(writer.pieces(by_line=True)))
    return Shown(name, found.changes, writer.left_out, found.is_line_diff, rows=rows)


def plainly(name: str, found: Difference) -> Shown:
    """The two texts beside each other, with nothing marked."""
    texts = ("".join(getattr(each, side) for each in found.operations) for side in "ab")
    a, b = (_run("same", _Private(text), 0, text, most=_OF_A_SIDE) for text in texts)
    return Shown(name, found.changes, found.changes, found.is_line_diff, rows=[Row([a], [b])])


@dataclass(frozen=True, slots=True)
class _Piece:
    """What one operation is shown as; ``ends_line`` is whether a new line begins behind it."""

    same: Sequence[Run] = ()
    deleted: Sequence[Run] = ()
    inserted: Sequence[Run] = ()
    ends_line: bool = False


@dataclass(slots=True)
class _Private:
    """A text, and which places of it are private."""

    text: str
    _spans: list[tuple[int, int, str]] = field(init=False)

    def __post_init__(self) -> None:
        self._spans = []
        at = 0
        for each in parts_of(self.text, most=_MOST_PRIVATE):
            if each.kind:
                self._spans.append((at, at + len(each.text), each.kind))
            at += len(each.text)

    def parts(self, start: int, end: int) -> Iterator[Part]:
        """A slice of the text in parts, each private one by itself."""
        for first, last, kind in self._spans:
            if last <= start or first >= end:
                continue
            if first > start:
                yield Part(self.text[start:first])
            yield Part(self.text[max(first, start) : min(last, end)], kind)
            start = min(last, end)
        if start < end:
            yield Part(self.text[start:end])


class _Writer:
    """The operations as pieces, until they are too many to be shown."""

    def __init__(self, found: Difference) -> None:
        self._found = found
        self._sides = [_Private("".join(getattr(each, side) for each in found.operations)) for side in "ab"]
        self._shown = 0
        self._number = 0

    @property
    def left_out(self) -> int:
        """How many changes were not shown."""
        return self._found.changes - self._number

    def pieces(self, *, by_line: bool = False) -> Iterator[_Piece]:
        """Each operation; of what is the same each line by itself, where this is asked for."""
        at = [0, 0]
        last = len(self._found.operations) - 1
        for place, each in enumerate(self._found.operations):
            if self._number >= MOST_CHANGES or self._shown >= _MOST_SHOWN:
                return
            if each.kind is Kind.EQUAL:
                yield from self._same(each, at[0], first=place == 0, last=place == last, by_line=by_line)
            else:
                yield self._change(each, *at)
            at[0] += len(each.a)
            at[1] += len(each.b)

    def _change(self, found: Operation, at: int, bt: int) -> _Piece:
        self._number += 1
        deleted = [self._counted(_run("deleted", self._sides[0], at, found.a))] if found.a else []
        inserted = [self._counted(_run("inserted", self._sides[1], bt, found.b))] if found.b else []
        first = deleted or inserted
        first[0] = replace(first[0], number=self._number)
        return _Piece(deleted=deleted, inserted=inserted)

    def _same(self, found: Operation, at: int, *, first: bool, last: bool, by_line: bool) -> Iterator[_Piece]:
        runs = list(self._folded(found.a, at, first=first, last=last))
        if not by_line:
            yield _Piece(same=runs)
            return
        for run in runs:
            if run.kind == "fold":
                yield _Piece(same=[run])
                continue
            text = "".join(part.text for part in run.parts)
            for line in tokens.lines(text):
                yield _Piece(same=[_run("same", self._sides[0], at, line)], ends_line=line[-1] in "\r\n")
                at += len(line)
            at += run.cut

    def _folded(self, text: str, at: int, *, first: bool, last: bool) -> Iterator[Run]:
        head = 0 if first else _context(text)
        tail = 0 if last else _context(text[::-1])
        middle = text[head : len(text) - tail]
        side = self._sides[0]
        if len(middle) <= _FOLDED and middle.count("\n") <= _FOLDED_LINES:
            yield self._counted(_run("same", side, at, text, most=len(text)))
            return
        if head:
            yield self._counted(_run("same", side, at, text[:head]))
        fold = _run("fold", side, at + head, middle, most=_OF_A_FOLD)
        yield self._counted(replace(fold, told=_amount(middle)))
        if tail:
            yield self._counted(_run("same", side, at + len(text) - tail, text[len(text) - tail :]))

    def _counted(self, run: Run) -> Run:
        self._shown += sum(len(each.text) for each in run.parts)
        return run


def _run(kind: str, side: _Private, at: int, text: str, *, most: int = _OF_A_CHANGE) -> Run:
    shown = min(len(text), most)
    return Run(kind, list(side.parts(at, at + shown)), cut=len(text) - shown)


def _context(text: str) -> int:
    """How many characters beside a change are shown of what is the same: up to the end of a word."""
    end = -1
    for _ in range(_CONTEXT_LINES):
        end = text.find("\n", end + 1, _CONTEXT)
        if end < 0:
            break
    else:
        return end + 1
    if len(text) <= _CONTEXT:
        return len(text)
    return max(text.rfind(" ", 0, _CONTEXT), text.rfind("\n", 0, _CONTEXT)) + 1 or _CONTEXT


def _amount(text: str) -> str:
    lines = len(tokens.lines(text))
    of = f" in {lines:,} lines" if lines > 1 else ""
    words = tokens.words(text, most=_MOST_COUNTED) if len(text) <= _MOST_COUNTED else None
    if words is None:
        return f"{len(text):,} characters{of}, the same in both"
    return f"{len(words):,} word{'' if len(words) == 1 else 's'}{of}, the same in both"


def _rows(pieces: Iterable[_Piece]) -> Iterator[Row]:
    a: list[Run] = []
    b: list[Run] = []
    for each in pieces:
        is_fold = any(run.kind == "fold" for run in each.same)
        if is_fold and (a or b):
            yield Row(a, b)
            a, b = [], []
        if is_fold:
            yield Row(folds=each.same)
            continue
        a += [*each.same, *each.deleted]
        b += [*each.same, *each.inserted]
        if each.ends_line:
            yield Row(a, b)
            a, b = [], []
    if a or b:
        yield Row(a, b)
