"""The different answers to a prompt, each once over all chains: how often it was given, by whom, and what
became of it. What is listed is bounded, and read by indexes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from explorer.queries.chain.chains import ChainView
from explorer.queries.db import sql
from explorer.queries.db.pagination import Key, Order, PageRequest
from explorer.queries.db.sql import name_of
from explorer.queries.db.texts import Snippet
from explorer.queries.prompts.asked import Figures
from explorer.queries.records.answers import answers_at
from explorer.queries.records.peers import letters_in_order
from explorer.queries.records.row import Place
from explorer.queries.records.rows import revision_number
from indexer.dapp.replay import height_of
from indexer.postchain.times import moment

MOST_ANSWERS = 10
"""Answers that are listed."""

MOST_MERGED = 500
"""Answers of each chain among which these are found where several chains have the prompt."""

MOST_SCOUTS = 3
"""Scouts that are named of an answer."""

MOST_MODELS = 5
"""Models that are named of an answer."""

_LOOKED_AT = 100  # cohorts of an answer in which its models are looked for

_GIVEN = """
    SELECT n.chain_id, n.answer, n.number, n.said, n.first, n.now, n.edited, n.deleted, n.scouts
    FROM indexer_askedanswer n
    WHERE n.chain_id = {chain} AND n.generation = (SELECT generation FROM indexer_chain WHERE id = {chain})
"""
# By an expression that the index has, which gives them in this order.
_FIRST_GIVEN = f"({_GIVEN} AND n.asked + 0 = {{asked}} ORDER BY n.first DESC, n.number LIMIT {{most}})"
# What follows an answer in that order: of those that as many gave first, and of those that fewer did.
_NEXT_GIVEN = f"""(
    ({_GIVEN} AND n.asked + 0 = {{asked}} AND n.first = %(first)s AND n.number > %(number)s
     ORDER BY n.first DESC, n.number LIMIT {{most}})
    UNION ALL
    ({_GIVEN} AND n.asked + 0 = {{asked}} AND n.first < %(first)s
     ORDER BY n.first DESC, n.number LIMIT {{most}})
    ORDER BY 5 DESC, 3 LIMIT {{most}})"""
_THESE_GIVEN = f"({_GIVEN} AND n.asked = {{asked}} AND n.answer = ANY(%(keys)s))"
_BY_WHOM = f"""
    SELECT w.chain_id, w.number, v.prompt_id, {revision_number("v", "w.number")},
           coalesce(b.timestamp, 0), ARRAY(
               SELECT s.scout FROM indexer_answerscout s
               WHERE s.chain_id = h.id AND s.generation = h.generation AND s.number = w.number
               ORDER BY s.scout LIMIT {MOST_SCOUTS})
    FROM unnest(%(chains)s::smallint[], %(numbers)s::bigint[]) AS w (chain_id, number)
    JOIN indexer_chain h ON h.id = w.chain_id
    LEFT JOIN LATERAL (
        SELECT v.chain_id, v.generation, v.prompt_id FROM indexer_revision v
        WHERE v.chain_id = h.id AND v.generation = h.generation AND v.position = w.number LIMIT 1
    ) v ON true
    LEFT JOIN indexer_block b ON b.chain_id = w.chain_id AND b.height = w.number >> 20
"""
_BY_WHAT = f"""
    SELECT w.chain_id, w.number, m.text, m.raw, n.text, n.raw, g.first, g.looked_at
    FROM unnest(%(chains)s::smallint[], %(numbers)s::bigint[]) AS w (chain_id, number)
    JOIN indexer_chain h ON h.id = w.chain_id
    CROSS JOIN LATERAL (
        SELECT model_id, provider_id, sum(first) AS first, sum(count(*)) OVER () AS looked_at
        FROM (SELECT * FROM indexer_cohortanswer a
              WHERE a.chain_id = h.id AND a.generation = h.generation AND a.number = w.number
              LIMIT {_LOOKED_AT}) a
        GROUP BY model_id, provider_id ORDER BY 3 DESC, 1, 2 LIMIT {MOST_MODELS + 1}
    ) g
    JOIN indexer_name m ON m.id = g.model_id JOIN indexer_name n ON n.id = g.provider_id
    ORDER BY w.number, g.first DESC, g.model_id, g.provider_id
