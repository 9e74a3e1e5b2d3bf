"""The models, providers and scouts that records name: since when, how often, and what became of the records.

From figures that are kept: none is counted while a reader waits. Models and providers are the same over all
chains, for they go by their names; a scout is one of its chain.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Any

from explorer.queries.chain.chains import ChainView
from explorer.queries.db import pagination, sql
from explorer.queries.db.errors import NotHere
from explorer.queries.db.pagination import Key, Order, Page, PageRequest
from explorer.queries.records.naming import hash_named, part_of
from explorer.queries.records.tallies import CountedTo
from indexer.models import DerivationCheckpoint, Name, Presence
from indexer.postchain.times import moment
from indexer.store.names import hash_of

MOST_BESIDE = 50
"""Providers of a model, and models of a provider, that its page tells of."""

_SHOWN = 80  # characters of a name in an error


class Kind(StrEnum):
    """What a record names."""

    MODEL = "model"
    PROVIDER = "provider"
    SCOUT = "scout"


_OF = {
    Kind.MODEL: Presence.Of.MODEL.value,
    Kind.PROVIDER: Presence.Of.PROVIDER.value,
    Kind.SCOUT: Presence.Of.SCOUT.value,
}
_NAMES_OF = {Kind.MODEL: Name.Kind.MODEL.value, Kind.PROVIDER: Name.Kind.PROVIDER.value}
_OTHER = {Kind.MODEL: Kind.PROVIDER, Kind.PROVIDER: Kind.MODEL}

_KEPT = """
    FROM indexer_chain h JOIN indexer_presence p
        ON p.chain_id = h.id AND p.generation = h.generation AND p.of = %(of)s
"""
_NAMES = f"""
    SELECT s.key, s.records, s.edited, s.deleted, s.first_at, s.last_at FROM (
        SELECT p.key, sum(p.records)::bigint AS records, sum(p.edited)::bigint AS edited,
               sum(p.deleted)::bigint AS deleted, min(p.first_at) AS first_at, max(p.last_at) AS last_at
        {_KEPT} WHERE h.id = ANY(%(chains)s) GROUP BY p.key
    ) s WHERE true
"""
_BY_FIRST = ("s.first_at", "s.key")
_SCOUTS = f"""
    SELECT s.chain_id, s.key, s.records, s.edited, s.deleted, s.first_at, s.last_at FROM (
        SELECT p.* {_KEPT} WHERE h.id = ANY(%(chains)s)
    ) s WHERE true
"""
_BY_CHAIN = ("-array_position(%(chains)s::smallint[], s.chain_id)", *_BY_FIRST)  # as they are listed
_SAID = "SELECT id, text, raw FROM indexer_name WHERE id = ANY(%(ids)s)"
_NAMED = "SELECT id, text, raw FROM indexer_name WHERE hash = %(hash)s AND kind = %(kind)s"
_ONE = f"""
    SELECT p.chain_id, p.records, p.edited, p.deleted, p.first_at, p.last_at, f.prompt_id, l.prompt_id
    {_KEPT}
    JOIN indexer_record f
        ON f.chain_id = p.chain_id AND f.generation = p.generation AND f.position = p.first
    JOIN indexer_record l
        ON l.chain_id = p.chain_id AND l.generation = p.generation AND l.position = p.last
    WHERE h.id = ANY(%(chains)s) AND p.key = %(key)s ORDER BY p.chain_id
"""
_BESIDE = """
    SELECT s.key, n.text, n.raw, s.records, s.edited, s.deleted FROM (
        SELECT r.{other}_id AS key, sum(r.records)::bigint AS records, sum(r.edited)::bigint AS edited,
               sum(r.deleted)::bigint AS deleted
        FROM indexer_chain h JOIN indexer_served r ON r.chain_id = h.id AND r.generation = h.generation
        WHERE h.id = ANY(%(chains)s) AND r.{of}_id = %(key)s
        GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT %(most)s
    ) s JOIN indexer_name n ON n.id = s.key ORDER BY s.records DESC, s.key
