"""What is derived of prompts, worked out the plain way: record by record, from the rows of the fold."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from indexer.models import (
    Agreement,
    AgreementDay,
    AnswerScout,
    Asked,
    AskedAnswer,
    Block,
    Chain,
    Cohort,
    CohortAnswer,
    Presence,
)

Rows = dict[str, set[tuple[Any, ...]]]
_TABLES = (Asked, AskedAnswer, AnswerScout, Cohort, CohortAnswer, Agreement, AgreementDay)
_DAY = 86_400_000  # ms
_REVISIONS = """
    SELECT v.prompt_id, v.kind, v.position, r.prompt, r.seed, r.model_id, r.provider_id, r.scout,
           coalesce(o.said, o.answer, '')
    FROM indexer_revision v
    JOIN indexer_record r USING (chain_id, generation, prompt_id)
    JOIN indexer_operation o ON o.chain_id = v.chain_id AND o.position = v.position
    WHERE v.chain_id = %s AND v.generation = %s ORDER BY v.position, v.prompt_id
"""


@dataclass(slots=True)
class Member:
    """A record: what it said, at which positions, oldest first."""

    prompt_id: int
    cohort: tuple[int, int, int]  # seed, model, provider
    scout: int
    said: list[tuple[int, bytes]] = field(default_factory=list)
    is_deleted: bool = False

    @property
    def first(self) -> bytes:
        return self.said[0][1]

    @property
    def now(self) -> bytes | None:
        return None if self.is_deleted else self.said[-1][1]

    @property
    def is_edited(self) -> bool:
        return len(self.said) > 1 and not self.is_deleted


def rows(chain: Chain) -> Rows:
    """As ``stored``."""
    found: Rows = {table.__name__: set() for table in _TABLES}
    for prompt, members in _prompts(chain).items():
        for name, row in _of_prompt(prompt, list(members.values())):
            found[name].add(row)
    _add_agreement(chain, found)
    return found


def _add_agreement(chain: Chain, found: Rows) -> None:
    """Who has peers, and who of these first said what one of them did: in all, and by day."""
    days = {
        height: time // _DAY
        for height, time in Block.objects.filter(chain=chain).values_list("height", "timestamp")
    }
    totals: dict[tuple[int, ...], Counter[str]] = defaultdict(Counter)
    for members in _prompts(chain).values():
        for each in members.values():
            peers = [other for other in members.values() if other.cohort == each.cohort and other != each]
            if not peers:
                continue
            agrees = any(other.first == each.first for other in peers)
            _, model, provider = each.cohort
            day = days[each.said[0][0] >> 20]
            for of, key in (
                (Agreement.ALL, 0),
                (Presence.Of.MODEL.value, model),
                (Presence.Of.PROVIDER.value, provider),
                (Presence.Of.SCOUT.value, each.scout),
            ):
                for row in ((of, key), (of, key, day)):
                    totals[row].update(compared=1, agreeing=agrees)
    for (of, key, *of_day), numbers in totals.items():
        counted = (numbers["compared"], numbers["agreeing"])
        if not of_day:
            found["Agreement"].add((key, *counted, of))
        else:
            found["AgreementDay"].add((key, *of_day, *counted, of))


def stored(chain: Chain) -> Rows:
    """The rows of the generation that readers see, by the name of their table."""
    found: Rows = {}
    for table in _TABLES:
        names = [each.attname for each in table._meta.concrete_fields if each.attname not in _ALWAYS]
        listed = table._default_manager.filter(chain=chain, generation=chain.generation).values_list(*names)
        found[table.__name__] = {
            tuple(bytes(each) if isinstance(each, memoryview | bytes) else each for each in row)
            for row in listed
        }
    return found


_ALWAYS = ("pk", "chain_id", "generation")


def _prompts(chain: Chain) -> dict[bytes, dict[int, Member]]:
    found: dict[bytes, dict[int, Member]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(_REVISIONS, [chain.id, chain.generation])
        for prompt_id, kind, position, prompt, seed, model, provider, scout, said in cursor.fetchall():
            members = found[bytes(prompt)]
            member = members.setdefault(prompt_id, Member(prompt_id, (seed, model, provider), scout))
            if kind < 3:
                member.said.append((position, bytes(said)))
            else:
                member.is_deleted = True
    return found


def _of_prompt(prompt: bytes, members: Sequence[Member]) -> Iterator[tuple[str, tuple[Any, ...]]]:
    asked = min(each.prompt_id for each in members)
    numbers: dict[bytes, int] = {}
    for position, key in sorted(said for each in members for said in each.said):
        numbers.setdefault(key, position)
    cohorts: dict[tuple[int, int, int], list[Member]] = defaultdict(list)
    for each in members:
        cohorts[each.cohort].append(each)
    paired = differing = 0
    for of, alike in cohorts.items():
        first = Counter(each.first for each in alike)
        most = max(first.values())
        paired += len(alike) if len(alike) > 1 else 0
        differing += len(alike) - most
        seed, model, provider = of
        number = min(each.prompt_id for each in alike)
        began = {key: min(each.said[0][0] for each in alike if each.first == key) for key in first}
        commonest = min(first, key=lambda key: (-first[key], began[key]))
        live = sum(not each.is_deleted for each in alike)
        yield (
            "Cohort",
            (asked, seed, number, numbers[commonest], model, provider, len(alike), live, len(first), most),
        )
        now = Counter(each.now for each in alike)
        for key in {key for each in alike for _, key in each.said}:
            yield (
                "CohortAnswer",
                (numbers[key], number, began.get(key), model, provider, first[key], now[key]),
            )
    for key, number in numbers.items():
        gave = [each for each in members if each.first == key]
        scouts = {each.scout for each in members if key in [said for _, said in each.said]}
        yield (
            "AskedAnswer",
            (
                asked,
                number,
                sum(said == key for each in members for _, said in each.said),
                len(gave),
                sum(each.now == key for each in members),
                sum(each.is_edited for each in gave),
                sum(each.is_deleted for each in gave),
                len(scouts),
                key,
            ),
        )
        yield from (("AnswerScout", (number, scout)) for scout in scouts)
    yield (
        "Asked",
        (
            asked,
            max(each.said[0][0] for each in members),
            len(members),
            sum(not each.is_deleted for each in members),
            sum(each.is_edited for each in members),
            len({each.first for each in members}),
            len({each.now for each in members} - {None}),
            len(numbers),
            len(cohorts),
            paired,
            differing,
            prompt,
        ),
    )
