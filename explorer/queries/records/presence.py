"""The models, providers and scouts that records name: since when, how often, and what became of the records.

From figures that are kept: none is counted while a reader waits. Models and providers are the same over all
chains, for they go by their names; a scout is one of its chain.

A list is read in its order by an index, chain by chain. What is on several chains stands where the first of
them has it; by records that is the one with most of them, for sums over chains no index has.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from explorer.queries.chain.chains import ChainView
from explorer.queries.db import pagination, sql
from explorer.queries.db.errors import NotHere
from explorer.queries.db.pagination import NEWEST, OLDEST, Key, Order, Page, PageRequest
from explorer.queries.records import days, fingerprints
from explorer.queries.records.days import Day
from explorer.queries.records.families import Family, families
from explorer.queries.records.fingerprints import Fingerprints
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

ORDERS = (NEWEST, OLDEST, "seen", "records", "name")
"""Words for the order of such a list: by when they were seen first, by when they were seen last, by how many
records name them (on the chain that has most), by name. By no share of records: nobody is ranked.
"""

SEEN, RECORDS, NAMED = ORDERS[2:]
_COLUMNS = {NEWEST: "first_at", OLDEST: "first_at", SEEN: "last_at", RECORDS: "records"}

_KEPT = """
    FROM indexer_chain h JOIN indexer_presence p
        ON p.chain_id = h.id AND p.generation = h.generation AND p.of = %(of)s
"""
_ON_CHAIN = """
    SELECT p.chain_id, p.key, p.{column} AS sorted FROM indexer_presence p
    WHERE p.chain_id = {chain} AND p.generation = (SELECT generation FROM indexer_chain WHERE id = {chain})
      AND p.of = %(of)s {beyond} {elsewhere}
    ORDER BY p.{column} {direction}, p.key {direction} LIMIT %(most)s
"""
# Not where another chain has it earlier in the order: there it stands. One by one, by the key: as EXISTS it
# would be joined, and all names read for that.
_ELSEWHERE = """
    AND (
        SELECT true FROM indexer_chain o
        JOIN indexer_presence q ON q.chain_id = o.id AND q.generation = o.generation
        WHERE o.id = ANY(%(chains)s) AND o.id <> p.chain_id AND q.of = p.of AND q.key = p.key
          AND (q.{column}, o.id) {first} (p.{column}, p.chain_id) LIMIT 1) IS NULL
"""
_LETTERS = "lower(left(coalesce(n.text, ''), 200) COLLATE \"C\")"  # as the index has them
_BY_NAME = f"""
    SELECT NULL::int, n.id, 0 FROM indexer_name n
    WHERE n.kind = {{kind}} {{beyond}}
      AND (SELECT true {_KEPT} WHERE h.id = ANY(%(chains)s) AND p.key = n.id LIMIT 1)
    ORDER BY {_LETTERS} {{direction}}, n.id {{direction}} LIMIT %(most)s
"""
_BEYOND_NAME = f"""
    AND ({_LETTERS}, n.id) {{comparison}} (SELECT {_LETTERS}, n.id FROM indexer_name n WHERE n.id = {{key}})
"""
_NUMBERS = f"""
    SELECT p.key, p.chain_id, p.records, p.edited, p.deleted, p.first_at, p.last_at,
           coalesce(a.compared, 0), coalesce(a.agreeing, 0)
    {_KEPT}
    LEFT JOIN indexer_agreement a
        ON a.chain_id = p.chain_id AND a.generation = p.generation AND a.of = p.of AND a.key = p.key
    WHERE h.id = ANY(%(chains)s) AND p.key = ANY(%(keys)s)