"""


@dataclass(frozen=True, slots=True)
class Served:
    """A model and a provider, and how many records by them gave an answer first."""

    model: str
    provider: str
    first: int


@dataclass(frozen=True, slots=True)
class Given:
    """An answer, over all chains: how often it was given, and what became of it.

    ``first`` records gave it first, of which ``edited`` were edited since and ``deleted`` deleted; ``now``
    live ones give it now; ``said`` counts the revisions that ever gave it. ``chain``, ``prompt_id``,
    ``revision`` and ``said_at`` are of the record that gave it first of all, ``of_chains`` those on which it
    was given. ``scouts`` counts the scouts of each chain, ``first_scouts`` are some of the first one's.
    """

    letter: str
    key: bytes
    text: Snippet
    said: int
    first: int
    now: int
    edited: int
    deleted: int
    scouts: int
    first_scouts: Sequence[int]
    models: Sequence[Served]
    has_more_models: bool
    chain: ChainView
    of_chains: Sequence[ChainView]
    prompt_id: int
    revision: int
    said_at: datetime
    height: int

    @property
    def more_scouts(self) -> int:
        """How many are not named."""
        return self.scouts - len(self.first_scouts)


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers of a prompt that are listed, by how many records gave them first. ``first`` counts those
    that any record gave first, ``others`` those that follow on what is listed, of one chain told on the
    first page alone: at most so many where it is not ``is_exact``. ``letters`` are those of what is listed,
    by where it was given first on each chain. ``next`` is where the list goes on, None at its end. Where
    several chains have the prompt that is after the ``MOST_MERGED`` first ones of each; each of them has a
    list of its own.
    """

    listed: Sequence[Given]
    first: int
    others: int
    is_exact: bool
    letters: Mapping[Place, str]
    next: PageRequest | None
    is_first: bool


_SUMS = ("said", "first", "now", "edited", "deleted", "scouts")


@dataclass(frozen=True, slots=True)
class _Row:
    """An answer on one chain."""

    chain_id: int
    key: bytes
    number: int
    said: int
    first: int
    now: int
    edited: int
    deleted: int
    scouts: int

    @property
    def place(self) -> Place:
        return Place(self.chain_id, self.number)


@dataclass(frozen=True, slots=True)
class _By:
    """Who gave an answer on one chain."""

    prompt_id: int
    revision: int
    timestamp: int
    scouts: Sequence[int]
    models: Sequence[Served]
    has_more_models: bool


def answers_of(asked: Sequence[tuple[ChainView, Figures]], request: PageRequest | None = None) -> Answers:
    """A page of the answers to a prompt on these chains, the first one unless another is asked for: seven
    queries at most. Raises ``BadQuestion`` for a page of another list.
    """
    return (_of_one if len(asked) == 1 else _of_all)(asked, request or PageRequest())


def _of_one(asked: Sequence[tuple[ChainView, Figures]], request: PageRequest) -> Answers:
    """One chain's answers in the order of their index, from any of them on."""
    ((chain, figures),) = asked
    by = Order(("first", "number"), of=f"answers\0{chain.rid}\0{figures.prompt.hex()}")
    start = request.key(by)
    if start is None:
        rows = _read(_FIRST_GIVEN, asked, most=MOST_ANSWERS + 1)
    else:
        rows = _read(_NEXT_GIVEN, asked, most=MOST_ANSWERS + 1, after=start)
    kept = [[each] for each in rows[:MOST_ANSWERS]]
    following = None
    if len(rows) > MOST_ANSWERS:
        (last,) = kept[-1]
        following = request.going_on((last.first, last.number), by=by, is_downwards=True)
    others = figures.answers_ever - len(kept) if start is None else 0
    return _told(
        asked,
        kept,
        first=figures.answers,
        others=others,
        is_exact=True,
        next=following,
        is_first=start is None,
    )


def _of_all(asked: Sequence[tuple[ChainView, Figures]], request: PageRequest) -> Answers:
    """The answers that were given most over all chains, from any of them on."""
    rows = _rows(asked)
    same: dict[bytes, list[_Row]] = {}
    for each in rows:
        same.setdefault(each.key, []).append(each)
    order = sorted(same.values(), key=_rank)
    by = Order(("first", "chain", "number"), of="\0".join(["answers", *_named(asked)]))
    start = request.key(by)
    follow = order if start is None else [each for each in order if _rank(each) > start]
    kept = follow[:MOST_ANSWERS]
    following = None
    if len(follow) > MOST_ANSWERS:
        following = request.going_on(_rank(kept[-1]), by=by, is_downwards=True)
    ever = sum(figures.answers_ever for _, figures in asked)
    are_all = len(rows) >= ever
    first = (
        sum(any(each.first for each in of) for of in order)
        if are_all
        else sum(figures.answers for _, figures in asked)
    )
    passed = len(order) - len(follow) + len(kept)
    return _told(
        asked,
        kept,
        first=first,
        others=(len(same) if are_all else ever) - passed,
        is_exact=are_all,
        next=following,
        is_first=start is None,
    )


def _rank(of: Sequence[_Row]) -> Key:
    """What an answer stands by among those of several chains: how many gave it first, and where it was."""
    return (-sum(each.first for each in of), of[0].chain_id, of[0].number)


