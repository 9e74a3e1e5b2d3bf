"""The configurations of a chain: asked of nodes, kept, and which of them is in force at a height.

Configuration 0 hashes to the blockchain RID. A later one is believed as far as headers name it
(``indexer.trust`` says how far that is); a header that names another hash than the one given is a refusal,
told by ``reconsider``.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from django.db import transaction

from indexer import belief, incidents
from indexer.models import Chain, Configuration, ConfigurationStanding
from indexer.node.client import NodeClient
from indexer.node.errors import BadAnswer, NodeError
from indexer.node.pool import NodePool
from indexer.postchain import configuration as gtv_configuration
from indexer.postchain.block import Header, decode_header
from indexer.postchain.configuration import ConfigurationError
from indexer.postchain.verify import Refusal, Step

logger = logging.getLogger(__name__)

Standing = ConfigurationStanding.Standing
_MOST = 100_000  # configurations of one chain; a node that lists more is not believed


@dataclass(frozen=True, slots=True)
class Known:
    """A configuration from a height on. ``signers`` is None where no node gave its bytes (*unseen*)."""

    height: int
    hash: bytes
    signers: tuple[bytes, ...] | None


@dataclass(frozen=True, slots=True)
class Signers:
    """Whose signatures a block's witness must bear; ``keys`` is None where that is not known, ``why`` says
    so.
    """

    keys: tuple[bytes, ...] | None
    why: str | None = None


@dataclass(frozen=True, slots=True)
class Timeline:
    """The configurations of a chain by height, lowest first."""

    known: Sequence[Known]

    def at(self, height: int) -> Known | None:
        """The one in force: the last whose height is at or below this one."""
        found = [each for each in self.known if each.height <= height]
        return found[-1] if found else None

    def signers_of(self, header: Header) -> Signers:
        """The signers of a block, by its header. Raises ``Refusal`` (CONFIGURATION) where it names another
        hash.
        """
        known = self.at(header.height)
        if known is None:
            return Signers(None, "no node gave the chain's first configuration")
        named = header.configuration_hash
        if named is not None and named != known.hash:
            why = (
                f"its header names configuration {named.hex().upper()}, but the one given for height "
                f"{known.height} hashes to {known.hash.hex().upper()}"
            )
            raise Refusal(Step.CONFIGURATION, height=header.height, why=why)
        if known.signers is None:
            return Signers(None, f"no node gave configuration {known.hash.hex().upper()}")
        return Signers(known.signers)


class NotThisChain(Refusal):
    """The configuration that a node gives for height 0 does not hash to the chain's RID."""


def timeline(chain: Chain) -> Timeline:
    """What is known of a chain's configurations."""
    standings = ConfigurationStanding.objects.filter(chain=chain)
    failed = set(standings.filter(standing=Standing.NOT_APPLIED).values_list("height", flat=True))
    seen = {
        each.height: Known(each.height, bytes(each.hash), tuple(bytes(key) for key in each.signers))
        for each in Configuration.objects.filter(chain=chain).exclude(height__in=failed).defer("raw")
    }
    unseen = {
        each.height: Known(each.height, bytes(each.hash), None)
        for each in standings.filter(standing=Standing.UNSEEN)
    }
    return Timeline(sorted((unseen | seen).values(), key=lambda each: each.height))


def fetch(chain: Chain, pool: NodePool) -> bool:
    """Ask for the configurations that are not here yet; True where there was one.

    A node whose configuration 0 does not hash to the chain's RID is told false and another one is asked.
    """
    brid = bytes(chain.brid)
    known = set(Configuration.objects.filter(chain=chain).values_list("height", flat=True))
    new = False
    unseen = ConfigurationStanding.objects.filter(chain=chain, standing=Standing.UNSEEN).exists()
    height = min(known, default=-1) if unseen else max(known, default=-1)
    if height == -1 and (genesis := belief.ask(chain, pool, lambda node: _genesis(node, brid))) is not None:
        _keep(chain, 0, genesis, Standing.GENESIS)
        new, height = True, 0
    for _ in range(_MOST):
        found = pool.ask(partial(_next, brid=brid, after=height))
        if found is None:
            return new
        height = found.height
        if found.raw is not None and height not in known:
            _keep(chain, height, found.raw, Standing.PENDING)
            new = True
    raise BadAnswer(pool.current.name, f"it lists more than {_MOST} configurations")