"""
_SAID = "SELECT id, text, raw FROM indexer_name WHERE id = ANY(%(ids)s)"
_IDS = "SELECT id FROM indexer_name WHERE hash = ANY(%(hashes)s) AND kind = %(kind)s ORDER BY id"
_NAMED = "SELECT id, text, raw FROM indexer_name WHERE hash = %(hash)s AND kind = %(kind)s"
_ONE = f"""
    SELECT p.chain_id, p.records, p.edited, p.deleted, p.first_at, p.last_at, f.prompt_id, l.prompt_id,
           coalesce(a.compared, 0), coalesce(a.agreeing, 0)
    {_KEPT}
    LEFT JOIN indexer_agreement a
        ON a.chain_id = p.chain_id AND a.generation = p.generation AND a.of = p.of AND a.key = p.key
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
    SELECT d.name, h.id, d.height FROM indexer_chain h JOIN indexer_derivationcheckpoint d
        ON d.chain_id = h.id AND d.generation = h.generation AND d.name = ANY(%(names)s)
    WHERE h.id = ANY(%(chains)s)
"""
_Of = DerivationCheckpoint.Of


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
class Compared(Numbers):
    """The same, with how many of them have peers, other records with the same messages, seed, model and
    provider (``compared``), and how many of these first gave an answer that a peer first gave too
    (``agreeing``).
    """

    compared: int
    agreeing: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Present(Compared):
    """A model, provider or scout: its numbers, and when the blocks were made that added the first and the
    last of its records. ``name`` is as the records have it, of a scout its UID; ``chain`` is a scout's,
    ``family`` a model's that is known under other names too.
    """

    kind: Kind
    name: str | int
    chain: ChainView | None = None
    first_at: datetime
    last_at: datetime
    family: "Gathered | None" = None

    @property
    def part(self) -> str:
        """What stands for it in an address."""
        return part_of(self.name) if isinstance(self.name, str) else str(self.name)

    @property
    def hash(self) -> bytes:
        """The SHA-256 of its name."""
        return hash_of(str(self.name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered(Compared):
    """A model under all its names: the sums of those that records name. ``models`` are these, each with its
    own numbers, ``unseen`` the names that no record has.
    """

    name: str
    version: int  # of the file that says so
    models: Sequence[Present]
    unseen: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class OnChain(Compared):
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
    all of it. ``days`` are the last ones, ``fingerprints`` what is reported of how the results were made; of
    a scout there are none. ``counted_to`` are the chains of which numbers lag, ``beside_to``,
    ``compared_to``, ``days_to`` and ``fingerprints_to`` those of which ``beside``, agreement with peers, the
    days and the fingerprints do.
    """

    of: Sequence[ChainView]
    on_chains: Sequence[OnChain]
    beside: Sequence[Beside]
    has_more: bool
    days: Sequence[Day]
    fingerprints: Fingerprints
    counted_to: Sequence[CountedTo]
    beside_to: Sequence[CountedTo]
    compared_to: Sequence[CountedTo]
    days_to: Sequence[CountedTo]
    fingerprints_to: Sequence[CountedTo]

    @property
    def on_chain(self) -> OnChain:
        """The first of these chains: of a scout the one there is."""
        return self.on_chains[0]


@dataclass(frozen=True, slots=True)
class Presences(Page[Present]):
    """A page of them. ``counted_to`` are the chains of which numbers lag, ``compared_to`` those of which
    agreement with peers does.
    """

    counted_to: Sequence[CountedTo]
    compared_to: Sequence[CountedTo]


