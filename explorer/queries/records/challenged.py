"""The records that are challenged, and how that stands: SQL for those, and how many they are.

Those that were closed before they were decided, as what was withdrawn or is a duplicate, say nothing of a
record, and are left out.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from explorer.queries.chain.chains import ChainView
from explorer.queries.db.filters import FEW, Condition
from explorer.queries.records import challenge_counting
from explorer.rules.lifecycle import DECIDED, Resolution, Status


class Challenged(StrEnum):
    """What can be asked of a record's challenges; ``ANY`` is whether there is one at all."""

    ANY = "any"
    OPEN = "open"
    DECIDED = "decided"
    UPHELD = "upheld"
    NOT_UPHELD = "not-upheld"
    INCONCLUSIVE = "inconclusive"

    @property
    def words(self) -> str:
        """In a few words, to follow that it is challenged."""
        return self.value.replace("-", " ")


ASKED = tuple(each for each in Challenged if each is not Challenged.ANY)
"""All but whether there is one at all."""


def _listed(words: frozenset[Status] | frozenset[Resolution]) -> str:
    # Written out, so that the planner sees which partial index it fits.
    return ", ".join(f"'{word}'" for word in sorted(each.value for each in words))


_UNDECIDED = frozenset({Status.SCREENING, Status.NEEDS_INFO, Status.OPEN, Status.REVIEW, Status.APPEALED})
_DECIDED = f"c.resolution <> '' AND c.status IN ({_listed(DECIDED)})"
NOT_CLOSED = "c.stands <> 'closed'"
"""SQL for whether a challenge ``c`` says something of its record."""

IS_OPEN = f"c.status IN ({_listed(_UNDECIDED)}) AND {NOT_CLOSED}"
"""SQL for whether a challenge ``c`` is to be decided, or an appeal of it."""

UPHELD = frozenset({Resolution.UPHELD, Resolution.PARTLY_UPHELD})


def _found(*resolutions: Resolution) -> str:
    return f"{_DECIDED} AND c.resolution IN ({_listed(frozenset(resolutions))})"


IS_UPHELD = _found(*UPHELD)
"""SQL for whether a challenge ``c`` was upheld, if only in part."""

_SO: Mapping[Challenged, str] = {
    Challenged.ANY: NOT_CLOSED,
    Challenged.OPEN: IS_OPEN,
    Challenged.DECIDED: _DECIDED,
    Challenged.UPHELD: IS_UPHELD,
    Challenged.NOT_UPHELD: _found(Resolution.NOT_UPHELD),
    Challenged.INCONCLUSIVE: _found(Resolution.INCONCLUSIVE),
}
_BRID = "(SELECT h.brid FROM indexer_chain h WHERE h.id = {})"


def challenged(asked: Challenged) -> Condition:
    """Of which there is such a challenge."""
    found = f"""EXISTS (
        SELECT FROM desk_public.challenge c
        WHERE c.brid = {_BRID.format("r.chain_id")} AND c.prompt_id = r.prompt_id AND {_SO[asked]})"""
    ids = f"""SELECT c.prompt_id FROM desk_public.challenge c
        WHERE c.brid = {_BRID.format("%(chain)s")} AND {_SO[asked]} LIMIT {FEW + 1}"""
    return Condition(found, few=(f"r.prompt_id = ANY(ARRAY({ids}))",), few_of=ids, is_whole=True)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many there are in all, how many of them are to be decided, or an appeal is, and how many were
    upheld, if only in part: of a record its challenges, of many the records that are challenged.
    """

    every: int
    open: int
    upheld: int


NONE = Tally(0, 0, 0)
OF_RECORD = f"""(
    SELECT ARRAY[count(*), count(*) FILTER (WHERE {IS_OPEN}), count(*) FILTER (WHERE {IS_UPHELD})]
    FROM desk_public.challenge c
    WHERE c.brid = {_BRID.format("r.chain_id")} AND c.prompt_id = r.prompt_id AND {NOT_CLOSED})"""
"""SQL for the numbers of the tally of a record ``r``."""

_TALLY = f"""
    SELECT brid, named, count(*), count(*) FILTER (WHERE is_open), count(*) FILTER (WHERE is_upheld) FROM (
        SELECT c.brid, {{named}} AS named, bool_or({IS_OPEN}) AS is_open, bool_or({IS_UPHELD}) AS is_upheld
        FROM desk_public.challenge c
        WHERE c.brid = ANY(%(brids)s) AND {{named}} = ANY(%(which)s) AND {NOT_CLOSED}
        GROUP BY c.brid, 2, c.prompt_id) r
    GROUP BY 1, 2
"""


def together(tallies: Iterable[Tally]) -> Tally:
    """The sums of these, of which no two count the same record."""
    found = list(tallies)
    return Tally(
        sum(each.every for each in found),
        sum(each.open for each in found),
        sum(each.upheld for each in found),
    )


def of_scouts(chains: Sequence[ChainView], uids: Sequence[int]) -> Mapping[tuple[bytes, int], Tally]:
    """The records of these scouts that are challenged, by the chain's RID and the scout; who is left out has
    none. Two queries at most, as each of these.
    """
    return _tallies(chains, "c.scout", uids)


def of_models(chains: Sequence[ChainView], hashes: Sequence[bytes]) -> Mapping[bytes, Tally]:
    """Those that name these models, by the SHA-256 of the name."""
    return _of_names(chains, "c.model_sha256", hashes)


def of_providers(chains: Sequence[ChainView], hashes: Sequence[bytes]) -> Mapping[bytes, Tally]:
    """Those that name these providers, by the SHA-256 of the name."""
    return _of_names(chains, "c.provider_sha256", hashes)


def of_prompt(chains: Sequence[ChainView], key: bytes) -> Tally:
    """Those that answer the messages with this key."""
    return together(_tallies(chains, "c.snapshot->>'prompt_key'", [key.hex().upper()]).values())


def _of_names(chains: Sequence[ChainView], column: str, hashes: Sequence[bytes]) -> Mapping[bytes, Tally]:
    found: dict[bytes, list[Tally]] = {}
    for (_, name), tally in _tallies(chains, column, hashes).items():
        found.setdefault(name, []).append(tally)
    return {name: together(tallies) for name, tallies in found.items()}


def _tallies(
    chains: Sequence[ChainView], named: str, which: Sequence[Any]
) -> Mapping[tuple[bytes, Any], Tally]:
    asked = {"brids": [each.brid for each in chains], "which": list(which)}
    found = challenge_counting.rows(_TALLY.format(named=named), asked)
    return {(brid, name): Tally(*numbers) for brid, name, *numbers in found}
