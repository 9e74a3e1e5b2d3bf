"""How far configurations are proved, and the witnesses that could not be checked at first.

A change of signers is not self-proved: whoever holds no key of the old signers can still invent both sets. It
is accepted when at most (n_old-1)//3 left, at most (n_new-1)//3 joined, and a second node says the same:
another one, not the same one under another name (``indexer.node.voices``).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from indexer.models import Block, Chain, Configuration, ConfigurationStanding, UncheckedWitness
from indexer.node.client import NodeClient
from indexer.node.errors import NodeError
from indexer.node.pool import NodePool
from indexer.node.voices import voices
from indexer.postchain import configuration as gtv_configuration
from indexer.postchain.block import WitnessError, decode_witness, witness_fault
from indexer.postchain.verify import Refusal, Step
from indexer.store.header_end import HeaderEnd, decode_header_end
from indexer.trust import incidents
from indexer.trust.configuration_history import not_given
from indexer.trust.proof_status import COULD_BE_CONFIRMED

Standing = ConfigurationStanding.Standing

_SINCE = "; checked since against"
_AT_ONCE = 500  # witnesses
# By configuration, so that blocks of one that is not known are not looked at, however many wait for it.
_TRIABLE = f"""
    SELECT w.height, w.why, f.hash, f.signers, b.rid, n.raw, y.witness
    FROM indexer_configurationinforce f CROSS JOIN LATERAL (
        SELECT height, why FROM indexer_uncheckedwitness
        WHERE chain_id = f.chain_id AND height >= f.height AND height <= coalesce(f.last, {2**63 - 1})
          AND tried_by IS DISTINCT FROM f.hash
        ORDER BY height LIMIT {_AT_ONCE}) AS w
    JOIN indexer_block b ON b.chain_id = f.chain_id AND b.height = w.height
    LEFT JOIN indexer_name n ON n.id = b.header_end_id
    LEFT JOIN indexer_blockbody y ON y.chain_id = b.chain_id AND y.height = b.height
    WHERE f.chain_id = %(chain)s AND f.signers IS NOT NULL ORDER BY w.height LIMIT {_AT_ONCE}
"""
_EMPTY = """
    WHERE y.chain_id = %(chain)s AND y.height = ANY(%(heights)s) AND NOT EXISTS (
        SELECT FROM indexer_block b
        WHERE b.chain_id = y.chain_id AND b.height = y.height AND b.transactions > 0)
"""
_KEEP_TRIED = """
    UPDATE indexer_uncheckedwitness w SET why = t.why, tried_by = t.by
    FROM unnest(%(heights)s::bigint[], %(whys)s::text[], %(by)s::bytea[]) AS t (height, why, by)
    WHERE w.chain_id = %(chain)s AND w.height = t.height
"""


def assess(
    chain: Chain, pool: NodePool | None, *, only: Standing | None = None, rest: timedelta = timedelta(0)
) -> None:
    """Set the standing of each configuration whose height is in, ``only`` of those that stand so.

    Without a pool, no second node is asked; nor for a change of signers that nobody could vouch for within
    the last ``rest``.
    """
    before: Configuration | None = None
    standings = {each.height: each for each in ConfigurationStanding.objects.filter(chain=chain)}
    for each in Configuration.objects.filter(chain=chain).defer("raw", "features").order_by("height"):
        standing = standings.get(each.height)
        if standing is None or standing.standing == Standing.NOT_APPLIED:
            continue
        settled = standing.standing in (Standing.CONFIRMED, Standing.GENESIS)
        rests = standing.standing == Standing.NOT_SELF_PROVED and (
            pool is None or timezone.now() - standing.assessed_at < rest
        )
        if not settled and not rests and only in (None, standing.standing):
            _set(standing, _assessed(chain, each, before, pool))
        before = each


def doubt(
    chain: Chain, given: Configuration, before: Configuration | None, stored: ConfigurationStanding
) -> str | None:
    """Why a standing is not what is stored bears out, in a clause; None where it is. Asks no node.

    ``before`` is the configuration before, of those that were applied.
    """
    if stored.standing == Standing.NOT_APPLIED:
        end = _header_end(chain, given.height)
        said = end is not None and end.extra.get("failed_config_hash") == bytes(given.hash)
        return None if said else "the block at its height does not say that it failed"
    expected = Standing.GENESIS if given.height == 0 else _assessed(chain, given, before, None).standing
    if stored.standing == Standing.CONFIRMED and expected == Standing.NOT_SELF_PROVED and before is not None:
        if _is_small(before, given) and len(stored.by.split()) > 1:
            return None
        return "no two nodes could confirm it"
    return None if stored.standing == expected else f"what is stored makes it {expected}"


def check_witness(witness: bytes, *, rid: bytes, signers: Sequence[bytes], height: int) -> None:
    """Whether the witness bears the signatures that the configuration wants. Raises ``Refusal`` (WITNESS)."""
    try:
        fault = witness_fault(decode_witness(witness), rid=rid, signers=signers)
    except WitnessError as error:
        fault = str(error)
    if fault is not None:
        raise Refusal(Step.WITNESS, height=height, why=fault)


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A block whose witness was not checked, and the configuration ``by`` whose signers it can be checked
    now. ``named`` is the hash of the one that its header names.
    """

    height: int
    why: str
    by: bytes
    signers: Sequence[bytes]
    rid: bytes
    named: bytes | None
    witness: bytes

    @property
    def is_anothers(self) -> bool:
        """Whether its header names another configuration, which is not here yet."""
        return self.named not in (None, self.by)


