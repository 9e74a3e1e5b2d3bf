"""Which changes a ledger holds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from explorer.queries.db.filters import FEW, Condition, Filter, declared, upside_down
from explorer.queries.db.kinds import (
    LARGEST,
    Choice,
    Hex,
    Moment,
    Number,
    Pattern,
    Period,
    Range,
    Span,
)
from explorer.queries.db.sql import GENERATION
from explorer.queries.lists.filter import LONGEST_NAME, short
from explorer.queries.lists.patterns import names_of
from explorer.queries.lists.periods import BLOCK_AT, HIGHEST, days_named, edge, of_blocks
from indexer.dapp.replay import SAID_SINCE
from indexer.models import DerivationCheckpoint, Name, Revision
from indexer.postchain import gtv
from indexer.store.wording import IS_SAME


class Change(Enum):
    """What may change on a chain. A configuration that changes neither signers nor code, or of which it is
    not known what it changes, changes settings.
    """

    EDIT = "edit"
    DELETE = "delete"
    BATCH_DELETE = "batch-delete"
    OWNER = "owner"
    SIGNERS = "signers"
    CODE = "code"
    SETTINGS = "settings"


TAKING = (Change.DELETE, Change.BATCH_DELETE)
"""What takes an id out of a chain's table."""

CONFIGURING = (Change.SIGNERS, Change.CODE, Change.SETTINGS)
"""What a configuration does."""

NUMBERS: Mapping[Change, int] = {
    Change.EDIT: Revision.Kind.UPDATE.value,
    Change.DELETE: Revision.Kind.DELETE.value,
    Change.BATCH_DELETE: Revision.Kind.BATCH_DELETE.value,
    Change.OWNER: 5,
    Change.SIGNERS: 6,
    Change.CODE: 7,
    Change.SETTINGS: 8,
}
"""How kinds are told apart in statements: those of records as ``Revision.Kind`` has them."""

_EDIT = NUMBERS[Change.EDIT]
_LONGEST_KEY = 65

_TOLD = f"""(CASE WHEN r.kind = {_EDIT} AND EXISTS (
        SELECT FROM indexer_chain h WHERE h.id = r.chain_id AND h.heard_to IS NULL) THEN {{told}} END)"""
HAS_OTHER_WORDS = _TOLD.format(told=f"NOT {IS_SAME}")
"""SQL: whether what an edit says differs from what was said before it; null where that is not known, and of
what is no edit.
"""

_KEPT_TO = f"""coalesce((
    SELECT (d.height + 1) << 20 FROM indexer_derivationcheckpoint d
    JOIN indexer_generation g ON g.chain_id = d.chain_id AND g.generation = d.generation
    WHERE d.chain_id = %(chain)s AND d.generation = {GENERATION}
      AND d.name = '{DerivationCheckpoint.Of.WORDINGS.value}' AND g.rules >= {SAID_SINCE}), 0)"""
EDITS = (
    f"""(
    SELECT chain_id, generation, position, prompt_id, {_EDIT}::smallint AS kind, false AS is_other, is_same
    FROM indexer_editwording) r""",
    f"""(
    SELECT chain_id, generation, position, prompt_id, kind, false AS is_other, NULL::boolean AS is_same
    FROM indexer_revision WHERE kind > 1 AND kind = {_EDIT} AND position >= {_KEPT_TO}) r""",
)
"""Where edits are, in parts: those of which it is kept whether they left the words the same, ``is_same``, and
those since, which are compared one by one.
"""

SIGNERS_ID = """(SELECT t.signers_id FROM indexer_operation o
    JOIN indexer_transaction t
        ON t.chain_id = o.chain_id AND t.height = o.position >> 20 AND t.ordinal = o.transaction
    WHERE o.chain_id = r.chain_id AND o.position = r.position AND r.prompt_id >= 0)"""
"""SQL: who signed the transaction of a change, as the id of a name; null of a configuration."""

_SIGNED = f"""SELECT id FROM indexer_name
    WHERE kind = {Name.Kind.SIGNERS.value} AND position(%(signer)s IN raw) > 0"""
