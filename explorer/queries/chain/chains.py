"""The chains that are indexed, and how fresh what is shown of each of them is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from explorer.queries.db.errors import NotHere
from explorer.queries.db.prepared import Prepared
from indexer.dapp.replay import RULES
from indexer.models import Chain
from indexer.postchain.times import is_quiet, moment
from indexer.trust.incident_words import DOUBTFUL, in_words

SILENCE = timedelta(seconds=60)
"""After so long without a word from a node, readers are told that the index stands still."""

FEWEST_DIGITS = 8
"""So much of a blockchain RID is given at least, where it is not given whole."""

RECENT = timedelta(days=7)
"""For so long every page says that there was an incident which casts doubt on what is shown."""

_CHAINS = Prepared(
    """
    SELECT c.id, c.generation, c.brid, c.name, c.network,
           p.height, p.timestamp, p.last_prompt_id, p.live, p.digest,
           n.height, n.answered_at, n.asked_at, n.stopped, n.answering,
           CASE WHEN g.rules IS NULL THEN c.heard_to IS NOT NULL ELSE g.rules <> %(rules)s END,
           c.longest_block_ms, (
               SELECT i.kind FROM indexer_incident i
               WHERE i.chain_id = c.id AND i.kind LIKE ANY(%(doubtful)s) AND i.last_at > %(since)s
               ORDER BY i.last_at DESC, i.id DESC LIMIT 1), EXISTS (SELECT FROM indexer_withdrawal)
    FROM indexer_chain c
    LEFT JOIN indexer_generation g ON g.chain_id = c.id AND g.generation = c.generation
    LEFT JOIN indexer_checkpoint p ON p.chain_id = c.id AND p.generation = c.generation
    LEFT JOIN LATERAL (
        SELECT max(height) FILTER (WHERE NOT was_false) AS height, max(answered_at) AS answered_at,
               max(greatest(answered_at, failed_at)) AS asked_at,
               bool_or(was_false) AND count(*) FILTER (
                   WHERE NOT was_false AND answered_at >= coalesce(failed_at, answered_at)) = 0 AS stopped,
               max(height) FILTER (
                   WHERE NOT was_false AND answered_at >= coalesce(failed_at, answered_at)) AS answering
        FROM indexer_node WHERE chain_id = c.id
    ) n ON true
    WHERE %(brid)s IS NULL OR c.brid = %(brid)s ORDER BY c.id
""",
    {"brid": "bytea", "rules": "smallint", "doubtful": "text[]", "since": "timestamptz"},
)


@dataclass(frozen=True, slots=True)
class Freshness:
    """How far a chain is indexed, beside what its nodes said last.

    ``height`` is of the last block folded, -1 before the first; ``block_at`` its time as its builder states
    it. ``behind`` is how many blocks the nodes have beyond it. ``answered_at`` is when a node last answered,
    ``stalled`` is whether that is so long ago that readers must be told, or a node never answered, and
    ``unasked`` whether nobody asked either, since ``asked_at``. ``stopped`` is whether what nodes gave was
    refused, and no other one answers. ``ahead`` is how many blocks are here that no node which answers has.
    ``waits`` is whether another version made the records: new blocks are shown once all are made anew.
    ``incident`` says in a sentence what the newest incident of the last days was that casts doubt on what is
    shown, or is empty. ``longest_block_ms`` is from one block to the next, by the chain's configuration.
    """

    height: int
    block_at: datetime | None
    behind: int
    answered_at: datetime | None
    stalled: bool
    silence: timedelta | None  # since a node answered; None where none ever did
    stopped: bool = False
    unasked: bool = False
    asked_at: datetime | None = None
    ahead: int = 0
    waits: bool = False
    longest_block_ms: int | None = None
    incident: str = ""

    @property
    def follows(self) -> bool:
        """Whether the index goes on with the chain."""
        return not self.stalled and not self.stopped

    @property
    def quiet(self) -> bool:
        """Whether the last block is so old that the chain itself may stand still."""
        return is_quiet(self.block_at, self.longest_block_ms, now=timezone.now())

    @property
    def level(self) -> bool:
        """Whether the index is where its nodes are, and these go on with the chain as far as can be told."""
        return (
            self.follows and self.height >= 0 and not (self.waits or self.behind or self.ahead or self.quiet)
        )


@dataclass(frozen=True, slots=True)
class ChainView:
    """A chain as readers see it. ``id`` and ``generation`` are for other questions, never shown.
    ``withdraws`` is whether something is to be made anew yet since a text was hidden, erased or shown again.
    """

    id: int
    generation: int
    brid: bytes
    name: str
    network: str
    records: int  # ever written
    live: int
    digest: bytes
    freshness: Freshness
    withdraws: bool = False

    @property
    def rid(self) -> str:
        """The blockchain RID in upper-case hex, as addresses have it."""
        return self.brid.hex().upper()

    @property
    def is_made_up(self) -> bool:
        """Whether its records are made up: it is a chain of this machine."""
        return self.network == Chain.THIS_MACHINE


@dataclass(frozen=True, slots=True)
class CountedTo:
    """A chain of which what is above the block at this height is not counted yet; -1: nothing is."""

    chain: ChainView
    height: int


def chains() -> Sequence[ChainView]:
    """Every chain, in the order in which they were first followed."""
    return _read(None)


def beginning_with(found: Sequence[ChainView], digits: str) -> Sequence[ChainView]:
    """Those among the chains whose RID begins with these digits, in upper-case hex."""
    return [each for each in found if each.rid.startswith(digits)]


def beginning_of(chain: ChainView, found: Sequence[ChainView]) -> str:
    """The first digits of a chain's RID that tell it from the others that were found: eight at least."""
    others = [each.rid for each in found if each.brid != chain.brid]
    for length in range(FEWEST_DIGITS, len(chain.rid)):
        if not any(each.startswith(chain.rid[:length]) for each in others):
            return chain.rid[:length]
    return chain.rid


