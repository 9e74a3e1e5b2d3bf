"""Which records a list holds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from explorer.queries.db.filters import Condition, Filter, declared, upside_down
from explorer.queries.db.kinds import (
    DAY,
    LARGEST,
    Choice,
    Hex,
    Line,
    Moment,
    Number,
    Pattern,
    Period,
    Range,
    Span,
    Times,
    pieces,
)
from explorer.queries.db.pagination import BEST, CHANGED, NEWEST
from explorer.queries.db.sql import GENERATION
from explorer.queries.records.states import DELETED, EDITED, NUMBERS, Status
from explorer.queries.records.withdrawing import SETTLED, SETTLED_BY_ID
from explorer.search.hits import sought
from explorer.search.tree import Node
from explorer.search.writing import canonical
from indexer.checks.registry import by_name, checks
from indexer.dapp.replay import SAID_SINCE, position_of
from indexer.models import DerivationCheckpoint, Name, Revision

LONGEST_NAME = 12_288
"""Characters of a model's or provider's name."""

OF_CHAIN = Hex(32, 32)
"""What names a chain."""

FEW = 5_000
"""Records that are looked at in one go, wherever they are in the list."""

HIGHEST = LARGEST >> 20
"""The highest height of which a position can be told."""

_CHANGED = (f"r.status = {EDITED}", f"r.status = {DELETED}")
_HEAD = 6  # bytes of a hash that indexes look it up by
_ROLLUPS = DerivationCheckpoint.Of.ROLLUPS.value

BLOCK_AT = """(SELECT b.timestamp FROM indexer_block b
    WHERE b.chain_id = r.chain_id AND b.height = r.position >> 20)"""
"""SQL: the time that the builder of a row's block stated."""

_WRITER = """(SELECT o.key FROM indexer_owner o WHERE o.chain_id = r.chain_id
    AND o.generation = r.generation AND o.position < r.position ORDER BY o.position DESC LIMIT 1)"""
_PERIODS_OF_WRITER = f"""(
    SELECT key, position, lead(position) OVER (ORDER BY position) AS until FROM indexer_owner
    WHERE chain_id = %(chain)s AND generation = {GENERATION}) AS o WHERE key = %(writer)s"""
# What is found by another table is an array, so that the planner takes the records by their key.
_OF_TRANSACTION = f"""r.prompt_id = ANY(ARRAY(
    SELECT v.prompt_id FROM indexer_revision v
    WHERE v.chain_id = %(chain)s AND v.generation = {GENERATION} AND v.position = ANY(ARRAY(
        SELECT o.position FROM (
            SELECT t.chain_id, t.height, t.ordinal FROM indexer_transaction t
            WHERE substr(t.rid, 1, {_HEAD}) = %(tx_head)s AND t.rid = %(tx)s AND t.chain_id = %(chain)s
            OFFSET 0
        ) t CROSS JOIN LATERAL (
            SELECT o.position FROM indexer_operation o
            WHERE o.chain_id = t.chain_id AND o.position >= t.height << 20
              AND o.position < (t.height + 1) << 20 AND o.transaction = t.ordinal OFFSET 0
        ) o))))"""
# "IS TRUE" keeps the planner from an index by chain and generation, in which all records are.
_OF_PROMPT = f"""r.position = ANY(ARRAY(
    SELECT p.position FROM indexer_record p
    WHERE substr(p.prompt, 1, {_HEAD}) = %(prompt_head)s AND p.prompt = %(prompt_key)s
      AND (p.chain_id = %(chain)s) IS TRUE AND (p.generation = {GENERATION}) IS TRUE))"""

# The key of what an operation says: see ``indexer.derive.revised``, which goes by the generation's rules.
_SAID = f"""CASE WHEN (SELECT g.rules FROM indexer_generation g
    WHERE g.chain_id = r.chain_id AND g.generation = r.generation) >= {SAID_SINCE}
    THEN coalesce(o.said, o.answer) ELSE o.answer END"""
_SAYS = f"""EXISTS (
    SELECT FROM indexer_operation o
    WHERE o.chain_id = r.chain_id AND {_SAID} = %(said_key)s AND o.position = ANY(ARRAY(
        SELECT r.position
        UNION ALL
        SELECT v.position FROM indexer_revision v
        WHERE r.status > 1 AND v.chain_id = r.chain_id AND v.generation = r.generation
          AND v.prompt_id = r.prompt_id AND v.kind = {Revision.Kind.UPDATE.value})))"""