"""
_REACHED = """
    SELECT h.id, d.height FROM indexer_chain h JOIN indexer_derivationcheckpoint d
        ON d.chain_id = h.id AND d.generation = h.generation AND d.name = %(name)s
    WHERE h.id = ANY(%(chains)s)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """Records that name something: all that were ever written, and what became of them."""

    records: int
    edited: int  # and not deleted
    deleted: int

    @property
    def live(self) -> int:
        """Those that are not deleted."""
        return self.records - self.deleted


@dataclass(frozen=True, slots=True, kw_only=True)
class Present(Numbers):
    """A model, provider or scout: its numbers, and when the blocks were made that added the first and the
    last of its records. ``name`` is as the records have it, of a scout its UID; ``chain`` is a scout's.
    """

    kind: Kind
    name: str | int
    chain: ChainView | None = None
    first_at: datetime
    last_at: datetime

    @property
    def part(self) -> str:
        """What stands for it in an address."""
        return part_of(self.name) if isinstance(self.name, str) else str(self.name)

    @property
    def hash(self) -> bytes:
        """The SHA-256 of its name."""
        return hash_of(str(self.name))


@dataclass(frozen=True, slots=True, kw_only=True)
class OnChain(Numbers):
    """The same on one chain, with the ids of the first and the last record."""

    chain: ChainView
    first_at: datetime
    last_at: datetime
    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside(Numbers):
    """A provider of a model, or a model of a provider, and the records that name both."""

    kind: Kind
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told(Present):
    """One of them with all that is kept. ``of`` are the chains that were asked, ``on_chains`` those that have
    records of it.

    ``beside`` is what its records name with it, by the number of records, ``has_more`` whether that is not
    all of it. ``counted_to`` are the chains of which numbers lag, ``beside_to`` those of which ``beside``
    does.
    """

    of: Sequence[ChainView]
    on_chains: Sequence[OnChain]
    beside: Sequence[Beside]
    has_more: bool
    counted_to: Sequence[CountedTo]
    beside_to: Sequence[CountedTo]

    @property
    def on_chain(self) -> OnChain:
        """The first of these chains: of a scout the one there is."""
        return self.on_chains[0]


@dataclass(frozen=True, slots=True)
class Presences(Page[Present]):
    """A page of them. ``counted_to`` are the chains of which numbers lag."""

    counted_to: Sequence[CountedTo]


def page(chains: Sequence[ChainView], kind: Kind, request: PageRequest) -> Presences:
    """A page of the models or providers of these chains by when they were seen first; of scouts chain by
    chain.
    """
    is_scout = kind is Kind.SCOUT
    of = ",".join((kind.value, *(each.rid for each in chains)))
    found = pagination.read(
        request,
        _SCOUTS if is_scout else _NAMES,
        {"chains": [each.id for each in chains], "of": _OF[kind]},
        by=Order(_BY_CHAIN if is_scout else _BY_FIRST, of=of),
        rows=partial(_scouts if is_scout else _names, chains, kind),
        key=lambda row: (-1 - chains.index(row.told.chain), *row.key) if row.told.chain else row.key,
    )
    return Presences(
        [each.told for each in found.rows],
        found.newer,
        found.older,
        _counted_to(chains, DerivationCheckpoint.Of.PRESENCE),
    )


def named(chains: Sequence[ChainView], kind: Kind, part: str) -> Told:
    """The model or provider that a part of an address stands for. Raises ``NotHere``."""
    row = sql.row(_NAMED, {"hash": hash_named(part), "kind": _NAMES_OF[kind]})
    found = None if row is None else _told(chains, kind, int(row[0]), sql.name_of(*row[1:]))
    if found is None:
        raise NotHere(_nothing(chains, f"No record that is counted names {kind.value} “{part[:_SHOWN]}”"))
    return found


