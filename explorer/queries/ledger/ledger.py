"""The ledger: every change that chains saw, one row for each record changed, newest first.

Edits and deletions are revisions, new owners are what the fold keeps of them, and signers and code are
changed by configurations, which no transaction sets. Nothing here holds a word of a record: what was changed,
when, in which transaction and by whose key stays when words are hidden or erased. Pages tell in words what
edits changed (``edited``), past the gate.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from explorer.queries.chain import configurations
from explorer.queries.chain.chains import ChainView
from explorer.queries.chain.configurations import ConfigurationChange
from explorer.queries.db.pagination import Key, Order, Page, PageRequest
from explorer.queries.db.prepared import Prepared
from explorer.queries.db.sql import name_of
from explorer.queries.db.values import keys_of
from explorer.queries.ledger.ledger_filter import (
    EDITS,
    HAS_OTHER_WORDS,
    NUMBERS,
    Change,
    LedgerFilter,
)
from explorer.queries.lists import walk
from explorer.queries.lists.counting import Count, up_to_the_bound
from explorer.queries.lists.lanes import Sort, Way
from explorer.queries.lists.places import Searched, begun, merged_neighbours, searched
from explorer.queries.lists.walk import Clock, Found
from explorer.queries.records.edit import Edit
from explorer.queries.records.rows import revision_number
from indexer.dapp.replay import height_of, position_of
from indexer.postchain.times import moment

_ALL = LedgerFilter()
_CHANGES = {number: change for change, number in NUMBERS.items()}
_OWNER = 0
"""What stands in the place of the prompt id where an owner changed; where a configuration did, less."""

_OF_CONFIGURATIONS = {Change.SIGNERS: -3, Change.CODE: -2, Change.SETTINGS: -1}

_REVISIONS = """(
    SELECT chain_id, generation, position, prompt_id, kind, false AS is_other
    FROM indexer_revision WHERE kind > 1) r"""
_OWNERS = f"""(
    SELECT chain_id, generation, position, {_OWNER}::bigint AS prompt_id,
           {NUMBERS[Change.OWNER]}::smallint AS kind, true AS is_other
    FROM indexer_owner WHERE position >= 0) r"""
_SET = """(
    SELECT s.chain_id, h.generation, s.position, s.prompt_id, s.kind, true AS is_other
    FROM unnest({}) AS s (chain_id, position, prompt_id, kind) JOIN indexer_chain h ON h.id = s.chain_id) r"""

# How long the arrays are is hidden from the planner: it would plan anew for each length, 8 ms of a page.
_ROWS = Prepared(
    f"""
    SELECT r.chain_id, r.position, r.prompt_id, r.kind, h.brid, coalesce(b.timestamp, 0), t.rid, s.raw,
           p.scout, m.text, m.raw, n.text, n.raw, {HAS_OTHER_WORDS}, k.key, (
               SELECT a.key FROM indexer_owner a
               WHERE a.chain_id = r.chain_id AND a.generation = r.generation AND a.position < r.position
               ORDER BY a.position DESC LIMIT 1),
           CASE WHEN r.kind = {NUMBERS[Change.EDIT]} THEN {revision_number("r", "r.position")} END
    FROM (
        SELECT w.chain_id, h.generation, w.position, w.prompt_id,
               coalesce(v.kind, {NUMBERS[Change.OWNER]}) AS kind
        FROM unnest((SELECT %(chains)s), (SELECT %(positions)s), (SELECT %(ids)s))
            AS w (chain_id, position, prompt_id)
        JOIN indexer_chain h ON h.id = w.chain_id
        LEFT JOIN indexer_revision v
            ON v.chain_id = w.chain_id AND v.generation = h.generation AND v.position = w.position
            AND v.prompt_id = w.prompt_id
    ) r
    JOIN indexer_chain h ON h.id = r.chain_id
    LEFT JOIN indexer_block b ON b.chain_id = r.chain_id AND b.height = r.position >> 20
    LEFT JOIN indexer_operation o ON o.chain_id = r.chain_id AND o.position = r.position
    LEFT JOIN indexer_transaction t
        ON t.chain_id = r.chain_id AND t.height = r.position >> 20 AND t.ordinal = o.transaction
    LEFT JOIN indexer_name s ON s.id = t.signers_id
    LEFT JOIN indexer_record p
        ON p.chain_id = r.chain_id AND p.generation = r.generation AND p.prompt_id = r.prompt_id
    LEFT JOIN indexer_name m ON m.id = p.model_id
    LEFT JOIN indexer_name n ON n.id = p.provider_id
    LEFT JOIN indexer_owner k
        ON k.chain_id = r.chain_id AND k.generation = r.generation AND k.position = r.position
        AND r.prompt_id = {_OWNER}
