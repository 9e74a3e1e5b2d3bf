"""Which ``system_fingerprint`` the results of a model or provider have, and since when: what is reported
there of the configuration that made them. Counted are records as first written, from figures that are kept;
the text is read from the bytes of the newest record that has it, past the gate.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from explorer.queries.chain.chains import ChainView
from explorer.queries.db import sql, transaction_bytes
from explorer.queries.db.transaction_bytes import Place
from explorer.queries.records import noted
from indexer.dapp import operations
from indexer.dapp.completion import completion_of, fingerprint_of, part_keys
from indexer.dapp.replay import height_of
from indexer.postchain.times import moment
from indexer.store.suppression import gate

MOST = 20
"""Fingerprints that are told, those that were seen last."""

LONGEST = 200
"""Characters of one."""

_MOST_BYTES = 8 << 20  # of unpacked blocks
_LAST = """
    SELECT f.fingerprint, f.last FROM indexer_fingerprint f
    WHERE f.chain_id = {chain} AND f.generation = (SELECT generation FROM indexer_chain WHERE id = {chain})
      AND f.of = %(of)s AND f.key = %(key)s ORDER BY f.last DESC LIMIT %(most)s
"""
_NUMBERS = """
    SELECT f.fingerprint, f.chain_id, f.records, f.last, coalesce(b.timestamp, 0), coalesce(e.timestamp, 0)
    FROM indexer_chain h JOIN indexer_fingerprint f ON f.chain_id = h.id AND f.generation = h.generation
        AND f.of = %(of)s AND f.key = %(key)s
    LEFT JOIN indexer_block b ON b.chain_id = f.chain_id AND b.height = f.first >> 20
    LEFT JOIN indexer_block e ON e.chain_id = f.chain_id AND e.height = f.last >> 20
    WHERE h.id = ANY(%(chains)s) AND f.fingerprint = ANY(%(fingerprints)s)
"""
_SAYING = f"""
    SELECT o.chain_id, o.position, o.transaction, {noted.index_of("o")},
           o.answer, o.result_normal, o.said, t.rid, r.prompt_id
    FROM unnest(%(chains)s::smallint[], %(positions)s::bigint[]) AS w (chain_id, position)
    JOIN indexer_chain h ON h.id = w.chain_id
    JOIN indexer_operation o ON o.chain_id = w.chain_id AND o.position = w.position
    JOIN indexer_transaction t
        ON t.chain_id = o.chain_id AND t.height = o.position >> 20 AND t.ordinal = o.transaction
    JOIN indexer_record r
        ON r.chain_id = h.id AND r.generation = h.generation AND r.position = w.position
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """A fingerprint: how many records have it, and when the blocks were made that added the first and the
    last of them. ``text`` is None where it cannot be shown, ``cut`` whether there is more of it. ``chain``
    and ``prompt_id`` are of the newest record that has it.
    """

    key: UUID
    text: str | None
    cut: bool
    records: int
    first_at: datetime
    last_at: datetime
    chain: ChainView
    prompt_id: int | None


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """Those that were seen last; ``has_more`` is whether there are others."""

    seen: Sequence[Seen]
    has_more: bool


NONE = Fingerprints((), has_more=False)


@dataclass(frozen=True, slots=True)
class _Saying:
    """The newest record that has a fingerprint, and the whole of it where that may be shown."""

    prompt_id: int
    text: str | None


_Newest = tuple[int, int]  # a chain and a position


def of_name(chains: Sequence[ChainView], *, of: int, key: int) -> Fingerprints:
    """Those of a model or provider over these chains; ``of`` and ``key`` are those of
    ``indexer.models.Presence``. Five queries, and one more a chain.
    """
    if not chains:
        return NONE
    asked = {"of": of, "key": key, "most": MOST + 1, "chains": [each.id for each in chains]}
    listed = " UNION ALL ".join(f"({_LAST.format(chain=int(each.id))})" for each in chains)
    fingerprints = list({fingerprint for fingerprint, _ in sql.rows(listed, asked)})
    if not fingerprints:
        return NONE
    on_chains: dict[UUID, list[sql.Row]] = {}
    for fingerprint, *numbers in sql.rows(_NUMBERS, {**asked, "fingerprints": fingerprints}):
        on_chains.setdefault(fingerprint, []).append(tuple(numbers))
    ordered = sorted(on_chains.items(), key=lambda each: (max(row[4] for row in each[1]), each[0]))[::-1]
    shown = {fingerprint: max(rows, key=lambda row: (row[4], row[2])) for fingerprint, rows in ordered[:MOST]}
    said = _said([(newest[0], newest[2]) for newest in shown.values()])
    by_id = {each.id: each for each in chains}
    return Fingerprints(
        [
            _seen(fingerprint, on_chains[fingerprint], by_id[newest[0]], said.get((newest[0], newest[2])))
            for fingerprint, newest in shown.items()
        ],
        has_more=len(ordered) > MOST,
    )


def _seen(fingerprint: UUID, rows: Sequence[sql.Row], chain: ChainView, said: _Saying | None) -> Seen:
    _, records, _, first_at, last_at = zip(*rows, strict=True)
    text = None if said is None else said.text
    return Seen(
        key=fingerprint,
        text=None if text is None else text[:LONGEST],
        cut=text is not None and len(text) > LONGEST,
        records=sum(records),
        first_at=moment(min(first_at)),
        last_at=moment(max(last_at)),
        chain=chain,
        prompt_id=None if said is None else said.prompt_id,
    )


def _said(newest: Sequence[_Newest]) -> Mapping[_Newest, _Saying]:
    asked = {"chains": [each for each, _ in newest], "positions": [each for _, each in newest]}
    rows = sql.rows(_SAYING, asked)
    results = _results(rows)
    read = {place: completion_of(result) for place, result in results.items()}
    keys = {
        (chain_id, position): (*own, *part_keys(completion))
        if (completion := read.get((chain_id, position))) is not None
        else tuple(own)
        for chain_id, position, _, _, *own, _, _ in rows
    }
    held = gate(
        contents=(key for each in keys.values() for key in each), transactions=(row[-2] for row in rows)
    )
    found = {}
    for chain_id, position, *_, rid, prompt_id in rows:
        place = (chain_id, position)
        is_shown = place in results and held.hold(*keys[place], transaction=bytes(rid)) is None
        found[place] = _Saying(prompt_id, fingerprint_of(results[place]) if is_shown else None)
    return found


def _results(rows: Sequence[sql.Row]) -> Mapping[_Newest, str]:
    """The results as they were signed, of those that are here and not too much."""
    found: dict[_Newest, str] = {}
    for chain in dict.fromkeys(row[0] for row in rows):
        of_chain = [(row[1], Place(height_of(row[1]), row[2]), row[3]) for row in rows if row[0] == chain]
        said = transaction_bytes.read(chain, (place for _, place, _ in of_chain), most=_MOST_BYTES)
        for position, place, index in of_chain:
            done = said[place].operations()
            if index < len(done):
                result = operations.read(done[index].name, done[index].arguments).result
                if result is not None:
                    found[chain, position] = result
    return found
