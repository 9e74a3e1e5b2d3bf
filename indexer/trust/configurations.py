"""The configurations of a chain: asked of nodes, kept, and put right where headers name others.

Configuration 0 hashes to the blockchain RID. A later one is believed as far as headers name it
(``indexer.trust.configuration_trust`` says how far that is); a header that names another hash than the one
given is a refusal, told by ``reconsider``.
"""

import logging
from collections.abc import Container
from dataclasses import dataclass
from functools import partial
from typing import cast

from django.db import transaction

from indexer.models import Block, Chain, Configuration, ConfigurationStanding
from indexer.node.client import NodeClient
from indexer.node.errors import BadAnswer, NodeError, NoNodeAnswers
from indexer.node.pool import NodePool
from indexer.postchain import configuration as gtv_configuration
from indexer.postchain.block import Header
from indexer.postchain.gtv import Gtv
from indexer.postchain.verify import Refusal, Step, verify_block
from indexer.store.header_end import decode_header_end
from indexer.trust import failover, incidents
from indexer.trust.configuration_history import (
    ConfigurationHistory,
    KnownConfiguration,
    configuration_history_of,
)

logger = logging.getLogger(__name__)

Standing = ConfigurationStanding.Standing
_MOST = 1000  # configurations at once: a list may have no end
_TRIES = 3
_DEEPEST = 20  # collections within collections, in what is kept of a configuration beside its bytes


class NotThisChain(Refusal):
    """The configuration that a node gives for height 0 does not hash to the chain's RID."""


def fetch(chain: Chain, pool: NodePool, *, head: int) -> bool:
    """Ask for the configurations that are not here yet, up to the first above ``head``; True where one was
    new.

    They are listed from the last one below which nothing is missing. One that is still pending at or below
    ``head`` is asked for again: until its block is there, another may be set in its place. A node whose
    configuration 0 does not hash to the chain's RID is told false and another one is asked. Where every node
    refuses to give configurations (one whose chain is not live gives blocks alone), there are none for now.
    """
    try:
        return _fetched(chain, pool, head=head)
    except NoNodeAnswers as nobody:
        if not nobody.is_refused:
            raise
        logger.warning("no configurations for now: %s", nobody)
        return False


def _fetched(chain: Chain, pool: NodePool, *, head: int) -> bool:
    brid = bytes(chain.brid)
    standings = {each.height: each for each in ConfigurationStanding.objects.filter(chain=chain)}
    unseen = [each.height for each in standings.values() if each.standing == Standing.UNSEEN]
    settled = {
        each.height for each in standings.values() if each.standing not in (Standing.UNSEEN, Standing.PENDING)
    }
    here = settled | {height for height in standings.keys() - unseen if height > head}
    new = False
    height = max((each for each in settled if not unseen or each < min(unseen)), default=-1)
    if 0 not in settled and (genesis := failover.ask(chain, pool, lambda node: _genesis(node, brid))):
        _keep(chain, 0, genesis, Standing.GENESIS)
        new, height = True, max(height, 0)
    for _ in range(_MOST):
        ask = partial(_next, brid=brid, after=height, here=here)
        found = pool.ask(ask) if height <= head else None
        if found is None:
            return new
        height = found.height
        if found.raw is not None and not _is_kept_or_denied(chain, height, found.raw):
            _keep(chain, height, found.raw, Standing.PENDING)
            new = True
    logger.warning("more than %d configurations are listed: the others are asked for next time", _MOST)
    return new


@dataclass(frozen=True, slots=True)
class _Given:
    """A configuration that a node lists; ``raw`` is None where it does not give it, or need not."""

    height: int
    raw: bytes | None


def _genesis(node: NodeClient, brid: bytes) -> bytes | None:
    raw = node.configuration(brid, height=0)
    if raw is None:
        return None
    found = _decoded(node, raw)
    if found.hash != brid:
        why = (
            f"the configuration given for it hashes to {found.hash.hex().upper()}, not to the blockchain RID "
            f"{brid.hex().upper()}"
        )
        raise NotThisChain(Step.CONFIGURATION, height=0, why=why)
    return raw


def _next(node: NodeClient, *, brid: bytes, after: int, here: Container[int]) -> _Given | None:
    """The next one that is listed, without its bytes where it is one of those that are ``here``."""
    height = node.next_configuration_height(brid, after=after)
    if height is None:
        return None
    if height <= after:
        raise BadAnswer(node.name, f"the configuration after height {after} is said to be at {height}")
    raw = None if height in here else node.configuration(brid, height=height)
    if raw is not None:
        _decoded(node, raw)
    return _Given(height, raw)


def _decoded(node: NodeClient, raw: bytes) -> gtv_configuration.Configuration:
    try:
        return gtv_configuration.decode(raw)
    except ValueError as error:
        raise BadAnswer(node.name, f"it gives a configuration that cannot be read: {error}") from error