def scout(chain: ChainView, uid: int) -> Told:
    """A scout of a chain. Raises ``NotHere``."""
    found = _told([chain], Kind.SCOUT, uid, uid)
    if found is None:
        raise NotHere(_nothing([chain], f"No record of this chain that is counted names scout {uid}"))
    return found


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of a list with what sorts it, of scouts within their chain."""

    told: Present
    key: Key


def _names(
    chains: Sequence[ChainView], kind: Kind, statement: str, parameters: Mapping[str, Any]
) -> Sequence[_Row]:
    rows = sql.rows(statement, parameters)
    names = {id_: sql.name_of(*said) for id_, *said in sql.rows(_SAID, {"ids": [each[0] for each in rows]})}
    return [
        _Row(_present(numbers, times, kind=kind, name=names[key]), (times[0], key))
        for key, *numbers, first_at, last_at in rows
        for times in [(first_at, last_at)]
    ]


def _scouts(
    chains: Sequence[ChainView], kind: Kind, statement: str, parameters: Mapping[str, Any]
) -> Sequence[_Row]:
    by_id = {each.id: each for each in chains}
    return [
        _Row(_present(numbers, times, kind=kind, name=key, chain=by_id[chain_id]), (times[0], key))
        for chain_id, key, *numbers, first_at, last_at in sql.rows(statement, parameters)
        for times in [(first_at, last_at)]
    ]


def _present(
    numbers: Sequence[int],
    times: tuple[int, int],
    *,
    kind: Kind,
    name: str | int,
    chain: ChainView | None = None,
) -> Present:
    records, edited, deleted = numbers
    return Present(
        kind=kind,
        name=name,
        chain=chain,
        records=records,
        edited=edited,
        deleted=deleted,
        first_at=moment(times[0]),
        last_at=moment(times[1]),
    )


def _told(chains: Sequence[ChainView], kind: Kind, key: int, name: str | int) -> Told | None:
    """All that is kept of it; None where nothing is."""
    asked = {"chains": [each.id for each in chains], "of": _OF[kind], "key": key}
    by_id = {each.id: each for each in chains}
    on_chains = [_on_chain(by_id[chain_id], *row) for chain_id, *row in sql.rows(_ONE, asked)]
    if not on_chains:
        return None
    beside = [] if kind is Kind.SCOUT else _beside(kind, asked)
    return Told(
        kind=kind,
        name=name,
        chain=chains[0] if kind is Kind.SCOUT else None,
        records=sum(each.records for each in on_chains),
        edited=sum(each.edited for each in on_chains),
        deleted=sum(each.deleted for each in on_chains),
        first_at=min(each.first_at for each in on_chains),
        last_at=max(each.last_at for each in on_chains),
        of=chains,
        on_chains=on_chains,
        beside=beside[:MOST_BESIDE],
        has_more=len(beside) > MOST_BESIDE,
        counted_to=_counted_to(chains, DerivationCheckpoint.Of.PRESENCE),
        beside_to=[] if kind is Kind.SCOUT else _counted_to(chains, DerivationCheckpoint.Of.SERVED),
    )


def _on_chain(
    chain: ChainView,
    records: int,
    edited: int,
    deleted: int,
    first_at: int,
    last_at: int,
    first: int,
    last: int,
) -> OnChain:
    return OnChain(
        chain=chain,
        records=records,
        edited=edited,
        deleted=deleted,
        first_at=moment(first_at),
        last_at=moment(last_at),
        first=first,
        last=last,
    )


def _beside(kind: Kind, asked: Mapping[str, Any]) -> Sequence[Beside]:
    other = _OTHER[kind]
    statement = _BESIDE.format(of=kind.value, other=other.value)
    return [
        Beside(kind=other, name=sql.name_of(text, raw), records=records, edited=edited, deleted=deleted)
        for _, text, raw, records, edited, deleted in sql.rows(statement, {**asked, "most": MOST_BESIDE + 1})
    ]


def _counted_to(chains: Sequence[ChainView], of: DerivationCheckpoint.Of) -> Sequence[CountedTo]:
    """The chains of which newer records are not counted yet."""
    rows = sql.rows(_REACHED, {"chains": [each.id for each in chains], "name": of.value})
    reached: Mapping[int, int] = dict(rows)
    return [
        CountedTo(each, height)
        for each in chains
        if (height := reached.get(each.id, -1)) < each.freshness.height
    ]


def _nothing(chains: Sequence[ChainView], words: str) -> str:
    """That nothing is there, and how far that is known."""
    late = _counted_to(chains, DerivationCheckpoint.Of.PRESENCE)
    if not late:
        return f"{words}."
    to = ", ".join(f"{each.height} of chain {each.chain.rid[:8]}" for each in late)
    return f"{words}. Blocks are counted up to {to} so far."