""",
    {"chains": "smallint[]", "positions": "bigint[]", "ids": "bigint[]"},
)


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """A change. What is of a record alone is None where none was changed: ``prompt_id``, scout, model and
    provider. ``transaction`` is None where a configuration did it, which no transaction sets; nobody
    ``signers`` then.

    ``allowed`` is the key that the dapp let write before it, None where that is not known.
    ``revision`` is of an edit, the number of the revision that it made.
    ``has_other_words`` is of an edit, whether it changed what is said; None where that is not known. ``key``
    is the new owner, None where it is no new owner or is not known. ``edit`` is what an edit changed in
    words, where that is told: see ``edited``.
    """

    kind: Change
    chain: bytes  # its blockchain RID
    position: int  # of a configuration that of its block's first operation
    height: int
    at: datetime
    prompt_id: int | None
    transaction: bytes | None
    signers: Sequence[bytes] = ()
    allowed: bytes | None = None
    has_other_words: bool | None = None
    scout: int | None = None
    model: str | None = None
    provider: str | None = None
    key: bytes | None = None
    revision: int | None = None
    edit: Edit | None = None

    @property
    def rid(self) -> str:
        """The blockchain RID in upper-case hex, as addresses have it."""
        return self.chain.hex().upper()

    @property
    def others(self) -> Sequence[bytes]:
        """Keys that signed beside the one that the dapp let write."""
        return [each for each in self.signers if each != self.allowed]

    @property
    def is_by_another(self) -> bool:
        """Whether the key that the dapp let write then is known, and did not sign it."""
        return self.transaction is not None and self.allowed is not None and self.allowed not in self.signers


@dataclass(frozen=True, slots=True)
class Ledger(Page[ChangeRow]):
    """A page of changes. ``searched_to`` is where time ran out before the page was full, of each chain that
    was not searched through; empty otherwise. ``of`` are the chains that are in the list, ``later`` those
    that are followed since its first page was asked for. ``sort`` is what counting goes by.
    """

    searched_to: Sequence[Searched]
    of: Sequence[ChainView]
    later: Sequence[ChainView]
    sort: Sort


def page(
    chains: Sequence[ChainView],
    wanted: LedgerFilter = _ALL,
    request: PageRequest | None = None,
    *,
    only: str = "",
    clock: Clock = time.monotonic,
) -> Ledger:
    """A page of the changes of these chains that are wanted, merged by the times of their blocks; of the
    newest where none is asked for. ``only`` is the RID of the one chain that is asked for, where it is but
    one: a cursor goes on with that.
    """
    request = request or PageRequest()
    every = sorted(chains, key=lambda each: each.id)
    set_by = configurations.changes(every)
    sort = sort_of(wanted, set_by)
    by = Order((), of=_named(wanted, only), each=("chain", *sort.columns))
    start, of = begun(every, request, by)
    way = Way(sort, request.is_downwards, request.limit + 1, looks_back=request.both_ways)
    found = walk.walk([(each, start.get(each.id)) for each in of], wanted.conditions(), way, clock=clock)
    rows = _rows(found.found, every)
    beside = merged_neighbours(found, request, way, by=by)
    return Ledger(
        rows=rows if request.is_downwards != request.oldest_first else rows[::-1],
        newer=beside.newer,
        older=beside.older,
        searched_to=searched(found),
        of=of,
        later=[each for each in every if each not in of],
        sort=sort,
    )


def count(wanted: LedgerFilter, request: PageRequest, found: Ledger) -> Count:
    """How many changes are wanted in all; without a query where this page holds all of them, and where time
    ran out for finding them: counting would take as long again, and end no further.
    """
    if found.searched_to:
        return Count(len(found.rows), is_exact=False)
    if not (found.newer or found.older or request.words):
        return Count(len(found.rows), is_exact=True)
    return up_to_the_bound(*walk.count(found.of, wanted.conditions(), found.sort))


def _named(wanted: LedgerFilter, rid: str) -> str:
    """What a cursor goes on with and nothing else: of the chain with this RID, or of all."""
    return "\0".join(["ledger", rid, *(f"{name}={word}" for name, word in wanted.words().items())])


def sort_of(wanted: LedgerFilter, found: Sequence[ConfigurationChange]) -> Sort:
    """By position, where a block's configuration comes before its operations; edits alone where it is asked
    for their words.
    """
    tables = (_REVISIONS, _OWNERS, *((_set(found),) if found else ()))
    return Sort(("position", "prompt_id"), ("true",), EDITS if wanted.wording is not None else tables)


def _set(found: Sequence[ConfigurationChange]) -> str:
    """SQL: what configurations changed, a row for each thing."""
    each = [(change, kind) for change in found for kind in _kinds(change)]
    columns = (
        ("smallint", [change.chain_id for change, _ in each]),
        ("bigint", [position_of(change.height, 0) for change, _ in each]),
        ("bigint", [_OF_CONFIGURATIONS[kind] for _, kind in each]),
        ("smallint", [NUMBERS[kind] for _, kind in each]),
    )
    arrays = (f"ARRAY[{', '.join(map(str, numbers))}]::{type_}[]" for type_, numbers in columns)
    return _SET.format(", ".join(arrays))


def _kinds(change: ConfigurationChange) -> Sequence[Change]:
    kinds = [kind for kind, did in ((Change.SIGNERS, change.signers), (Change.CODE, change.code)) if did]
    return kinds or [Change.SETTINGS]


def _rows(found: Sequence[Found], chains: Sequence[ChainView]) -> Sequence[ChangeRow]:
    """The rows of these changes, in their order; one query."""
    of_dapp = [each for each in found if each.key[1] >= _OWNER]
    asked = {
        "chains": [each.chain_id for each in of_dapp],
        "positions": [each.key[0] for each in of_dapp],
        "ids": [each.key[1] for each in of_dapp],
    }
    read = _ROWS.rows(asked) if of_dapp else []
    rows: dict[tuple[int, Key], ChangeRow] = {(row[0], (row[1], row[2])): _row(row) for row in read}
    brids = {each.id: each.brid for each in chains}
    return [
        rows[each.chain_id, each.key] if each.key[1] >= _OWNER else _of_configuration(each, brids)
        for each in found
    ]


def _row(columns: Sequence[Any]) -> ChangeRow:
    _, position, prompt_id, kind, brid, timestamp, rid, signers, scout, *rest = columns
    model, model_raw, provider, provider_raw, has_other_words, key, allowed, revision = rest
    is_record = prompt_id > _OWNER
    return ChangeRow(
        kind=_CHANGES[kind],
        chain=brid,
        position=position,
        height=height_of(position),
        at=moment(timestamp),
        prompt_id=prompt_id if is_record else None,
        transaction=rid,
        signers=() if signers is None else keys_of(signers),
        allowed=allowed,
        has_other_words=has_other_words,
        scout=scout,
        model=name_of(model, model_raw) if is_record else None,
        provider=name_of(provider, provider_raw) if is_record else None,
        key=key,
        revision=revision,
    )


def _of_configuration(found: Found, brids: dict[int, bytes]) -> ChangeRow:
    position, which = found.key
    return ChangeRow(
        kind=next(kind for kind, number in _OF_CONFIGURATIONS.items() if number == which),
        chain=brids[found.chain_id],
        position=position,
        height=height_of(position),
        at=moment(found.timestamp),
        prompt_id=None,
        transaction=None,
    )
