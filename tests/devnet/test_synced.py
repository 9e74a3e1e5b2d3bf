"""An indexed devnet and the devnet's own state agree at every height, as indexed recordings do."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest

from devnet.chain.chain import Chain as Running
from devnet.dapp.dapp import Dapp
from devnet.serving.node import DevnetNode
from indexer.dapp import rell_json
from indexer.follow import sync
from indexer.follow.sync import Options
from indexer.models import Incident
from indexer.node.pool import NodePool
from indexer.postchain import gtx
from indexer.postchain.gtv import Gtv
from indexer.records import state
from indexer.records.state import state_at
from indexer.store.read import read_arguments
from tests.devnet.grown import grown
from tests.devnet.rebuilt import rebuilt
from tests.devnet.served import ROOT, serving
from tests.indexer.fixtures import _nothing_remembered

__all__ = ["_nothing_remembered"]

EVERYTHING = {"start_time": -1, "end_time": 1 << 62, "pointer": 0, "n_prompts": 1_000_000}


@contextmanager
def served_again(name: str) -> Iterator[tuple[str, DevnetNode]]:
    """A recorded chain's double."""
    with rebuilt(name) as double, serving(double.node) as served:
        yield served.server.url, double.node


@contextmanager
def served_grown(**how: Any) -> Iterator[tuple[str, DevnetNode]]:
    """A chain that the devnet grew."""
    with closing(grown(**how)) as node, serving(node) as served:
        yield served.server.url, node


Nodes = dict[str, Callable[[], AbstractContextManager[tuple[str, DevnetNode]]]]
NODES: Nodes = {
    "one-validator": partial(served_again, "one-validator"),
    "four-validators": partial(served_again, "four-validators"),
    "devnet": served_grown,
    "devnet-merkle-2": partial(served_grown, version=2),
    "devnet-merkle-rising": partial(served_grown, rising=True),
}


def own_states(running: Running) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    """The records after each block, as the dapp's own query gives them: its code, run over the blocks."""
    code, before = Dapp(running.history.in_force(0)), -1
    for block in running.store.blocks():
        configuration = running.history.in_force(block.height)
        code.adopt(configuration)
        for tx in block.transactions:
            read = gtx.decode(tx.data, version=configuration.merkle_version)
            code.execute(read, height=block.height, last_block_time=before)
        before = block.timestamp
        answer: Any = code.query("get_prompt_histories", EVERYTHING, last_block=None)
        yield block.height, answer["prompts"]


@pytest.fixture
def each_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks and texts that are the same at every height are read, and brought to their form, at the first
    of these.
    """
    read = cache(read_arguments)

    def read_once(
        chain_id: int, *, height: int, without: Mapping[bytes, object]
    ) -> dict[int, tuple[Gtv, ...] | None]:
        assert not without
        return read(chain_id, height=height)

    monkeypatch.setattr(state, "read_arguments", read_once)
    monkeypatch.setattr(rell_json, "normalise", cache(rell_json.normalise))


@pytest.mark.django_db
@pytest.mark.usefixtures("each_read_once")
@pytest.mark.parametrize("name", NODES)
def test_the_index_has_the_node_s_own_state_after_every_block(name: str) -> None:
    with NODES[name]() as (url, node), closing(NodePool([url])) as pool:
        chain = sync.chain_of(pool, None)
        totals = sync.sync(chain, pool, options=Options(processes=1))
        assert (bytes(chain.brid), totals.height) == (node.dapp.brid, node.dapp.next_height - 1)
        assert totals.transactions == node.dapp.store.transaction_count()
        assert (totals.incidents, Incident.objects.count()) == (0, 0)
        compared = 0
        for height, expected in own_states(node.dapp):
            assert [each.as_query_answers() for each in state_at(chain, height)] == expected, height
            compared += bool(expected)
        assert compared > 20


def test_make_sync_indexes_it_and_all_is_proved(ready: Path) -> None:
    """With the commands, as processes; one node's word suffices where the signers never change."""
    with served_again("one-validator") as (url, node):
        told = manage(ready, "sync", f"--node={url}")
        assert told.returncode == 0, told.stderr
        line = json.loads(told.stdout)
        assert (line["height"], line["exit"]) == (node.dapp.next_height - 1, 0)
        states = dict(own_states(node.dapp))
        for height in (18, 44, line["height"]):
            said = manage(ready, "state", f"--at={height}")
            assert [json.loads(each) for each in said.stdout.splitlines()] == states[height]


def manage(state: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "DJANGO"))
    }
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment | {"STATE": str(state)},
        capture_output=True,
        text=True,
        check=False,
    )