@dataclass(frozen=True, slots=True)
class RecordFilter(Filter):
    """The filters of a list of records; ``r`` is the record in their SQL, and ``chain`` its chain's id."""

    q: Node | None = field(
        default=None,
        kw_only=True,
        metadata=declared(
            Line(),
            label="Words",
            about="A query line: words, phrases in quotes, -word, OR, parentheses, and keys such as model: "
            "or changed:, as docs/search.md describes.",
            reads=canonical,
            example="cat -dog model:gemma*",
        ),
    )
    status: Status | None = field(
        default=None,
        metadata=declared(
            Choice(
                {"any": None, **{each.value: each for each in Status}},
                labels={Status.LIVE.value: "as first written"},
            ),
            label="State",
            about="live is as first written, edited was changed since, deleted was removed from the chain's "
            "state.",
            condition=lambda status: _of_status(status),
            reads=lambda status: str(status.value),
        ),
    )
    model: str | None = field(
        default=None,
        metadata=declared(
            Pattern(LONGEST_NAME),
            label="Model",
            about="The model's name as the chain has it, letter for letter, or with `*` for any letters.",
            condition=lambda name: _named("model", Name.Kind.MODEL, name),
            reads=lambda name: f"model {name}",
            example="gemma*",
        ),
    )
    provider: str | None = field(
        default=None,
        metadata=declared(
            Pattern(LONGEST_NAME),
            label="Provider",
            about="The provider's name in the same way.",
            condition=lambda name: _named("provider", Name.Kind.PROVIDER, name),
            reads=lambda name: f"provider {name}",
        ),
    )
    scout: int | None = field(
        default=None,
        metadata=declared(
            Number(-LARGEST - 1, LARGEST),
            label="Scout",
            about="The scout's UID.",
            condition=lambda uid: _equal("scout", "r.scout", uid),
            reads=lambda uid: f"scout {uid}",
        ),
    )
    seed: int | None = field(
        default=None,
        metadata=declared(
            Number(-LARGEST - 1, LARGEST),
            label="Seed",
            about="The seed that was named with the prompt.",
            condition=lambda seed: _equal("seed", "r.seed + 0", seed),
            reads=lambda seed: f"seed {seed}",
        ),
    )
    has: str | None = field(
        default=None,
        metadata=declared(
            Choice({"any": None, "edit": "edit"}, labels={"edit": "was ever edited"}),
            label="Has",
            about="edit is what was edited at any time, deleted since or not.",
            condition=lambda _: Condition(f"(r.status = {EDITED} OR r.revisions > 2)", lanes=_CHANGED),
            reads=lambda _: "was ever edited",
        ),
    )
    check: str | None = field(
        default=None,
        metadata=declared(
            Choice(
                {"any": None, **{each.name: each.name for each in checks()}},
                labels={each.name: f"{each.title.lower()} found" for each in checks()},
            ),
            label="Check",
            about="What a check finds of it now, see /checks: a record that is not judged yet is left out.",
            condition=lambda name: _found(by_name()[name].number),
            reads=lambda name: f"found: {by_name()[name].title.lower()}",
        ),
    )
    block: Span | None = field(
        default=None,
        metadata=declared(
            Range(0, HIGHEST),
            label="Block",
            about="The height of the block that added it, or from one to another, both included.",
            condition=lambda span: of_blocks(span),
            reads=lambda span: f"block {Range().write(span)}",
            example="100..200",
        ),
    )
    since: int | None = field(
        default=None,
        metadata=declared(
            Moment(),
            label="Since",
            about="Written at this day or moment or after it, by the time of the block that added it, UTC.",
            condition=lambda at: _written(Period(at, None), "since"),
            reads=lambda at: f"since {Moment().write(at)}",
            example="2026-10-01",
        ),
    )
    until: int | None = field(
        default=None,
        metadata=declared(
            Moment(),
            label="Until",
            about="Written before this day or moment, by the same time.",
            condition=lambda at: _written(Period(None, at), "until"),
            reads=lambda at: f"until {Moment().write(at)}",
            example="2026-11-01",
        ),
    )
    changed: Period | None = field(
        default=None,
        metadata=declared(
            Times(),
            label="Changed",
            about="Edited or deleted on this day, or from one day or moment to before another, by the time "
            "of the block that did so, UTC.",
            condition=lambda period: _changed(period),
            reads=lambda period: f"changed {Times().write(period)}",
            example="2026-10-01..2026-11-01",
        ),
    )
    tx: bytes | None = field(
        default=None,
        metadata=declared(
            Hex(32, 32),
            label="Transaction",
            about="The RID of a transaction that added, edited or deleted it.",
            condition=lambda rid: Condition(
                _OF_TRANSACTION, {"tx": rid, "tx_head": rid[:_HEAD]}, few=(_OF_TRANSACTION,), is_whole=True
            ),
            reads=lambda rid: f"transaction {short(rid)}",
        ),
    )
    prompt_key: bytes | None = field(
        default=None,
        metadata=declared(
            Hex(32, 32),
            label="Prompt key",
            about="The key of its messages: what answers the same prompt.",
            condition=lambda key: Condition(
                _OF_PROMPT,
                {"prompt_key": key, "prompt_head": key[:_HEAD]},
                lanes=(_OF_PROMPT,),
                is_whole=True,
            ),
            reads=lambda key: f"prompt {short(key)}",
        ),
    )
    said_key: bytes | None = field(
        default=None,
        metadata=declared(
            Hex(32, 32),
            label="Key of what was said",
            about="The key of what it says, or ever said: what gave the same answer. Give prompt_key too, "
            "else records of all prompts are looked through.",
            condition=lambda key: Condition(_SAYS, {"said_key": key}),
            reads=lambda key: f"answer {short(key)}",
        ),
    )
    writer: bytes | None = field(
        default=None,
        metadata=declared(
            Hex(1, 65),
            label="Written by",
            about="The public key that the dapp let write when it was added.",
            condition=lambda key: Condition(
                f"{_WRITER} = %(writer)s",
                {"writer": key},
                bounds=f"r.position > (SELECT min(position) FROM {_PERIODS_OF_WRITER}) "
                f"AND r.position < (SELECT max(coalesce(until, {LARGEST})) FROM {_PERIODS_OF_WRITER})",
            ),
            reads=lambda key: f"written by key {short(key)}",
        ),
    )

    def usual_order(self) -> str:
        """Of what was edited or deleted, when that was; of what is searched for, when it was written."""
        changed = (Status.EDITED, Status.DELETED)
        return CHANGED if self.status in changed and self.q is None else NEWEST

    def unordered(self, order: str) -> str | None:
        """What fits best is told by words that are to be there."""
        if order != BEST or (self.q is not None and any(sought(self.q))):
            return None
        return "goes by words: give q a word to look for, or take order=newest"

    def contradiction(self) -> tuple[str, str] | None:
        """Times that are upside down."""
        return upside_down(self.since, self.until)