def page(chains: Sequence[ChainView], kind: Kind, request: PageRequest) -> Presences:
    """A page of the models or providers of these chains, of scouts chain by chain, in the order that is asked
    for: one of ``ORDERS``.
    """
    of = ",".join((kind.value, *(each.rid for each in chains)))
    by = Order(("chain", "sorted", "key"), of=of)
    listed = _Listed(chains, kind, request.order)
    key, downwards = request.key(by), request.is_downwards
    found = listed.read(key, downwards=downwards, most=request.limit + 1)
    behind = key is not None and request.both_ways
    part = pagination.page_of(
        request,
        found if downwards else found[::-1],
        by=by,
        key=_Place.at,
        has_other_side=behind and bool(listed.read(key, downwards=not downwards, most=1, itself=True)),
    )
    presents = _presents(chains, kind, [(each.chain_id, each.key) for each in part.rows])
    return Presences(
        _in_families(chains, presents) if kind is Kind.MODEL else presents,
        part.newer,
        part.older,
        *_counted_to(chains, _Of.PRESENCE, _Of.PROMPTS),
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
class _Place:
    """Where something stands in a list: by what it is sorted, of scouts on which chain, and its key."""

    chain_id: int | None
    sorted: int
    key: int
    rank: int  # of its chain, the lower the later; of what is the same over all chains 0

    def at(self) -> Key:
        """As a cursor has it."""
        return (self.rank, self.sorted, self.key)


@dataclass(frozen=True, slots=True)
class _Listed:
    """A list in an order, as it can be read from any place in it, either way.

    Downwards is the way that the list goes on, but for the oldest first, which is the newest first read
    upwards. Of names the first letters are the highest.
    """

    chains: Sequence[ChainView]
    kind: Kind
    order: str

    def read(
        self, start: Key | None, *, downwards: bool, most: int, itself: bool = False
    ) -> Sequence[_Place]:
        """So many places beyond one, the nearest first, with the place ``itself`` where that is wanted."""
        reads = self._scouts if self.kind is Kind.SCOUT else self._names
        return reads(start, downwards, most, itself)

    def _names(self, start: Key | None, downwards: bool, most: int, itself: bool) -> Sequence[_Place]:
        if self.order == NAMED:
            return self._by_name(start, downwards, most, itself)
        beyond = None if start is None else start[1:]
        column = _COLUMNS[self.order]
        elsewhere = _ELSEWHERE.format(column=column, first="<" if column == "first_at" else ">")
        statements = [
            self._on_chain(each, beyond, downwards, itself, elsewhere if len(self.chains) > 1 else "")
            for each in self.chains
        ]
        rows = self._rows(" UNION ALL ".join(f"({each})" for each in statements), most) if statements else []
        found = [_Place(None, value, key, 0) for _, key, value in rows]
        return sorted(found, key=_Place.at, reverse=downwards)[:most]

    def _scouts(self, start: Key | None, downwards: bool, most: int, itself: bool) -> Sequence[_Place]:
        """Chain by chain: those beyond the place within its own chain, then those of the next chains."""
        found: list[_Place] = []
        ranked = [(-at, each) for at, each in enumerate(self.chains)]
        for rank, chain in ranked if downwards else ranked[::-1]:
            is_passed = start is not None and (rank > start[0] if downwards else rank < start[0])
            if len(found) < most and not is_passed:
                beyond = start[1:] if start is not None and rank == start[0] else None
                statement = self._on_chain(chain, beyond, downwards, itself, "")
                rows = self._rows(statement, most - len(found))
                found += [_Place(chain_id, value, key, rank) for chain_id, key, value in rows]
        return found

    def _on_chain(
        self, chain: ChainView, beyond: Key | None, downwards: bool, itself: bool, elsewhere: str
    ) -> str:
        """Of scouts the name is a number: the lowest ones first."""
        is_up = downwards is (self.order == NAMED)
        column = "key" if self.order == NAMED else _COLUMNS[self.order]
        return _ON_CHAIN.format(
            chain=int(chain.id),
            column=column,
            direction=_direction(not is_up),
            beyond=_beyond(f"(p.{column}, p.key)", beyond, not is_up, itself),
            elsewhere=elsewhere,
        )

    def _by_name(self, start: Key | None, downwards: bool, most: int, itself: bool) -> Sequence[_Place]:
        beyond = ""
        if start is not None:
            comparison = f"{'>' if downwards else '<'}{'=' if itself else ''}"
            beyond = _BEYOND_NAME.format(comparison=comparison, key=int(start[2]))
        statement = _BY_NAME.format(
            kind=_NAMES_OF[self.kind], beyond=beyond, direction=_direction(not downwards)
        )
        return [_Place(None, 0, key, 0) for _, key, _ in self._rows(statement, most)]

    def _rows(self, statement: str, most: int) -> Sequence[sql.Row]:
        chains = [each.id for each in self.chains]
        return sql.rows(statement, {"chains": chains, "of": _OF[self.kind], "most": most})


def _beyond(columns: str, key: Key | None, downwards: bool, itself: bool) -> str:
    if key is None:
        return ""
    numbers = ", ".join(f"CAST('{pagination.within(each)}' AS bigint)" for each in key)
    return f"AND {columns} {'<' if downwards else '>'}{'=' if itself else ''} ({numbers})"


def _direction(downwards: bool) -> str:
    return "DESC" if downwards else "ASC"


def _presents(
    chains: Sequence[ChainView], kind: Kind, wanted: Sequence[tuple[int | None, int]]
) -> Sequence[Present]:
    """Each of these with its numbers: of a scout those of its chain, which stands before it, else of all."""
    keys = [key for _, key in wanted]
    asked = {"chains": [each.id for each in chains], "of": _OF[kind], "keys": keys}
    rows = sql.rows(_NUMBERS, asked) if keys else []
    is_scout = kind is Kind.SCOUT
    names = {} if is_scout else _names(keys)
    views = {each.id: each for each in chains}
    found: dict[tuple[int | None, int], list[sql.Row]] = {}
    for key, chain_id, *numbers in rows:
        found.setdefault((chain_id if is_scout else None, key), []).append(tuple(numbers))
    return [
        _present(
            found[chain_id, key],
            kind=kind,
            name=key if is_scout else names[key],
            chain=None if chain_id is None else views[chain_id],
        )
        for chain_id, key in wanted
        if (chain_id, key) in found
    ]


def _in_families(chains: Sequence[ChainView], presents: Sequence[Present]) -> Sequence[Present]:
    """The same models, each with what is known of it under its other names. Three queries, where any is."""
    known = families()
    of = {
        each.name: family for each in presents if (family := known.by_model.get(str(each.name))) is not None
    }
    if not of:
        return presents
    by_name = _named_in(chains, of.values())
    return [
        replace(each, family=_gathered(of[each.name], by_name, known.version)) if each.name in of else each
        for each in presents
    ]


def _family_of(chains: Sequence[ChainView], name: str | int) -> Gathered | None:
    """What is known of a model under all its names; None where it has one alone."""
    known = families()
    family = known.by_model.get(str(name))
    if family is None:
        return None
    return _gathered(family, _named_in(chains, [family]), known.version)


def _named_in(chains: Sequence[ChainView], of: Iterable[Family]) -> Mapping[str | int, Present]:
    """The models of these families that records name, by name; three queries."""
    hashes = {hash_of(model) for family in of for model in family.models}
    ids = sql.rows(_IDS, {"hashes": list(hashes), "kind": _NAMES_OF[Kind.MODEL]})
    return {each.name: each for each in _presents(chains, Kind.MODEL, [(None, id_) for (id_,) in ids])}


def _gathered(family: Family, by_name: Mapping[str | int, Present], version: int) -> Gathered:
    models = [by_name[each] for each in family.models if each in by_name]
    return Gathered(
        name=family.name,
        version=version,
        models=models,
        unseen=[each for each in family.models if each not in by_name],
        records=sum(each.records for each in models),
        edited=sum(each.edited for each in models),
        deleted=sum(each.deleted for each in models),
        compared=sum(each.compared for each in models),
        agreeing=sum(each.agreeing for each in models),
    )


def _names(keys: Sequence[int]) -> Mapping[int, str]:
    if not keys:
        return {}
    return {id_: sql.name_of(*said) for id_, *said in sql.rows(_SAID, {"ids": list(keys)})}


def _present(
    rows: Sequence[sql.Row], *, kind: Kind, name: str | int, chain: ChainView | None = None
) -> Present:
    """One of them, added up over the chains that it is on."""
    records, edited, deleted, first_at, last_at, compared, agreeing = zip(*rows, strict=True)
    return Present(
        kind=kind,
        name=name,
        chain=chain,
        records=sum(records),
        edited=sum(edited),
        deleted=sum(deleted),
        compared=sum(compared),
        agreeing=sum(agreeing),
        first_at=moment(min(first_at)),
        last_at=moment(max(last_at)),
    )


def _told(chains: Sequence[ChainView], kind: Kind, key: int, name: str | int) -> Told | None:
    """All that is kept of it; None where nothing is."""
    asked = {"chains": [each.id for each in chains], "of": _OF[kind], "key": key}
    by_id = {each.id: each for each in chains}
    on_chains = [_on_chain(by_id[chain_id], *row) for chain_id, *row in sql.rows(_ONE, asked)]
    if not on_chains:
        return None
    is_scout = kind is Kind.SCOUT
    beside = [] if is_scout else _beside(kind, asked)
    family = _family_of(chains, name) if kind is Kind.MODEL else None
    counted, served, compared, dated, reported = _counted_to(
        chains, _Of.PRESENCE, _Of.SERVED, _Of.PROMPTS, _Of.DAYS, _Of.FINGERPRINTS
    )
    return Told(
        kind=kind,
        name=name,
        chain=chains[0] if is_scout else None,
        records=sum(each.records for each in on_chains),
        edited=sum(each.edited for each in on_chains),
        deleted=sum(each.deleted for each in on_chains),
        compared=sum(each.compared for each in on_chains),
        agreeing=sum(each.agreeing for each in on_chains),
        first_at=min(each.first_at for each in on_chains),
        last_at=max(each.last_at for each in on_chains),
        family=family,
        of=chains,
        on_chains=on_chains,
        beside=beside[:MOST_BESIDE],
        has_more=len(beside) > MOST_BESIDE,
        days=() if is_scout else days.of_name(chains, of=_OF[kind], key=key),
        fingerprints=fingerprints.NONE if is_scout else fingerprints.of_name(chains, of=_OF[kind], key=key),
        counted_to=counted,
        beside_to=[] if is_scout else served,
        compared_to=compared,
        days_to=[] if is_scout else dated,
        fingerprints_to=[] if is_scout else reported,
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
    compared: int,
    agreeing: int,
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
        compared=compared,
        agreeing=agreeing,
    )


def _beside(kind: Kind, asked: Mapping[str, Any]) -> Sequence[Beside]:
    other = _OTHER[kind]
    statement = _BESIDE.format(of=kind.value, other=other.value)
    return [
        Beside(kind=other, name=sql.name_of(text, raw), records=records, edited=edited, deleted=deleted)
        for _, text, raw, records, edited, deleted in sql.rows(statement, {**asked, "most": MOST_BESIDE + 1})
    ]


def _counted_to(
    chains: Sequence[ChainView], *names: DerivationCheckpoint.Of
) -> Sequence[Sequence[CountedTo]]:
    """Of each derivation the chains of which newer records are not counted yet; one query."""
    asked = {"chains": [each.id for each in chains], "names": [each.value for each in names]}
    reached = {(name, chain_id): height for name, chain_id, height in sql.rows(_REACHED, asked)}
    return [
        [
            CountedTo(each, height)
            for each in chains
            if (height := reached.get((name.value, each.id), -1)) < each.freshness.height
        ]
        for name in names
    ]


def _nothing(chains: Sequence[ChainView], words: str) -> str:
    """That nothing is there, and how far that is known."""
    (late,) = _counted_to(chains, _Of.PRESENCE)
    if not late:
        return f"{words}."
    to = ", ".join(f"{each.height} of chain {each.chain.rid[:8]}" for each in late)
    return f"{words}. Blocks are counted up to {to} so far."