def _named(asked: Sequence[tuple[ChainView, Figures]]) -> Sequence[str]:
    """What a cursor of this prompt on these chains goes on with."""
    return [f"{chain.rid} {figures.prompt.hex()}" for chain, figures in asked]


def _told(
    asked: Sequence[tuple[ChainView, Figures]],
    kept: Sequence[Sequence[_Row]],
    *,
    first: int,
    others: int,
    is_exact: bool,
    next: PageRequest | None,
    is_first: bool,
) -> Answers:
    """These answers with their words, and who gave them."""
    views = {chain.id: chain for chain, _ in asked}
    places = [each.place for of in kept for each in of]
    by, texts = _by(places), answers_at(places)
    names = [name for name, _ in zip(letters_in_order(), kept, strict=False)]
    return Answers(
        listed=[_given(name, of, views, by, texts) for name, of in zip(names, kept, strict=True)],
        first=first,
        others=others,
        is_exact=is_exact,
        letters={each.place: name for name, of in zip(names, kept, strict=True) for each in of},
        next=next,
        is_first=is_first,
    )


def _rows(asked: Sequence[tuple[ChainView, Figures]]) -> Sequence[_Row]:
    """The first answers of each of several chains, and what the others have of these."""
    if not asked:
        return []
    found = _read(_FIRST_GIVEN, asked, most=MOST_MERGED)
    cut = [(chain, figures) for chain, figures in asked if figures.answers_ever > MOST_MERGED]
    if cut:
        keys = list({each.key for each in found})
        found = list(dict.fromkeys([*found, *_read(_THESE_GIVEN, cut, keys=keys)]))
    return sorted(found, key=lambda each: each.place)


def _read(
    statement: str,
    asked: Sequence[tuple[ChainView, Figures]],
    *,
    most: int = 0,
    keys: Sequence[bytes] = (),
    after: Key = (0, 0),
) -> list[_Row]:
    every = (statement.format(chain=chain.id, asked=figures.number, most=most) for chain, figures in asked)
    first, number = after
    parameters = {"keys": list(keys), "first": first, "number": number}
    return [
        _Row(chain_id, bytes(key), *numbers)
        for chain_id, key, *numbers in sql.rows(" UNION ALL ".join(every), parameters)
    ]


def _by(places: Sequence[Place]) -> Mapping[Place, _By]:
    """Who gave these answers, and with what."""
    if not places:
        return {}
    at = {"chains": [each.chain_id for each in places], "numbers": [each.position for each in places]}
    served: dict[Place, list[Served]] = {}
    looked_at: dict[Place, int] = {}
    for chain_id, number, model, model_raw, provider, provider_raw, first, looked in sql.rows(_BY_WHAT, at):
        place = Place(chain_id, number)
        served.setdefault(place, []).append(
            Served(name_of(model, model_raw), name_of(provider, provider_raw), int(first))
        )
        looked_at[place] = int(looked)
    return {
        (place := Place(chain_id, number)): _By(
            prompt_id,
            revision,
            timestamp,
            scouts,
            served.get(place, ()),
            looked_at.get(place, 0) >= _LOOKED_AT,
        )
        for chain_id, number, prompt_id, revision, timestamp, scouts in sql.rows(_BY_WHOM, at)
    }


def _given(
    letter: str,
    of: Sequence[_Row],
    views: Mapping[int, ChainView],
    by: Mapping[Place, _By],
    texts: Mapping[Place, Snippet],
) -> Given:
    """An answer of several chains; the one on which it was given first names a record."""
    first = min(of, key=lambda each: (by[each.place].timestamp, each.place))
    models = _served([by[each.place].models for each in of])
    return Given(
        letter=letter,
        key=first.key,
        text=texts[first.place],
        **{name: sum(getattr(each, name) for each in of) for name in _SUMS},
        first_scouts=by[first.place].scouts,
        models=models[:MOST_MODELS],
        has_more_models=len(models) > MOST_MODELS or any(by[each.place].has_more_models for each in of),
        chain=views[first.chain_id],
        of_chains=[views[each.chain_id] for each in of],
        prompt_id=by[first.place].prompt_id,
        said_at=moment(by[first.place].timestamp),
        height=height_of(first.number),
        revision=by[first.place].revision,
    )


def _served(of_each: Sequence[Sequence[Served]]) -> Sequence[Served]:
    """Models with their providers, over all chains, the one that gave it most often first."""
    counts: dict[tuple[str, str], int] = {}
    for each in (served for of in of_each for served in of):
        counts[each.model, each.provider] = counts.get((each.model, each.provider), 0) + each.first
    order = sorted(counts.items(), key=lambda item: -item[1])
    return [Served(model, provider, first) for (model, provider), first in order]
