"""``manage.py state``: the dapp's state after any block, as the node's own query answers it."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from indexer.management.chain_argument import the_chain
from indexer.models import Checkpoint
from indexer.records.state import state_at
from indexer.store.read import BrokenBody
from local.supervision.command import StateCommand


class Command(StateCommand):
    """One JSON object a line, newest first, as ``get_prompt_histories`` gives them."""

    help = "Print the live records after a block, as the dapp's get_prompt_histories would answer."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--chain", default="", help="RID of the chain; may be left out where there is one"
        )
        parser.add_argument("--at", default="", help="height of the block; by default the last one folded")

    def run(self, **options: Any) -> None:
        chain = the_chain(options["chain"])
        checkpoint = Checkpoint.objects.filter(chain=chain, generation=chain.generation).first()
        folded = -1 if checkpoint is None else checkpoint.height
        height = _height(options["at"], folded)
        try:
            for record in state_at(chain, height):
                self.stdout.write(json.dumps(record.as_query_answers()))
        except BrokenBody as error:
            raise CommandError(str(error)) from error


def _height(text: str, folded: int) -> int:
    if not text:
        return folded
    try:
        height = int(text)
    except ValueError:
        raise CommandError(f"AT must be a height, not {text[:80]!r}.") from None
    if not -1 <= height <= folded:
        raise CommandError(f"AT must be a height from 0 to {folded}, the last block that is folded.")
    return height
