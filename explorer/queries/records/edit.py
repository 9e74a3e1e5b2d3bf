"""What an edit changed, in short: which words became which, or what changed beside the words.

Where changes are is remembered by the hashes of the two texts, as offsets; the words are cut from the texts
each time, which whoever asks has had pass the gate.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from threading import Lock

from explorer.diff.effort import Effort, TookTooLong
from explorer.diff.summary import Spot, Summary, summary
from explorer.diff.texts import Kind
from explorer.queries.db.private import blotted_slice
from explorer.queries.records.said import changed_beside

LONGEST = 200_000
"""Characters of a side, above which its edit is not told in words."""

SHOWN = 48
"""Characters of a change that are shown on each side."""

MOST_BESIDE = 20
"""Names of what changed beside the words that are listed."""

_KEPT = 4_096  # pairs of texts, of this process


@dataclass(frozen=True, slots=True)
class Became:
    """A change: what stood there and what stands there now, without what is private; empty where nothing
    did, or does. ``is_cut`` is whether there is more of it.
    """

    a: str
    b: str
    is_a_cut: bool
    is_b_cut: bool

    @property
    def kind(self) -> Kind:
        """Whether something was put in, taken out, or put in the place of something else."""
        if not self.a:
            return Kind.INSERT
        return Kind.REPLACE if self.b else Kind.DELETE


@dataclass(frozen=True, slots=True)
class Edit:
    """What an edit changed. ``told`` is how much it changed of what is said, and ``became`` the first
    places; ``told`` is None where the words stayed, and ``beside`` then names what else of the result
    changed: nothing where that is not known, or it was written again as it was.

    ``edits`` is how many edits did so together. Where ``came_back``, it is what one in between changed of
    what was said at first, before a later one said that again; ``told`` is then None where that is not told.
    """

    told: Summary | None
    became: Sequence[Became] = ()
    beside: Sequence[str] = ()
    edits: int = 1
    came_back: bool = False

    @property
    def changes(self) -> int:
        """How many places differ in what is said."""
        return 0 if self.told is None else self.told.changes

    @property
    def more(self) -> int:
        """How many changes are not told one by one."""
        return self.changes - len(self.became)

    @property
    def is_line_diff(self) -> bool:
        """Whether lines were compared, for words would be too many."""
        return self.told is not None and self.told.is_line_diff

    @property
    def is_white_space(self) -> bool:
        """Whether only white space differs."""
        return self.told is not None and self.told.is_white_space

    @property
    def is_white_space_alone(self) -> bool:
        """Whether it is known that none of the edits changed more than white space: what each of several did
        is not told here.
        """
        return self.is_white_space and self.edits == (2 if self.came_back else 1)

    @property
    def is_mostly_different(self) -> bool:
        """Whether more than half of the words are gone."""
        return self.told is not None and self.told.is_mostly_different

    @property
    def first_beside(self) -> Sequence[str]:
        """The first names of what changed beside the words, which are a stranger's and may be many."""
        return [each[:SHOWN] for each in self.beside[:MOST_BESIDE]]


def between(a: str, b: str, effort: Effort) -> Edit | None:
    """What changed from one text to another one; None where that would take too long."""
    if max(len(a), len(b)) > LONGEST:
        return None
    try:
        return _told(a, b, _SUMMARIES.of(a, b, lambda: summary(a, b, effort=effort)))
    except TookTooLong:
        return None


def beside(before: str | None, after: str | None) -> Edit:
    """An edit that left the words as they were. Results are as they were signed, None where one is not
    here.
    """
    if before is None or after is None or before == after or max(len(before), len(after)) > LONGEST:
        return Edit(None)
    return Edit(None, beside=changed_beside(before, after))


def _told(a: str, b: str, found: Summary) -> Edit:
    return Edit(found, list(_became(a, b, found.spots)))


def _became(a: str, b: str, spots: Sequence[Spot]) -> Iterator[Became]:
    for each in spots:
        a_end, b_end = min(each.a_end, each.a + SHOWN), min(each.b_end, each.b + SHOWN)
        yield Became(
            a=blotted_slice(a, each.a, a_end),
            b=blotted_slice(b, each.b, b_end),
            is_a_cut=a_end < each.a_end,
            is_b_cut=b_end < each.b_end,
        )


class _Summaries:
    """The summaries that were made last, by the hashes of both texts. Nothing of a text is in it."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = Lock()
        self._found: OrderedDict[tuple[bytes, bytes], Summary] = OrderedDict()

    def of(self, a: str, b: str, made: Callable[[], Summary]) -> Summary:
        """The summary of these two texts, made where it is not here. Raises what making it raises."""
        key = _hash(a), _hash(b)
        with self._lock:
            if key in self._found:
                self._found.move_to_end(key)
                return self._found[key]
        new = made()
        with self._lock:
            self._found[key] = new
            if len(self._found) > self._most:
                self._found.popitem(last=False)
        return new

    def forget(self) -> None:
        """Nothing is remembered any more."""
        with self._lock:
            self._found.clear()

    def all(self) -> Mapping[tuple[bytes, bytes], Summary]:
        """All that is remembered."""
        with self._lock:
            return dict(self._found)


def _hash(text: str) -> bytes:
    return sha256(text.encode("utf-8", "surrogatepass")).digest()


_SUMMARIES = _Summaries(_KEPT)
remembered, forget = _SUMMARIES.all, _SUMMARIES.forget