def _keep(chain: Chain, height: int, raw: bytes, standing: Standing) -> None:
    """Keep a configuration, in the place of one that was given for the same height before."""
    found = gtv_configuration.decode(raw)
    with transaction.atomic():
        Configuration.objects.update_or_create(
            chain=chain,
            height=height,
            defaults={
                "hash": found.hash,
                "merkle_version": found.merkle_version,
                "signers": list(found.signers),
                "features": plain(found.features),
                "raw": raw,
            },
        )
        ConfigurationStanding.objects.filter(chain=chain, hash=found.hash, standing=Standing.UNSEEN).delete()
        ConfigurationStanding.objects.update_or_create(
            chain=chain,
            height=height,
            defaults={"standing": standing, "hash": found.hash, "by": "", "why": ""},
        )
    logger.info("configuration at height %d: %s", height, found.hash.hex().upper())


def plain(value: object, *, depth: int = _DEEPEST) -> object:
    """GTV as JSON that PostgreSQL takes: bytes as uppercase hex, large integers as hex too, NUL as an escape,
    and null below some depth.
    """
    if isinstance(value, bytes):
        return value.hex().upper()
    if isinstance(value, str):
        return value.replace("\0", "\\0")
    if isinstance(value, dict | list | tuple) and depth == 0:
        return None
    if isinstance(value, dict):
        return {key.replace("\0", "\\0"): plain(each, depth=depth - 1) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each, depth=depth - 1) for each in value]
    return value if value is None or -(2**63) <= cast(int, value) < 2**63 else hex(cast(int, value))


def reconsider(chain: Chain, pool: NodePool, node: NodeClient, refusal: Refusal, named: bytes) -> None:
    """A header from ``node`` names ``named``, not the configuration that we have. Find out why, or raise
    ``refusal``.

    A new configuration may have been applied, or failed to be. Another node may have the right one. Ours may
    never have been this chain's: it is forgotten, and ``node`` is to blame where it gives it too, unless that
    is an earlier one: honest nodes show it until the directory chain has seen the new one anchored. Or no
    node has the named one (yet): then the blocks from here on stand with their witness unchecked.
    """
    if _is_given(chain, pool, node, refusal.height, named):
        return
    given = configuration_history_of(chain).at(refusal.height)
    if given is None or _failed(chain, node, given):
        return
    if _given_by_another(chain, pool, given, node=node, height=refusal.height, named=named):
        return
    is_right = given.height == 0 or _is_stored_as_named(chain, given) or _is_named(chain, node, given)
    if is_right and given.height == refusal.height:
        raise refusal
    if not is_right:
        _forget(chain, given)
        raw = node.configuration(bytes(chain.brid), height=given.height)
        if raw is not None and not _is_earlier(chain, given.height, _decoded(node, raw).hash):
            raise refusal
    if not _agrees(chain, refusal.height, named):
        _keep_unseen(chain, refusal.height, named)


def _is_given(chain: Chain, pool: NodePool, node: NodeClient, height: int, named: bytes) -> bool:
    """Whether the named configuration is listed by now. Behind one address there may be several nodes, some
    of which do not have it yet: it is asked for over other connections too, after a wait.
    """
    for failed in range(1, _TRIES + 1):
        fetch(chain, pool, head=height)
        if _agrees(chain, height, named):
            return True
        node.ask_anew()
        if failed < _TRIES:
            node.pause(failed)
    return False


def _agrees(chain: Chain, height: int, named: bytes) -> bool:
    known = configuration_history_of(chain).at(height)
    return known is not None and known.hash == named


def _is_earlier(chain: Chain, height: int, hash: bytes) -> bool:
    """Whether a configuration is one of those that were set below this height."""
    return Configuration.objects.filter(chain=chain, height__lt=height, hash=hash).exists()


def _given_by_another(
    chain: Chain, pool: NodePool, given: KnownConfiguration, *, node: NodeClient, height: int, named: bytes
) -> bool:
    """Whether some node gives the named configuration for a height up to ``height``.

    It was hidden from us, or we were given another in its place; one that a stored block names stays. That is
    an incident, unless it was an earlier one, or the very ``node`` whose header names it gives it now.
    """
    first = given.height if given.height > 0 and not _is_stored_as_named(chain, given) else given.height + 1
    for other in pool.answering:
        try:
            with pool.failing_fast():
                found = _find(other, bytes(chain.brid), first, height, named)
        except (NodeError, ValueError):
            continue  # a node that does not answer, or gives what cannot be read, gives no better one
        if found is None or found.raw is None:
            continue
        if other is not node and not _is_earlier(chain, given.height, given.hash):
            incidents.record(
                chain.id,
                "configuration-changed",
                f"A node hid the configuration that headers name from height {found.height} on, or gave "
                f"another one; {other.name} gave the right one.",
                height=found.height,
            )
        _keep(chain, found.height, found.raw, Standing.PENDING)
        return True
    return False