@dataclass(frozen=True, slots=True)
class _Given:
    """A configuration that a node lists; ``raw`` is None where it lists it and does not give it."""

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


def _next(node: NodeClient, *, brid: bytes, after: int) -> _Given | None:
    height = node.next_configuration_height(brid, after=after)
    if height is None:
        return None
    if height <= after:
        raise BadAnswer(node.name, f"the configuration after height {after} is said to be at {height}")
    raw = node.configuration(brid, height=height)
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
                "features": _plain(found.features),
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


def _plain(value: object) -> object:
    """GTV as JSON: bytes as uppercase hex."""
    if isinstance(value, bytes):
        return value.hex().upper()
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value


def reconsider(chain: Chain, pool: NodePool, refusal: Refusal, named: bytes) -> None:
    """A header names ``named``, which is not the configuration that we were given. Find out why, or raise
    ``refusal``.

    A new configuration may have been applied, or failed to be; the node may have given us a false one, then
    another node has the right one; or no node has it (yet): then the blocks from here on stand with their
    witness unchecked.
    """
    if fetch(chain, pool) and _agrees(chain, refusal.height, named):
        return
    given = timeline(chain).at(refusal.height)
    if given is None or _replaced(chain, pool, given.height, named) or _failed(chain, pool, given):
        return
    if given.height == refusal.height or not _is_named(chain, pool, given):
        raise refusal
    _keep_unseen(chain, refusal.height, named)


def _agrees(chain: Chain, height: int, named: bytes) -> bool:
    known = timeline(chain).at(height)
    return known is not None and known.hash == named


def _replaced(chain: Chain, pool: NodePool, height: int, named: bytes) -> bool:
    """Whether some node gives the named configuration for that height; the others' was false."""
    if height == 0:
        return False
    for node in pool.nodes:
        try:
            raw = node.configuration(bytes(chain.brid), height=height)
        except NodeError:
            continue
        if raw is not None and _hash_of(raw) == named:
            _keep(chain, height, raw, Standing.PENDING)
            incidents.record(
                chain.id,
                "configuration-changed",
                f"A node gave another configuration for height {height} than the one that its headers name; "
                f"{node.name} gave the right one.",
                height=height,
            )
            return True
    return False


def _hash_of(raw: bytes) -> bytes | None:
    try:
        return gtv_configuration.decode(raw).hash
    except ConfigurationError:
        return None


def _failed(chain: Chain, pool: NodePool, given: Known) -> bool:
    """Whether the block at the configuration's height says that applying it failed: then the one before goes
    on.
    """
    block = pool.ask(lambda node: node.block_at(bytes(chain.brid), given.height))
    if given.height == 0 or block is None:
        return False
    if decode_header(block.header).extra.get("failed_config_hash") != given.hash:
        return False
    ConfigurationStanding.objects.filter(chain=chain, height=given.height).update(
        standing=Standing.NOT_APPLIED, why="The block at this height says that applying it failed."
    )
    return True


def _is_named(chain: Chain, pool: NodePool, given: Known) -> bool:
    """Whether the block at the configuration's own height names it: then it is right, and there is a later
    one.
    """
    block = pool.ask(lambda node: node.block_at(bytes(chain.brid), given.height))
    return block is not None and decode_header(block.header).configuration_hash == given.hash


def _keep_unseen(chain: Chain, height: int, named: bytes) -> None:
    later = ConfigurationStanding.objects.filter(chain=chain, hash=named, standing=Standing.UNSEEN)
    with transaction.atomic():
        later.delete()
        ConfigurationStanding.objects.create(
            chain=chain,
            height=height,
            standing=Standing.UNSEEN,
            hash=named,
            why=f"The header of block {height} names it, and no node gave it.",
        )
