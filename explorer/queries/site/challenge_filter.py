"""Which challenges a list holds."""

from dataclasses import dataclass, field

from explorer.queries.db.filters import Condition, Filter, declared
from explorer.queries.db.kinds import LARGEST, Choice, Hex, Number
from explorer.queries.records.filter import OF_CHAIN
from explorer.rules import registry
from explorer.rules.lifecycle import CloseReason, Resolution, Status

_PENDING = "pending"
_ENDED = "c.stands IN ('final', 'closed')"


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
                Condition(f"NOT {_ENDED}")
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
            about="What was decided.",
            condition=lambda found: Condition("c.resolution = %(resolution)s", {"resolution": found.value}),
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
    model: bytes | None = field(
        default=None,
        metadata=declared(
            Hex(32, 32),
            label="Model, SHA-256 of its name",
            about="SHA-256 of the name of the model that the record names, in hex.",
            condition=lambda key: Condition("c.model_sha256 = %(model)s", {"model": key}),
            reads=lambda key: f"model {key.hex()[:8].upper()}…",
        ),
    )
    provider: bytes | None = field(
        default=None,
        metadata=declared(
            Hex(32, 32),
            label="Provider, SHA-256 of its name",
            about="SHA-256 of the name of the provider that the record names, in hex.",
            condition=lambda key: Condition("c.provider_sha256 = %(provider)s", {"provider": key}),
            reads=lambda key: f"provider {key.hex()[:8].upper()}…",
        ),
    )
