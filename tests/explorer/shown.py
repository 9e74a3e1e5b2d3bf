"""Whole chains in the test database, committed, for the tests of what readers see."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager

from django.db import connection

from explorer.queries.chain import chains
from explorer.queries.chain.chains import ChainView
from indexer import derive
from indexer.follow import sync
from indexer.follow.sync import Options
from indexer.models import Chain, Name
from indexer.node.pool import NodePool
from indexer.store import names
from tests.devnet.grown import grown
from tests.devnet.served import serving
from tests.indexer import kept
from tests.indexer.made import MadeChain
from tests.indexer.serving import AlteredNode, pool_of, recorded
from tests.once import once


def index_recorded(name: str) -> ChainView:
    """A recorded chain, indexed from one node."""
    return _indexed(pool_of(recorded(name)))


def index_made(made: MadeChain, *, is_kept: bool = False) -> ChainView:
    """A chain that was made for one test, within whose transaction it is indexed and rolled back; or for a
    whole module, which keeps it.
    """
    return _indexed(pool_of(AlteredNode(made.recording())), is_kept=is_kept)


def index_again(made: MadeChain) -> ChainView:
    """As `index_made`, for a chain that many tests want each for itself: the first of a run indexes it, for
    the others it is put back. Where other chains are in the tables it is indexed again.
    """
    if Chain.objects.exists() or Name.objects.exists():
        return index_made(made)
    kept_as, indexed = f"made {made.blocks[-1].rid.hex()}", []

    def keep() -> None:
        indexed.append(index_made(made))
        kept.keep(kept_as)

    once(kept_as, keep)
    if not indexed:
        forget()
        put_back(kept_as, within=True)
    return newest()


def put_back(kept_as: str, *, within: bool = False) -> None:
    """Fill the tables, which are empty, with what was kept of them, as if it had been indexed just now;
    ``within`` a test's transaction, or else to stay.
    """
    kept.fill(kept_as, within=within)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE indexer_node"
            " SET answered_at = answered_at + (now() - (SELECT max(answered_at) FROM indexer_node))"
        )


def index_toured() -> ChainView:
    """A devnet's chain on which every act was played once: see `tests.devnet.grown` and `devnet.scenarios`.

    With peers, dissent, edits, deletions, owners, an upgrade, and content that is awkward, hostile, enormous
    and personal.
    """
    return _indexed(_toured())


def empty() -> None:
    """Nothing is in the tables any more, and nothing of them is remembered. Those that take no room on disk
    are left alone: to empty a table costs as much whether it has rows or not.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name FROM unnest(%s::text[]) AS name WHERE pg_relation_size(name::regclass) > 0",
            [kept.tables()],
        )
        if filled := [name for (name,) in cursor.fetchall()]:
            cursor.execute(f"TRUNCATE {', '.join(filled)} CASCADE")
    forget()


def refuse_to_be_rolled_back() -> None:
    """What is meant for a whole module must not be in one test's transaction."""
    if connection.in_atomic_block:
        raise RuntimeError(
            "name the chain's fixture among the test's parameters: now it would be rolled back"
        )


def newest() -> ChainView:
    """The chain that was indexed last."""
    found = Chain.objects.order_by("-id")[0]
    return chains.chain_with(bytes(found.brid))


def forget() -> None:
    """Ids of names are remembered by the process, and the tables went away under it."""
    for each in names.ALL:
        each.forget()


def _indexed(nodes: AbstractContextManager[NodePool], *, is_kept: bool = True) -> ChainView:
    if is_kept:
        refuse_to_be_rolled_back()
    forget()
    with nodes as pool:
        chain = sync.chain_of(pool, None)
        sync.sync(chain, pool, options=Options(processes=1))
    derive.catch_up(chain)
    return chains.chain_with(bytes(chain.brid))


@contextmanager
def _toured() -> Iterator[NodePool]:
    with closing(grown()) as node, serving(node) as served, closing(NodePool([served.server.url])) as pool:
        yield pool
