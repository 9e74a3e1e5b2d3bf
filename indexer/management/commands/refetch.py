"""``manage.py refetch``: fetch blocks again and write them in the place of what is here."""

from argparse import ArgumentParser
from contextlib import closing
from typing import Any

from django.core.management.base import CommandError

from indexer.follow import refetching, sync
from indexer.management.chain_argument import the_chain
from indexer.models import Chain, Node
from indexer.node.errors import BadNodeUrl, NodeError
from indexer.node.pool import NodePool
from indexer.postchain.verify import Refusal
from indexer.store.coverage import HeightRange
from indexer.store.write import SuppressionChanged
from local.supervision.command import StateCommand


class Command(StateCommand):
    """For facts that were damaged on this machine. What a node gives is verified as in any sync."""

    help = "Fetch a range of blocks again, in the place of what is here."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--chain", default="", help="RID of the chain; may be left out where there is one"
        )
        parser.add_argument("--first", type=int, required=True, help="height of the first block")
        parser.add_argument("--last", type=int, help="height of the last block; by default the first")
        parser.add_argument("--node", default="", help="nodes to ask, with commas; by default those known")

    def run(self, **options: Any) -> None:
        chain = the_chain(options["chain"])
        first = options["first"]
        last = first if options["last"] is None else options["last"]
        if not 0 <= first <= last:
            raise CommandError(f"Blocks {first} to {last} are none: heights begin at 0, the lower one first.")
        urls = [each.strip() for each in options["node"].split(",") if each.strip()] or _known(chain)
        if not urls:
            raise CommandError("No node of this chain is known: name one with --node.")
        try:
            with closing(NodePool(urls)) as pool, sync.alone(chain) as mine:
                if not mine:
                    raise CommandError(
                        "Another one follows this chain just now: try again when that is over."
                    )
                done = refetching.refetch(chain, pool, HeightRange(first, last))
        except BadNodeUrl as error:
            raise CommandError(str(error)) from error
        except (NodeError, Refusal, SuppressionChanged) as error:
            raise CommandError(f"Not all was fetched again: {error}") from error
        for height in done.changed:
            self.stdout.write(f"block {height} had another RID here")
        self.stdout.write(
            f"{done.blocks} blocks were fetched again. `make reindex` folds the records from them, and "
            "`make fsck` says whether all holds."
        )


def _known(chain: Chain) -> list[str]:
    return list(Node.objects.filter(chain=chain).order_by("was_false", "id").values_list("url", flat=True))
