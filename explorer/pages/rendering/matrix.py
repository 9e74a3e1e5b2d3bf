"""The cohorts of a prompt as a table: a line for each model and provider, a column for each seed."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from explorer.queries.chain.chains import ChainView
from explorer.queries.prompts.cohorts import Cohort

MOST_LINES, MOST_SEEDS = 20, 6

_Of = tuple[bytes, str, str]  # chain, model, provider


@dataclass(frozen=True, slots=True)
class Line:
    """A model and a provider on one chain, with a cell for each seed; None where it has no record."""

    chain: ChainView
    model: str
    provider: str
    cells: Sequence[Cohort | None]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Lines and seeds with the most records first; ``left_out`` counts the cohorts that are not in it."""

    seeds: Sequence[int]
    lines: Sequence[Line]
    left_out: int


def matrix_of(cohorts: Sequence[Cohort], *, total: int) -> Matrix:
    """The table of these cohorts, of so many that there are."""
    of_seed: Counter[int] = Counter()
    of_line: Counter[_Of] = Counter()
    cells: dict[tuple[_Of, int], Cohort] = {}
    for each in cohorts:
        of_seed[each.seed] += each.records
        of_line[_of(each)] += each.records
        cells[_of(each), each.seed] = each
    seeds = [seed for seed, _ in of_seed.most_common(MOST_SEEDS)]
    chains = {each.chain.brid: each.chain for each in cohorts}
    every = [
        Line(chains[of[0]], of[1], of[2], [cells.get((of, seed)) for seed in seeds])
        for of, _ in of_line.most_common()
    ]
    lines = [each for each in every if any(each.cells)][:MOST_LINES]
    shown = sum(cell is not None for each in lines for cell in each.cells)
    return Matrix(seeds, lines, total - shown)


def _of(cohort: Cohort) -> _Of:
    return cohort.chain.brid, cohort.model, cohort.provider
