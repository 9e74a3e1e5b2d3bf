"""Nodes for the tests of the indexer: recorded chains and made ones, served over HTTP, truthfully or not."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path

from devnet.recorded.node import RecordedNode, RecordedServer
from devnet.recorded.recording import Recording, load
from devnet.rest.exchange import CORS, JSON, OCTETS, Answer, Question
from indexer.node.pool import NodePool
from indexer.node.transport import Patience
from indexer.postchain import gtv

RECORDINGS = Path(__file__).parent.parent / "recordings"
CHAINS = ["four-validators", "one-validator"]
IMPATIENT = Patience(attempts=2, sleep=lambda _: None)

Alter = Callable[[Question, Answer], Answer]
"""Takes a question and the true answer, and gives the answer that is sent."""


class AlteredNode(RecordedNode):
    """A node that says what `alter` makes of the true answers; `asked` are the questions that came.

    Each says that it is another one, with a key of its own, unless `key` is given.
    """

    _made = count(1)

    def __init__(
        self, recording: Recording, alter: Alter = lambda _, answer: answer, *, key: str | None = None
    ) -> None:
        super().__init__(recording)
        self.alter = alter
        self.asked: list[Question] = []
        self.key = key or f"02{next(self._made):064X}"

    def answer(self, question: Question) -> Answer:
        self.asked.append(question)
        return self.alter(question, self._own_status(question) or super().answer(question))

    def _own_status(self, question: Question) -> Answer | None:
        if question.path[0] != "node" or question.path[-1] != "my_status":
            return None
        return Answer(200, "OK", (("content-type", JSON), *CORS), json.dumps({"pubKey": self.key}).encode())


def recorded(name: str, alter: Alter = lambda _, answer: answer) -> AlteredNode:
    """A node of a recorded chain."""
    return AlteredNode(load(RECORDINGS / name), alter)


def asks_configuration(question: Question, *, height: int) -> bool:
    """Whether the configuration set at exactly this height is asked for."""
    return (
        question.path[0] == "config"
        and len(question.path) == 2
        and question.parameter("height") == str(height)
    )


def octets(body: bytes) -> Answer:
    """An answer of bytes."""
    return Answer(200, "OK", (("content-type", OCTETS), *CORS), body, is_chunked=True)


def refused(question: Question, status: int, text: str) -> Answer:
    """An error as a node words it."""
    kind, body = (
        (OCTETS, gtv.encode(text)) if question.wants_gtv else (JSON, json.dumps({"error": text}).encode())
    )
    return Answer(status, "Refused", (("content-type", kind), *CORS), body)


def no_configuration(question: Question) -> Answer:
    """What a node says of a height at which it knows no configuration."""
    return refused(question, 400, "Failed to find configuration")


@contextmanager
def serving(node: RecordedNode) -> Iterator[str]:
    """The node's address while it is served."""
    with RecordedServer(node) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield server.url
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def pool_of(*nodes: RecordedNode) -> Iterator[NodePool]:
    """A pool over these nodes, in this order, that waits for nothing between attempts."""
    with ExitStack() as stack:
        pool = NodePool([stack.enter_context(serving(node)) for node in nodes], patience=IMPATIENT)
        stack.callback(pool.close)
        yield pool
