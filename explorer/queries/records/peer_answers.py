"""The different answers of a record's peers, each once: how many gave it, who, with what, and how it begins.

They are those that peers were told apart by (``explorer.queries.records.peers``), the commonest ones and the
record's own, so their number is bounded however many peers there are.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from explorer.diff.summary import is_white_space
from explorer.queries.chain.chains import ChainView
from explorer.queries.db import stored_text
from explorer.queries.db.prepared import Prepared
from explorer.queries.db.sql import GENERATION, name_of
from explorer.queries.db.texts import Snippet
from explorer.queries.records.answers import answers_at
from explorer.queries.records.peers import FIRST_SAID, LARGEST, Cluster, Peers
from explorer.queries.records.row import Place
from explorer.queries.records.rows import NAMES

MOST_NAMED = 3
"""Scouts, and models, that are named of an answer."""

LONGEST = 20_000
"""Characters of an answer, above which it is not looked whether it differs in white space alone."""

_PEERS = Prepared(
    f"""
    SELECT p.prompt_id, p.position, p.revised_position, p.revisions, p.scout, m.text, m.raw, n.text, n.raw,
           coalesce(o.answer, p.said, p.answer), coalesce(p.said, p.answer)
    FROM indexer_record p {NAMES.replace("r.", "p.")} {FIRST_SAID}
    WHERE p.chain_id = %(chain)s AND p.generation = {GENERATION} AND p.prompt_id = ANY(%(ids)s)
    ORDER BY p.prompt_id