def _find(node: NodeClient, brid: bytes, first: int, last: int, named: bytes) -> _Given | None:
    """The named configuration among those that a node lists for heights from ``first`` to ``last``."""
    after = first - 1
    while (
        height := node.next_configuration_height(brid, after=after)
    ) is not None and after < height <= last:
        raw = node.configuration(brid, height=height)
        if raw is not None and gtv_configuration.decode(raw).hash == named:
            return _Given(height, raw)
        after = height
    return None


def _is_stored_as_named(chain: Chain, given: KnownConfiguration) -> bool:
    """Whether the block at the configuration's height is here, and names it."""
    return _stored_extra(chain, given.height).get("config_hash") == given.hash


def _is_kept_or_denied(chain: Chain, height: int, raw: bytes) -> bool:
    """Whether it is here as it is, or the block at its height names another one: then this one is false, or
    an honest node shows the new one late. Where that block is not here, its header may have been seen.
    """
    extra = _stored_extra(chain, height)
    named = extra.get("config_hash")
    given = gtv_configuration.decode(raw).hash
    if Configuration.objects.filter(chain=chain, height=height, hash=given).exists():
        return True
    unseen = ConfigurationStanding.objects.filter(chain=chain, height=height, standing=Standing.UNSEEN)
    if named is None and unseen.exclude(hash=given).exists():
        return _is_earlier(chain, height, given)
    return named is not None and given not in (named, extra.get("failed_config_hash"))


def _stored_extra(chain: Chain, height: int) -> dict[str, Gtv]:
    """The last element of a stored header; empty where the block is not here."""
    block = Block.objects.select_related("header_end").filter(chain=chain, height=height).first()
    return {} if block is None else decode_header_end(bytes(block.header_end.raw or b"")).extra


def _forget(chain: Chain, given: KnownConfiguration) -> None:
    """Nothing of the chain names it: a node made it up, or gave us damaged bytes."""
    with transaction.atomic():
        Configuration.objects.filter(chain=chain, height=given.height).delete()
        ConfigurationStanding.objects.filter(chain=chain, height=given.height).delete()


def _failed(chain: Chain, node: NodeClient, given: KnownConfiguration) -> bool:
    """Whether the block at the configuration's height says that applying it failed: then the one before goes
    on.
    """
    if given.height == 0:
        return False
    header = _verified_header(chain, node, given.height, without=given)
    if header is None or header.extra.get("failed_config_hash") != given.hash:
        return False
    ConfigurationStanding.objects.filter(chain=chain, height=given.height).update(
        standing=Standing.NOT_APPLIED, why="The block at this height says that applying it failed."
    )
    return True


def _is_named(chain: Chain, node: NodeClient, given: KnownConfiguration) -> bool:
    """Whether the node's block at the configuration's own height names it: then it is right, and there is a
    later one.
    """
    header = _verified_header(chain, node, given.height)
    return header is not None and header.configuration_hash == given.hash


def _verified_header(
    chain: Chain, node: NodeClient, height: int, *, without: KnownConfiguration | None = None
) -> Header | None:
    """The header of a node's block; None where it has no such block. Raises ``Refusal``.

    Its witness is checked where the configuration that it names is the one in force by what we know, passing
    over the one at ``without``.
    """
    block = node.block_at(bytes(chain.brid), height)
    if block is None:
        return None
    known = ConfigurationHistory(
        [each for each in configuration_history_of(chain).known if each != without]
    ).at(height)
    before = Block.objects.filter(chain=chain, height=height - 1).first()
    verify = partial(
        verify_block,
        block,
        brid=bytes(chain.brid),
        expected_height=height,
        previous_rid=None if before is None else bytes(before.rid),
    )
    header = verify(signers=None).header
    if known is not None and known.signers and header.configuration_hash in (None, known.hash):
        verify(signers=known.signers)
    return header


def _keep_unseen(chain: Chain, height: int, named: bytes) -> None:
    """Keep the lowest height that names it; windows come in any order, from several processes at once."""
    with transaction.atomic():
        Chain.objects.select_for_update().get(id=chain.id)
        unseen = ConfigurationStanding.objects.filter(chain=chain, hash=named, standing=Standing.UNSEEN)
        if unseen.filter(height__lte=height).exists():
            return
        unseen.delete()
        ConfigurationStanding.objects.create(
            chain=chain,
            height=height,
            standing=Standing.UNSEEN,
            hash=named,
            why=f"The header of block {height} names it, and no node gave it.",
        )