_OF_TRANSACTION = """r.prompt_id >= 0 AND r.position = ANY(ARRAY(
    SELECT o.position FROM (
        SELECT t.chain_id, t.height, t.ordinal FROM indexer_transaction t
        WHERE substr(t.rid, 1, 6) = %(tx_head)s AND t.rid = %(tx)s AND t.chain_id = %(chain)s OFFSET 0
    ) t CROSS JOIN LATERAL (
        SELECT o.position FROM indexer_operation o
        WHERE o.chain_id = t.chain_id AND o.position >= t.height << 20
          AND o.position < (t.height + 1) << 20 AND o.transaction = t.ordinal OFFSET 0
    ) o))"""
_HEIGHT_OF_TRANSACTION = """(SELECT t.height FROM indexer_transaction t
    WHERE substr(t.rid, 1, 6) = %(tx_head)s AND t.rid = %(tx)s AND (t.chain_id = %(chain)s) IS TRUE)"""


@dataclass(frozen=True, slots=True)
class LedgerFilter(Filter):
    """The filters of a ledger; ``r`` is the change in their SQL, and ``chain`` its chain's id."""

    kind: Change | None = field(
        default=None,
        metadata=declared(
            Choice(
                {"any": None, **{each.value: each for each in Change}},
                labels={
                    Change.DELETE.value: "deletion",
                    Change.BATCH_DELETE.value: "batch deletion",
                    Change.OWNER.value: "owner",
                    Change.SIGNERS.value: "signers of blocks",
                    Change.CODE.value: "code of the chain",
                    Change.SETTINGS.value: "other settings",
                },
            ),
            label="Kind",
            about="What changed: a record (edit, delete, batch-delete), who may write (owner), who signs "
            "blocks (signers), the chain's code (code), or what else its configuration says (settings).",
            condition=lambda kind: _of_kind(kind),
            reads=lambda kind: f"kind {kind.value}",
        ),
    )
    wording: bool | None = field(
        default=None,
        metadata=declared(
            Choice({"any": None, "changed": True, "same": False}, labels={"same": "stayed the same"}),
            label="Words",
            about="Of edits, whether they changed what is said, or only ids, times and the like: same.",
            condition=lambda changed: _worded(is_same=not changed),
            reads=lambda changed: "words changed" if changed else "same words",
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
            condition=lambda uid: _equal("scout", uid),
            reads=lambda uid: f"scout {uid}",
        ),
    )
    record: int | None = field(
        default=None,
        metadata=declared(
            Number(1, LARGEST),
            label="Record",
            about="The dapp's id of the record that was changed.",
            condition=lambda prompt_id: Condition(
                "r.prompt_id = %(record)s",
                {"record": prompt_id},
                lanes=("r.prompt_id = %(record)s",),
                is_whole=True,
            ),
            reads=lambda prompt_id: f"record {prompt_id}",
        ),
    )
    block: Span | None = field(
        default=None,
        metadata=declared(
            Range(0, HIGHEST),
            label="Block",
            about="The height of the block that changed it, or from one to another, both included.",
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
            about="Changed at this day or moment or after it, by the time of the block that did so, UTC.",
            condition=lambda at: _at(Period(at, None), "since"),
            reads=lambda at: f"since {Moment().write(at)}",
            example="2026-10-01",
        ),
    )
    until: int | None = field(
        default=None,
        metadata=declared(
            Moment(),
            label="Until",
            about="Changed before this day or moment, by the same time.",
            condition=lambda at: _at(Period(None, at), "until"),
            reads=lambda at: f"until {Moment().write(at)}",
            example="2026-11-01",
        ),
    )
    tx: bytes | None = field(
        default=None,
        metadata=declared(
            Hex(32, 32),
            label="Transaction",
            about="The RID of the transaction that changed it.",
            condition=lambda rid: Condition(
                f"({_OF_TRANSACTION})",
                {"tx": rid, "tx_head": rid[:6]},
                bounds=f"r.position >= {_HEIGHT_OF_TRANSACTION} << 20 "
                f"AND r.position < ({_HEIGHT_OF_TRANSACTION} + 1) << 20",
            ),
            reads=lambda rid: f"transaction {short(rid)}",
        ),
    )
    signer: bytes | None = field(
        default=None,
        metadata=declared(
            Hex(1, _LONGEST_KEY),
            label="Signed by",
            about="A public key that signed the transaction.",
            condition=lambda key: Condition(
                f"{SIGNERS_ID} = ANY(ARRAY({_SIGNED}))",
                {"signer": gtv.encode(key)},
                bounds=f"EXISTS ({_SIGNED})",
            ),
            reads=lambda key: f"signed by key {short(key)}",
        ),
    )

    def contradiction(self) -> tuple[str, str] | None:
        """Times that are upside down."""
        return upside_down(self.since, self.until)


