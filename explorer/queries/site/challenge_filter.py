"""Which challenges a list holds."""

import re
from dataclasses import dataclass, field

from explorer.queries.db.filters import Condition, Filter, declared
from explorer.queries.db.kinds import LARGEST, Choice, Moment, Number, Pattern
from explorer.queries.lists.filter import LONGEST_NAME, OF_CHAIN
from explorer.queries.lists.patterns import names_of
from explorer.rules import registry
from explorer.rules.lifecycle import CloseReason, Resolution, Status
from indexer.models import Name

_PENDING = "pending"
_SHA256 = re.compile("[0-9A-Fa-f]{64}")
_DECIDED = "c.stands IN ('decided', 'appealed', 'final')"
_ENDED = "c.stands IN ('final', 'closed')"
OPEN = f"c.status IN ({', '.join(repr(each.value) for each in Status if not each.is_over)}) AND NOT {_ENDED}"
"""SQL: what is not over. Some is over by itself; what is written down as over is left out by an index."""


@dataclass(frozen=True, slots=True)
class ChallengeFilter(Filter):
    """The filters of a list of challenges; ``c`` is the challenge in their SQL."""

    status: str | None = field(
        default=None,
        metadata=declared(
            Choice(
                {"any": None, _PENDING: _PENDING, **{each.value: each.value for each in Status}},
                {_PENDING: "not over", **{each.value: each.words for each in Status}},
            ),
            label="Status",
            about="Where it stands, with what happened by itself by now; `pending` is whatever is not over.",
            condition=lambda status: (
                Condition(OPEN)
                if status == _PENDING
                else Condition("c.stands = %(status)s", {"status": status})
            ),
            reads=lambda status: "not over" if status == _PENDING else Status(status).words,
        ),
    )
    resolution: Resolution | None = field(
        default=None,
        metadata=declared(
            Choice({"any": None, **{each.value: each for each in Resolution}}),
            label="Outcome",
            about="What was decided, and is not looked at again.",
            condition=lambda found: Condition(
                f"c.resolution = %(resolution)s AND {_DECIDED}", {"resolution": found.value}
            ),
            reads=lambda found: str(found.value),
        ),
    )
    closed: CloseReason | None = field(
        default=None,
        metadata=declared(
            Choice(
                {"any": None, **{each.value: each for each in CloseReason}},
                {each.value: each.words for each in CloseReason},
            ),
            label="Closed because",
            about="Why it was closed before it was decided.",
            condition=lambda found: Condition("c.close_reason = %(closed)s", {"closed": found.value}),
            reads=lambda found: f"closed: {found.words}",
        ),
    )
    ground: str | None = field(
        default=None,
        metadata=declared(
            Choice(
                {"any": None, **{each.name: each.name for each in registry.public()}},
                {each.name: each.title for each in registry.public()},
            ),
            label="Ground",
            about="On which ground; see `/api/v1/grounds`.",
            condition=lambda name: Condition("c.ground = %(ground)s", {"ground": name}),
            reads=lambda name: registry.by_name()[name].title.lower(),
        ),
    )
    chain: bytes | None = field(
        default=None,
        metadata=declared(
            OF_CHAIN,
            label="Chain",
            about="RID of the chain whose record is challenged.",
            condition=lambda brid: Condition("c.brid = %(brid)s", {"brid": brid}),
            reads=lambda brid: f"chain {brid.hex()[:8].upper()}…",
        ),
    )
    record: int | None = field(
        default=None,
        metadata=declared(
            Number(1),
            label="Record",
            about="Prompt id of the record that is challenged.",
            condition=lambda number: Condition("c.prompt_id = %(prompt_id)s", {"prompt_id": number}),
            reads=lambda number: f"record #{number}",
        ),
    )
    scout: int | None = field(
        default=None,
        metadata=declared(
            Number(-LARGEST - 1),
            label="Scout",
            about="Number of the scout that the record names.",
            condition=lambda number: Condition("c.scout = %(scout)s", {"scout": number}),
            reads=lambda number: f"scout {number}",
        ),
    )
    model: str | None = field(
        default=None,
        metadata=declared(
            Pattern(LONGEST_NAME),
            label="Model",
            about="The name of the model that the record names, letter for letter, or with `*` for any "
            "letters; or its SHA-256, in hex.",
            condition=lambda name: _named("model", Name.Kind.MODEL, name),
            reads=lambda name: f"model {name}",
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
    due_before: int | None = field(
        default=None,
        metadata=declared(
            Moment(),
            label="Due before",
            about="What comes next is due before this day or moment, UTC.",
            condition=lambda at: Condition(f"(c.due_ms < %(due_before)s AND {OPEN})", {"due_before": at}),
            reads=lambda at: f"due before {Moment().write(at)}",
            example="2026-11-01",
        ),
    )


def _named(column: str, kind: Name.Kind, pattern: str) -> Condition:
    """By hashes of names, which are all that a challenge keeps of them."""
    named = names_of(column, kind, pattern)
    if named.is_one:
        hashes = [named.parameters[column]]
        if _SHA256.fullmatch(pattern):
            hashes.append(bytes.fromhex(pattern))
        return Condition(f"c.{column}_sha256 = ANY(%({column})s)", {column: hashes})
    hashed = f"SELECT n.hash FROM indexer_name n WHERE n.id IN ({named.sql})"
    return Condition(f"c.{column}_sha256 = ANY(ARRAY({hashed}))", named.parameters)