def _found(number: int) -> Condition:
    found = f"""(EXISTS (
        SELECT FROM indexer_checkfinding f WHERE f.chain_id = r.chain_id AND f.generation = r.generation
          AND f.number = {number} AND f.prompt_id = r.prompt_id) AND {SETTLED})"""
    ids = f"""SELECT f.prompt_id FROM indexer_checkfinding f
        WHERE f.chain_id = %(chain)s AND f.generation = {GENERATION} AND f.number = {number}
          AND {SETTLED_BY_ID} LIMIT {FEW + 1}"""
    few = f"r.prompt_id = ANY(ARRAY({ids}))"
    return Condition(found, few=(few,), few_of=ids, is_whole=True)


def _of_status(status: Status) -> Condition:
    # Written out, so that the planner sees which partial index it fits.
    only = f"r.status = {NUMBERS[status]}"
    return Condition(only, lanes=(only,), is_whole=True)


def _equal(name: str, indexed: str, value: int) -> Condition:
    """``indexed`` is what an index has of it."""
    only = f"{indexed} = %({name})s"
    return Condition(only, {name: value}, lanes=(only,), is_whole=True)


def _named(column: str, kind: Name.Kind, pattern: str) -> Condition:
    named = names_of(column, kind, pattern)
    if named.is_one:
        only = f"r.{column}_id = ({named.sql})"
        return Condition(only, named.parameters, lanes=(only,), is_whole=True)
    names = named.sql
    few = f"""r.position = ANY(ARRAY(
        SELECT p.position FROM ({names}) n CROSS JOIN LATERAL (
            SELECT p.position FROM indexer_record p WHERE p.chain_id = %(chain)s
              AND p.generation = {GENERATION} AND p.{column}_id = n.id LIMIT {FEW + 1}) p LIMIT {FEW + 1}))"""
    fitting = f"r.{column}_id = ANY(ARRAY({names}))"
    return Condition(fitting, named.parameters, few=(few,), is_whole=True)


@dataclass(frozen=True, slots=True)
class Names:
    """SQL for the ids of names, with its parameters; ``is_one`` is whether there is one at most."""

    sql: str
    parameters: Mapping[str, Any]
    is_one: bool


