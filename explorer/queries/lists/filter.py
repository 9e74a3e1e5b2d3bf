"""Which records a list holds."""

from dataclasses import dataclass, field

from explorer.queries.db.filters import FEW, Condition, Filter, declared, upside_down
from explorer.queries.db.kinds import (
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
)
from explorer.queries.db.pagination import BEST, CHANGED, NEWEST
from explorer.queries.db.sql import GENERATION
from explorer.queries.lists.patterns import names_of
from explorer.queries.lists.periods import HIGHEST, days_named, edge, of_blocks, written
from explorer.queries.records.challenged import ASKED, Challenged, challenged
from explorer.queries.records.states import DELETED, EDITED, NUMBERS, Status
from explorer.queries.records.withdrawing import SETTLED, SETTLED_BY_ID
from explorer.search.hits import sought
from explorer.search.tree import Node
from explorer.search.writing import canonical
from indexer.checks.registry import by_name, checks
from indexer.dapp.replay import SAID_SINCE
from indexer.models import Name, Revision

LONGEST_NAME = 12_288
"""Characters of a model's or provider's name."""

OF_CHAIN = Hex(32, 32)
"""What names a chain."""

_HAS = {"edit": "was ever edited", "challenge": "was challenged"}
_CHANGED = (f"r.status = {EDITED}", f"r.status = {DELETED}")
_HEAD = 6  # bytes of a hash that indexes look it up by

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
            condition=lambda uid: _equal("scout", "r.scout", uid, has_changed=True),
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
            Choice({"any": None, **{word: word for word in _HAS}}, labels=_HAS),
            label="Has",
            about="edit is what was edited at any time, deleted since or not; challenge is what somebody "
            "challenged, unless that was closed undecided.",
            condition=lambda what: (
                Condition(f"(r.status = {EDITED} OR r.revisions > 2)", lanes=_CHANGED)
                if what == "edit"
                else challenged(Challenged.ANY)
            ),
            reads=lambda what: _HAS[what],
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
            condition=lambda name: found_by(by_name()[name].number),
            reads=lambda name: f"found: {by_name()[name].title.lower()}",
        ),
    )
    challenge: str | None = field(
        default=None,
        metadata=declared(
            Choice(
                {"any": None, **{each.value: each.value for each in ASKED}},
                labels={each.value: each.words for each in ASKED},
            ),
            label="Challenge",
            about="What became of a challenge of it: open is not decided yet, or appealed; upheld also in "
            "part. A challenge is about a record, and that there is none says nothing of it.",
            condition=lambda word: challenged(Challenged(word)),
            reads=lambda word: f"challenge {Challenged(word).words}",
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
            condition=lambda at: written(Period(at, None), "since"),
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
            condition=lambda at: written(Period(None, at), "until"),
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


def found_by(number: int, *, are_settled: bool = False) -> Condition:
    """What the check with this number finds. ``are_settled`` is whether no record is known to wait for being
    judged anew: to ask takes the planner longer than all the rest.
    """
    is_found = f"""(EXISTS (
        SELECT FROM indexer_checkfinding f WHERE f.chain_id = r.chain_id AND f.generation = r.generation
          AND f.number = {number} AND f.prompt_id = r.prompt_id) AND {"true" if are_settled else SETTLED})"""
    ids = f"""SELECT f.prompt_id FROM indexer_checkfinding f
        WHERE f.chain_id = %(chain)s AND f.generation = {GENERATION} AND f.number = {number}
          AND {"true" if are_settled else SETTLED_BY_ID}"""
    cut = f"{ids} LIMIT {FEW + 1}"
    few = f"r.prompt_id = ANY(ARRAY({cut}))"
    counted = f"SELECT count(*) FROM ({cut}) c"
    return Condition(is_found, few=(few,), number=counted, ids=ids, is_whole=True)


def _of_status(status: Status) -> Condition:
    # Written out, so that the planner sees which partial index it fits.
    only = f"r.status = {NUMBERS[status]}"
    return Condition(only, lanes=(only,), is_whole=True)


def _equal(name: str, indexed: str, value: int, *, has_changed: bool = False) -> Condition:
    """``indexed`` is what an index has of it."""
    only = f"{indexed} = %({name})s"
    return Condition(only, {name: value}, lanes=(only,), is_whole=True, has_changed=has_changed)


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


def short(value: bytes) -> str:
    """How a hash or key reads among other words."""
    return f"{value.hex().upper()[:8]}…"
