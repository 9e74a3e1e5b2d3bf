"""What a check is, and what it can say.

A check has a closed list of outcomes, each with a code that stays: what is kept of a record is one code a
check. Values hold numbers and hashes alone, never words of a record. Who changes what a check says of the
same record raises its ``version``, and has its results derived anew.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from indexer.checks.evidence import Evidence, Missing

OTHER = "other_record"
"""The value that names another record, which what is found was found by, by its prompt id."""

Values = Mapping[str, int | str]


class Result(Enum):
    """What a check says of a record. FAIL means that the finding is there; pages say “found”."""

    PASS = "pass"
    FAIL = "fail"
    NOT_APPLICABLE = "not-applicable"
    UNKNOWN = "unknown"


RESULTS = tuple(Result)
"""In the order in which records are counted by result."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One thing that a check can say. ``code`` is from 0 to 199; ``words`` are a sentence."""

    code: int
    reason: str
    result: Result
    words: str


@dataclass(frozen=True, slots=True)
class Judged:
    """What a check says of a record, and the values that it says it by: numbers, and hashes in hex."""

    outcome: Outcome
    values: Values = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Kin:
    """Records with the same ``key`` should have the same ``value``. Both are SHA-256."""

    key: bytes
    value: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """How a check compares records: by what, None of a record that is not compared. Of one that is, the check
    says ``alike`` by itself, and ``differing`` where a record of the same key has another value.
    """

    kin: Callable[[Evidence], Kin | None]
    alike: Outcome
    differing: Outcome
    key_name: str

    def values(self, key: bytes, other: int) -> Values:
        """By what is found that a record differs from another one, whose prompt id that is."""
        return {self.key_name: key.hex().upper(), OTHER: other}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohorts:
    """How a check compares a record with those that should say the same as it, and are its cohort: those with
    the same key. It says ``agreeing`` where another one has the same value, ``outlier`` where ``least``
    others or more, and all that there are, have one value and the record another, and else ``open``, as by
    itself.
    """

    kin: Callable[[Evidence], Kin | None]
    agreeing: Outcome
    outlier: Outcome
    open: Outcome
    least: int

    def values(self, said: bytes, other: int) -> Values:
        """By what an outlier is found: the key of what all others said, and the first of them."""
        return {"said_by_others": said.hex().upper(), OTHER: other}


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """How a check compares a record's ``text`` with those of earlier records, None of a record that is not
    compared. It says ``near`` where the runs of five words of an earlier text are ``least`` of those of both
    or more, ``crowded`` where too many are somewhat alike, and else ``alone``, as by itself.

    ``among`` is the number of a check with a ``Comparison``, whose key is that of the text, and whose value
    that of the messages: of records with the same of either none is compared with the other.
    """

    text: Callable[[Evidence], str | None]
    among: int
    alone: Outcome
    near: Outcome
    crowded: Outcome
    least: float

    def values(self, similarity: float, other: int) -> Values:
        """By what is found that a record is nearly the same as an earlier one, whose prompt id that is."""
        return {"similarity": f"{similarity:.3f}", OTHER: other}


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A check. ``number`` is its place in what is kept of a record, and stays.

    ``judge`` is given a record with a result to read, where ``reads_texts``; what is withheld is told by
    ``judged`` alone. ``causes`` are innocent ones, ``limits`` is what it cannot tell. One that has a
    ``comparison`` compares records with each other, as they were first written, and depends on later ones.
    """

    number: int
    name: str
    version: int
    title: str
    question: str
    how: str
    causes: Sequence[str]
    limits: str
    outcomes: Sequence[Outcome]
    reads_texts: bool
    judge: Callable[[Evidence], Judged]
    comparison: Comparison | Cohorts | Likeness | None = None

    def judged(self, evidence: Evidence) -> Judged:
        """What it says of a record; UNKNOWN where it would read what is withheld, or cannot be read."""
        missing = self._missing(evidence)
        return Judged(WITHHELD[missing]) if missing is not None else self.judge(evidence)

    def kin(self, evidence: Evidence) -> Kin | None:
        """By what the record is compared with others; None where it is not, or cannot be read."""
        if not isinstance(self.comparison, Comparison | Cohorts) or evidence.first.missing is not None:
            return None
        return self.comparison.kin(evidence)

    def _missing(self, evidence: Evidence) -> Missing | None:
        if not self.reads_texts:
            return None
        return evidence.last.missing if self.comparison is None else evidence.first.missing

    def outcome(self, code: int) -> Outcome:
        """The outcome with that code."""
        return next(each for each in self.every_outcome if each.code == code)

    @property
    def every_outcome(self) -> Sequence[Outcome]:
        """All that it can say, also of what is withheld."""
        return (*self.outcomes, *(WITHHELD.values() if self.reads_texts else ()))


WITHHELD: Mapping[Missing, Outcome] = {
    Missing.HIDDEN: Outcome(
        250, "hidden", Result.UNKNOWN, "Not told: the operator of this site withholds the text."
    ),
    Missing.ERASED: Outcome(251, "erased", Result.UNKNOWN, "Not known: the text was erased here."),
    Missing.UNREAD: Outcome(
        252, "damaged", Result.UNKNOWN, "Not known: this site's copy of the text is damaged."
    ),
}
"""What all checks say where they cannot read."""