@dataclass(frozen=True, slots=True)
class _Tried:
    """A witness that stays unchecked, and why; ``refusal`` is what its signers say against it."""

    waiting: _Waiting
    why: str
    refusal: Refusal | None = None


def recheck_witnesses(chain: Chain) -> int:
    """Check the witnesses that were kept because their signers were unknown; how many now hold.

    Those alone are read whose signers are known by now. One that does not hold is an incident, and stays: its
    block is on chain by nobody's word. It is tried again when another configuration is in force there.
    """
    checked = 0
    while waiting := _triable(chain):
        tried = [found for each in waiting if (found := _tried(each)) is not None]
        in_vain = {each.waiting.height for each in tried}
        held = [each.height for each in waiting if each.height not in in_vain]
        with transaction.atomic(), connection.cursor() as cursor:
            _own(chain, [each.height for each in waiting])
            _settle_held(cursor, chain, held)
            _keep_tried(cursor, chain, tried)
        _tell(chain, [each for each in tried if each.refusal is not None])
        checked += len(held)
    return checked


def _triable(chain: Chain) -> list[_Waiting]:
    with connection.cursor() as cursor:
        cursor.execute(_TRIABLE, {"chain": chain.id})
        return [
            _Waiting(
                height=height,
                why=why,
                by=bytes(by),
                signers=[bytes(key) for key in signers],
                rid=bytes(rid),
                named=_named(bytes(end or b"")),
                witness=bytes(witness or b""),
            )
            for height, why, by, signers, rid, end, witness in cursor.fetchall()
        ]


def _named(header_end: bytes) -> bytes | None:
    found = decode_header_end(header_end).extra.get("config_hash")
    return found if isinstance(found, bytes) else None


def _tried(each: _Waiting) -> _Tried | None:
    """What came of trying a witness; None where it holds."""
    if each.is_anothers:
        return _Tried(each, not_given(each.named or b""))
    try:
        check_witness(each.witness, rid=each.rid, signers=each.signers, height=each.height)
    except Refusal as refusal:
        since = f"{_SINCE} the signers of configuration {each.by.hex().upper()}, it does not hold"
        return _Tried(each, each.why.partition(_SINCE)[0] + since, refusal)
    return None


def _own(chain: Chain, heights: Sequence[int]) -> None:
    """Lock their rows in one order: another process may be at the same ones."""
    waiting = UncheckedWitness.objects.filter(chain=chain, height__in=heights)
    list(waiting.select_for_update().order_by("height").values_list("height"))


def _settle_held(cursor: CursorWrapper, chain: Chain, heights: Sequence[int]) -> None:
    """These witnesses hold: an empty block need not keep its own."""
    UncheckedWitness.objects.filter(chain=chain, height__in=heights).delete()
    of: dict[str, Any] = {"chain": chain.id, "heights": list(heights)}
    cursor.execute(f"DELETE FROM indexer_blockbody y {_EMPTY} AND y.header IS NULL", of)
    cursor.execute(f"UPDATE indexer_blockbody y SET witness = NULL {_EMPTY}", of)