def _of_kind(kind: Change) -> Condition:
    only = f"r.kind = {NUMBERS[kind]}"
    return Condition(only, lanes=(only,), is_whole=True)


def _worded(*, is_same: bool) -> Condition:
    """Of ``EDITS``, whether the words are the same."""
    told = _TOLD.format(told=f"coalesce(r.is_same, {IS_SAME})")
    kept = "r.is_same" if is_same else "NOT r.is_same"
    return Condition(f"{told} = {'true' if is_same else 'false'}", lanes=(kept, "r.is_same IS NULL"))


def _of_record(column: str) -> str:
    """SQL: a column of the record that was changed; null where it is no record's change."""
    return f"""(SELECT p.{column} FROM indexer_record p
        WHERE p.chain_id = r.chain_id AND p.generation = r.generation AND p.prompt_id = r.prompt_id)"""


def _equal(column: str, value: int) -> Condition:
    found = f"""SELECT p.prompt_id FROM indexer_record p WHERE p.chain_id = %(chain)s
        AND p.generation = {GENERATION} AND p.{column} = %({column})s LIMIT {FEW + 1}"""
    return _of_those(found, f"{_of_record(column)} = %({column})s", {column: value})


def _named(column: str, kind: Name.Kind, pattern: str) -> Condition:
    names = names_of(column, kind, pattern)
    found = f"""SELECT p.prompt_id FROM ({names.sql}) n CROSS JOIN LATERAL (
        SELECT p.prompt_id FROM indexer_record p WHERE p.chain_id = %(chain)s
          AND p.generation = {GENERATION} AND p.{column}_id = n.id LIMIT {FEW + 1}) p LIMIT {FEW + 1}"""
    fitting = f"{_of_record(f'{column}_id')} = ANY(ARRAY({names.sql}))"
    return _of_those(found, fitting, names.parameters)


def _of_those(found: str, fitting: str, parameters: Mapping[str, object]) -> Condition:
    """The changes of some records: few where neither the records are many, nor their changes."""
    changed = f"""SELECT v.prompt_id FROM ({found}) p JOIN indexer_revision v
        ON v.chain_id = %(chain)s AND v.generation = {GENERATION} AND v.prompt_id = p.prompt_id
        WHERE v.kind > 1 LIMIT {FEW + 1}"""
    return Condition(
        f"({fitting})",
        parameters,
        few=(f"r.prompt_id = ANY(ARRAY({found}))",),
        few_of=f"({found}) UNION ALL ({changed})",
        is_whole=True,
    )


def _at(period: Period, name: str) -> Condition:
    """By the block's own time, whatever the times of other blocks. Where blocks that changed records lie,
    rollups know; of other changes there are few.
    """
    comparison, at = ("<", period.end) if period.first is None else (">=", period.first)
    least, most = edge("min", name), edge("max", name)
    within = f"(r.is_other OR r.position >= {least}) AND (r.is_other OR r.position < {most})"
    return Condition(
        f"{BLOCK_AT} {comparison} %({name})s", {name: at, **days_named(name, period)}, bounds=within
    )
