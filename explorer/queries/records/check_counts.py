"""Of how many of the records that name a model, provider or scout, or answer a prompt, each check has which
result. From figures that are kept: none is counted while a reader waits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from explorer.queries.chain.chains import ChainView, CountedTo
from explorer.queries.db import sql
from indexer.checks.check import RESULTS, Check, Result
from indexer.checks.registry import checks
from indexer.models import DerivationCheckpoint

_KEPT = f"""
    SELECT h.id, d.height, t.counts
    FROM indexer_chain h JOIN indexer_derivationcheckpoint d
        ON d.chain_id = h.id AND d.generation = h.generation
        AND d.name = '{DerivationCheckpoint.Of.CHECKS.value}'
    LEFT JOIN {{}} ON t.chain_id = h.id AND t.generation = h.generation AND {{}}
    WHERE h.id = ANY(%(chains)s)
"""
_NAMED = _KEPT.format("indexer_checknamed t", "t.of = %(of)s AND t.key = %(key)s")
_ASKED = _KEPT.format("indexer_checkasked t", "t.prompt = %(prompt)s")


@dataclass(frozen=True, slots=True)
class Results:
    """Of how many records a check has which result."""

    check: Check
    passed: int
    found: int
    not_applicable: int
    unknown: int

    @property
    def records(self) -> int:
        """How many were judged."""
        return self.applies + self.not_applicable + self.unknown

    @property
    def applies(self) -> int:
        """Of how many it found something or nothing: what findings are counted against."""
        return self.found + self.passed


@dataclass(frozen=True, slots=True)
class CheckCounts:
    """Every check, by its number, with its counts. ``counted_to`` are the chains of which newer records are
    not judged yet; ``are_judged_anew`` is whether some are not counted as they will be: see ``withdrawing``.
    """

    results: Sequence[Results]
    counted_to: Sequence[CountedTo]
    are_judged_anew: bool

    @property
    def records(self) -> int:
        """How many records were judged: by every check the same."""
        return self.results[0].records

    @property
    def found(self) -> Sequence[Results]:
        """Those that find something of any."""
        return [each for each in self.results if each.found]

    @property
    def not_found(self) -> Sequence[Results]:
        """Those that find nothing of any."""
        return [each for each in self.results if not each.found]


def of_name(chains: Sequence[ChainView], *, of: int, key: int) -> CheckCounts:
    """Of the records of these chains that name it; ``of`` and ``key`` are those of ``Presence``. A query."""
    return _counts(chains, _NAMED, {"of": of, "key": key})


def of_prompt(chains: Sequence[ChainView], key: bytes) -> CheckCounts:
    """Of the records of these chains that answer the prompt with this key. A query."""
    return _counts(chains, _ASKED, {"prompt": UUID(bytes=key[:16])})


def _counts(chains: Sequence[ChainView], statement: str, asked: dict[str, Any]) -> CheckCounts:
    rows = sql.rows(statement, {**asked, "chains": [each.id for each in chains]})
    reached = {chain_id: height for chain_id, height, _ in rows}
    late = [CountedTo(each, reached.get(each.id, -1)) for each in chains]
    return CheckCounts(
        results=added_up([counts for *_, counts in rows if counts is not None]),
        counted_to=[each for each in late if each.height < each.chain.freshness.height],
        are_judged_anew=any(each.withdraws for each in chains),
    )


def added_up(counts: Sequence[Sequence[int]]) -> Sequence[Results]:
    """Every check with the sums of what rows of ``CheckNamed`` or ``CheckAsked`` count."""
    sums = [sum(each) for each in zip(*counts, strict=True)] or [0] * (len(checks()) * len(RESULTS))
    of = {each: sums[place :: len(RESULTS)] for place, each in enumerate(RESULTS)}
    return [
        Results(
            each,
            passed=of[Result.PASS][each.number],
            found=of[Result.FAIL][each.number],
            not_applicable=of[Result.NOT_APPLICABLE][each.number],
            unknown=of[Result.UNKNOWN][each.number],
        )
        for each in checks()
    ]
