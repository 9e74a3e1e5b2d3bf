"""``manage.py follow``: have chains followed by the workers that run, from now on."""

from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any

from django.core.management.base import CommandError

from indexer.follow import networks
from indexer.follow.networks import Named
from indexer.management import plan
from indexer.management.exit_status import ExitStatus
from indexer.management.plan import BadPlan, Plan
from indexer.node.errors import NodeError
from indexer.node.pool import NodePool
from local.supervision.command import StateCommand


class Command(StateCommand):
    """Ends with 0, with 2 for what cannot be meant or is not followed, with 5 where no chain is named and
    no node tells.
    """

    help = "Have chains followed by the workers that run. Where a chain is named, no node need answer yet."

    def add_arguments(self, parser: ArgumentParser) -> None:
        plan.add_arguments(parser)
        parser.add_argument(
            "--stop", action="store_true", help="follow the chains of --brid no more; what is indexed stays"
        )

    @contextmanager
    def around(self, **options: Any) -> Iterator[None]:
        """Read the options before any server starts."""
        try:
            self._left = plan.read_stop(options) if options["stop"] else ()
            self._wanted = Plan((), ()) if options["stop"] else plan.read(options)
            if self._wanted.names_nothing and not self._left:
                raise BadPlan("Say what to follow: --node=http://host:port, or --network=mainnet.")
        except BadPlan as error:
            raise CommandError(str(error), returncode=int(ExitStatus.USAGE)) from error
        yield

    def run(self, **options: Any) -> None:
        for chain in self._left:
            if not networks.stop(chain.brid):
                raise CommandError(f"{chain} is not followed.", returncode=int(ExitStatus.USAGE))
            self.stdout.write(f"{chain} is followed no more. What is indexed of it stays.")
        for chain in () if self._left else _chains(self._wanted):
            networks.follow(chain, self._wanted.nodes, network=self._wanted.network)
            self.stdout.write(f"{chain} is followed through {', '.join(self._wanted.nodes)}.")


def _chains(wanted: Plan) -> Sequence[Named]:
    """Those that were named, else the nodes' first one."""
    if wanted.chains:
        return wanted.chains
    with closing(NodePool(wanted.nodes)) as pool:
        try:
            return [Named(pool.ask(lambda node: node.brid()))]
        except NodeError as error:
            raise CommandError(
                f"{error} Name the chain with --brid, and it is followed as soon as one does.",
                returncode=int(ExitStatus.NO_NODE),
            ) from error