def told_apart(chain: ChainView, found: Sequence[ChainView]) -> str:
    """The first digits of a chain's RID where its name does not tell it from the others: it has none, or one
    of them has the same. Else empty.
    """
    is_plain = chain.name and not any(each.name == chain.name for each in found if each.brid != chain.brid)
    return "" if is_plain else beginning_of(chain, found)


def chain_with(brid: bytes) -> ChainView:
    """The chain with that RID. Raises ``NotHere``."""
    return chain_among(_read(brid) or chains(), brid)


def chain_among(found: Sequence[ChainView], brid: bytes) -> ChainView:
    """The chain with that RID among those that were found. Raises ``NotHere``, which names them."""
    for each in found:
        if each.brid == brid:
            return each
    here = ", ".join(each.rid for each in found)
    raise NotHere(
        f"Chain {brid.hex().upper()[:64]} is not indexed here. "
        + (f"These are: {here}." if here else "None is yet: the indexer has not reached a node so far.")
    )


def _read(brid: bytes | None) -> Sequence[ChainView]:
    since = timezone.now() - RECENT
    parameters = {"brid": brid, "rules": RULES, "doubtful": list(DOUBTFUL), "since": since}
    return [_view(*row) for row in _CHAINS.rows(parameters)]


def _view(id_: int, generation: int, brid: bytes, name: str, network: str, *rest: Any) -> ChainView:
    height, timestamp, records, live, digest, *of_nodes, withdraws = rest
    last = -1 if height is None else height
    return ChainView(
        id=id_,
        generation=generation,
        brid=brid,
        name=name.strip(),
        network=network.strip(),
        records=records or 0,
        live=live or 0,
        digest=brid if digest is None else digest,
        freshness=_freshness(last, timestamp or 0, *of_nodes),
        withdraws=withdraws,
    )


def _freshness(
    height: int,
    timestamp: int,
    head: int | None,
    answered_at: datetime | None,
    asked_at: datetime | None,
    stopped: bool | None,
    answering: int | None,
    waits: bool,
    longest_block_ms: int | None,
    doubtful: str | None,
) -> Freshness:
    silence = _since(answered_at)
    unasked = _since(asked_at)
    return Freshness(
        height=height,
        block_at=None if height < 0 else moment(timestamp),
        behind=0 if head is None else max(0, head - height),
        answered_at=answered_at,
        stalled=silence is None or silence > SILENCE,
        silence=silence,
        stopped=bool(stopped),
        unasked=unasked is None or unasked > SILENCE,
        asked_at=asked_at,
        ahead=0 if answering is None else max(0, height - answering),
        waits=waits,
        longest_block_ms=longest_block_ms,
        incident="" if doubtful is None else in_words(doubtful),
    )


def _since(at: datetime | None) -> timedelta | None:
    return None if at is None else max(timezone.now() - at, timedelta(0))
