"""Nodes for the tests of the client: stubs that misbehave, and recorded chains."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from devnet.recorded.node import RecordedNode, RecordedServer
from devnet.recorded.recording import load
from indexer.node.client import NodeClient
from indexer.node.transport import Limits, Patience
from tests.indexer.node.stub import Reaction, Request, StubNode

RECORDINGS = Path(__file__).parents[2] / "recordings"


class Waits:
    """Stands for the passing of time between attempts: remembers how long was waited, and takes no time."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def patience(self, *, attempts: int = 4, random: float = 1.0) -> Patience:
        return Patience(attempts=attempts, sleep=self.seconds.append, random=lambda: random)


@pytest.fixture
def waits() -> Waits:
    return Waits()


@pytest.fixture
def stub() -> Iterator[Callable[[Callable[[Request], Reaction] | bytes], StubNode]]:
    """Starts a stub that answers every request with given bytes, or as a function says."""
    with ExitStack() as stack:

        def start(react: Callable[[Request], Reaction] | bytes) -> StubNode:
            node = StubNode(react if callable(react) else lambda _: react)
            return stack.enter_context(node)

        yield start


@pytest.fixture
def connect(waits: Waits) -> Iterator[Callable[..., NodeClient]]:
    """Makes clients that wait for nothing between attempts."""
    with ExitStack() as stack:

        def client(url: str, *, limits: Limits | None = None, patience: Patience | None = None) -> NodeClient:
            node = NodeClient(url, limits=limits, patience=patience or waits.patience())
            stack.callback(node.close)
            return node

        yield client


@pytest.fixture(params=["four-validators", "one-validator"], scope="module")
def recorded(request: pytest.FixtureRequest) -> Iterator[RecordedServer]:
    """A recorded chain, served."""
    with RecordedServer(RecordedNode(load(RECORDINGS / request.param))) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()
