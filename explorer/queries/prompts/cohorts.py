"""The cohorts of a prompt: the records with the same messages, seed, model and provider, and those among them
that first gave another answer than the commonest of theirs. What is listed is bounded, and read by indexes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from explorer.queries.chain.chains import ChainView
from explorer.queries.db import sql
from explorer.queries.db.sql import name_of
from explorer.queries.prompts.asked import Figures
from explorer.queries.records.row import Place

MOST_COHORTS = 200
"""Cohorts of a chain that are read: the largest."""

MOST_DIFFERING = 25
"""Lines of records that differ."""

# By expressions that the indexes have, which give them in these orders.
_COHORTS = f"""(
    SELECT c.chain_id, c.seed, m.text, m.raw, n.text, n.raw, c.records, c.live, c.answers, c.most,
           c.commonest
    FROM (
        SELECT c.* FROM indexer_cohort c
        WHERE c.chain_id = {{chain}} AND c.asked + 0 = {{asked}}
          AND c.generation = (SELECT generation FROM indexer_chain WHERE id = {{chain}})
        ORDER BY c.records DESC, c.number LIMIT {MOST_COHORTS}
    ) c
    JOIN indexer_name m ON m.id = c.model_id JOIN indexer_name n ON n.id = c.provider_id
    ORDER BY c.records DESC, c.number)
"""
_DIFFERING = f"""(
    SELECT c.chain_id, c.seed, m.text, m.raw, n.text, n.raw, c.commonest, c.number, c.first, r.prompt_id,
           r.scout, c.records, c.most
    FROM (
        SELECT c.chain_id, c.generation, c.seed, c.commonest, c.model_id, c.provider_id, c.number AS cohort,
               c.records, c.most, c.records - c.most AS differing, a.number, a.first, a.position
        FROM (
            SELECT c.* FROM indexer_cohort c
            WHERE c.chain_id = {{chain}} AND c.asked + 0 = {{asked}}
              AND c.generation = (SELECT generation FROM indexer_chain WHERE id = {{chain}})
              AND c.records > c.most
            ORDER BY c.records - c.most DESC, c.number LIMIT {MOST_DIFFERING}
        ) c
        CROSS JOIN LATERAL (
            SELECT * FROM indexer_cohortanswer a
            WHERE a.chain_id = c.chain_id AND a.generation = c.generation AND a.cohort + 0 = c.number
              AND a.first > 0 AND a.number <> c.commonest
            ORDER BY a.first DESC, a.position LIMIT {MOST_DIFFERING}
        ) a
        ORDER BY differing DESC, c.number, a.first DESC, a.position LIMIT {MOST_DIFFERING}
    ) c
    JOIN indexer_record r
        ON r.chain_id = c.chain_id AND r.generation = c.generation AND r.position = c.position
    JOIN indexer_name m ON m.id = c.model_id JOIN indexer_name n ON n.id = c.provider_id
    ORDER BY c.differing DESC, c.cohort, c.first DESC, c.position)
"""


@dataclass(frozen=True, slots=True)
class Cohort:
    """The records of one chain with the same messages, seed, model and provider; ``letter`` is that of their
    commonest first answer, empty where that is not listed, and ``most`` how many gave it.
    """

    chain: ChainView
    seed: int
    model: str
    provider: str
    records: int
    live: int
    answers: int
    most: int
    letter: str

    @property
    def has_most(self) -> bool:
        """Whether more than half of them first gave the commonest: else no answer has most."""
        return is_most(self.most, self.records)


@dataclass(frozen=True, slots=True)
class Differing:
    """Records of a cohort that first gave another answer than its commonest: so many gave the same one.

    ``prompt_id`` and ``scout`` are of the first of them; letters are empty where an answer is not listed.
    The cohort has ``cohort_records``, of which ``commonest_records`` first gave its commonest answer.
    """

    chain: ChainView
    seed: int
    model: str
    provider: str
    letter: str
    commonest: str
    records: int
    prompt_id: int
    scout: int
    cohort_records: int
    commonest_records: int

    @property
    def has_most(self) -> bool:
        """Whether they differ from most: else no answer has most, so none of them is the one that differs."""
        return is_most(self.commonest_records, self.cohort_records)

    @property
    def more(self) -> int:
        """How many beside the first of them."""
        return self.records - 1


def is_most(part: int, whole: int) -> bool:
    """Whether so many are most of them: more than half."""
    return 2 * part > whole


def cohorts_of(asked: Sequence[tuple[ChainView, Figures]], letters: Mapping[Place, str]) -> Sequence[Cohort]:
    """The largest cohorts of each chain, the largest first. One query."""
    views, found = _views(asked), []
    for row in _read(_COHORTS, asked):
        chain_id, seed, model, model_raw, provider, provider_raw, records, live, answers, most, at = row
        found.append(
            Cohort(
                chain=views[chain_id],
                seed=seed,
                model=name_of(model, model_raw),
                provider=name_of(provider, provider_raw),
                records=records,
                live=live,
                answers=answers,
                most=most,
                letter=letters.get(Place(chain_id, at), ""),
            )
        )
    return found


def differing_of(
    asked: Sequence[tuple[ChainView, Figures]], letters: Mapping[Place, str]
) -> Sequence[Differing]:
    """Of each chain the first records that differ, those of the cohorts first in which most do. One query."""
    views, found = _views(asked), []
    for row in _read(_DIFFERING, [each for each in asked if each[1].differing]):
        chain_id, seed, model, model_raw, provider, provider_raw, commonest, number, *of = row
        names = name_of(model, model_raw), name_of(provider, provider_raw)
        both = letters.get(Place(chain_id, number), ""), letters.get(Place(chain_id, commonest), "")
        found.append(Differing(views[chain_id], seed, *names, *both, *of))
    return found


def _views(asked: Sequence[tuple[ChainView, Figures]]) -> Mapping[int, ChainView]:
    return {chain.id: chain for chain, _ in asked}


def _read(statement: str, asked: Sequence[tuple[ChainView, Figures]]) -> Sequence[sql.Row]:
    every = [statement.format(chain=chain.id, asked=figures.number) for chain, figures in asked]
    return sql.rows(" UNION ALL ".join(every), {}) if every else []