""",
    {"chain": "smallint", "ids": "bigint[]"},
)


@dataclass(frozen=True, slots=True)
class NamedModel:
    """A model, and who served it."""

    model: str
    provider: str


@dataclass(frozen=True, slots=True)
class PeerAnswer:
    """One answer: ``first`` records gave it first, ``now`` give it now; None where that is not counted.

    ``prompt_id`` is the first of them, and gave it as that ``revision``. ``scouts`` and ``models`` are some,
    where not ``names_all``.
    ``is_first`` is whether the record that was asked for gave it first, ``stands`` whether it gives it now.
    ``is_white_space`` is whether it is known to differ from the first of the list in white space alone: that
    is looked up where both begin alike, are words alone and no longer than ``LONGEST``.
    """

    letter: str
    key: bytes
    text: Snippet
    first: int | None
    now: int | None
    prompt_id: int
    revision: int
    scouts: Sequence[int]
    models: Sequence[NamedModel]
    names_all: bool
    is_first: bool
    stands: bool
    is_white_space: bool = False


@dataclass(frozen=True, slots=True)
class _Counted:
    """A letter, how many gave and give it, and the first record that gave it, or gives it since an edit."""

    letter: str
    first: int | None
    now: int | None
    prompt_id: int
    was_first: bool


@dataclass(frozen=True, slots=True)
class _Peer:
    """A record that is looked at: where it said something first and last, of how many revisions, and the keys
    of what it said.
    """

    position: int
    revised: int
    revisions: int
    scout: int
    served: NamedModel
    first: bytes
    last: bytes


def answers_of(chain: ChainView, peers: Peers, prompt_id: int) -> Sequence[PeerAnswer]:
    """The answers of these peers, by how many gave each first; none where a record has no peer. Five queries
    at most.
    """
    if peers.count < 2:
        return ()
    counted = list(_kept(peers, prompt_id))
    ids = {*(each.prompt_id for each in peers.listed), *(each.prompt_id for each in counted)}
    read = _PEERS.rows({"chain": chain.id, "ids": sorted(ids)})
    of = {row[0]: _peer(*row[1:]) for row in read}
    counted = [each for each in counted if each.prompt_id in of]
    texts = answers_at([_place(chain, each, of) for each in counted])
    this = next((each for each in peers.listed if each.prompt_id == prompt_id), None)
    found = [
        PeerAnswer(
            letter=each.letter,
            key=of[each.prompt_id].first if each.was_first else of[each.prompt_id].last,
            text=texts[_place(chain, each, of)],
            first=each.first,
            now=each.now,
            prompt_id=each.prompt_id,
            revision=1 if each.was_first else of[each.prompt_id].revisions,
            is_first=this is not None and this.first == each.letter,
            stands=this is not None and this.now == each.letter,
            **_by(each, peers, of),
        )
        for each in counted
    ]
    return _spaced(found)


def _spaced(answers: Sequence[PeerAnswer]) -> Sequence[PeerAnswer]:
    """The same, those marked that differ from the first in white space alone. Whole texts are read of those
    whose beginnings are the same, and shown.
    """
    keys = [each.key for each in answers if _begins_as(answers[0], each)]
    kept = stored_text.read(keys, longest=LONGEST) if len(keys) > 1 else {}
    texts = {key: each.value for key, each in kept.items() if each.value is not None}
    if not texts or answers[0].key not in texts:
        return answers
    first = texts[answers[0].key]
    return [
        replace(each, is_white_space=is_white_space(first, texts.get(each.key, first))) for each in answers
    ]


def _begins_as(first: PeerAnswer, other: PeerAnswer) -> bool:
    """Whether both are shown, as words alone, and begin alike."""
    return first.text.text == other.text.text and not any(
        each.text.withheld or each.text.note for each in (first, other)
    )


def _kept(peers: Peers, prompt_id: int) -> Iterator[_Counted]:
    """The answers that are shown: the commonest, and those of this record."""
    every = _of_tallies(peers) if peers.tallies else _of_listed(peers)
    own = {
        letter for each in peers.listed if each.prompt_id == prompt_id for letter in (each.first, each.now)
    }
    for rank, each in enumerate(sorted(every, key=lambda each: (len(each.letter), each.letter))):
        if rank < LARGEST or each.letter in own:
            yield each


def _of_listed(peers: Peers) -> Iterator[_Counted]:
    first = Counter(each.first for each in peers.listed)
    now = Counter(each.now for each in peers.listed if each.now is not None)
    gave = {each.first: each.prompt_id for each in reversed(peers.listed)}
    gives = {each.now: each.prompt_id for each in reversed(peers.listed)}
    for letter in {*first, *now}:
        head = gave.get(letter, gives.get(letter, 0))
        yield _Counted(letter, first[letter], now[letter], head, letter in gave)


def _of_tallies(peers: Peers) -> Iterator[_Counted]:
    first: Mapping[str, Cluster]
    now: Mapping[str, Cluster]
    first, now = ({each.letter: each for each in tally.clusters} for tally in peers.tallies or ())
    for letter in {*first, *now}:
        head = first[letter] if letter in first else now[letter]
        gave = first[letter].count if letter in first else None
        gives = now[letter].count if letter in now else None
        yield _Counted(letter, gave, gives, head.prompt_id, letter in first)


def _peer(position: int, revised: int, revisions: int, scout: int, *rest: Any) -> _Peer:
    model, model_raw, provider, provider_raw, first, last = rest
    served = NamedModel(name_of(model, model_raw), name_of(provider, provider_raw))
    return _Peer(position, revised, revisions, scout, served, first, last)


def _place(chain: ChainView, counted: _Counted, of: Mapping[int, _Peer]) -> Place:
    """Where it was said: by the add, or by the newest edit."""
    peer = of[counted.prompt_id]
    return Place(chain.id, peer.position if counted.was_first else peer.revised)


def _by(counted: _Counted, peers: Peers, of: Mapping[int, _Peer]) -> Mapping[str, Any]:
    """Who gave it, among those that are looked at."""
    ids = [each.prompt_id for each in peers.listed if counted.letter in (each.first, each.now)]
    giving = [of[each] for each in dict.fromkeys([counted.prompt_id, *ids]) if each in of]
    scouts = sorted({each.scout for each in giving})
    models = list(dict.fromkeys(each.served for each in giving))
    return {
        "scouts": scouts[:MOST_NAMED],
        "models": models[:MOST_NAMED],
        "names_all": peers.tallies is None and len(scouts) <= MOST_NAMED and len(models) <= MOST_NAMED,
    }
