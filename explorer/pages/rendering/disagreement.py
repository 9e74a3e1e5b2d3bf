"""Where records with the same prompt, seed, model and provider first gave different answers: those that
differ from most, and the cohorts in which no answer has most, where nobody is the one that differs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from explorer.queries.chain.chains import ChainView
from explorer.queries.prompts.cohorts import Differing


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer by its letter, empty where it is not listed, and how many of a cohort gave it first."""

    letter: str
    records: int


@dataclass(frozen=True, slots=True)
class Undecided:
    """A cohort in which no answer was first given by more than half. ``left_out`` of its records gave answers
    that are not among its ``answers``.
    """

    chain: ChainView
    seed: int
    model: str
    provider: str
    records: int
    answers: Sequence[Answered]

    @property
    def left_out(self) -> int:
        """How many gave none of these answers."""
        return self.records - sum(each.records for each in self.answers)


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Records that differ from most of theirs, and cohorts without such a most, each in the order given."""

    from_most: Sequence[Differing]
    undecided: Sequence[Undecided]

    @property
    def records(self) -> int:
        """How many differ from most."""
        return sum(each.records for each in self.from_most)


def disagreement_of(differing: Sequence[Differing]) -> Disagreement:
    """What these lines are, those of one cohort side by side."""
    tied = [each for each in differing if not each.has_most]
    return Disagreement(
        from_most=[each for each in differing if each.has_most],
        undecided=[_undecided(list(each)) for _, each in groupby(tied, key=_cohort)],
    )


def _cohort(of: Differing) -> tuple[bytes, int, str, str]:
    return of.chain.brid, of.seed, of.model, of.provider


def _undecided(lines: Sequence[Differing]) -> Undecided:
    of = lines[0]
    commonest = Answered(of.commonest, of.commonest_records)
    answers = [commonest, *(Answered(each.letter, each.records) for each in lines)]
    return Undecided(of.chain, of.seed, of.model, of.provider, of.cohort_records, answers)
