"""The models, providers and scouts that records name: since when, how often, and what became of the records.

From figures that are kept: none is counted while a reader waits. Models and providers are the same over all
chains, for they go by their names; a scout is one of its chain. Which of them a page of a list has, says
``presence_order``.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from explorer.queries.chain.chains import ChainView, CountedTo
from explorer.queries.db import pagination, sql
from explorer.queries.db.errors import NotHere
from explorer.queries.db.pagination import Order, PageRequest
from explorer.queries.groups import days, fingerprints
from explorer.queries.groups.naming import hash_named
from explorer.queries.groups.presence_order import KEPT, NAMES_OF, OF, Kind, Listed, Place, together
from explorer.queries.groups.present import Beside, Gathered, OnChain, Presences, Present, Told
from explorer.queries.records import challenged, check_counts
from explorer.queries.records.challenged import NONE, Tally
from indexer.dapp.model_names import Family, families
from indexer.models import DerivationCheckpoint
from indexer.postchain.times import moment
from indexer.store.names import hash_of

MOST_BESIDE = 50
"""Providers of a model, and models of a provider, that its page tells of."""

_SHOWN = 80  # characters of a name in an error
_OTHER = {Kind.MODEL: Kind.PROVIDER, Kind.PROVIDER: Kind.MODEL}
_NUMBERS = f"""
    SELECT p.key, p.chain_id, p.records, p.edited, p.deleted, p.first_at, p.last_at,
           coalesce(a.compared, 0), coalesce(a.agreeing, 0)
    {KEPT}
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
    {KEPT}
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

_Key = tuple[bytes | None, str | int]
_Challenged = Mapping[_Key, Tally]


def page(
    chains: Sequence[ChainView], kind: Kind, request: PageRequest, *, gathers: bool = False
) -> Presences:
    """A page of the models or providers of these chains, of scouts chain by chain, in the order that is asked
    for: one of ``ORDERS``. Where it ``gathers`` models, one that records name by several names has one row,
    any of them, whose ``family`` has the sums.
    """
    of = ",".join((kind.value, *(each.rid for each in chains)))
    by = Order(("chain", "sorted", "key"), of=of)
    gathered = together(chains, request.order) if gathers else []
    listed = Listed(chains, kind, request.order, gathered)
    key, downwards = request.key(by), request.is_downwards
    found = listed.read(key, downwards=downwards, most=request.limit + 1)
    behind = key is not None and request.both_ways
    part = pagination.page_of(
        request,
        found if downwards else found[::-1],
        by=by,
        key=Place.at,
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
    row = sql.row(_NAMED, {"hash": hash_named(part), "kind": NAMES_OF[kind]})
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


def _presents(
    chains: Sequence[ChainView], kind: Kind, wanted: Sequence[tuple[int | None, int]]
) -> Sequence[Present]:
    """Each of these with its numbers: of a scout those of its chain, which stands before it, else of all."""
    keys = [key for _, key in wanted]
    asked = {"chains": [each.id for each in chains], "of": OF[kind], "keys": keys}
    rows = sql.rows(_NUMBERS, asked) if keys else []
    is_scout = kind is Kind.SCOUT
    names = {} if is_scout else _names(keys)
    views = {each.id: each for each in chains}
    tallies = _challenged(chains, kind, keys if is_scout else list(names.values()))
    found: dict[tuple[int | None, int], list[sql.Row]] = {}
    for key, chain_id, *numbers in rows:
        found.setdefault((chain_id if is_scout else None, key), []).append(tuple(numbers))
    return [
        _present(
            found[chain_id, key],
            kind=kind,
            name=key if is_scout else names[key],
            chain=None if chain_id is None else views[chain_id],
            challenged=tallies,
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
    ids = sql.rows(_IDS, {"hashes": list(hashes), "kind": NAMES_OF[Kind.MODEL]})
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
    rows: Sequence[sql.Row], *, kind: Kind, name: str | int, chain: ChainView | None, challenged: _Challenged
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
        challenged=challenged.get(_key(chain, name), NONE),
    )


def _told(chains: Sequence[ChainView], kind: Kind, key: int, name: str | int) -> Told | None:
    """All that is kept of it; None where nothing is."""
    asked = {"chains": [each.id for each in chains], "of": OF[kind], "key": key}
    by_id = {each.id: each for each in chains}
    on_chains = [_on_chain(by_id[chain_id], *row) for chain_id, *row in sql.rows(_ONE, asked)]
    if not on_chains:
        return None
    is_scout = kind is Kind.SCOUT
    chain = chains[0] if is_scout else None
    beside = [] if is_scout else _beside(kind, asked)
    family = _family_of(chains, name) if kind is Kind.MODEL else None
    counted, served, compared, dated, reported = _counted_to(
        chains, _Of.PRESENCE, _Of.SERVED, _Of.PROMPTS, _Of.DAYS, _Of.FINGERPRINTS
    )
    return Told(
        kind=kind,
        name=name,
        chain=chain,
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
        days=days.of_name(chains, of=OF[kind], key=key),
        fingerprints=fingerprints.NONE if is_scout else fingerprints.of_name(chains, of=OF[kind], key=key),
        challenged=_challenged(chains, kind, [name]).get(_key(chain, name), NONE),
        checks=check_counts.of_name(chains, of=OF[kind], key=key),
        counted_to=counted,
        beside_to=[] if is_scout else served,
        compared_to=compared,
        days_to=dated,
        fingerprints_to=[] if is_scout else reported,
    )


def _key(chain: ChainView | None, name: str | int) -> _Key:
    return None if chain is None else chain.brid, name


def _challenged(chains: Sequence[ChainView], kind: Kind, names: Sequence[str | int]) -> _Challenged:
    """Which records of these are challenged, by the RID of a scout's chain and the name. Two queries."""
    if not names:
        return {}
    if kind is Kind.SCOUT:
        found = challenged.of_scouts(chains, [int(each) for each in names])
        return {(brid, uid): tally for (brid, uid), tally in found.items()}
    by_hash = {hash_of(str(each)): each for each in names}
    of = challenged.of_models if kind is Kind.MODEL else challenged.of_providers
    return {(None, by_hash[each]): tally for each, tally in of(chains, list(by_hash)).items()}


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