def _keep_tried(cursor: CursorWrapper, chain: Chain, tried: Sequence[_Tried]) -> None:
    rows = zip(*((each.waiting.height, each.why, each.waiting.by) for each in tried), strict=True)
    heights, whys, by = map(list, rows) if tried else ([], [], [])
    cursor.execute(_KEEP_TRIED, {"chain": chain.id, "heights": heights, "whys": whys, "by": by})


def _tell(chain: Chain, refused: Sequence[_Tried]) -> None:
    """One incident for each configuration, at the lowest of these blocks."""
    by: dict[bytes, list[Refusal]] = {}
    for each in refused:
        if each.refusal is not None:
            by.setdefault(each.waiting.by, []).append(each.refusal)
    for hashed, (first, *others) in by.items():
        more = f" So were {len(others)} more up to height {others[-1].height}." if others else ""
        more += " `manage.py refetch` gets another witness from a node that has one."
        incidents.record(
            chain.id,
            f"refused-{first.step}",
            f"{first}{more}",
            height=first.height,
            subject=f"configuration {hashed.hex().upper()}",
        )


@dataclass(frozen=True, slots=True)
class _Assessment:
    standing: Standing
    why: str = ""
    by: str = ""


def _set(row: ConfigurationStanding, found: _Assessment) -> None:
    row.standing, row.why, row.by = found.standing, found.why, found.by
    row.save(update_fields=["standing", "why", "by", "assessed_at"])


def _header_end(chain: Chain, height: int) -> HeaderEnd | None:
    """What the header of a stored block ends with."""
    block = Block.objects.select_related("header_end").filter(chain=chain, height=height).first()
    return None if block is None else decode_header_end(bytes(block.header_end.raw or b""))


def _assessed(
    chain: Chain, given: Configuration, before: Configuration | None, pool: NodePool | None
) -> _Assessment:
    end = _header_end(chain, given.height)
    if end is None:
        return _Assessment(Standing.PENDING)
    if before is None:
        why = "No node gave the chain's first configuration, so nothing vouches for its signers."
        return _Assessment(Standing.NOT_SELF_PROVED, why)
    if end.extra.get("config_hash") != bytes(given.hash):
        return _Assessment(
            Standing.NOT_NAMED, "The chain's headers do not name it, so only nodes vouch for it."
        )
    if _keys(before) == _keys(given):
        return _Assessment(Standing.NAMED)
    return _signer_change(chain, given, before, pool)


def _is_small(before: Configuration, given: Configuration) -> bool:
    """Whether so few signers changed that a second node can confirm it."""
    old, new = _keys(before), _keys(given)
    return len(old - new) <= (len(old) - 1) // 3 and len(new - old) <= (len(new) - 1) // 3


def _signer_change(
    chain: Chain, given: Configuration, before: Configuration, pool: NodePool | None
) -> _Assessment:
    old, new = _keys(before), _keys(given)
    told = f"{len(old - new)} of {len(old)} signers left, {len(new - old)} of {len(new)} joined."
    if not _is_small(before, given):
        return _Assessment(
            Standing.NOT_SELF_PROVED,
            f"{told} That is more than a third of them, which no other node can vouch for.",
        )
    agreeing = _nodes_that_say(chain, given, pool) if pool else []
    apart = voices(agreeing, bytes(chain.brid)) if len(agreeing) > 1 else []
    if len(apart) < 2:
        named = " and ".join(each.name for each in agreeing)
        under = f", under several names ({named})" if apart else ""
        return _Assessment(
            Standing.NOT_SELF_PROVED,
            f"{told} One node alone says so{under}: {COULD_BE_CONFIRMED}.",
        )
    return _Assessment(Standing.CONFIRMED, told, " ".join(each[0].name for each in apart))


def _nodes_that_say(chain: Chain, given: Configuration, pool: NodePool) -> list[NodeClient]:
    """Nobody is asked where one node alone could say so."""
    agreeing: list[NodeClient] = []
    answering = pool.answering
    if len(answering) < 2:
        return agreeing
    for node in answering:
        try:
            with pool.failing_fast():
                raw = node.configuration(bytes(chain.brid), height=given.height)
            if raw is not None and gtv_configuration.decode(raw).hash == bytes(given.hash):
                agreeing.append(node)
        except (NodeError, ValueError):
            continue  # a node that does not answer does not agree, and its failure is the pool's to remember
    return agreeing


def _keys(given: Configuration) -> set[bytes]:
    return {bytes(key) for key in given.signers}