def names_of(column: str, kind: Name.Kind, pattern: str) -> Names:
    """The names of this kind that fit a pattern, which is the parameter ``column``. They are compared as
    bytes: PostgreSQL takes not all of them as text.
    """
    between = [each.encode("utf-8", "surrogatepass") for each in pieces(pattern)]
    if len(between) == 1:
        one = f"SELECT id FROM indexer_name WHERE hash = %({column})s AND kind = {kind.value}"
        return Names(one, {column: sha256(between[0]).digest()}, is_one=True)
    names = f"""SELECT id FROM indexer_name WHERE kind = {kind.value}
        AND coalesce(convert_to(text, 'UTF8'), raw) LIKE %({column})s"""
    return Names(names, {column: b"%".join(map(_unlike, between))}, is_one=False)


def _unlike(text: bytes) -> bytes:
    """A text in which nothing means anything to LIKE."""
    return text.replace(b"\\", rb"\\").replace(b"%", rb"\%").replace(b"_", rb"\_")


def of_blocks(span: Span) -> Condition:
    """Within these heights, by the position of a row."""
    first = position_of(span.first or 0, 0)
    last = HIGHEST if span.last is None else span.last
    within = "r.position >= %(block_first)s AND r.position <= %(block_last)s"
    parameters = {"block_first": first, "block_last": position_of(last, 0) | ((1 << 20) - 1)}
    return Condition(f"({within})", parameters, bounds=within, is_whole=True)


def _written(period: Period, name: str) -> Condition:
    """By the block's own time, whatever the times of other blocks; between the heights of the blocks of those
    days, which the rollups know.
    """
    comparison, at = ("<", period.end) if period.first is None else (">=", period.first)
    least, most = edge("min", name), edge("max", name)
    bounds = f"r.position >= {least} AND r.position < {most}"
    parameters = {name: at, **days_named(name, period)}
    return Condition(f"{BLOCK_AT} {comparison} %({name})s", parameters, bounds=bounds)


def _changed(period: Period) -> Condition:
    changes = """indexer_revision v
        JOIN indexer_block b ON b.chain_id = v.chain_id AND b.height = v.position >> 20
        WHERE v.kind > 1 AND b.timestamp >= %(changed_first)s AND b.timestamp < %(changed_end)s"""
    within = f"""(SELECT true FROM {changes} AND v.chain_id = r.chain_id AND v.generation = r.generation
        AND v.prompt_id = r.prompt_id LIMIT 1)"""
    least, most = edge("min", "changed"), edge("max", "changed")
    bounds = f"""v.chain_id = %(chain)s AND v.generation = {GENERATION}
        AND v.position >= {least} AND v.position < {most} LIMIT {FEW + 1}"""
    # Not DISTINCT, which would read all before it gives one.
    few = f"r.prompt_id = ANY(ARRAY(SELECT v.prompt_id FROM {changes} AND {bounds}))"
    return Condition(
        f"(r.status > 1 AND {within})",
        {
            "changed_first": -LARGEST if period.first is None else period.first,
            "changed_end": LARGEST if period.end is None else period.end,
            **days_named("changed", period),
        },
        lanes=_CHANGED,
        few=(few,),
        few_of=f"SELECT v.prompt_id FROM indexer_revision v WHERE v.kind > 1 AND {bounds}",
        bounds_of_change=f"r.revised_position >= {least}",
        is_whole=True,
    )


def days_named(name: str, period: Period) -> Mapping[str, Any]:
    """A period and its days, as parameters of ``edge``."""
    first = -LARGEST if period.first is None else period.first
    end = LARGEST if period.end is None else period.end
    return {
        f"{name}_from": first,
        f"{name}_to": end,
        f"{name}_first_day": first // DAY,
        f"{name}_last_day": (end - 1) // DAY,
    }


def edge(side: str, name: str) -> str:
    """SQL for the least or most that a position may be in a block of these times: by days as far as they are
    rolled up, and by the blocks since.
    """
    whole, height, more = (
        ("least", "first_height", "") if side == "min" else ("greatest", "last_height", " + 1")
    )
    return f"""{whole}((
        SELECT ({side}({height}){more}) << 20 FROM indexer_rollup
        WHERE chain_id = %(chain)s AND generation = {GENERATION}
          AND day >= %({name}_first_day)s AND day <= %({name}_last_day)s), (
        SELECT ({side}(height){more}) << 20 FROM indexer_block
        WHERE chain_id = %(chain)s AND transactions > 0
          AND timestamp >= %({name}_from)s AND timestamp < %({name}_to)s
          AND height > coalesce((SELECT height FROM indexer_derivationcheckpoint
              WHERE chain_id = %(chain)s AND generation = {GENERATION} AND name = '{_ROLLUPS}'), -1)
          AND height <= (SELECT height FROM indexer_checkpoint
              WHERE chain_id = %(chain)s AND generation = {GENERATION})))"""


def short(value: bytes) -> str:
    """How a hash or key reads among other words."""
    return f"{value.hex().upper()[:8]}…"
