"""How far configurations are proved, and the witnesses that could not be checked at first.

A change of signers is not self-proved: whoever holds no key of the old signers can still invent both sets. It
is accepted when at most (n_old-1)//3 left, at most (n_new-1)//3 joined, and a second node says the same:
another one, not the same one under another name (``indexer.node.voices``).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from indexer.models import Block, BlockBody, Chain, Configuration, ConfigurationStanding, UncheckedWitness
from indexer.node.client import NodeClient
from indexer.node.errors import NodeError
from indexer.node.pool import NodePool
from indexer.node.voices import voices
from indexer.postchain import configuration as gtv_configuration
from indexer.postchain.block import WitnessError, decode_witness, witness_fault
from indexer.postchain.verify import Refusal, Step
from indexer.store.header_end import HeaderEnd, decode_header_end
from indexer.trust import incidents
from indexer.trust.configuration_history import configuration_history_of

Standing = ConfigurationStanding.Standing


def assess(
    chain: Chain, pool: NodePool | None, *, only: Standing | None = None, rest: timedelta = timedelta(0)
) -> None:
    """Set the standing of each configuration whose height is in, ``only`` of those that stand so.

    Without a pool, no second node is asked; nor for a change of signers that nobody could vouch for within
    the last ``rest``.
    """
    before: Configuration | None = None
    standings = {each.height: each for each in ConfigurationStanding.objects.filter(chain=chain)}
    for each in Configuration.objects.filter(chain=chain).order_by("height"):
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


def recheck_witnesses(chain: Chain) -> int:
    """Check the witnesses that were kept because their signers were unknown; how many now hold.

    Raises ``Refusal`` at the first that does not: the block is on chain by nobody's word.
    """
    history = configuration_history_of(chain)
    checked = 0
    for waiting in UncheckedWitness.objects.filter(chain=chain).order_by("height").iterator():
        known = history.at(waiting.height)
        if known is None or known.signers is None:
            continue
        block = Block.objects.get(chain=chain, height=waiting.height)
        body = BlockBody.objects.get(chain=chain, height=waiting.height)
        try:
            check_witness(
                bytes(body.witness or b""), rid=bytes(block.rid), signers=known.signers, height=waiting.height
            )
        except Refusal as refusal:
            incidents.record(chain.id, f"refused-{refusal.step}", str(refusal), height=waiting.height)
            raise
        _checked(block, body, waiting)
        checked += 1
    return checked


def _checked(block: Block, body: BlockBody, waiting: UncheckedWitness) -> None:
    """The witness holds: an empty block need not keep it."""
    with transaction.atomic():
        waiting.delete()
        if block.transactions:
            return
        if body.header is None:
            body.delete()
        else:
            body.witness = None
            body.save(update_fields=["witness"])


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
            f"{told} One node alone says so{under}: a second one could confirm it.",
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
